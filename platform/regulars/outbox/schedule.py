"""Work that recurs in every chain: by the clock of the chain, or every so many minutes.

Functions are registered at start and called inside each active chain with `now`. They run as
outbox work, so a night missed by a stopped worker is made up for when it is back.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from regulars.outbox import handlers, services
from regulars.outbox.handlers import Work
from regulars.outbox.models import Job

NIGHT_HOUR: Final = 3  # of the chain's head office
_nightly: list[str] = []
_regular: dict[str, int] = {}


def nightly(name: str, *, lease: timedelta | None = None) -> Callable[[Work], Work]:
    """Do this once a night in every chain, at three in the morning of its time zone.

    With a `lease` it makes its own transactions; see `handlers.Handler`.
    """

    def register(work: Work) -> Work:
        handlers.handler(name, lease=lease)(work)
        if name not in _nightly:
            _nightly.append(name)
        return work

    return register


def every(name: str, *, minutes: int, lease: timedelta | None = None) -> Callable[[Work], Work]:
    """Do this every so many minutes in every chain; cheap when there is nothing to do.

    With a `lease` it makes its own transactions; see `handlers.Handler`.
    """

    def register(work: Work) -> Work:
        handlers.handler(name, lease=lease)(work)
        _regular[name] = minutes
        return work

    return register


def due(*, zone: ZoneInfo, now: datetime) -> list[tuple[str, str]]:
    """Return (name, key) of what a chain in this zone should do now; the key names the slot."""
    local = now.astimezone(zone)
    work = []
    if local.hour >= NIGHT_HOUR:
        work = [(name, f"{name}:{local.date()}") for name in _nightly]
    minute = int(now.timestamp() // 60)
    return work + [(name, f"{name}:{minute // step}") for name, step in _regular.items()]


@transaction.atomic
def write_down(*, zone: ZoneInfo, now: datetime) -> None:
    """Enqueue what is due in the current chain; what is there already stays as it is."""
    for name, key in due(zone=zone, now=now):
        services.enqueue(handler=name, key=key)


def last(name: str, *, zone: ZoneInfo, now: datetime, within: timedelta) -> datetime | None:
    """Return when the latest finished run of recurring work was written down in the current chain.

    For work that takes in what is new since: whatever was committed before that moment is done.
    None if it is longer ago than `within`, or never. One statement.
    """
    if name in _regular:
        step = _regular[name]
        newest = int(now.timestamp() // 60) // step
        slots = range(newest, newest - int(within.total_seconds() // 60) // step - 1, -1)
        keys = [f"{name}:{slot}" for slot in slots]
    else:
        today = now.astimezone(zone).date()
        keys = [f"{name}:{today - timedelta(days=back)}" for back in range(within.days + 1)]
    done = Job.objects.filter(key__in=keys, done_at__isnull=False)
    found: datetime | None = done.aggregate(at=Max("created_at"))["at"]
    return found
