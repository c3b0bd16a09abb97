"""Where a list of complaints is read from: for each scope the one index that has its order.

Open ones lie in order of urgency by owner, by store, and over all; closed ones by store in the
order they were closed. Several stores are as many short reads of one index, merged.
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
_MANY: Final = 8  # stores from which on a look ahead pays
# A guide's: what they own, what their customers complain of, and what nobody opened yet. Read by
# three indexes while open; few enough to be sorted.
_OWN: Final = """c.id = ANY(ARRAY(
  SELECT id FROM complaints_case WHERE owner_id = %s AND state <> 'closed'
  UNION SELECT o.id FROM customers_customer k JOIN complaints_case o ON o.customer_id = k.id
    WHERE k.owner_id = %s AND o.state <> 'closed'
  UNION SELECT id FROM complaints_case
    WHERE owner_id IS NULL AND state <> 'closed' AND store_id = ANY(%s)))"""
# Those somebody owns or looks at afresh; who looks at it has no index and is read among the open.
_MINE: Final = """c.id = ANY(ARRAY(
  SELECT id FROM complaints_case WHERE owner_id = %s AND state <> 'closed'
  UNION SELECT id FROM complaints_case WHERE reviewer_id = %s AND state <> 'closed'))"""
# The same of what is over; who looks at one customer's finds few and needs no such detour.
_OWN_CLOSED: Final = """c.id = ANY(ARRAY(
  SELECT id FROM complaints_case WHERE owner_id = %s AND state = 'closed'
  UNION SELECT o.id FROM customers_customer k JOIN complaints_case o ON o.customer_id = k.id
    WHERE k.owner_id = %s AND o.state = 'closed'
  UNION SELECT id FROM complaints_case
    WHERE owner_id IS NULL AND state = 'closed' AND store_id = ANY(%s)))"""
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

    `closed` lists those that are over, the last closed first, from `closed_since` until before
    `closed_until`; None lists both, for one customer. `unowned` are those of the web that nobody
    opened yet, `waiting` those for whose customer we wait. `product` is a code, or a part of a
    name. `text` is a number as somebody wrote it down (then nothing else counts), or a part of
    what it is about or of the customer's name.
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
    owner_id: UUID | None = None
    unowned: bool = False
    waiting: bool = False
    second_round: bool = False
    product: str = ""
    closed_since: datetime | None = None
    closed_until: datetime | None = None


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
            own = {False: _OWN, True: _OWN_CLOSED, None: _OWN_EVER}[wanted.closed]
            where.add(own, me, me, stores)
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
        _add_mine(where, actor, wanted)
    if wanted.closed is not None:
        where.add("c.state = 'closed'" if wanted.closed else OPEN)
    for column, values in (
        ("state", wanted.states), ("template", wanted.templates), ("severity", wanted.severities)
    ):  # fmt: skip
        if values:
            where.add(f"c.{column} = ANY(%s)", list(values))
    for column, value in (
        ("customer_id", wanted.customer_id), ("reviewer_id", wanted.reviewer),
        ("owner_id", wanted.owner_id),
    ):  # fmt: skip
        if value is not None:
            where.add(f"c.{column} = %s", value)
    _add_flags(where, wanted, now=now)
    if wanted.closed:
        if wanted.closed_since is not None:
            where.add("c.closed_at >= %s", wanted.closed_since)
        if wanted.closed_until is not None:
            where.add("c.closed_at < %s", wanted.closed_until)
    product, text = _clean(wanted.product), _clean(wanted.text)
    if product:
        where.add("(c.product_code = %s OR c.product_name ILIKE %s)", product, _pattern(product))
    if text:
        _add_text(where, actor.scope, _pattern(text))


def _add_text(where: Where, scope: Scope, pattern: str) -> None:
    """Look for words; a name that is not told (H4) finds nothing either."""
    told, held = "", []
    if scope.withheld_customers:
        told = " AND (k.home_store_id IS NULL OR k.home_store_id <> ALL(%s))"
        held = [sorted(scope.withheld_customers)]
    where.add(
        "(c.title ILIKE %s OR c.product_name ILIKE %s OR (c.customer_id IS NULL AND c.name ILIKE %s"
        ") OR EXISTS (SELECT FROM customers_customer k WHERE k.id = c.customer_id"
        f" AND (k.name ILIKE %s OR c.name ILIKE %s){told}))",
        *[pattern] * 5, *held,
    )  # fmt: skip


def _add_mine(where: Where, actor: Actor, wanted: Wanted) -> None:
    if actor.scope.own_customers_of is not None:  # a guide looks at nobody's afresh
        where.add("c.owner_id = %s", actor.id)
    elif wanted.closed is False:
        where.add(_MINE, actor.id, actor.id)
    else:
        where.add("(c.owner_id = %s OR c.reviewer_id = %s)", actor.id, actor.id)


def _add_flags(where: Where, wanted: Wanted, *, now: datetime) -> None:
    if wanted.late:
        where.add("c.urgent_at <= %s", now)
    if wanted.unowned:
        where.add("c.owner_id IS NULL")
    if wanted.waiting:
        where.add("c.paused_at IS NOT NULL")
    if wanted.second_round:
        where.add("c.round > 1")


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()


def _pattern(text: str) -> str:
    return "%{}%".format(text.translate({ord(each): f"\\{each}" for each in "\\%_"}))


def ids(actor: Actor, wanted: Wanted, *, after: Mark | None, limit: int, now: datetime) -> Where:
    """Return the statement that answers (id, at) of one page; `limit` rows at most."""
    where = Where()
    number = numbers.read(wanted.text)
    if number is not None:
        wanted = Wanted(closed=None)
        where.add("c.number = %s", number)
    column, order, sign = "urgent_at", "ASC", ">"
    if wanted.closed:
        column, order, sign = "closed_at", "DESC", "<"
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
    return _merged(where, stores, column, limit, is_last_first=bool(wanted.closed))


def _merged(
    where: Where, stores: list[UUID], column: str, limit: int, *, is_last_first: bool
) -> Where:
    """Return the statement that reads several stores one by one and merges them.

    Of many stores a few rows each say how far the page can reach at most; with that known hardly
    more is read than the page has, however much lies in the stores.
    """
    order, bound = ("DESC", ">=") if is_last_first else ("ASC", "<=")
    read = (
        "SELECT c.id, c.{column} AS at FROM complaints_case c WHERE c.store_id = s.id AND {where} "
        "ORDER BY c.{column} {order}, c.id {order} LIMIT %s"
    )
    plain = read.format(column=column, where=where.sql, order=order)
    whole = "SELECT x.id, x.at FROM unnest(%s::uuid[]) AS s(id) CROSS JOIN LATERAL ({read}) x"
    merged = f" ORDER BY x.at {order}, x.id {order} LIMIT %s"
    if len(stores) < _MANY:
        return Where([whole.format(read=plain) + merged], [stores, *where.params, limit, limit])
    few = 2 + 2 * limit // len(stores)
    far = "'-infinity'" if is_last_first else "'infinity'"
    within = f"{where.sql} AND c.{column} {bound} coalesce((SELECT at FROM cut), {far})"
    bounded = read.format(column=column, where=within, order=order)
    return Where(
        [f"WITH cut AS MATERIALIZED (SELECT x.at FROM ({whole.format(read=plain)}) x "
         f"ORDER BY x.at {order} OFFSET %s LIMIT 1) {whole.format(read=bounded)}{merged}"],
        [stores, *where.params, few, limit - 1, stores, *where.params, limit, limit],
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
