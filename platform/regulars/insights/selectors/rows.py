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
type BuyerKind = Literal["buyers", "new", "returning", "repeat"]
type Mark = tuple[date, UUID]

FACTS: Final = ("sales", "purchases", "returns")
BUYERS: Final = ("buyers", "new", "returning", "repeat")

_REAL: Final = """{0}.kind <> 'void' AND NOT EXISTS (
    SELECT FROM purchases_purchase v WHERE v.original_id = {0}.id AND v.kind = 'void')"""
_KINDS: Final = {
    "sales": "p.kind <> 'void'",
    "purchases": "p.kind = 'sale'",
    "returns": "p.kind = 'return'",
}


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
    """A buyer of the period: the day they are listed under, how often and for how much."""

    customer_id: UUID
    day: date
    purchases: int
    paid_minor: int
    first_day: date
    last_day: date

    @property
    def mark(self) -> Mark:
        """Where the next page begins."""
        return self.day, self.customer_id


def facts(
    *, place: Place, days: Days, kind: FactKind, after: Mark | None = None, limit: int = 50
) -> list[FactRow]:
    """Return the purchases and returns behind sales, the purchases alone, or the returns."""
    sql = f"""
SELECT p.id, p.business_day, p.kind, p.occurred_at, p.number, p.store_id, p.customer_id, p.guide_id,
  p.units, p.discount_minor, p.paid_minor
FROM purchases_purchase p
WHERE p.store_id = ANY(%(stores)s::uuid[]) AND p.business_day BETWEEN %(first)s AND %(last)s
  AND {_KINDS[kind]} AND {_REAL.format("p")}
  AND (%(on)s::date IS NULL OR (p.business_day, p.id) < (%(on)s::date, %(id)s::uuid))
ORDER BY p.business_day DESC, p.id DESC LIMIT %(limit)s"""
    return [FactRow(*row) for row in statements.every(sql, _given(place, days, after, limit))]


def buyers(
    *, place: Place, days: Days, kind: BuyerKind, after: Mark | None = None, limit: int = 50
) -> list[BuyerRow]:
    """Return the buyers of the period: all, the new or returning ones, or those who came twice.

    New ones are listed by the day of their first purchase, others by that of their last in the
    period.
    """
    here = "{0}.store_id = ANY(%(stores)s::uuid[]) AND {0}.kind = 'sale'"
    other = f"{here.format('q')} AND q.customer_id = p.customer_id AND {_REAL.format('q')}"
    if kind == "new":
        only = f"NOT EXISTS (SELECT FROM purchases_purchase q WHERE {other} AND q.business_day < p.business_day)"  # noqa: E501
    else:
        only = (
            f"NOT EXISTS (SELECT FROM purchases_purchase q WHERE {other} "
            "AND q.business_day > p.business_day AND q.business_day <= %(last)s)"
        )
    if kind == "returning":
        only += f" AND EXISTS (SELECT FROM purchases_purchase q WHERE {other} AND q.business_day < %(first)s)"  # noqa: E501
    sql = f"""
SELECT p.customer_id, p.business_day, of_period.purchases, of_period.paid, of_period.first,
  of_period.last
FROM (
  SELECT DISTINCT p.business_day, p.customer_id FROM purchases_purchase p
  WHERE {here.format("p")} AND p.business_day BETWEEN %(first)s AND %(last)s
    AND p.customer_id IS NOT NULL AND {_REAL.format("p")} AND {only}
    AND (%(on)s::date IS NULL OR (p.business_day, p.customer_id) < (%(on)s::date, %(id)s::uuid))
) AS p CROSS JOIN LATERAL (
  SELECT sum(q.counts) AS purchases, sum(q.paid_minor)::bigint AS paid,
    min(q.business_day) FILTER (WHERE q.counts > 0) AS first,
    max(q.business_day) FILTER (WHERE q.counts > 0) AS last
  FROM purchases_purchase q
  WHERE q.customer_id = p.customer_id AND q.store_id = ANY(%(stores)s::uuid[])
    AND q.business_day BETWEEN %(first)s AND %(last)s) AS of_period
WHERE of_period.purchases >= {2 if kind == "repeat" else 1}
ORDER BY p.business_day DESC, p.customer_id DESC LIMIT %(limit)s"""
    return [BuyerRow(*row) for row in statements.every(sql, _given(place, days, after, limit))]


def all_facts(*, place: Place, days: Days, kind: FactKind) -> Iterator[FactRow]:
    """Return every row behind a figure, in portions, for a file."""
    after: Mark | None = None
    while page := facts(place=place, days=days, kind=kind, after=after, limit=_PORTION):
        yield from page
        after = page[-1].mark


def all_buyers(*, place: Place, days: Days, kind: BuyerKind) -> Iterator[BuyerRow]:
    """Return every buyer behind a figure, in portions, for a file."""
    after: Mark | None = None
    while page := buyers(place=place, days=days, kind=kind, after=after, limit=_PORTION):
        yield from page
        after = page[-1].mark


_PORTION: Final = 2000


def _given(place: Place, days: Days, after: Mark | None, limit: int) -> dict[str, object]:
    on, key = after or (None, None)
    return {
        "stores": list(place.store_ids),
        "first": days.first,
        "last": days.last,
        "on": on,
        "id": key,
        "limit": limit,
    }
