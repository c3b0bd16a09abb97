"""What happens by the clock."""

import logging
from collections.abc import Sequence
from datetime import datetime

from regulars.complaints import pictures
from regulars.complaints.services import escalating
from regulars.outbox import handler, schedule

_LOG = logging.getLogger(__name__)


@schedule.every("complaints.look-at-clocks", minutes=5)
def look_at_clocks(*, now: datetime) -> None:
    """Draw in managers where an owner is silent past a clock."""
    drawn = escalating.sweep(now=now)
    if drawn:
        _LOG.info("%d complaints were passed upwards", drawn)


@handler(pictures.DROP)
def drop_pictures(*, names: Sequence[str], now: datetime) -> None:
    """Remove the files of erased complaints. Idempotent."""
    pictures.remove(names)
