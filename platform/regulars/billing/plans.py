"""The plans on offer, in the one place where they are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TRIAL_DAYS: Final = 30


@dataclass(frozen=True, kw_only=True)
class Times:
    """What happens when nothing is paid any more, counted from that moment.

    `late` is how long everything works and the owner is reminded every day; then people only look,
    for `read_only` with everything that goes by itself; after `closes` the workspace is closed.
    """

    late: timedelta = timedelta(days=7)
    read_only: timedelta = timedelta(days=14)
    closes: timedelta = timedelta(days=60)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a chain may have, and what it costs per store.

    Prices are minor units for one store: `monthly["CNY"]` per month, `yearly["CNY"]` per year.
    `message["CNY"]` is one message beyond the allowance. An allowance of None is unlimited.
    """

    key: str
    name: str | Promise
    says: str | Promise
    stores: int | None
    members: int | None
    messages: int | None  # a month
    monthly: Mapping[str, int]
    yearly: Mapping[str, int]
    message: Mapping[str, int]
    times: Times = field(default_factory=Times)


PLANS: Final[Mapping[str, Plan]] = MappingProxyType(
    {
        plan.key: plan
        for plan in (
            Plan(
                key="start",
                name=_("Start"),
                says=_("For a first handful of stores."),
                stores=5,
                members=20_000,
                messages=2_000,
                monthly={"CNY": 19_900, "USD": 2_900, "EUR": 2_700},
                yearly={"CNY": 199_000, "USD": 29_000, "EUR": 27_000},
                message={"CNY": 9, "USD": 2, "EUR": 2},
            ),
            Plan(
                key="chain",
                name=_("Chain"),
                says=_("For a chain with regions and a head office."),
                stores=100,
                members=1_000_000,
                messages=50_000,
                monthly={"CNY": 29_900, "USD": 4_500, "EUR": 4_200},
                yearly={"CNY": 299_000, "USD": 45_000, "EUR": 42_000},
                message={"CNY": 8, "USD": 2, "EUR": 2},
            ),
            Plan(
                key="group",
                name=_("Group"),
                says=_("For hundreds of stores and millions of members."),
                stores=None,
                members=None,
                messages=500_000,
                monthly={"CNY": 39_900, "USD": 5_900, "EUR": 5_500},
                yearly={"CNY": 399_000, "USD": 59_000, "EUR": 55_000},
                message={"CNY": 7, "USD": 1, "EUR": 1},
            ),
        )
    }
)
DEFAULT: Final = "chain"
CURRENCIES: Final = ("CNY", "USD", "EUR")


def of(key: str) -> Plan:
    """Return a plan; one that is no longer offered has the default's limits and times."""
    return PLANS.get(key) or PLANS[DEFAULT]


def currencies_of(own: str, paid_in: str = "") -> tuple[str, ...]:
    """Return what a chain may choose to pay in: the only one there is, unless its own has no price.

    What it paid in before (`paid_in`) stays, whatever that is; else its own currency.
    """
    if paid_in:
        return (paid_in,)
    return (own,) if own in CURRENCIES else CURRENCIES


def lookup_key(plan: str, interval: str, currency: str) -> str:
    """Return the name under which a plan's price is found at Stripe."""
    return f"regulars:{plan}:{interval}:{currency}"


def messages_key(plan: str, interval: str, currency: str) -> str:
    """Return the name of the price of messages beyond the allowance.

    Everything on one subscription is billed with one period, so a yearly plan has its own.
    """
    return lookup_key(plan, "messages-yearly" if interval == "year" else "messages", currency)
