"""Days for everybody: holidays by sun and moon, seasons, days off and days swapped."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sxtwl

from regulars.customers import calendar as moon
from regulars.followups import calendar
from tests import counts

SHANGHAI = ZoneInfo("Asia/Shanghai")
YEARS = range(1901, 2100, 1 if counts.IS_LONG else 4)
_TERMS = (3, 9, 15, 21)  # as the second calendar counts them from 冬至


def names(first: date, last: date, country: str = "CN", zone: ZoneInfo = SHANGHAI) -> list[str]:
    """Return the occasions between two days as text."""
    found = calendar.days(first, last, zone=zone, country=country)
    return [f"{day.on} {day.season or day.occasion}" for day in found]


def test_the_days_of_a_year_come_in_order() -> None:
    assert names(date(2026, 1, 1), date(2026, 12, 31)) == [
        "2026-01-01 new-year",
        "2026-02-04 spring",
        "2026-02-17 spring-festival",
        "2026-03-08 women-day",
        "2026-05-05 summer",
        "2026-06-19 dragon-boat",
        "2026-08-07 autumn",
        "2026-08-19 qixi",
        "2026-09-25 mid-autumn",
        "2026-10-01 national-day",
        "2026-11-07 winter",
    ]


def test_a_span_over_new_year_holds_both_ends_and_nothing_else() -> None:
    assert names(date(2026, 11, 7), date(2027, 1, 1)) == [
        "2026-11-07 winter",
        "2027-01-01 new-year",
    ]
    assert names(date(2026, 11, 8), date(2026, 12, 31)) == []


@pytest.mark.parametrize(
    ("country", "expected"),
    [("TW", ["2026-10-10 national-day"]), ("SG", []), ("US", [])],
)
def test_the_national_day_is_the_country_s_own_or_none(country: str, expected: list[str]) -> None:
    assert names(date(2026, 10, 1), date(2026, 10, 31), country) == expected


def test_a_season_begins_at_one_moment_and_on_the_day_it_is_in_the_shop() -> None:
    moment = calendar.seasons(2026)[0]

    assert moment == datetime(2026, 2, 3, 20, 2, 8, tzinfo=UTC)
    assert names(date(2026, 2, 1), date(2026, 2, 10)) == ["2026-02-04 spring"]
    abroad = names(date(2026, 2, 1), date(2026, 2, 10), zone=ZoneInfo("America/New_York"))
    assert abroad == ["2026-02-03 spring"]


def test_a_holiday_of_the_moon_is_the_same_day_everywhere() -> None:
    span = date(2026, 9, 20), date(2026, 9, 30)

    assert names(*span, "US", ZoneInfo("America/New_York")) == names(*span)


def test_there_are_no_days_beyond_the_calendar() -> None:
    assert names(date(2100, 1, 1), date(2100, 12, 31)) == []


@pytest.mark.proof("each of 199 years by two calendars; every fourth in the small run")
def test_every_change_of_season_agrees_with_a_second_calendar() -> None:
    """Both to the minute at least, and on the same day of China."""
    for year in YEARS:
        terms = [term for term in sxtwl.getJieQiByYear(year) if term.jqIndex in _TERMS]
        for moment, term in zip(calendar.seasons(year), terms[:4], strict=True):
            other = sxtwl.JD2DD(term.jd)
            seconds = timedelta(hours=int(other.h), minutes=int(other.m), seconds=float(other.s))
            theirs = datetime(int(other.Y), int(other.M), int(other.D), tzinfo=UTC) + seconds
            ours = moment + timedelta(hours=8)  # the wall clock of China, as theirs is
            assert abs(ours - theirs) < timedelta(minutes=1), (year, term.jqIndex)
            assert ours.date() == theirs.date(), (year, term.jqIndex)


@pytest.mark.proof("each of 199 years by two calendars; every fourth in the small run")
def test_every_holiday_of_the_moon_agrees_with_a_second_calendar() -> None:
    for year in YEARS:
        found = {day.occasion: day.on for day in calendar.of_year(year, SHANGHAI, "")}
        for occasion, month, of_month in calendar._BY_MOON:
            day = sxtwl.fromLunar(year, month, of_month)
            expected = date(day.getSolarYear(), day.getSolarMonth(), day.getSolarDay())
            assert found[occasion] == expected, (year, occasion)


WORKED = {  # as the State Council announced them
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}


@pytest.mark.parametrize("year", WORKED)
def test_china_s_swapped_workdays_are_known(year: int) -> None:
    found = calendar.public_holidays("CN", year)

    assert {f"{day:%m-%d}" for day in found.worked} == set(WORKED[year].split())
    assert found.announced
    assert found.off[date(year, 10, 1)] == "国庆节"


def test_a_year_that_is_not_announced_yet_says_so() -> None:
    assert all(calendar.public_holidays("CN", year).announced for year in range(2015, 2027))
    later = calendar.public_holidays("CN", 2050)
    assert (later.known, later.announced, later.worked) == (True, False, frozenset())
    assert date(2050, 10, 1) in later.off


def test_other_countries_have_their_own_days_off_in_the_language_asked_for() -> None:
    assert date(2026, 7, 4) in calendar.public_holidays("US", 2026).off
    english = calendar.public_holidays("CN", 2026, "en_US")
    assert english.off[date(2026, 10, 1)] == "National Day"
    assert calendar.public_holidays("US", 2026, "zh_CN").known


def test_nothing_is_claimed_of_a_country_nobody_knows() -> None:
    for country in ("XX", "", "us", "PUBLIC", "HolidayBase"):
        found = calendar.public_holidays(country, 2026)
        assert (found.known, found.announced, found.off) == (False, False, {})


def test_a_store_s_country_is_the_one_its_zone_lies_in() -> None:
    assert calendar.country_of("Asia/Hong_Kong", otherwise="CN") == "HK"
    assert calendar.country_of("America/New_York", otherwise="CN") == "US"
    assert calendar.country_of("UTC", otherwise="CN") == "CN"


def test_a_year_is_computed_once() -> None:
    first = calendar.of_year(2026, SHANGHAI, "CN")

    assert calendar.of_year(2026, SHANGHAI, "CN") is first
    assert moon.to_solar(year=2026, month=8, day=15) == date(2026, 9, 25)
