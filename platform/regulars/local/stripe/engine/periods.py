"""Billing periods: counted from an anchor, so that the 31st comes back after a short month."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final

_DAYS: Final = {"day": 1, "week": 7}
_MONTHS: Final = {"month": 1, "year": 12}


def after(moment: int, interval: str, count: int) -> int:
    """Give the second that lies ``count`` intervals after a moment (before it, if negative).

    A day that a month does not have becomes its last one.
    """
    start = datetime.fromtimestamp(moment, UTC)
    if interval in _DAYS:
        return int((start + timedelta(days=_DAYS[interval] * count)).timestamp())
    months = start.year * 12 + start.month - 1 + _MONTHS[interval] * count
    year, month = divmod(months, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def around(anchor: int, interval: str, count: int, moment: int) -> tuple[int, int]:
    """Give start and end of the period that holds a moment; its start belongs to it."""
    length = after(anchor, interval, count) - anchor
    n = (moment - anchor) // length
    while after(anchor, interval, count * n) > moment:
        n -= 1
    while after(anchor, interval, count * (n + 1)) <= moment:
        n += 1
    return after(anchor, interval, count * n), after(anchor, interval, count * (n + 1))
