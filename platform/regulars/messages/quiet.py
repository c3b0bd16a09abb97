"""Hours in which nobody is contacted, by the clock on the customer's wall."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one time of the day until another, over midnight if it is the earlier; `until` is free.

    Equal times: no quiet hours at all.
    """

    start: time
    until: time

    def holds(self, at: datetime, zone: ZoneInfo) -> bool:
        """Say whether it is quiet at an instant in a zone."""
        clock = at.astimezone(zone).time()
        if self.start <= self.until:
            return self.start <= clock < self.until
        return clock >= self.start or clock < self.until

    def end(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return the first instant from `at` on that is not quiet, as the clocks change too."""
        if not self.holds(at, zone):
            return at
        local = at.astimezone(zone)
        times = [
            moment
            for days in (0, 1, 2)
            for moment in _moments(local + timedelta(days=days), self.until, zone)
            if moment > at and not self.holds(moment, zone)
        ]
        # Clocks that are set forward over `until` or back behind it end or begin the quiet, too.
        return _first_free(self, at, min(times), zone)


def zone_of(names: Iterable[str | None], *, default: ZoneInfo) -> ZoneInfo:
    """Return the first zone that there is by one of these names."""
    for name in names:
        if name:
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                continue
    return default


def _moments(day: datetime, clock: time, zone: ZoneInfo) -> list[datetime]:
    """Return the instants at which the clock shows a time on a day; one if it is left out."""
    shown = datetime.combine(day.date(), clock, tzinfo=zone)
    return sorted({shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1)})


def _first_free(quiet: Quiet, at: datetime, free: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant that is not quiet, of those from `at` until one known to be so.

    Between two instants without a change of the clocks it is quiet or not by the wall alone: so
    only a change can lie between, and it is found by halving.
    """
    start = at.astimezone(UTC)
    change = _change(start, free, zone)
    if change is None or quiet.holds(change, zone):
        return free
    return change


def _change(start: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the instant within (start, end] at which the zone's offset changes, if it does."""
    before = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == before:
        return None
    while end - start > timedelta(microseconds=1):
        middle = start + (end - start) / 2
        if middle.astimezone(zone).utcoffset() == before:
            start = middle
        else:
            end = middle
    return end
