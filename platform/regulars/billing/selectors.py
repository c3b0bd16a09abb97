"""Reading how a chain stands with its payments."""

from dataclasses import dataclass
from datetime import date

from regulars.billing import entitlements, plans
from regulars.billing.models import Reported, Subscription
from regulars.tenancy.context import ChainInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Overage:
    """Messages of a calendar month beyond the allowance; `costs_minor` is what is to be paid.

    `is_yearly` says that the bill comes with the year's end. What is `forgiven` costs nothing.
    """

    month: date
    sent: int
    allowance: int
    forgiven: int
    told: int
    each_minor: int
    costs_minor: int
    currency: str
    is_yearly: bool


def overage(chain: ChainInfo, *, month: date) -> Overage | None:
    """Return what a month's messages cost beyond the plan, as counted last night; None if nothing.

    `month` is its first day in the chain's time zone.
    """
    row = Reported.objects.filter(chain_id=chain.id, month=month).first()
    subscription = Subscription.objects.filter(chain_id=chain.id).first()
    if row is None or subscription is None or not (row.told or row.asking):
        return None
    each = plans.of(subscription.plan).message.get(subscription.currency, 0)
    return Overage(
        month=month,
        sent=row.sent,
        allowance=row.allowance,
        forgiven=row.forgiven,
        told=row.told,
        each_minor=each,
        costs_minor=each * (row.told + row.asking),
        currency=subscription.currency,
        is_yearly=subscription.interval == Subscription.Interval.YEAR,
    )


def is_over(chain: ChainInfo) -> bool:
    """Say whether a chain's people may only look, or less: what is written to it waits in vain.

    Asks nobody; what was told of its payments last stands beside the chain, and a demo is open.
    """
    return not entitlements.of(chain).may_change
