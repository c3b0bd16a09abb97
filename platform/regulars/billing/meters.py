"""Stripe's meter of messages beyond the allowance: whether it is there, and what it counted."""

from datetime import datetime
from typing import Final

from regulars.billing import gateway

EVENT: Final = "regulars_messages"
"""The name under which messages are told to the meter."""
_MINUTE: Final = 60


def find() -> str | None:
    """Return the id of our meter, None before `regulars billing sync`. Raises Away or Refused."""
    with gateway.mapped():
        meters = gateway.client().billing.meters.list({"status": "active", "limit": 100})
        return next((m.id for m in meters.auto_paging_iter() if m.event_name == EVENT), None)


def counted(*, customer: str, stamp: datetime) -> int:
    """Return how many messages of a customer Stripe counted in the minute of a stamp.

    What was told a moment ago may not be in it yet. Raises Away or Refused.
    """
    meter = find()
    if meter is None:
        return 0
    start = int(stamp.timestamp()) // _MINUTE * _MINUTE
    asked = {"customer": customer, "start_time": start, "end_time": start + _MINUTE}
    with gateway.mapped():
        found = gateway.client().billing.meters.event_summaries.list(meter, asked)
        return int(sum(each.aggregated_value for each in found.auto_paging_iter()))
