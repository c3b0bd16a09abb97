"""Days, moments, times of day and birthdays, by the sun and the moon."""

import random
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import sxtwl
from hypothesis import given
from hypothesis import strategies as st

from regulars.imports.cells import Cell
from regulars.imports.values import birthdays, dates
from regulars.imports.values.birthdays import Birthday
from tests.imports.reading_values import UNFIT, outcome

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    "cell",
    [
        *("2024-03-05", "2024/3/5", "2024.3.5", "20240305", "2024年3月5日", "2024年03月05号"),
        *("2024-03-05 11:53", "2024-03-05 星期二", "2024/3/5 (Tue)", "Tue, 5 Mar 2024"),
        *("5 Mar 2024", "Mar 5, 2024", "March 5th, 2024", "5-Mar-2024", "民國113年3月5日"),
        *("二〇二四年三月五日", "２０２４－０３－０５", "45356", 45356, 45356.75, "202403051530"),
    ],
)
def test_days_in_every_form(cell: Cell) -> None:
    assert dates.day()(cell) == date(2024, 3, 5)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", None),
        ("0000-00-00", None),
        ("13/04/2024", date(2024, 4, 13)),
        ("04/13/2024", date(2024, 4, 13)),
        ("05/05/2024", date(2024, 5, 5)),
        ("03/04/2024", UNFIT + "date.ambiguous"),
        ("2024-02-30", UNFIT + "date.no-such-day"),
        ("24-3-5", UNFIT + "date.two-digit-year"),
        ("1900-01-01", UNFIT + "date.implausible"),
        ("2999-01-01", UNFIT + "date.implausible"),
        ("2024年3月", UNFIT + "date.format"),
        ("today", UNFIT + "date.format"),
        ("2024-03-05 hello", UNFIT + "time.format"),
        ("1" * 30_000, UNFIT + "date.format"),
        (3, UNFIT + "date.format"),
    ],
)
def test_days_that_are_not_clear(cell: Cell, expected: object) -> None:
    assert outcome(dates.day(), cell) == expected


def test_the_order_of_day_and_month_is_a_choice() -> None:
    assert dates.day(order="dmy")("03/04/2024") == date(2024, 4, 3)
    assert dates.day(order="mdy")("03/04/2024") == date(2024, 3, 4)
    assert outcome(dates.day(order="dmy"), "04/13/2024") == UNFIT + "date.no-such-day"


def test_days_after_the_last_believed_are_refused() -> None:
    read = dates.day(latest=date(2024, 3, 5))

    assert outcome(read, "2024-03-05") == date(2024, 3, 5)
    assert outcome(read, "2024-03-06") == UNFIT + "date.future"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-03-05 11:53:26", (3, 53, 26)),
        ("2024-03-05T11:53:26Z", (11, 53, 26)),
        ("2024-03-05T11:53:26+08:00", (3, 53, 26)),
        ("2024-03-05 11:53:26 +0900", (2, 53, 26)),
        ("2024/3/5 11:53", (3, 53, 0)),
        ("2024/3/5 下午3:20", (7, 20, 0)),
        ("2024-3-5 3:20:05 PM", (7, 20, 5)),
        ("Mar 5, 2024 3:20 PM", (7, 20, 0)),
        ("2024年3月5日 15时20分", (7, 20, 0)),
        ("2024年3月5日15点20分30秒", (7, 20, 30)),
        ("20240305153000", (7, 30, 0)),
        ("45356.5", (4, 0, 0)),
        (45356.5, (4, 0, 0)),
        ("2024-03-05", (4, 0, 0)),
        ("1709610806", (3, 53, 26)),
        ("1709610806000", (3, 53, 26)),
    ],
)
def test_moments_become_utc(cell: Cell, expected: tuple[int, int, int]) -> None:
    assert dates.moment(zone=SHANGHAI)(cell) == datetime(2024, 3, 5, *expected, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["2024-03-05 25:00", "2024-03-05 24:00", "2024-03-05 11:53 noon"])
def test_moments_with_a_senseless_time_are_refused(cell: str) -> None:
    assert outcome(dates.moment(zone=SHANGHAI), cell) == UNFIT + "time.format"


def test_a_day_without_a_time_is_the_same_day_in_far_stores() -> None:
    moment = dates.moment(zone=SHANGHAI)("2024-03-05")
    assert moment is not None

    days = {
        moment.astimezone(ZoneInfo(zone)).day
        for zone in ("Asia/Urumqi", "Asia/Tokyo", "Europe/London")
    }

    assert days == {5}


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2099, 1, 1)))  # noqa: DTZ001
def test_every_iso_moment_comes_back(moment: datetime) -> None:
    zone = ZoneInfo("America/New_York")

    read = dates.moment(zone=zone)(moment.isoformat(" "))

    assert read == moment.replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("11:53", time(11, 53)),
        ("1153", time(11, 53)),
        ("115326", time(11, 53, 26)),
        ("下午3:20", time(15, 20)),
        ("12:30 am", time(0, 30)),
        ("15时", time(15)),
        (0.5, time(12)),
        ("2024-01-01 12:30", time(12, 30)),
        ("3", UNFIT + "time.format"),
        ("25:00", UNFIT + "time.format"),
    ],
)
def test_times_of_day(cell: Cell, expected: object) -> None:
    assert outcome(dates.clock, cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1980-03-05", Birthday(3, 5, 1980)),
        ("3月5日", Birthday(3, 5)),
        ("03-05", Birthday(3, 5)),
        ("0000-03-05", Birthday(3, 5)),
        ("2-29", Birthday(2, 29)),
        ("三月五日", Birthday(3, 5)),
        ("一九八〇年三月五日", Birthday(3, 5, 1980)),
        ("农历八月十五", Birthday(8, 15, lunar=True)),
        ("八月十五", Birthday(8, 15, lunar=True)),
        ("八月十五(农历)", Birthday(8, 15, lunar=True)),
        ("阴历1980年八月十五", Birthday(8, 15, 1980, lunar=True)),
        ("1980年農曆八月十五", Birthday(8, 15, 1980, lunar=True)),
        ("农历1980-8-15", Birthday(8, 15, 1980, lunar=True)),
        ("闰六月初三", Birthday(6, 3, lunar=True, leap=True)),
        ("农历2025年闰六月初三", Birthday(6, 3, 2025, lunar=True, leap=True)),
        ("腊月廿三", Birthday(12, 23, lunar=True)),
        ("正月初一", Birthday(1, 1, lunar=True)),
        ("冬月三十", Birthday(11, 30, lunar=True)),
        ("0000-00-00", None),
        ("2-30", UNFIT + "date.no-such-day"),
        ("农历2024年闰六月初三", UNFIT + "date.no-such-day"),
        ("1985", UNFIT + "date.format"),
        ("85.3.5", UNFIT + "date.two-digit-year"),
        ("2030-01-01", UNFIT + "date.future"),
    ],
)
def test_birthdays_by_sun_and_moon(cell: Cell, expected: object) -> None:
    assert outcome(birthdays.birthday(latest=date(2026, 11, 22)), cell) == expected


def test_a_column_of_lunar_birthdays_needs_no_word_in_its_cells() -> None:
    read = birthdays.birthday(lunar=True)

    assert read("8-15") == Birthday(8, 15, lunar=True)
    assert read("1980-08-15") == Birthday(8, 15, 1980, lunar=True)
    assert outcome(read, "2024-12-30") == UNFIT + "date.no-such-day"


def test_lunar_days_exist_exactly_where_another_library_has_them() -> None:
    chance = random.Random(11)
    for _ in range(300):
        year, month = chance.randint(1901, 2099), chance.randint(1, 12)
        leap = chance.random() < 0.3
        if leap:
            exists = sxtwl.getRunMonth(year) == month
            days = sxtwl.getLunarMonthNum(year, month, True) if exists else 0
        else:
            days = sxtwl.getLunarMonthNum(year, month, False)

        assert birthdays._days_in(year, month, leap=leap) == days
