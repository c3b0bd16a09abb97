"""How the sales of a period spread over customers (V1), and who shops in several stores (H2).

Straight from the rows, so never stale. It costs a pass over the period's purchases: some tenths of
a second for AT_ONCE of them. Bigger periods are portrayed in the background (services.portraying).
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from regulars.insights.models import Period
from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.tenancy import statements

AT_ONCE: Final = 200_000
"""Purchases of identified customers up to which a portrait is made while somebody waits."""

TOP: Final = 20
# Customers by what they spent, the biggest first; who brought back more than they bought spent 0.
_PORTRAIT: Final = """
WITH visited AS MATERIALIZED (
  SELECT customer_id, store_id, sum(paid_minor) AS paid, sum(counts) AS n,
    max(business_day) FILTER (WHERE counts > 0) AS last_day
  FROM purchases_purchase
  WHERE store_id = ANY(%(stores)s::uuid[]) AND business_day BETWEEN %(first)s AND %(last)s
    AND customer_id IS NOT NULL
  GROUP BY 1, 2
), spent AS MATERIALIZED (
  SELECT customer_id, greatest(sum(paid), 0)::bigint AS paid, sum(n) AS purchases,
    count(*) FILTER (WHERE n > 0) AS stores, max(last_day) AS last_day
  FROM visited GROUP BY 1 HAVING sum(n) > 0
), ranked AS MATERIALIZED (
  SELECT *, row_number() OVER by_paid AS place, count(*) OVER () AS buyers,
    sum(paid) OVER (by_paid ROWS UNBOUNDED PRECEDING) AS up_to, sum(paid) OVER () AS total
  FROM spent WINDOW by_paid AS (ORDER BY paid DESC, customer_id)
), curve AS (
  SELECT ceil(place * 100.0 / buyers)::int AS share, max(up_to) AS up_to
  FROM ranked GROUP BY 1
), several AS MATERIALIZED (
  SELECT customer_id, array_agg(store_id ORDER BY store_id) AS stores
  FROM visited JOIN spent USING (customer_id) WHERE n > 0 AND spent.stores > 1 GROUP BY 1
), pairs AS (
  SELECT one.store_id AS a, other.store_id AS b, count(*) AS customers
  FROM several, LATERAL unnest(stores) WITH ORDINALITY AS one(store_id, place),
    LATERAL unnest(stores) WITH ORDINALITY AS other(store_id, place)
  WHERE one.place < other.place GROUP BY 1, 2
)
SELECT coalesce(max(buyers), 0), coalesce(max(total), 0)::bigint,
  count(*) FILTER (WHERE up_to - paid < 0.8 * total),
  coalesce(max(up_to) FILTER (WHERE place <= ceil(buyers * 0.2)), 0)::bigint,
  (SELECT coalesce(json_agg(json_build_array(share, up_to) ORDER BY share), '[]') FROM curve),
  (SELECT coalesce(json_agg(json_build_array(customer_id, paid, purchases, stores, last_day)
    ORDER BY place), '[]') FROM ranked WHERE place <= %(top)s),
  count(*) FILTER (WHERE stores > 1),
  (SELECT coalesce(json_agg(json_build_array(a, b, customers)), '[]') FROM (
    SELECT * FROM pairs ORDER BY customers DESC, a, b LIMIT %(top)s) AS most)
FROM ranked"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopCustomer:
    """One of those who spent most."""

    customer_id: UUID
    paid_minor: int
    purchases: int
    stores: int
    last_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two stores and how many customers bought in both."""

    store_id: UUID
    other_id: UUID
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """How the period's sales to identified customers spread over them.

    `curve` has (share of customers, share of sales) rising from the biggest customer on;
    `most_of_sales` is how many customers bring four fifths of the sales, `by_top_fifth_minor`
    what the biggest fifth of customers brought; `shared` how many bought in several stores.
    """

    buyers: int
    total_minor: int
    most_of_sales: int
    by_top_fifth_minor: int
    curve: tuple[tuple[float, float], ...]
    top: tuple[TopCustomer, ...]
    shared: int
    pairs: tuple[Pair, ...]

    def plain(self) -> dict[str, Any]:
        """Return the portrait as JSON can hold it."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return found

    @classmethod
    def of_plain(cls, data: dict[str, Any]) -> "Portrait":
        """Read what `plain` wrote and a JSON column gave back."""
        return cls(
            **{
                **data,
                "curve": tuple((share, part) for share, part in data["curve"]),
                "top": tuple(
                    TopCustomer(**{**each, "customer_id": UUID(str(each["customer_id"]))})
                    for each in data["top"]
                ),
                "pairs": tuple(
                    Pair(
                        store_id=UUID(str(each["store_id"])),
                        other_id=UUID(str(each["other_id"])),
                        customers=each["customers"],
                    )
                    for each in data["pairs"]
                ),
            }
        )


def portrait(*, place: Place, days: Days) -> Portrait:
    """Return the portrait of a place and period, from the rows; one statement."""
    given = {
        "stores": list(place.store_ids),
        "first": days.first,
        "last": days.last,
        "top": TOP,
    }
    [row] = statements.every(_PORTRAIT, given)
    buyers, total, most, fifth, curve, top, shared, pairs = row
    return Portrait(
        buyers=buyers,
        total_minor=total,
        most_of_sales=most,
        by_top_fifth_minor=fifth,
        curve=tuple((share / 100, int(up_to) / total if total else 0.0) for share, up_to in curve),
        top=tuple(
            TopCustomer(
                customer_id=UUID(customer),
                paid_minor=paid,
                purchases=purchases,
                stores=stores,
                last_day=last_day,
            )
            for customer, paid, purchases, stores, last_day in top
        ),
        shared=shared,
        pairs=tuple(
            Pair(store_id=UUID(a), other_id=UUID(b), customers=customers)
            for a, b, customers in pairs
        ),
    )


def kept(*, place: Place, days: Days) -> tuple[Portrait, datetime] | None:
    """Return the portrait that was made in the background, and when; None before the first."""
    if place.group_id is None:  # several stores of one manager: no group is kept for them
        return None
    rows = Period.objects.filter(
        first_day=days.first, last_day=days.last, group_id=place.group_id, portrait__isnull=False
    )
    row = rows.values_list("portrait", "portrait_at").first()
    if row is None or row[0] is None or row[1] is None:
        return None
    return Portrait.of_plain(row[0]), row[1]
