"""Every day of the moon from 1901 to 2099, held against a second calendar."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sxtwl

from regulars.customers import calendar
from tests import counts

FIRST, LAST = date(1901, 2, 19), date(2099, 12, 31)  # lunar new year of 1901
YEARS = range(1901, 2099)


def months(year: int) -> Iterator[tuple[int, bool, int]]:
    """Yield (month, leap, days) of a year of the moon, as the second calendar has them."""
    leap = sxtwl.getRunMonth(year)
    for month in range(1, 13):
        yield month, False, sxtwl.getLunarMonthNum(year, month, False)
        if month == leap:
            yield month, True, sxtwl.getLunarMonthNum(year, month, True)


def theirs(year: int, month: int, day: int, leap: bool) -> date:
    """Return the day of the sun by the second calendar."""
    found = sxtwl.fromLunar(year, month, day, leap)
    return date(found.getSolarYear(), found.getSolarMonth(), found.getSolarDay())


def test_every_month_begins_ends_and_leaps_as_in_a_second_calendar() -> None:
    for year in YEARS:
        for month, leap, length in months(year):
            facts: dict[str, Any] = {"year": year, "month": month, "leap_month": leap}
            first = calendar.to_solar(**facts, day=1)
            assert first == theirs(year, month, 1, leap), facts
            assert first is not None
            last = first + timedelta(days=length - 1)
            assert calendar.to_solar(**facts, day=length) == last, facts
            assert calendar.to_solar(**facts, day=30) == last, facts  # the 30th of a short month


def test_a_leap_month_that_a_year_lacks_is_the_ordinary_one() -> None:
    for year in YEARS:
        leap = sxtwl.getRunMonth(year)
        for month in set(range(1, 13)) - {leap}:
            ordinary = calendar.to_solar(year=year, month=month, day=1)
            assert calendar.to_solar(year=year, month=month, day=1, leap_month=True) == ordinary


@pytest.mark.proof("every day from 1901 to 2099 by two calendars; every 29th day in the small run")
def test_every_day_of_the_moon_comes_back_on_the_right_day_of_the_sun(
    record_property: counts.Note,
) -> None:
    step = 1 if counts.IS_LONG else 29
    tried = 0
    day = FIRST
    while day <= LAST:
        other = sxtwl.fromSolar(day.year, day.month, day.day)
        facts = {
            "month": other.getLunarMonth(),
            "day": other.getLunarDay(),
            "leap_month": other.isLunarLeap(),
        }
        assert calendar.to_solar(year=other.getLunarYear(), **facts) == day, day
        # the birthday itself is the next occasion on its own day, and not on the day after
        assert calendar.next_on(lunar=True, on_or_after=day, **facts) == day, day
        after = calendar.next_on(lunar=True, on_or_after=day + timedelta(days=1), **facts)
        assert after is None or after > day, day
        tried += 1
        day += timedelta(days=step)
    record_property("found", f"{tried} days alike")
    assert tried > 2_000


def test_a_calendar_that_is_wrong_in_one_month_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = calendar._lunar_year(2026)
    wrong = {**right, (8, False): calendar._Month(right[8, False].first + 1, 29)}
    monkeypatch.setattr(
        calendar, "_lunar_year", lambda year: wrong if year == 2026 else right, raising=True
    )

    assert calendar.to_solar(year=2026, month=8, day=15) != theirs(2026, 8, 15, False)


def test_the_month_that_begins_near_midnight_in_2057_is_not_a_day_late() -> None:
    assert calendar.to_solar(year=2057, month=9, day=1) == date(2057, 9, 28)
    assert calendar.to_solar(year=2057, month=8, day=30) == date(2057, 9, 27)  # it has 29 days
    assert calendar.to_solar(year=2057, month=10, day=1) == date(2057, 10, 28)
