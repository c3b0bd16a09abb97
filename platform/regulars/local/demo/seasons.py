"""How busy each day is: weekday, festivals by the sun and the moon, slow growth."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from regulars.customers import calendar
from regulars.local.demo.content import Habits, Season

_GROWTH: Final = 0.35  # how much busier the last day is than the first


class Year:
    """The days of the story, each with its weight, the first one first."""

    def __init__(self, days: Sequence[date], weights: Sequence[float]) -> None:
        """Know the days and how busy each is."""
        self.days = days
        self.weights = weights
        self._sums = list(accumulate(weights))

    def at(self, quantile: float) -> int:
        """Return the index of the day before which this part of all visits lies."""
        return min(bisect_left(self._sums, quantile * self._sums[-1]), len(self.days) - 1)


def year(habits: Habits, *, first: date, last: date) -> Year:
    """Weigh the days from first to last."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weights = [
        habits.weekdays[day.weekday()] * (1 + _GROWTH * at / len(days))
        for at, day in enumerate(days)
    ]
    for season in habits.seasons:
        for day in _around(season, first, last):
            weights[(day - first).days] *= season.times
    return Year(days, weights)


def days_of(habits: Habits, name: str, *, first: date, last: date) -> set[date]:
    """Return the days of a season by its name."""
    found = [_around(season, first, last) for season in habits.seasons if season.name == name]
    return set[date]().union(*found)


def _around(season: Season, first: date, last: date) -> set[date]:
    """Return the days of a season that lie in the story."""
    found: set[date] = set()
    for number in range(first.year - 1, last.year + 2):
        middle = _date(season, number)
        if middle is not None:
            near = range(-season.before, season.after + 1)
            found |= {middle + timedelta(days=offset) for offset in near}
    return {day for day in found if first <= day <= last}


def _date(season: Season, number: int) -> date | None:
    if season.lunar:
        month, day = season.lunar
        return calendar.to_solar(year=number, month=month, day=day)
    assert season.solar  # noqa: S101  (a season has one of the two)
    return date(number, *season.solar)
