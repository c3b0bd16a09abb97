"""The rows of the benchmark of head office: made inside the database; raw SQL; one till.

``python -m tests.benchmarks.insights_rows SECONDS`` is a till: it sells as fast as it can, and
prints how often it did.
"""

import os
import sys
import time
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

STORES: Final = 400
REGIONS: Final = 10
DAYS: Final = 730
_PORTION: Final = 500_000
_PEOPLE: Final = 300  # of one till
_CUSTOMER: Final = "('00000000-0000-7000-8000-' || lpad(to_hex({0}), 12, '0'))::uuid"

_ROWS: Final = f"""
INSERT INTO purchases_purchase (kind, counts, store_id, customer_id, source, number, occurred_at,
  business_day, gross_minor, paid_minor, discount_minor, rounding_minor, units, payments, extra)
SELECT CASE WHEN back THEN 'return' ELSE 'sale' END, CASE WHEN back THEN 0 ELSE 1 END, s.id,
  CASE WHEN NOT unknown THEN {_CUSTOMER.format("who")} END, 'bench', %(name)s || n,
  day + time '04:00', day, amount, CASE WHEN back THEN -amount ELSE amount END, 0, 0, 1,
  '[{{"means": "wechat", "amount_minor": 1}}]', '{{}}'
FROM (
  SELECT n, who, %(until)s::date - (random() * %(back)s)::int AS day, random() < 0.2 AS unknown,
    random() < 0.03 AS back, (1000 + random() * 50000)::bigint AS amount,
    CASE WHEN random() < 0.8 THEN who %% {STORES} ELSE (random() * {STORES - 1})::int END AS place
  FROM (SELECT n, (random() ^ 1.7 * %(people)s)::bigint AS who
    FROM generate_series(%(from)s::bigint, %(to)s::bigint) AS n) AS chosen
) AS drawn JOIN (
  SELECT id, row_number() OVER (ORDER BY code) - 1 AS place FROM stores_store WHERE code LIKE 'b%%'
) AS s USING (place)"""


def fill(purchases: int, *, until: date) -> None:
    """Make stores in regions and the purchases of two years."""
    from django.db import connection, connections

    from regulars.stores.models import Region, Store
    from regulars.tenancy import context

    Region.objects.bulk_create(Region(code=f"b{n}", name=f"Region {n}") for n in range(REGIONS))
    regions = list(Region.objects.filter(code__startswith="b"))
    Store.objects.bulk_create(
        Store(code=f"b{n}", name=f"Store {n}", region=regions[n % REGIONS], time_zone="UTC")
        for n in range(STORES)
    )
    people = purchases // 10
    for first in range(0, purchases, _PORTION):
        with connection.cursor() as cursor:
            cursor.execute(
                _ROWS,
                {"from": first + 1, "to": min(first + _PORTION, purchases), "until": until,
                 "back": DAYS - 1, "people": people, "name": "n"},
            )  # fmt: skip
    with context.inside(context.current(), using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE purchases_purchase")


def sell(count: int, *, on: date) -> None:
    """Write a few purchases of one day."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            _ROWS,
            {"from": 1, "to": count, "until": on, "back": 0, "people": 1000,
             "name": f"late{time.time_ns()}-"},
        )  # fmt: skip


def page_sql(facts: str, members: str, days: Any, before: Any) -> str:
    """Return the page's figures of both periods and every group, for PostgreSQL and DuckDB."""
    both = f"business_day BETWEEN '{before.first}' AND '{days.last}'"
    which = f"CASE WHEN business_day >= '{days.first}' THEN 1 ELSE 0 END"
    return f"""
WITH plain AS (
  SELECT m.group_id, {which} AS which, sum(paid_minor) AS sales, sum(counts) AS purchases
  FROM {facts} f JOIN {members} m ON m.store_id = f.store_id WHERE {both} GROUP BY 1, 2
), bought AS (
  SELECT m.group_id, {which} AS which, customer_id, sum(counts) AS n
  FROM {facts} f JOIN {members} m ON m.store_id = f.store_id
  WHERE {both} AND customer_id IS NOT NULL AND counts <> 0 GROUP BY 1, 2, 3
), buyers AS (
  SELECT group_id, which, count(*) AS buyers, count(CASE WHEN n > 1 THEN 1 END) AS repeats
  FROM bought WHERE n > 0 GROUP BY 1, 2
), begun AS (
  SELECT m.group_id, customer_id, min(business_day) AS business_day
  FROM {facts} f JOIN {members} m ON m.store_id = f.store_id
  WHERE customer_id IS NOT NULL AND counts > 0 GROUP BY 1, 2
), fresh AS (
  SELECT group_id, {which} AS which, count(*) AS new FROM begun WHERE {both} GROUP BY 1, 2
)
SELECT p.group_id, p.which, sales, purchases, coalesce(buyers, 0), coalesce(repeats, 0),
  coalesce(new, 0)
FROM plain p LEFT JOIN buyers b ON b.group_id = p.group_id AND b.which = p.which
LEFT JOIN fresh n ON n.group_id = p.group_id AND n.which = p.which"""


def answers(found: Sequence[tuple[Any, ...]]) -> dict[str, tuple[int, ...]]:
    """Return the figures of the later period by group."""
    return {str(row[0]): tuple(int(n) for n in row[2:]) for row in found if row[1] == 1}


def till(seconds: float) -> int:
    """Sell for a while through the product's own story; return how often."""
    import django

    django.setup()

    from regulars import registry
    from regulars.tenancy import context, directory
    from regulars.usecases import record_purchase
    from tests import servers
    from tests.factories import purchases as made

    servers.point_at(os.environ["BENCH_DATABASE"])
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        small = made.vertical()
        registry.vertical = lambda: small
        people = [made.customer(name=f"C{n}") for n in range(_PEOPLE)]
        lines = [made.line(10_000, category="gold", product_code=f"A{n}") for n in range(3)]
        source = f"till-{os.getpid()}"
        count = 0
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            draft = made.draft(*lines, customer=people[count % _PEOPLE], source=source)
            record_purchase.record(draft=draft, actor=made.TILL, now=made.NOW, language="en")
            count += 1
    return count


if __name__ == "__main__":
    sys.stdout.write(f"{till(float(sys.argv[1]))}\n")
