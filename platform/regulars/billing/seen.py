"""What was read from Stripe or told by it, in our own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A subscription as it was read; `unit_minor` is what one store costs an interval.

    `item` is that of the stores; `messages_item` bills messages beyond the allowance by
    `messages_price`, both "" without one.
    `cancels_with_period` tells a cancellation that moves with the period's end from one at a moment
    that stays, which is what Stripe's portal and we set. `planned` is what the schedule begins at
    the period's end, as it is planned again.
    """

    id: str
    status: str
    plan: str
    interval: str
    currency: str
    item: str
    quantity: int
    unit_minor: int
    period_starts_at: datetime
    period_ends_at: datetime
    cancels_at: datetime | None = None
    cancels_with_period: bool = False
    ended_at: datetime | None = None
    messages_item: str = ""
    messages_price: str = ""
    schedule: str = ""
    next_plan: str = ""
    next_interval: str = ""
    planned: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything we keep of a customer: the subscription that counts, and what is not paid.

    `live` is how many subscriptions run; more than one is a fault for an operator. `is_gone` says
    that the customer was deleted at Stripe.
    """

    subscription: Seen | None = None
    unpaid_since: datetime | None = None
    live: int = 0
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event whose signature was checked."""

    id: str
    kind: str
    customer: str
    chain: str
    happened_at: datetime
    payload: dict[str, Any]
