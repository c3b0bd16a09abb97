"""The rows of the benchmark of head office: made inside the database, and the page in raw SQL."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, Final

from django.db import connection

from regulars.insights.periods import Days
from regulars.stores.models import Region, Store
from regulars.tenancy import context
from tests.benchmarks import filling

STORES: Final = 400
REGIONS: Final = 10
DAYS: Final = 730
_PORTION: Final = 500_000
_AT_ONCE: Final = 2
_CUSTOMER: Final = "('00000000-0000-7000-8000-' || lpad(to_hex({0}), 12, '0'))::uuid"

_ROWS: Final = f"""
INSERT INTO purchases_purchase (kind, counts, store_id, customer_id, source, number, occurred_at,
  business_day, gross_minor, paid_minor, discount_minor, rounding_minor, units, payments, extra)
SELECT CASE WHEN back THEN 'return' ELSE 'sale' END, CASE WHEN back THEN 0 ELSE 1 END, s.id,
  CASE WHEN NOT unknown THEN {_CUSTOMER.format("who")} END, 'bench', %(name)s || n,
  day + time '04:00', day, amount, CASE WHEN back THEN -amount ELSE amount END, 0, 0, 1,
  '[{{"means": "wechat", "amount_minor": 1}}]', '{{}}'
FROM (
  SELECT n, who, %(until)s::date - ((%(total)s - n) * %(days)s / %(total)s)::int AS day,
    random() < 0.2 AS unknown, random() < 0.03 AS back, (1000 + random() * 50000)::bigint AS amount,
    CASE WHEN random() < 0.8 THEN who %% {STORES} ELSE (random() * {STORES - 1})::int END AS place
  FROM (SELECT n, (random() ^ 1.7 * %(people)s)::bigint AS who
    FROM generate_series(%(from)s::bigint, %(to)s::bigint) AS n) AS chosen
) AS drawn JOIN (
  SELECT id, row_number() OVER (ORDER BY code) - 1 AS place FROM stores_store WHERE code LIKE 'b%%'
) AS s USING (place)"""


def fill(purchases: int, *, until: date) -> None:
    """Make stores in regions and the purchases of two years."""
    regions = [Region(code=f"b{n}", name=f"Region {n}") for n in range(REGIONS)]
    Region.objects.bulk_create(regions)
    regions = list(Region.objects.filter(code__startswith="b"))
    Store.objects.bulk_create(
        Store(code=f"b{n}", name=f"Store {n}", region=regions[n % REGIONS], time_zone="UTC")
        for n in range(STORES)
    )
    chain = context.current()
    common: dict[str, int | str | date] = {
        "until": until, "people": max(purchases // 10, 1), "name": "n",
        "days": DAYS, "total": purchases,  # day by day, as tills write
    }  # fmt: skip

    def portion(first: int) -> None:
        last = min(first + _PORTION, purchases + 1) - 1
        with context.inside(chain), connection.cursor() as cursor:
            cursor.execute(_ROWS, {**common, "from": first, "to": last})
        connection.close()

    with filling.indexed_afterwards("purchases_purchase"), ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(portion, range(1, purchases + 1, _PORTION)))


def sell(count: int, *, on: date) -> None:
    """Write a few purchases of one day."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ROWS,
            {"from": 1, "to": count, "until": on, "days": 1, "total": count, "people": 1000,
             "name": f"late{time.time_ns()}-"},
        )  # fmt: skip


def page_sql(facts: str, members: str, days: Days, before: Days) -> str:
    """Return the figures of both periods for every group, for PostgreSQL and DuckDB.

    Written to be fast: one pass over the rows finds what each customer bought in each store, and
    regions and the chain are added up from that; in plain integers, since numerics take longer.
    """
    within = {
        which: f"business_day BETWEEN '{period.first}' AND '{period.last}'"
        for which, period in (("now", days), ("before", before))
    }
    visits = ", ".join(
        f"sum(CASE WHEN {day} THEN counts ELSE 0 END)::bigint AS n_{which}, "
        f"sum(CASE WHEN {day} THEN paid_minor ELSE 0 END)::bigint AS paid_{which}"
        for which, day in within.items()
    )
    added = ", ".join(f"sum({each})::bigint AS {each}" for each in
                      ("n_now", "paid_now", "n_before", "paid_before"))  # fmt: skip
    figures = ", ".join(
        f"sum(paid_{which}), sum(n_{which}), "
        f"count(CASE WHEN known AND n_{which} > 0 THEN 1 END), "
        f"count(CASE WHEN known AND n_{which} > 1 THEN 1 END), "
        f"count(CASE WHEN known AND {day.replace('business_day', 'first_day')} THEN 1 END)"
        for which, day in within.items()
    )
    return f"""
WITH visits AS (
  SELECT store_id, customer_id, {visits},
    min(CASE WHEN counts > 0 THEN business_day END) AS first_day
  FROM {facts} GROUP BY 1, 2
), customers AS (
  SELECT m.group_id, v.customer_id, v.customer_id IS NOT NULL AS known, {added},
    min(first_day) AS first_day
  FROM visits v JOIN {members} m ON m.store_id = v.store_id GROUP BY 1, 2, 3
)
SELECT group_id, {figures} FROM customers GROUP BY 1"""


def answers(found: Sequence[tuple[Any, ...]]) -> dict[str, tuple[int, ...]]:
    """Return sales, purchases, buyers, repeat and new ones by group: of the period, then before."""
    return {str(group): tuple(map(int, counts)) for group, *counts in found}
