"""What purchases and points know of the customers of a list, in one statement for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from regulars import registry
from regulars.kit import Tier
from regulars.points import tiers
from regulars.points.ledger import read_json
from regulars.tenancy import context, statements

# As `points.selectors.balances_of_many` counts, and `points.tiers.of_many`, which a test holds
# this to. Each customer's facts are looked up by key: a list has few customers of many.
_READ: Final = statements.squeezed("""
SELECT asked.id, coalesce(st.purchases, 0), coalesce(st.paid_minor, 0), st.last_at,
  a.available - a.debt - coalesce((
    SELECT sum(l.remaining) FROM points_lot l
     WHERE l.account_id = a.id AND l.remaining > 0 AND l.expires_at <= %s), 0),
  (SELECT json_agg(json_build_array(w.months, (
     SELECT coalesce(sum(p.paid_minor), 0) FROM purchases_purchase p
      WHERE p.customer_id = asked.id AND p.business_day > w.since)))
   FROM unnest(%s::int[], %s::date[]) AS w(months, since))
FROM unnest(%s::uuid[]) AS asked(id)
LEFT JOIN purchases_standing st ON st.customer_id = asked.id
LEFT JOIN points_account a ON a.customer_id = asked.id AND a.unit = 'points'""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a customer's purchases add up to, the points they hold, and their tier if any."""

    purchases: int
    paid_minor: int
    last_at: datetime | None
    points: int | None  # None: they never had any
    tier: Tier | None


def of_many(customer_ids: Sequence[UUID], *, now: datetime) -> Mapping[UUID, Glance]:
    """Return a glance at each of some customers; one statement."""
    if not customer_ids:
        return {}
    vertical, chain = registry.vertical(), context.current()
    day = now.astimezone(chain.zone).date()
    months = tiers.windows(vertical)
    exponent = tiers.currency_exponent(chain.currency)
    starts = [tiers.since(day, each) for each in months]
    found = statements.every(_READ, (now, list(months), starts, list(customer_ids)))
    return {
        customer_id: Glance(
            purchases=purchases,
            paid_minor=paid,
            last_at=last_at,
            points=None if held is None else int(held),
            tier=tiers.reached(
                vertical.tiers, dict(read_json(spent) or ()), currency_exponent=exponent
            ),
        )
        for customer_id, purchases, paid, last_at, held, spent in found
    }
