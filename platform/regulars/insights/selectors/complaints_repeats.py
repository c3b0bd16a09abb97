"""What comes back: the same cause at the same product, and customers who complain again."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from regulars.insights.selectors.complaints_asking import CAUSE, OPENED_DAY, PRODUCT, Asked
from regulars.tenancy import statements

MOST: Final = 20
_REPEATED: Final = f"""
, causes AS (
  SELECT product, cause, max(product_name) AS name, count(*) AS n,
    count(DISTINCT store_id) AS stores, count(DISTINCT batch) FILTER (WHERE batch <> '') AS batches,
    max(day) AS last_day, sum(cost_minor)::bigint AS cost
  FROM w WHERE product <> '' AND cause <> '' GROUP BY 1, 2 HAVING count(*) > 1
), again AS (
  SELECT customer_id, count(*) AS n, count(*) FILTER (WHERE cause <> '' AND same > 1) AS same,
    max(day) AS last_day, sum(cost_minor)::bigint AS cost
  FROM (SELECT *, count(*) OVER (PARTITION BY customer_id, cause) AS same
    FROM w WHERE customer_id IS NOT NULL) AS mine
  GROUP BY 1 HAVING count(*) > 1
)
(SELECT 'cause', product, cause, name, NULL::uuid, n, stores, batches, last_day, cost
  FROM causes ORDER BY n DESC, product, cause LIMIT {MOST})
UNION ALL
(SELECT 'customer', '', '', '', customer_id, n, same, 0, last_day, cost
  FROM again ORDER BY n DESC, last_day DESC, customer_id LIMIT {MOST})
UNION ALL
SELECT 'people', '', '', '', NULL, count(DISTINCT customer_id), (SELECT count(*) FROM again), 0,
  NULL, 0
FROM w"""
_COLUMNS: Final = (
    f"c.store_id, c.customer_id, {PRODUCT} AS product, c.product_name, {CAUSE} AS cause, c.batch, "
    f"c.cost_minor, {OPENED_DAY} AS day"
)


class Cause(NamedTuple):
    """A cause found more than once at a product."""

    product: str
    cause: str
    name: str
    cases: int
    stores: int
    batches: int
    last_day: date
    cost_minor: int


class Person(NamedTuple):
    """A customer who complained more than once; `same` of them for a cause they had before."""

    customer_id: UUID
    cases: int
    same: int
    last_day: date
    cost_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """The most frequent of both; `again` of `people` customers complained more than once."""

    causes: Sequence[Cause]
    persons: Sequence[Person]
    people: int
    again: int


def of_place(*, asked: Asked) -> Repeats:
    """Return what comes back. One statement."""
    sql = f"WITH w AS MATERIALIZED ({asked.cases(_COLUMNS)}){_REPEATED}"
    causes, persons, people, again = [], [], 0, 0
    for kind, product, cause, name, who, n, some, batches, last_day, cost in statements.every(
        sql, asked.given
    ):
        if kind == "cause":
            causes.append(Cause(product, cause, name, n, some, batches, last_day, cost))
        elif kind == "customer":
            persons.append(Person(who, n, some, last_day, cost))
        else:
            people, again = n, some
    return Repeats(causes=causes, persons=persons, people=people, again=again)
