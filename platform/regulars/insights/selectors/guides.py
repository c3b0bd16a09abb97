"""The figures of each guide of a place: what they sold, to how many customers."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.tenancy import statements

# What was voided is left out rather than added up to nothing: a void may name another guide.
_BY_GUIDE: Final = """
SELECT guide_id, sum(paid)::bigint, sum(purchases)::bigint, sum(returns)::bigint,
  count(customer_id) FILTER (WHERE purchases > 0),
  count(customer_id) FILTER (WHERE purchases > 1)
FROM (
  SELECT p.guide_id, p.customer_id, sum(p.paid_minor) AS paid, sum(p.counts) AS purchases,
    count(*) FILTER (WHERE p.kind = 'return') AS returns
  FROM purchases_purchase p
  WHERE p.store_id = ANY(%(stores)s::uuid[]) AND p.business_day BETWEEN %(first)s AND %(last)s
    AND p.kind <> 'void' AND NOT EXISTS (
      SELECT FROM purchases_purchase v WHERE v.original_id = p.id AND v.kind = 'void')
  GROUP BY 1, 2) AS of_customer
GROUP BY 1 ORDER BY 2 DESC, 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideRow:
    """One guide in the table of guides; `guide_id` is None where nobody was named."""

    guide_id: UUID | None
    sales_minor: int
    purchases: int
    returns: int
    buyers: int
    repeat_buyers: int

    @property
    def repeat_rate(self) -> float | None:
        """The share of the guide's buyers who bought from them twice or more."""
        return self.repeat_buyers / self.buyers if self.buyers else None


def of_place(*, place: Place, days: Days) -> list[GuideRow]:
    """Return the guides who sold in a place, biggest sales first; a pass over its facts.

    Sales and purchases add up to those of the place. Buyers do not: who bought from two guides is
    a buyer of both.
    """
    given = {"stores": list(place.store_ids), "first": days.first, "last": days.last}
    names = ("guide_id", "sales_minor", "purchases", "returns", "buyers", "repeat_buyers")
    return [
        GuideRow(**dict(zip(names, row, strict=True))) for row in statements.every(_BY_GUIDE, given)
    ]
