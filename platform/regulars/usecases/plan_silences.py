"""Plans that begin when a customer has gone quiet (V5)."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from regulars.billing import resting
from regulars.followups.plans import declared, sweeping
from regulars.followups.plans.news import Start
from regulars.insights.selectors import quiet
from regulars.insights.selectors.quiet import Silent
from regulars.outbox import schedule
from regulars.tenancy import context

TRIGGER: Final = "customer.silent"
_AT_ONCE: Final = 2_000
_LEASE: Final = timedelta(hours=1)  # each portion of it is a transaction of its own


@schedule.every("followups.plan-silences", minutes=60, lease=_LEASE)
@resting.unless_paused
def start(*, now: datetime) -> None:
    """Start plans for the silences noticed today or in the nights before; each of them once.

    The night that notices and the hour that starts need not know of each other.
    """
    if TRIGGER not in declared.running():
        return
    today = now.astimezone(context.current().zone).date()
    for back in range(sweeping.REACH.days):
        sweeping.take(_noticed(today - timedelta(days=back)), now=now)


def _noticed(day: date) -> Iterator[Start]:
    zone = context.current().zone
    noticed_at = datetime.combine(day, time(), tzinfo=zone)
    after: UUID | None = None
    while True:
        found = quiet.newly_silent(day=day, after=after, limit=_AT_ONCE)
        for each in found:
            yield _start(each, day, noticed_at)
        if len(found) < _AT_ONCE:
            return
        after = found[-1].customer_id


def _start(each: Silent, day: date, noticed_at: datetime) -> Start:
    # Whoever came after the visit that was the last, however late we heard of it, is not quiet.
    ended_at = datetime.combine(
        each.last_day + timedelta(days=1), time(), tzinfo=context.current().zone
    )
    return Start(
        trigger=TRIGGER,
        customer_id=each.customer_id,
        key=each.key,
        on=day,
        since=ended_at,
        recorded_at=noticed_at + timedelta(days=1),
        facts={
            "last_day": each.last_day.isoformat(),
            "usual_days": each.usual_days,
            "missed_minor": each.missed_minor,
        },
    )
