"""What happens by the clock."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from regulars.billing import resting
from regulars.complaints import orphans, pictures
from regulars.complaints.services import escalating
from regulars.outbox import handler, schedule

_LEASE: Final = timedelta(hours=1)
_LOG = logging.getLogger(__name__)


@schedule.every("complaints.look-at-clocks", minutes=5)
@resting.unless_paused
def look_at_clocks(*, now: datetime) -> None:
    """Draw in managers where an owner is silent past a clock."""
    drawn = escalating.sweep(now=now)
    if drawn:
        _LOG.info("%d complaints were passed upwards", drawn)


@schedule.nightly("complaints.sweep-pictures", lease=_LEASE)
def sweep_pictures(*, now: datetime) -> None:
    """Remove pictures that no complaint shows."""
    removed = orphans.sweep(now=now)
    if removed:
        _LOG.info("%d pictures that no complaint shows were removed", removed)


@handler(pictures.DROP)
def drop_pictures(*, names: Sequence[str], now: datetime) -> None:
    """Remove the files of erased complaints. Idempotent."""
    pictures.remove(names)
