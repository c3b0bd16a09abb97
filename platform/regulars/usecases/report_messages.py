"""Telling billing every night what a chain sent, so that what is beyond its plan is billed (S3).

How that is counted and billed stands in `billing.metering`.
"""

from datetime import datetime, timedelta
from typing import Final

from regulars.billing import metering
from regulars.messages.selectors import sent
from regulars.outbox import schedule
from regulars.tenancy import context

_LOOKED_BACK: Final = timedelta(days=3)
"""How long after its end a month is counted again: providers take time to say what arrived."""


@schedule.nightly("billing.messages", lease=timedelta(minutes=10))
def report(*, now: datetime) -> None:
    """Count this month's messages, and last month's while it is fresh, and tell billing."""
    chain = context.current()
    if chain.is_demo:
        return
    months = {sent.month(now - _LOOKED_BACK), sent.month(now)}
    for since, until in sorted(months):
        month = since.astimezone(chain.zone).date()
        metering.tell(chain=chain, month=month, sent=sent.count(since=since, until=until), now=now)
