"""When a day comes round again, by the sun and by the moon (P8)."""

from datetime import date, timedelta

import pytest
import sxtwl
from hypothesis import given
from hypothesis import strategies as st

from regulars.customers import calendar


@pytest.mark.parametrize(
    ("month", "day", "on_or_after", "expected"),
    [
        (11, 21, date(2026, 11, 21), date(2026, 11, 21)),
        (11, 20, date(2026, 11, 21), date(2027, 11, 20)),
        (12, 31, date(2026, 11, 21), date(2026, 12, 31)),
        (2, 29, date(2027, 1, 1), date(2027, 2, 28)),
        (2, 29, date(2028, 1, 1), date(2028, 2, 29)),
        (2, 29, date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_a_day_of_the_sun(month: int, day: int, on_or_after: date, expected: date) -> None:
    assert calendar.next_on(month=month, day=day, on_or_after=on_or_after) == expected


def test_a_chain_may_celebrate_leap_days_on_the_first_of_march() -> None:
    found = calendar.next_on(month=2, day=29, on_or_after=date(2027, 1, 1), leap_day="03-01")

    assert found == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("month", "day", "leap", "on_or_after", "expected"),
    [
        (8, 15, False, date(2026, 1, 1), date(2026, 9, 25)),
        (8, 15, False, date(2026, 9, 26), date(2027, 9, 15)),
        (12, 30, False, date(2026, 1, 1), date(2026, 2, 16)),  # 29 days that year: the 29th
        (6, 1, True, date(2025, 1, 1), date(2025, 7, 25)),  # that year has a leap sixth month
        (6, 1, False, date(2025, 1, 1), date(2025, 6, 25)),
        (6, 1, True, date(2026, 1, 1), date(2026, 7, 14)),  # that year has none
        (6, 30, True, date(2025, 7, 1), date(2025, 8, 22)),  # it has 29 days: the 29th
    ],
)
def test_a_day_of_the_moon(
    month: int, day: int, leap: bool, on_or_after: date, expected: date
) -> None:
    found = calendar.next_on(
        month=month, day=day, lunar=True, leap_month=leap, on_or_after=on_or_after
    )

    assert found == expected


def test_days_beyond_the_calendar_are_not_known() -> None:
    assert calendar.next_on(month=1, day=1, on_or_after=date(2100, 1, 1)) is None
    assert calendar.next_on(month=12, day=30, lunar=True, on_or_after=date(2101, 1, 1)) is None


DAYS = st.dates(date(1901, 3, 1), date(2098, 12, 31))


@given(DAYS)
def test_every_day_of_the_moon_agrees_with_a_second_calendar(day: date) -> None:
    oracle = sxtwl.fromSolar(day.year, day.month, day.day)

    found = calendar.to_solar(
        year=oracle.getLunarYear(),
        month=oracle.getLunarMonth(),
        day=oracle.getLunarDay(),
        leap_month=oracle.isLunarLeap(),
    )

    assert found == day


@given(
    day=DAYS,
    month=st.integers(1, 12),
    of_month=st.integers(1, 30),
    lunar=st.booleans(),
    leap=st.booleans(),
)
def test_the_next_occasion_is_never_past_and_within_thirteen_months(
    day: date, month: int, of_month: int, lunar: bool, leap: bool
) -> None:
    if not calendar.is_day(month=month, day=of_month, lunar=lunar):
        return

    found = calendar.next_on(
        month=month, day=of_month, lunar=lunar, leap_month=leap, on_or_after=day
    )

    assert found is not None
    assert day <= found <= day + timedelta(days=415)


@pytest.mark.parametrize(
    ("month", "day", "year", "lunar", "is_one"),
    [
        (2, 29, None, False, True),
        (2, 29, 2023, False, False),
        (2, 29, 2024, False, True),
        (2, 30, None, False, False),
        (4, 31, None, False, False),
        (13, 1, None, False, False),
        (0, 1, None, False, False),
        (1, 0, None, True, False),
        (12, 30, None, True, True),
        (12, 31, None, True, False),
    ],
)
def test_days_that_do_not_exist_are_told_apart(
    month: int, day: int, year: int | None, lunar: bool, is_one: bool
) -> None:
    assert calendar.is_day(month=month, day=day, year=year, lunar=lunar) is is_one
