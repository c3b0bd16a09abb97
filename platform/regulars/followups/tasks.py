"""What happens every night."""

import logging
from datetime import datetime
from typing import Final

from regulars.followups.models import Occasion
from regulars.followups.occasions import keeping
from regulars.outbox import schedule
from regulars.tenancy import context

_LOG = logging.getLogger(__name__)
_WEEKLY: Final = 6  # in the night to Sunday


@schedule.nightly("followups.refresh-occasions")
def refresh_occasions(*, now: datetime) -> None:
    """Move the occasions of dates and things on; once a week look at those of everybody."""
    everybody = now.astimezone(context.current().zone).weekday() == _WEEKLY
    if everybody or not Occasion.objects.exists():  # such as after an upgrade
        changed = keeping.refresh_all(now=now, states=True)
    else:
        changed = keeping.advance(now=now)
    _LOG.info("%d occasions changed overnight", changed)
