"""The rows behind each figure, newest first and a page at a time, within what somebody may see.

A page far down costs what the first does: it begins at a key. What was voided is not there, as it
is not in the figures.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.tenancy import statements

type FactKind = Literal["sales", "purchases", "returns"]
type BuyerKind = Literal["buyers", "new", "returning", "repeat", "shared", "top"]
type Mark = tuple[date | int, UUID]

FACTS: Final = ("sales", "purchases", "returns")
BUYERS: Final = ("buyers", "new", "returning", "repeat", "shared", "top")

_REAL: Final = """{0}.kind <> 'void' AND NOT EXISTS (
    SELECT FROM purchases_purchase v WHERE v.original_id = {0}.id AND v.kind = 'void')"""
_KINDS: Final = {
    "sales": "p.kind <> 'void'",
    "purchases": "p.kind = 'sale'",
    "returns": "p.kind = 'return'",
}
_HERE: Final = "{0}.store_id = ANY(%(stores)s::uuid[])"


@dataclass(frozen=True, slots=True)
class FactRow:
    """A purchase or a return."""

    id: UUID
    day: date
    kind: str
    occurred_at: datetime
    number: str
    store_id: UUID
    customer_id: UUID | None
    guide_id: UUID | None
    units: Any
    discount_minor: int
    paid_minor: int

    @property
    def mark(self) -> Mark:
        """Where the next page begins."""
        return self.day, self.id


@dataclass(frozen=True, slots=True)
class BuyerRow:
    """A buyer of the period: what they are listed under, how often, for how much, in how many."""

    customer_id: UUID
    under: date | int
    purchases: int
    paid_minor: int
    first_day: date
    last_day: date
    stores: int

    @property
    def mark(self) -> Mark:
        """Where the next page begins."""
        return self.under, self.customer_id


def facts(
    *,
    place: Place,
    days: Days,
    kind: FactKind,
    guide_id: UUID | None = None,
    after: Mark | None = None,
    limit: int = 50,
) -> list[FactRow]:
    """Return the purchases and returns behind sales, the purchases alone, or the returns."""
    sql = f"""
SELECT p.id, p.business_day, p.kind, p.occurred_at, p.number, p.store_id, p.customer_id, p.guide_id,
  p.units, p.discount_minor, p.paid_minor
FROM purchases_purchase p
WHERE {_HERE.format("p")} AND p.business_day BETWEEN %(first)s AND %(last)s
  AND {_KINDS[kind]} AND {_REAL.format("p")} {_by("p", guide_id)}
  AND (%(on)s::date IS NULL OR (p.business_day, p.id) < (%(on)s::date, %(id)s::uuid))
ORDER BY p.business_day DESC, p.id DESC LIMIT %(limit)s"""
    given = _given(place, days, guide_id, after, limit)
    return [FactRow(*row) for row in statements.every(sql, given)]


def buyers(
    *,
    place: Place,
    days: Days,
    kind: BuyerKind,
    guide_id: UUID | None = None,
    after: Mark | None = None,
    limit: int = 50,
) -> list[BuyerRow]:
    """Return the buyers of the period: all, new or returning, who came twice, to several stores.

    New ones are listed by the day of their first purchase, the top ones by what they paid, others
    by the day of their last purchase in the period. With a guide only what that guide sold counts.
    """
    sql = _by_spending(guide_id) if kind == "top" else _by_day(kind, guide_id)
    given = _given(place, days, guide_id, after, limit)
    return [BuyerRow(*row) for row in statements.every(sql, given)]


def _by(alias: str, guide_id: UUID | None) -> str:
    """Return the condition on the guide; without one, the index on customers knows enough."""
    return f"AND {alias}.guide_id = %(guide)s::uuid" if guide_id else ""


def _of_period(guide_id: UUID | None) -> str:
    """Return the query of what a customer of ``page`` did in the period."""
    return f"""
  SELECT sum(q.counts) AS purchases, sum(q.paid_minor)::bigint AS paid,
    min(q.business_day) FILTER (WHERE q.counts > 0) AS first,
    max(q.business_day) FILTER (WHERE q.counts > 0) AS last,
    count(DISTINCT q.store_id) FILTER (WHERE q.counts > 0) AS stores
  FROM purchases_purchase q
  WHERE {_HERE.format("q")} AND q.business_day BETWEEN %(first)s AND %(last)s
    AND q.customer_id = page.customer_id AND {_REAL.format("q")} {_by("q", guide_id)}"""


def _by_spending(guide_id: UUID | None) -> str:
    """Return the statement of the list by what was paid: everybody's sum, details of the page.

    What was voided stands there twice, with opposite signs.
    """
    return f"""
SELECT page.customer_id, page.paid, of_period.purchases, of_period.paid, of_period.first,
  of_period.last, of_period.stores
FROM (
  SELECT q.customer_id, sum(q.paid_minor)::bigint AS paid FROM purchases_purchase q
  WHERE {_HERE.format("q")} AND q.business_day BETWEEN %(first)s AND %(last)s
    AND q.customer_id IS NOT NULL {_by("q", guide_id)}
  GROUP BY 1
  HAVING sum(q.counts) > 0 AND (%(paid)s::bigint IS NULL
    OR (sum(q.paid_minor)::bigint, q.customer_id) < (%(paid)s::bigint, %(id)s::uuid))
  ORDER BY 2 DESC, 1 DESC LIMIT %(limit)s) AS page
CROSS JOIN LATERAL ({_of_period(guide_id)}) AS of_period
ORDER BY page.paid DESC, page.customer_id DESC"""


def _by_day(kind: BuyerKind, guide_id: UUID | None) -> str:
    """Return the statement of a list by days: first the page is found, then what it shows.

    Whom it passes over is decided by the index on customers and days alone: there a sale and its
    voiding add up to nothing on their day.
    """
    others = (
        f"FROM purchases_purchase q WHERE {_HERE.format('q')} "
        f"AND q.customer_id = p.customer_id {_by('q', guide_id)} AND "
    )
    bought = "GROUP BY q.business_day HAVING sum(q.counts) > 0"
    within = "q.business_day BETWEEN %(first)s AND %(last)s"
    if kind == "new":
        only = f"NOT EXISTS (SELECT {others} q.business_day < p.business_day {bought})"
    else:
        later = "q.business_day > p.business_day AND q.business_day <= %(last)s"
        only = f"NOT EXISTS (SELECT {others} {later} {bought})"
    only += {
        "returning": f" AND EXISTS (SELECT {others} q.business_day < %(first)s {bought})",
        "repeat": f" AND (SELECT sum(q.counts) {others} {within}) > 1",
        "shared": f" AND EXISTS (SELECT {others} {within} AND q.store_id <> p.store_id "
        "GROUP BY q.store_id HAVING sum(q.counts) > 0)",
    }.get(kind, "")
    return f"""
WITH page AS MATERIALIZED (
  SELECT DISTINCT p.business_day, p.customer_id FROM purchases_purchase p
  WHERE {_HERE.format("p")} AND p.kind = 'sale' {_by("p", guide_id)}
    AND p.business_day BETWEEN %(first)s AND %(last)s
    AND p.customer_id IS NOT NULL AND {_REAL.format("p")} AND {only}
    AND (%(on)s::date IS NULL OR (p.business_day, p.customer_id) < (%(on)s::date, %(id)s::uuid))
  ORDER BY p.business_day DESC, p.customer_id DESC LIMIT %(limit)s
)
SELECT page.customer_id, page.business_day, of_period.purchases, of_period.paid, of_period.first,
  of_period.last, of_period.stores
FROM page CROSS JOIN LATERAL ({_of_period(guide_id)}) AS of_period
ORDER BY page.business_day DESC, page.customer_id DESC"""


def all_facts(
    *, place: Place, days: Days, kind: FactKind, guide_id: UUID | None = None
) -> Iterator[FactRow]:
    """Return every row behind a figure, in portions, for a file."""
    after: Mark | None = None
    while page := facts(
        place=place, days=days, kind=kind, guide_id=guide_id, after=after, limit=_PORTION
    ):
        yield from page
        after = page[-1].mark


def all_buyers(
    *, place: Place, days: Days, kind: BuyerKind, guide_id: UUID | None = None
) -> Iterator[BuyerRow]:
    """Return every buyer behind a figure, in portions, for a file."""
    after: Mark | None = None
    size = _BIG_PORTION if kind == "top" else _PORTION
    while page := buyers(
        place=place, days=days, kind=kind, guide_id=guide_id, after=after, limit=size
    ):
        yield from page
        after = page[-1].mark


_PORTION: Final = 2000
_BIG_PORTION: Final = 20_000  # each portion adds up the whole period


def _given(
    place: Place, days: Days, guide_id: UUID | None, after: Mark | None, limit: int
) -> dict[str, object]:
    under, key = after or (None, None)
    return {
        "stores": list(place.store_ids),
        "first": days.first,
        "last": days.last,
        "guide": guide_id,
        "on": under if isinstance(under, date) else None,
        "paid": under if isinstance(under, int) else None,
        "id": key,
        "limit": limit,
    }
