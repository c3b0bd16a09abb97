"""Where a list of complaints is read from: for each scope the one index that has its order.

Open ones lie in order of urgency by owner, by store, and over all; closed ones by store in the
order they were raised. Several stores are as many short reads of one index, merged.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from regulars.audit import Actor, Scope
from regulars.complaints import numbers
from regulars.complaints.models import Case
from regulars.stores.models import Store

OPEN: Final = "c.state <> 'closed'"
# A guide's: what they own, what their customers complain of, and what nobody opened yet. Read by
# three indexes while open; few enough to be sorted.
_OWN: Final = """c.id = ANY(ARRAY(
  SELECT id FROM complaints_case WHERE owner_id = %s AND state <> 'closed'
  UNION SELECT o.id FROM customers_customer k JOIN complaints_case o ON o.customer_id = k.id
    WHERE k.owner_id = %s AND o.state <> 'closed'
  UNION SELECT id FROM complaints_case
    WHERE owner_id IS NULL AND state <> 'closed' AND store_id = ANY(%s)))"""
_OWN_EVER: Final = """(c.owner_id = %s
  OR c.customer_id IN (SELECT id FROM customers_customer WHERE owner_id = %s)
  OR (c.owner_id IS NULL AND c.store_id = ANY(%s)))"""


class Whose(StrEnum):
    """Which complaints of those somebody sees."""

    MINE = "mine"
    STORE = "store"
    ALL = "all"


class Mark(NamedTuple):
    """Where a page ended: the next begins after it. `at` is what the list is in order of."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What narrows a list of complaints; what is empty narrows nothing.

    `closed` lists those that are over, the last raised first; None lists both, for one customer.
    `text` is a number as somebody wrote it down (then nothing else counts), or a part of what it
    is about.
    """

    whose: Whose = Whose.ALL
    store_ids: Collection[UUID] = ()
    states: Collection[str] = ()
    templates: Collection[str] = ()
    severities: Collection[str] = ()
    late: bool = False
    closed: bool | None = False
    text: str = ""
    customer_id: UUID | None = None
    reviewer: UUID | None = None


@dataclass(slots=True)
class Where:
    """Conditions of a statement over ``complaints_case c``, with what stands in them."""

    parts: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)

    def add(self, part: str, *params: Any) -> None:
        """Narrow it further."""
        self.parts.append(part)
        self.params += params

    @property
    def sql(self) -> str:
        """Return the whole condition."""
        return " AND ".join(self.parts) or "true"


def stores_of(scope: Scope, wanted: Collection[UUID]) -> list[UUID] | None:
    """Return the stores to read, in order; None where nothing narrows them."""
    if scope.everything:
        return sorted(set(wanted) - scope.withheld_customers) if wanted else None
    seen = scope.store_ids - scope.withheld_customers
    return sorted(seen & set(wanted) if wanted else seen)


def narrowed(where: Where, actor: Actor, wanted: Wanted) -> None:
    """Add what the actor's scope and the stores wanted say, as conditions."""
    scope = actor.scope
    stores = stores_of(scope, ())
    if scope.own_customers_of is not None:
        me = scope.own_customers_of
        if wanted.whose != Whose.MINE:
            where.add(_OWN if wanted.closed is False else _OWN_EVER, me, me, stores)
    elif stores is not None:
        where.add("c.store_id = ANY(%s)", stores)
    elif scope.withheld_customers:
        where.add("c.store_id <> ALL(%s)", sorted(scope.withheld_customers))
    if wanted.store_ids:
        where.add("c.store_id = ANY(%s)", sorted(wanted.store_ids))
    elif wanted.whose == Whose.STORE and scope.own_customers_of is not None:
        where.add("c.store_id = ANY(%s)", stores)


def chosen(where: Where, actor: Actor, wanted: Wanted, *, now: datetime) -> None:
    """Add what narrows a list besides its scope."""
    if wanted.whose == Whose.MINE:
        where.add("c.owner_id = %s", actor.id)
    if wanted.closed is not None:
        where.add("c.state = 'closed'" if wanted.closed else OPEN)
    for column, values in (
        ("state", wanted.states), ("template", wanted.templates), ("severity", wanted.severities)
    ):  # fmt: skip
        if values:
            where.add(f"c.{column} = ANY(%s)", list(values))
    if wanted.late:
        where.add("c.urgent_at <= %s", now)
    if wanted.customer_id is not None:
        where.add("c.customer_id = %s", wanted.customer_id)
    if wanted.reviewer is not None:
        where.add("c.reviewer_id = %s", wanted.reviewer)
    text = wanted.text.replace("\0", "").strip()
    if text:
        pattern = "%{}%".format(text.translate({ord(each): f"\\{each}" for each in "\\%_"}))
        where.add(
            "(c.title ILIKE %s OR c.product_name ILIKE %s OR c.name ILIKE %s)", *[pattern] * 3
        )


def ids(actor: Actor, wanted: Wanted, *, after: Mark | None, limit: int, now: datetime) -> Where:
    """Return the statement that answers (id, at) of one page; `limit` rows at most."""
    where = Where()
    number = numbers.read(wanted.text)
    if number is not None:
        wanted = Wanted(closed=None)
        where.add("c.number = %s", number)
    column, order, sign = "urgent_at", "ASC", ">"
    if wanted.closed:
        column, order, sign = "opened_at", "DESC", "<"
    chosen(where, actor, wanted, now=now)
    if after is not None:
        where.add(f"(c.{column}, c.id) {sign} (%s, %s)", after.at, after.id)
    stores = None if number is not None else _by_store(actor, wanted)
    if stores is None:
        narrowed(where, actor, wanted)
        return Where(
            [f"SELECT c.id, c.{column} FROM complaints_case c WHERE {where.sql} "
             f"ORDER BY c.{column} {order}, c.id {order} LIMIT %s"],
            [*where.params, limit],
        )  # fmt: skip
    return Where(
        ["SELECT x.id, x.at FROM unnest(%s::uuid[]) AS s(id) CROSS JOIN LATERAL ("
         f"SELECT c.id, c.{column} AS at FROM complaints_case c WHERE c.store_id = s.id "
         f"AND {where.sql} ORDER BY c.{column} {order}, c.id {order} LIMIT %s) x "
         f"ORDER BY x.at {order}, x.id {order} LIMIT %s"],
        [stores, *where.params, limit, limit],
    )  # fmt: skip


def _by_store(actor: Actor, wanted: Wanted) -> list[UUID] | None:
    """Return the stores to read one by one; None where another index has the order."""
    has_own_order = wanted.whose == Whose.MINE and wanted.closed is False
    if has_own_order or wanted.customer_id is not None or actor.scope.own_customers_of is not None:
        return None
    stores = stores_of(actor.scope, wanted.store_ids)
    if stores is None and wanted.closed:
        return stores_of(actor.scope, Store.objects.values_list("pk", flat=True))
    return stores


CASES: Final = Case.objects.select_related("store", "owner", "reviewer", "customer")
