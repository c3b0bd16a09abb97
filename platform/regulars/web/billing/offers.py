"""The plans side by side as one chain sees them."""

from dataclasses import dataclass
from datetime import datetime

from regulars.billing import entitlements, gateway, plans, services
from regulars.billing.entitlements import Usage
from regulars.billing.models import Subscription
from regulars.billing.standing import OWING
from regulars.tenancy.context import ChainInfo
from regulars.web.billing import saying


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A plan as this chain may have it: minor units for one store and for all of its own.

    `way` is what its button does: "subscribe", "now" (changed at once), "later" (at the end of the
    period), "current", "next" (it waits already), or "" while nothing can be chosen.
    """

    plan: plans.Plan
    interval: str
    unit_minor: int
    total_minor: int
    saved_minor: int
    way: str
    lacks: tuple[str, ...]
    is_recommended: bool


def currency_of(chain: ChainInfo, row: Subscription, wish: str = "") -> str:
    """Return what a chain pays in: what it paid in before, else its own, else what it wishes."""
    possible = plans.currencies_of(chain.currency, row.currency)
    if len(possible) == 1:
        return possible[0]
    return wish if wish in possible else "USD"


def all_of(row: Subscription, usage: Usage, *, interval: str, currency: str) -> list[Offer]:
    """Return the plans in their order; none in a currency in which they have no price."""
    if currency not in plans.CURRENCIES:
        return []
    fitting = [key for key in plans.PLANS if not entitlements.what_no_longer_fits(key, usage)]
    best = fitting[0] if fitting else list(plans.PLANS)[-1]
    return [
        _offer(plan, row, usage, interval=interval, currency=currency, best=best)
        for plan in plans.PLANS.values()
    ]


def _offer(
    plan: plans.Plan,
    row: Subscription,
    usage: Usage,
    *,
    interval: str,
    currency: str,
    best: str,
) -> Offer:
    unit = price(plan, interval, currency)
    number = max(1, usage.stores)
    possible = way(row, plan=plan.key, interval=interval)
    saved = 12 * plan.monthly[currency] - plan.yearly[currency] if interval == "year" else 0
    return Offer(
        plan=plan,
        interval=interval,
        unit_minor=unit,
        total_minor=unit * number,
        saved_minor=max(0, saved) * number,
        way=possible,
        lacks=lacks(plan.key, usage),
        is_recommended=plan.key == best and possible not in {"", "next"},
    )


def lacks(plan: str, usage: Usage) -> tuple[str, ...]:
    """Say what of a chain's is more than a plan allows."""
    return tuple(saying.allowance(share) for share in entitlements.what_no_longer_fits(plan, usage))


def price(plan: plans.Plan, interval: str, currency: str) -> int:
    """Return what one store costs an interval, in minor units."""
    return (plan.yearly if interval == "year" else plan.monthly)[currency]


def way(row: Subscription, *, plan: str, interval: str) -> str:
    """Return what can be done about a plan now: one of the words of `Offer.way`."""
    if row.status not in gateway.LIVE:
        return "subscribe"
    if (plan, interval) == (row.plan, row.interval):
        return "current"
    if (plan, interval) == (row.next_plan, row.next_interval):
        return "next"
    if row.currency not in plans.CURRENCIES:
        return ""
    if row.status in OWING or row.cancels_at is not None or row.next_plan:
        return ""
    return "now" if services.is_at_once(row, plan=plan, interval=interval) else "later"


def held(row: Subscription) -> tuple[int, datetime] | None:
    """Return what the end of the period brings by what we hold, without Stripe: minor units, when.

    Discounts, credits and what was used beyond the allowance are not in it.
    """
    if row.status not in gateway.LIVE or row.cancels_at is not None or not row.period_ends_at:
        return None
    plan, interval = row.next_plan or row.plan, row.next_interval or row.interval
    if plan not in plans.PLANS or row.currency not in plans.CURRENCIES:
        return None
    return price(plans.of(plan), interval, row.currency) * row.quantity, row.period_ends_at
