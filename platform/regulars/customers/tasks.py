"""What happens to customers every night."""

import logging
from datetime import datetime

from regulars.customers import services
from regulars.outbox import schedule

_LOG = logging.getLogger(__name__)


@schedule.nightly("customers.advance-occasions")
def advance_occasions(*, now: datetime) -> None:
    """Move the next occasion of days that went by."""
    _LOG.info("The next occasion of %d days moved on", services.advance_occasions(now=now))
