"""The customers behind the points that are held: how many each has, the most first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from regulars.insights.models import CHAIN
from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.tenancy import context, statements

type Mark = tuple[int, UUID]

_PORTION: Final = 20_000  # each portion adds up all entries

# The same legs that the rollups add up (insights.counting), by whom they belong to now. Points
# belong to the store that gave them; given by no store, they are the whole chain's.
_HELD: Final = """
WITH moves AS (
  SELECT coalesce(lot.account_id, p.account_id) AS account_id,
    coalesce(given.store_id, p.store_id) AS store_id, p.occurred_at, l.amount
  FROM points_posting p
  JOIN points_leg l ON l.posting_id = p.id AND l.side <> 'store'
  LEFT JOIN points_lot lot ON lot.id = l.lot_id
  LEFT JOIN points_posting given ON given.id = lot.posting_id
  WHERE p.unit = 'points'
), held AS (
  SELECT m.account_id, sum(m.amount)::bigint AS points
  FROM moves m LEFT JOIN stores_store s ON s.id = m.store_id
  WHERE (m.store_id = ANY(%(stores)s::uuid[]) OR m.store_id IS NULL AND %(with_rest)s::boolean)
    AND (m.occurred_at AT TIME ZONE coalesce(s.time_zone, %(zone)s::text))::date <= %(last)s
  GROUP BY 1 HAVING sum(m.amount) <> 0
)
SELECT a.customer_id, held.points FROM held JOIN points_account a ON a.id = held.account_id
WHERE %(points)s::bigint IS NULL
  OR (held.points, a.customer_id) < (%(points)s::bigint, %(id)s::uuid)
ORDER BY held.points DESC, a.customer_id DESC LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class HolderRow:
    """A customer who holds points, or owes some (less than nothing)."""

    customer_id: UUID
    points: int

    @property
    def mark(self) -> Mark:
        """Where the next page begins."""
        return self.points, self.customer_id


def holders(
    *, place: Place, days: Days, after: Mark | None = None, limit: int = 50
) -> list[HolderRow]:
    """Return who holds the place's points at the end of a period; they add up to the figure.

    Customers who were merged since are counted as the one they became. A pass over all entries of
    the ledger: a second for some hundred thousand of them.
    """
    points, key = after or (None, None)
    given = {
        "stores": list(place.store_ids),
        "with_rest": place.group_id == CHAIN,
        "zone": context.current().time_zone,
        "last": days.last,
        "points": points,
        "id": key,
        "limit": limit,
    }
    return [HolderRow(*row) for row in statements.every(_HELD, given)]


def all_holders(*, place: Place, days: Days) -> Iterator[HolderRow]:
    """Return everybody, in portions, for a file."""
    after: Mark | None = None
    while page := holders(place=place, days=days, after=after, limit=_PORTION):
        yield from page
        after = page[-1].mark
