"""When an answer is due: time that runs while the store is open, or every minute of the day (Q5).

`runs` says when a clock runs: the store's opening times (`while_open`), or `None` where health is
in danger and every minute counts. Instants are aware; what is answered is in UTC.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from regulars.stores import hours
from regulars.stores.models import Store

type Span = tuple[datetime, datetime]
type Runs = Callable[[datetime], Iterator[Span]] | None

_NOTHING: Final = timedelta()
_DAY: Final = timedelta(days=1)
_SHUT: Final = 14  # days without opening after which the hours of an office hold
_LONGEST: Final = 800  # days that opening times are followed
_ENDLESS: Final = timedelta(days=36_500)
_OFFICE: Final = (time(9), time(18))
_SATURDAY: Final = 5


def due(start: datetime, allowed: timedelta, runs: Runs) -> datetime:
    """Return the first instant at which `allowed` has run since `start`."""
    if runs is None:
        return start.astimezone(UTC) + allowed
    begin, left = start.astimezone(UTC), allowed
    for opens, closes in runs(begin):
        opens = max(opens, begin)
        if closes - opens >= left:
            return opens + left
        left -= max(closes - opens, _NOTHING)
    raise AssertionError("a clock that runs ends")  # `while_open` is endless


def ran(start: datetime, end: datetime, runs: Runs) -> timedelta:
    """Return how long the clock ran between two instants; nothing if the end is not after."""
    begin, until = start.astimezone(UTC), end.astimezone(UTC)
    if until <= begin:
        return _NOTHING
    if runs is None:
        return until - begin
    total = _NOTHING
    for opens, closes in runs(begin):
        if opens >= until:
            break
        total += max(min(closes, until) - max(opens, begin), _NOTHING)
    return total


def resumed(due_at: datetime, paused_at: datetime, now: datetime, runs: Runs) -> datetime:
    """Return when it is due after a pause: as much time is left as when the pause began.

    What was late when it was paused stays late by as much.
    """
    left = ran(paused_at, due_at, runs)
    return due(now, left, runs) if left else due_at.astimezone(UTC)


def while_open(store: Store) -> Callable[[datetime], Iterator[Span]]:
    """Return when a store is open, from the opening time that an instant lies in or before.

    See `openings`. A store that opens for an hour a week would never get through what is allowed
    in days: after two years every minute counts, so that a clock ends all the same.
    """

    def runs(since: datetime) -> Iterator[Span]:
        end = since
        for span in openings(store, since):
            end = span[1]
            yield span
        end = max(end, since + _DAY * _LONGEST)
        yield end, end + _ENDLESS

    return runs


def openings(store: Store, since: datetime) -> Iterator[Span]:
    """Yield when a store is open within `_LONGEST` days of an instant.

    Times of opening that touch or overlap are one. Where a store has not opened for two weeks, or
    was closed for good, the hours of an office hold until it does.
    """
    first = hours.business_day(store, since) - _DAY  # its night may last till now
    return (span for span in _joined(_opening(store, first)) if span[1] > since)


def _opening(store: Store, first: date) -> Iterator[Span]:
    shut = 0
    for n in range(-_SHUT, _LONGEST):
        day = first + _DAY * n
        spans = hours.spans(store, day)
        shut = 0 if spans else shut + 1
        if n >= 0:
            is_gone = store.closed_on is not None and day >= store.closed_on
            yield from _office(store, day) if is_gone or shut > _SHUT else spans


def _office(store: Store, day: date) -> Iterator[Span]:
    if day.weekday() < _SATURDAY:
        zone = ZoneInfo(store.time_zone)
        opens, closes = (datetime.combine(day, clock, tzinfo=zone) for clock in _OFFICE)
        yield opens, closes


def _joined(spans: Iterator[Span]) -> Iterator[Span]:
    """Yield spans in UTC, those that touch or overlap as one.

    Aware times of one zone are subtracted by the wall in Python; where the clock is moved that is
    an hour off.
    """
    current: Span | None = None
    for opens, closes in spans:
        opens, closes = opens.astimezone(UTC), closes.astimezone(UTC)
        if current is not None and opens <= current[1]:
            current = (current[0], max(current[1], closes))
            continue
        if current is not None:
            yield current
        current = (opens, closes)
    if current is not None:
        yield current
