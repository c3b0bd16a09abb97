"""When a day that matters comes round again, by the sun and by the moon (P8).

A birthday of the moon that falls in a leap month is kept in that leap month where the year has
one, else in the ordinary month of the same number; the 30th of a month that has 29 days, on the
29th. People born on 29 February celebrate on 28 February in other years, or on 1 March where the
chain says so.
"""

from calendar import isleap, monthrange
from datetime import date
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from tyme4py.lunar import LunarYear

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2099
type LeapDay = Literal["02-28", "03-01"]


# The new moon of 28 September 2057 falls within seconds of midnight in Beijing. Our library puts it
# after midnight; newer ephemerides, the footnote of the Hong Kong Observatory's tables and a second
# library put it before, so the ninth month begins a day earlier: year → (month, leap).
_A_DAY_EARLIER: Final = {2057: (9, False)}


class _Month(NamedTuple):
    """A month of the moon: the ordinal of its first day, and its length."""

    first: int
    length: int


def is_day(*, month: int, day: int, year: int | None = None, lunar: bool = False) -> bool:
    """Say whether there is such a day: in that year, or without one in any year."""
    if not 1 <= month <= 12 or day < 1:
        return False
    if lunar:
        return day <= 30
    return day <= monthrange(2024 if year is None else year, month)[1]


def next_on(
    *,
    month: int,
    day: int,
    lunar: bool = False,
    leap_month: bool = False,
    on_or_after: date,
    leap_day: LeapDay = "02-28",
) -> date | None:
    """Return the first occasion on or after a day; None beyond LAST_YEAR."""
    if lunar:
        years = range(on_or_after.year - 1, on_or_after.year + 2)
        found = [_lunar_occasion(year, month, day, leap_month) for year in years]
    else:
        years = range(on_or_after.year, on_or_after.year + 2)
        found = [_solar_occasion(year, month, day, leap_day) for year in years]
    return next((each for each in found if each is not None and each >= on_or_after), None)


def to_solar(*, year: int, month: int, day: int, leap_month: bool = False) -> date | None:
    """Return the day of the sun for a day of the moon in that very year of the moon."""
    return _lunar_occasion(year, month, day, leap_month)


def _solar_occasion(year: int, month: int, day: int, leap_day: LeapDay) -> date | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if (month, day) == (2, 29) and not isleap(year):
        return date.fromisoformat(f"{year}-{leap_day}")
    return date(year, month, day)


def _lunar_occasion(year: int, month: int, day: int, leap_month: bool) -> date | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    months = _lunar_year(year)
    found = months.get((month, leap_month)) or months[month, False]
    return date.fromordinal(found.first + min(day, found.length) - 1)


@lru_cache(maxsize=256)
def _lunar_year(year: int) -> dict[tuple[int, bool], _Month]:
    """Prepare a year's months once in the life of a process: computing them takes 11 ms."""
    months = {}
    for month in LunarYear.from_year(year).get_months():
        first = month.get_first_julian_day().get_solar_day()
        start = date(first.get_year(), first.get_month(), first.get_day())
        key = (month.get_month(), month.is_leap())
        months[key] = _Month(start.toordinal(), month.get_day_count())
    if year in _A_DAY_EARLIER:
        late = months[_A_DAY_EARLIER[year]]
        before = next(key for key, month in months.items() if sum(month) == late.first)
        months[before] = _Month(months[before].first, months[before].length - 1)
        months[_A_DAY_EARLIER[year]] = _Month(late.first - 1, late.length + 1)
    return months
