"""The list of customers: filters that stand in the address, and pages by key."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from regulars.audit import Actor
from regulars.customers import questions
from regulars.customers.models import Customer
from regulars.customers.selectors import visibility
from regulars.kit import fields
from regulars.tenancy import context

type Sort = Literal["newest", "name", "changed"]
SORTS: Final[Mapping[str, tuple[str, str]]] = {
    "newest": ("-pk", ""),
    "name": ("pinyin", "pk"),
    "changed": ("-changed_at", "-pk"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What narrows a list. `extra` holds cleaned values of the vertical's fields by key."""

    store_id: UUID | None = None
    owner_id: UUID | None = None
    without_owner: bool = False
    gender: str = ""
    with_phone: bool | None = None
    joined_from: date | None = None
    joined_to: date | None = None
    changed_since: datetime | None = None
    import_id: UUID | None = None
    extra: Mapping[str, fields.Value] = field(default_factory=dict)

    @property
    def condition(self) -> Q:
        """The filters as one condition; days are the chain's."""
        where = Q()
        for name, value in (
            ("home_store", self.store_id),
            ("owner", self.owner_id),
            ("gender", self.gender or None),
            ("import_id", self.import_id),
            ("changed_at__gte", self.changed_since),
        ):
            if value is not None:
                where &= Q(**{name: value})
        if self.without_owner:
            where &= Q(owner=None)
        if self.with_phone is not None:
            where &= Q(phone__isnull=not self.with_phone)
        zone = context.current().zone
        if self.joined_from:
            where &= Q(joined_at__gte=datetime.combine(self.joined_from, time.min, zone))
        if self.joined_to:
            where &= Q(joined_at__lte=datetime.combine(self.joined_to, time.max, zone))
        for key, wanted in self.extra.items():
            held: Any = [wanted] if _is_list(key) and not isinstance(wanted, list) else wanted
            where &= Q(extra__contains={key: held})
        return where

    def __bool__(self) -> bool:
        """Say whether anything is narrowed at all."""
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `after` leads to the next, empty at the end."""

    customers: list[Customer]
    after: str


def page(
    *,
    actor: Actor,
    filters: Filters | None = None,
    sort: Sort = "newest",
    after: str = "",
    limit: int = 50,
) -> Page:
    """Return a page within the actor's scope, with owners and stores; one statement.

    `after` is what the page before gave; one that makes no sense begins at the front. A page far
    down costs what the first does.
    """
    people = rows(actor=actor, filters=filters, sort=sort, after=after)
    found = list(visibility.shortened(people)[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Page(found, _mark(found[-1], sort) if more else "")


def rows(
    *, actor: Actor, filters: Filters | None = None, sort: Sort = "newest", after: str = ""
) -> QuerySet[Customer]:
    """Return the customers from a mark on, in order."""
    people = visibility.visible(actor)
    if filters is not None:
        people = people.filter(filters.condition)
    order = [name for name in SORTS[sort] if name]
    key = _read(after, len(order))
    if key is not None:
        people = people.filter(_beyond(order, key))
    return people.order_by(*order)


def _beyond(order: list[str], key: list[str]) -> Q:
    """Return the condition for rows after a key, as one comparison of rows an index answers."""
    descending = order[0].startswith("-")
    columns = ["id" if name.lstrip("-") == "pk" else name.lstrip("-") for name in order]
    table = Customer._meta.db_table
    left = ", ".join(f'"{table}"."{column}"' for column in columns)
    casts = {"id": "%s::uuid", "changed_at": "%s::timestamptz", "pinyin": '%s COLLATE "C"'}
    right = ", ".join(casts[column] for column in columns)
    sign = "<" if descending else ">"
    beyond = RawSQL(f"({left}) {sign} ({right})", key)  # noqa: S611  (columns are ours)
    return Q(beyond)


def _mark(last: Customer, sort: Sort) -> str:
    values = {"newest": [], "name": [last.pinyin], "changed": [last.changed_at.isoformat()]}[sort]
    text = json.dumps([*values, str(last.pk)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(mark: str, length: int) -> list[str] | None:
    if not mark:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        if not isinstance(found, list) or len(found) != length:
            return None
        UUID(found[-1])
        if length > 1 and not isinstance(found[0], str):
            return None
    except (ValueError, TypeError, AttributeError, binascii.Error):
        return None
    return found


def _is_list(key: str) -> bool:
    return any(each.key == key and each.kind == "choices" for each in questions.extra_fields())


__all__ = ["SORTS", "F", "Filters", "Page", "Sort", "page", "rows"]
