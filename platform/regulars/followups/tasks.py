"""What happens every night, and every few minutes."""

import logging
from datetime import datetime, timedelta
from typing import Final

from regulars.billing import resting
from regulars.followups.models import Occasion
from regulars.followups.occasions import keeping
from regulars.followups.plans import sweeping
from regulars.outbox import schedule
from regulars.tenancy import context

_LOG = logging.getLogger(__name__)
_WEEKLY: Final = 6  # in the night to Sunday
_SWEEP: Final = "followups.sweep-plans"
_NIGHT: Final = "followups.plans-of-the-day"
_LEASE: Final = timedelta(hours=1)  # longer than a night is worked; both go on where they ended
_OVERLAP: Final = timedelta(minutes=30)  # longer than the longest sale is being written


@schedule.nightly("followups.refresh-occasions")
def refresh_occasions(*, now: datetime) -> None:
    """Move the occasions of dates and things on; once a week look at those of everybody."""
    everybody = now.astimezone(context.current().zone).weekday() == _WEEKLY
    if everybody or not Occasion.objects.exists():  # such as after an upgrade
        changed = keeping.refresh_all(now=now, states=True)
    else:
        changed = keeping.advance(now=now)
    _LOG.info("%d occasions changed overnight", changed)


@schedule.every(_SWEEP, minutes=10, lease=_LEASE)
@resting.unless_paused
def sweep_plans(*, now: datetime) -> None:
    """Start and stop follow-up plans by what was recorded since the last time."""
    reach = sweeping.REACH
    last = schedule.last(_SWEEP, zone=context.current().zone, now=now, within=reach)
    since = max(now - reach, last - _OVERLAP) if last else now - reach
    begun = sweeping.sweep(now=now, since=since)
    _LOG.info("Plans began with %d customers", begun)


@schedule.nightly(_NIGHT, lease=_LEASE)
@resting.unless_paused
def plans_of_the_day(*, now: datetime) -> None:
    """Write down what the coming days ask for, and look at what nobody did."""
    zone = context.current().zone
    last = schedule.last(_NIGHT, zone=zone, now=now, within=sweeping.REACH)
    missed = (now.astimezone(zone).date() - last.astimezone(zone).date()).days if last else 1
    nights = min(max(missed, 1), sweeping.REACH.days)
    begun = sweeping.night(now=now, nights=nights)
    _LOG.info("Plans began with %d customers overnight", begun)
