"""Reads what `effects` compares: closed complaints, and what those and other customers bought."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from regulars.insights.effects import BEFORE, FOLLOWED, Complainer, Effect, History, effect
from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.tenancy import statements

WINDOW: Final = 365
"""Days in which complaints were over that are looked at; they end before the days that follow."""
MOST: Final = 5_000
"""Complainers of each kind, the newest first."""
POOL: Final = 20_000
"""Customers drawn to compare them with; always the same of the same customers."""
# One complaint of each customer: the first that was over in these days. Who had complained within
# the year before it counts too; what was said at the end is what counts.
_OVER: Final = """
SELECT * FROM (
  SELECT f.*, row_number() OVER (PARTITION BY f.satisfied ORDER BY f.over DESC, f.customer_id) AS n
  FROM (
    SELECT DISTINCT ON (c.customer_id) c.customer_id,
      (c.opened_at AT TIME ZONE s.time_zone)::date AS raised,
      (c.closed_at AT TIME ZONE s.time_zone)::date AS over, c.satisfied, c.id AS case_id
    FROM complaints_case c JOIN stores_store s ON s.id = c.store_id
    JOIN customers_customer k ON k.id = c.customer_id AND k.state = 'active'
    WHERE c.store_id = ANY(%(stores)s::uuid[]) AND c.state = 'closed' AND c.satisfied IS NOT NULL
      AND c.ended NOT IN ('spam', 'duplicate')
      AND c.opened_at >= %(first)s::date - 365 AND c.opened_at < %(last)s::date + 2
      AND (c.closed_at AT TIME ZONE s.time_zone)::date BETWEEN %(first)s AND %(last)s
    ORDER BY c.customer_id, c.closed_at, c.id) AS f) AS ranked
WHERE n <= %(most)s"""
_POOL: Final = """
SELECT k.id FROM customers_customer k
WHERE k.state = 'active' AND (k.home_store_id = ANY(%(stores)s::uuid[]) OR k.home_store_id IS NULL)
ORDER BY hashtextextended(k.id::text, 7) LIMIT %(most)s"""
_VISITS: Final = """
SELECT p.customer_id, p.business_day, sum(p.paid_minor)::bigint FROM purchases_purchase p
WHERE p.customer_id = ANY(%(customers)s::uuid[]) AND p.business_day BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2 HAVING sum(p.counts) > 0"""
_COMPLAINED: Final = """
SELECT c.customer_id, min(c.opened_at)::date FROM complaints_case c
WHERE c.customer_id = ANY(%(customers)s::uuid[]) GROUP BY 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The comparison, the days in which its complaints were over, and who was drawn."""

    effect: Effect
    days: Days
    drawn: int


def of_place(*, place: Place, today: date) -> Followed:
    """Compare later purchases of customers of some stores. Four statements."""
    last = today - timedelta(days=FOLLOWED + 1)
    days = Days(last - timedelta(days=WINDOW - 1), last)
    stores = list(place.store_ids)
    given = {"stores": stores, "first": days.first, "last": days.last, "most": MOST}
    complainers = [
        Complainer(who, raised.toordinal(), over.toordinal(), satisfied, case_id)
        for who, raised, over, satisfied, case_id, _n in statements.every(_OVER, given)
    ]
    pool = [key for (key,) in statements.every(_POOL, {"stores": stores, "most": POOL})]
    wanted = {*pool, *(each.customer_id for each in complainers)}
    read = Days(days.first - timedelta(days=2 * BEFORE), today)
    found = effect(
        complainers=complainers,
        histories=_histories(wanted, read),
        pool=pool,
        complained=_complained(pool),
    )
    return Followed(effect=found, days=days, drawn=len(pool))


def _histories(customers: Collection[UUID], days: Days) -> Mapping[UUID, History]:
    given = {"customers": list(customers), "first": days.first, "last": days.last}
    visits: dict[UUID, list[tuple[date, int]]] = defaultdict(list)
    for key, day, paid in statements.every(_VISITS, given):
        visits[key].append((day, paid))
    return {key: History.of(some) for key, some in visits.items()}


def _complained(customers: Collection[UUID]) -> Mapping[UUID, int]:
    rows = statements.every(_COMPLAINED, {"customers": list(customers)})
    return {key: day.toordinal() for key, day in rows}
