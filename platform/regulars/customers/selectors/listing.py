"""The list of customers: filters that stand in the address, and pages by key."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final, Literal, cast
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from regulars import moments
from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.customers import questions
from regulars.customers.models import Customer
from regulars.customers.selectors import rows, visibility
from regulars.customers.selectors.rows import Listed
from regulars.kit import fields
from regulars.tenancy import context

type Sort = Literal["newest", "name", "changed"]
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "newest": ("pk",),
    "name": ("pinyin", "pk"),
    "changed": ("changed_at", "pk"),
}
SORTS: Final = tuple(_COLUMNS)


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
        return where & self._joined & self._extra

    @property
    def _joined(self) -> Q:
        zone = context.current().zone
        where = Q()
        if self.joined_from:
            where &= Q(joined_at__gte=datetime.combine(self.joined_from, time.min, zone))
        if self.joined_to:
            where &= Q(joined_at__lte=datetime.combine(self.joined_to, time.max, zone))
        return where

    @property
    def _extra(self) -> Q:
        """Compare vertical fields; of a field of several choices, one that is held will do."""
        where = Q()
        several = {each.key for each in questions.extra_fields() if each.kind == "choices"}
        for key, wanted in self.extra.items():
            is_one_of_several = key in several and not isinstance(wanted, list)
            where &= Q(extra__contains={key: [wanted] if is_one_of_several else wanted})
        return where

    def __bool__(self) -> bool:
        """Say whether anything is narrowed at all."""
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `after` leads to the next, empty at the end."""

    customers: list[Listed]
    after: str


def page(
    *,
    actor: Actor,
    filters: Filters | None = None,
    sort: Sort = "newest",
    after: str = "",
    limit: int = 50,
) -> Page:
    """Return a page within the actor's scope, in one statement.

    `after` is what the page before gave; one that makes no sense begins at the front. A page far
    down costs what the first does. Raises Forbidden.
    """
    if filters:
        people = ordered(actor=actor, filters=filters, sort=sort, after=after)
        found = [Listed(*row) for row in people.values_list(*rows.FIELDS)[: limit + 1]]
    else:
        found = _whole(actor, sort, after, limit + 1)
    more = len(found) > limit
    found = found[:limit]
    return Page(found, mark(found[-1], sort) if more else "")


def _whole(actor: Actor, sort: Sort, after: str, limit: int) -> list[Listed]:
    """Return what `ordered` does without filters: written out, for it is looked at all day."""
    require(actor, "customers.view")
    where, values = visibility.within_sql(actor.scope)
    columns = ["c.id" if each == "pk" else f"c.{each}" for each in _COLUMNS[sort]]
    way, beyond = ("ASC", ">") if sort == "name" else ("DESC", "<")
    key = _read(after, sort)
    if key is not None:
        where += f" AND ({', '.join(columns)}) {beyond} ({', '.join(['%s'] * len(columns))})"
        values += key
    sql = (
        f"SELECT {rows.COLUMNS} FROM {rows.SOURCE} WHERE {where} "  # noqa: S608  (texts of ours)
        f"ORDER BY {', '.join(f'{each} {way}' for each in columns)} LIMIT {limit:d}"
    )
    return [Listed(*row) for row in rows.running(actor.scope)(sql, values)]


def ordered(
    *, actor: Actor, filters: Filters | None = None, sort: Sort = "newest", after: str = ""
) -> QuerySet[Customer]:
    """Return the customers from a mark on, in order; names rise, times fall."""
    people = visibility.visible(actor)
    if filters is not None:
        people = people.filter(filters.condition)
    columns = _COLUMNS[sort]
    rises = sort == "name"
    key = _read(after, sort)
    if key is not None:
        beyond = TupleGreaterThan if rises else TupleLessThan
        # One comparison of rows is what the index on both columns answers.
        if len(columns) > 1:
            people = people.filter(cast(Any, beyond(Tuple(*map(F, columns)), key)))
        else:
            people = people.filter(pk__lt=key[0])
    return people.order_by(*(column if rises else f"-{column}" for column in columns))


def mark(last: Listed, sort: Sort) -> str:
    """Return the mark that leads to what follows a row."""
    values = {"newest": [], "name": [last.pinyin], "changed": [last.changed_at.isoformat()]}[sort]
    text = json.dumps([*values, str(last.id)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _name(text: str) -> str:
    if "\0" in text:
        raise ValueError("No name has this character.")
    return text


def _read(mark: str, sort: Sort) -> tuple[Any, ...] | None:
    """Return the key in a mark, or None for none and for one somebody made up."""
    if not mark:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        *values, last = found
        read: list[Callable[[str], Any]] = []
        if sort != "newest":
            read = [_name if sort == "name" else moments.read]
        key = [each(value) for each, value in zip(read, values, strict=True)]
        return (*key, UUID(last))
    except (ValueError, TypeError, AttributeError):
        return None
