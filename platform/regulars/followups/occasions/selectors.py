"""Whose day is near: found by the day, within what somebody sees, a page at a time.

Life events and computed occasions keep their next day under an index, so a day is found among a
million customers without looking at the others. A guide's own customers are few: there the search
begins with them.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from regulars.audit import Actor, Scope
from regulars.audit.decisions import require
from regulars.customers import calendar
from regulars.customers.models import LifeEvent
from regulars.customers.selectors import rows, visibility
from regulars.customers.selectors.rows import Listed

OF_LIFE: Final = "customer."  # and the kind of the life event, as the kit's triggers say it


class Mark(NamedTuple):
    """Where a page ended: the next begins after it."""

    on: date
    id: UUID


class Due(NamedTuple):
    """One occasion in keys alone, for work that goes through many of them.

    `kind` is the kit's trigger; `source` the life event, the possession, or for a date of the file
    the customer.
    """

    on: date
    id: UUID
    kind: str
    source: UUID
    customer_id: UUID
    owner_id: UUID | None
    home_store_id: UUID | None

    @property
    def key(self) -> str:
        """Name this very occasion, for what happens once for it; the same as `Upcoming.key`."""
        return _key(self.kind, self.source, self.on)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One occasion as lists show it, with its customer; `kind` and `source` as of `Due`.

    Of a life event `label` says more ("小宝"), and `year` when it was first. The phone is in full:
    `visibility.may_read_phone` says who may see it.
    """

    on: date
    id: UUID
    kind: str
    source: UUID
    label: str
    year: int | None
    lunar: bool
    title: str  # of the possession, if it is one's
    customer: Listed

    @property
    def key(self) -> str:
        """Name this very occasion, for what happens once for it."""
        return _key(self.kind, self.source, self.on)

    @property
    def times(self) -> int | None:
        """Say the how-manieth time it comes, by its own calendar; None without the first year."""
        if self.year is None:
            return None
        year = self.on.year
        if self.lunar:
            first = calendar.to_solar(year=year, month=1, day=1)
            year -= first is not None and self.on < first
        return year - self.year


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What narrows a list of occasions. `kinds` empty means all of them."""

    first: date
    last: date
    kinds: Collection[str] = ()
    store_ids: Collection[UUID] = ()
    owner_id: UUID | None = None
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page, by day; `after` leads to the next and is None at the end."""

    occasions: list[Upcoming]
    after: Mark | None = field(default=None)


# The same day noted twice, as after a merge, is one occasion.
_EVENTS: Final = """
SELECT e.next_on, e.id, 'customer.' || e.kind AS kind, e.id AS source, c.id AS customer_id,
  c.owner_id, c.home_store_id, e.label, e.year, e.lunar
FROM {people} JOIN customers_lifeevent e ON e.customer_id = c.id
WHERE {people_where} AND {where} {of_kind}
  AND NOT EXISTS (SELECT FROM customers_lifeevent d WHERE d.customer_id = e.customer_id
    AND (d.kind, d.next_on, d.label) = (e.kind, e.next_on, e.label) AND d.id < e.id)
ORDER BY e.next_on, e.id {limit}"""
_DATES: Final = """
SELECT e.next_on, e.id, e.kind, e.source, c.id AS customer_id,
  c.owner_id, c.home_store_id, '' AS label, NULL::smallint AS year, false AS lunar
FROM {people} JOIN followups_occasion e ON e.customer_id = c.id
WHERE {people_where} AND {where} {of_kind}
ORDER BY e.next_on, e.id {limit}"""
_FOUND: Final = f"""
SELECT u.next_on, u.id, u.kind, u.source, u.label, u.year, u.lunar, coalesce(p.title, ''),
  {rows.COLUMNS}
FROM (SELECT * FROM ({{found}}) f ORDER BY next_on, id {{limit}}) u
JOIN ({rows.SOURCE}) ON c.id = u.customer_id
LEFT JOIN customers_possession p ON p.id = u.source
ORDER BY u.next_on, u.id"""
_DUE: Final = """
SELECT next_on, id, kind, source, customer_id, owner_id, home_store_id
FROM ({found}) f ORDER BY next_on, id {limit}"""
_FEW: Final = """
WITH mine AS MATERIALIZED (
  SELECT c.id, c.owner_id, c.home_store_id FROM customers_customer c WHERE {where}) {statement}"""


def page(*, actor: Actor, wanted: Wanted, after: Mark | None = None, limit: int = 50) -> Page:
    """Return a page of occasions within the actor's scope, in one statement.

    Days are those of the customers' home stores. Raises Forbidden.
    """
    require(actor, "customers.view")
    found = read(actor.scope, wanted, after=after, limit=limit + 1)
    more = len(found) > limit
    found = found[:limit]
    return Page(found, Mark(found[-1].on, found[-1].id) if more else None)


def read(
    scope: Scope, wanted: Wanted, *, after: Mark | None = None, limit: int | None = None
) -> list[Upcoming]:
    """Return the occasions of a scope by day, in one statement."""
    return [_upcoming(row) for row in _rows(_FOUND, scope, wanted, after, limit)]


def due(
    scope: Scope, wanted: Wanted, *, after: Mark | None = None, limit: int | None = None
) -> list[Due]:
    """Return the same in keys alone: for work on a whole chain. One statement."""
    return [Due(*row) for row in _rows(_DUE, scope, wanted, after, limit)]


def _rows(
    shape: str, scope: Scope, wanted: Wanted, after: Mark | None, limit: int | None
) -> list[tuple[Any, ...]]:
    seen, values = _people(scope, wanted)
    is_few = bool(wanted.owner_id or wanted.customer_id or scope.own_customers_of)
    people = "mine c" if is_few else "customers_customer c"
    where, by_day = ["e.next_on BETWEEN %s AND %s"], [wanted.first, wanted.last]
    if after is not None:
        where.append("(e.next_on, e.id) > (%s, %s)")
        by_day += [*after]  # type: ignore[list-item]
    most = "" if limit is None else f"LIMIT {int(limit)}"
    parts, bound = [], list(values) if is_few else []
    for text, of_kind, kinds in _sorts(wanted):
        part = text.format(
            people=people,
            people_where="TRUE" if is_few else seen,
            where=" AND ".join(where),
            of_kind=of_kind,
            limit=most,
        )
        parts.append(f"({part})")
        bound += [*(() if is_few else values), *by_day, *kinds]
    if not parts:
        return []
    statement = shape.format(found=" UNION ALL ".join(parts), limit=most)
    if is_few:
        statement = _FEW.format(where=seen, statement=statement)
    return rows.anew(statement, bound)


def _people(scope: Scope, wanted: Wanted) -> tuple[str, list[object]]:
    """Return the condition on the customer ``c`` of what is seen and asked for."""
    where, values = visibility.within_sql(scope)
    if wanted.store_ids:
        where += " AND c.home_store_id = ANY(%s)"
        values = [*values, sorted(wanted.store_ids)]
    if wanted.owner_id is not None:
        where += " AND c.owner_id = %s"
        values = [*values, wanted.owner_id]
    if wanted.customer_id is not None:
        where += " AND c.id = %s"
        values = [*values, wanted.customer_id]
    return where, values


def _sorts(wanted: Wanted) -> list[tuple[str, str, list[object]]]:
    """Return which tables are asked, and how each is narrowed to the kinds wanted."""
    if not wanted.kinds:
        return [(_EVENTS, "", []), (_DATES, "", [])]
    of_life = {f"{OF_LIFE}{kind}" for kind in LifeEvent.Kind.values}
    events = sorted(k.removeprefix(OF_LIFE) for k in wanted.kinds if k in of_life)
    dates = sorted(kind for kind in wanted.kinds if kind not in of_life)
    asked = [(_EVENTS, events), (_DATES, dates)]
    return [(text, "AND e.kind = ANY(%s)", [kinds]) for text, kinds in asked if kinds]


def _key(kind: str, source: UUID, on: date) -> str:
    return f"{kind}:{source}:{on}"


def _upcoming(row: Sequence[Any]) -> Upcoming:
    on, pk, kind, source, label, year, lunar, title = row[:8]
    return Upcoming(on, pk, kind, source, label, year, lunar, title, Listed(*row[8:]))
