"""What may start plans: something that happened, or a day that comes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from regulars.followups.plans.declared import Running


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Something that may start plans with a customer.

    `key` names it for ever; `on` is the day the steps count from, `since` the moment after which
    something can stop them, `recorded_at` when we learned of it (None: a day known ahead).
    `purchase_id` is whose lines conditions speak of; `store_id` is where it happened.
    """

    trigger: str
    customer_id: UUID
    key: str
    on: date
    since: datetime
    source: UUID | None = None
    store_id: UUID | None = None
    recorded_at: datetime | None = None
    purchase_id: UUID | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


type Pair = tuple[Start, Running]
