"""Which level of membership a customer's spending reaches (V2), by the chain's tiers.

Worked out from purchases when asked: the spend of the last `months` up to and with a day. The
history of levels, and how long one is kept, belong to the tiers themselves and are not here yet.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Final
from uuid import UUID

from babel import numbers

from regulars import registry
from regulars.kit import Tier, Vertical
from regulars.kit.facts import major
from regulars.tenancy import context, statements

# A customer's purchases beyond these are not looked at: it bounds the till's work.
MOST_PURCHASES: Final = 2_000
_SPENT_BY_MANY: Final = """
SELECT p.customer_id, w.months, sum(p.paid_minor)::bigint
FROM unnest(%s::int[], %s::date[]) AS w(months, since)
JOIN purchases_purchase p ON p.customer_id = ANY(%s) AND p.business_day > w.since
GROUP BY p.customer_id, w.months"""


@cache
def currency_exponent(currency: str) -> int:
    """Return how many decimal places the currency's minor unit has."""
    return int(numbers.get_currency_precision(currency))


def windows(vertical: Vertical) -> tuple[int, ...]:
    """Return the lengths, in months, over which some tier looks at spending."""
    return tuple(sorted({tier.months for tier in vertical.tiers if not tier.retired}))


@lru_cache(maxsize=1_000)
def since(day: date, months: int) -> date:
    """Return the last day that lies before a window of so many months that ends with `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (first_of_next - date.resolution).day
    return date(year, month + 1, min(day.day, last))


def reached(
    tiers: Sequence[Tier], spent: Mapping[int, int], *, currency_exponent: int
) -> Tier | None:
    """Return the highest tier reached; `spent` is in minor units by window in months."""
    by_window = {months: major(minor, currency_exponent) for months, minor in spent.items()}
    won = [
        tier
        for tier in tiers
        if not tier.retired and tier.threshold <= by_window.get(tier.months, 0)
    ]
    return max(won, key=lambda tier: tier.threshold, default=None)


def of_many(customer_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, Tier]:
    """Return each customer's tier in one statement; those below the first tier are left out."""
    vertical = registry.vertical()
    chain = context.current()
    lengths = windows(vertical)
    if not lengths:
        return {}
    ids = list(customer_ids)
    day = now.astimezone(chain.zone).date()
    starts = [since(day, months) for months in lengths]
    spent: dict[UUID, dict[int, int]] = {customer_id: {} for customer_id in ids}
    for customer_id, months, paid in statements.every(_SPENT_BY_MANY, (list(lengths), starts, ids)):
        spent[customer_id][months] = paid
    exponent = currency_exponent(chain.currency)
    found = {
        customer_id: reached(vertical.tiers, sums, currency_exponent=exponent)
        for customer_id, sums in spent.items()
    }
    return {customer_id: tier for customer_id, tier in found.items() if tier is not None}


def of(customer_id: UUID, *, now: datetime) -> Tier | None:
    """Return a customer's tier."""
    return of_many([customer_id], now=now).get(customer_id)
