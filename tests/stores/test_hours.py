"""Opening hours: nights that run into the next day, days that differ, zones and clock changes."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from regulars.stores import hours
from regulars.stores.models import Store, every_day

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]


def shop(
    *,
    week: dict[str, Any] | None = None,
    dates: dict[str, Any] | None = None,
    zone: str = "Asia/Shanghai",
    **facts: Any,
) -> Store:
    """A store that is not in the database; open from ten to six on weekdays unless said."""
    if week is None:
        week = {day: [["10:00", "18:00"]] for day in WEEKDAYS}
    return Store(time_zone=zone, hours={"week": week, "dates": dates or {}}, **facts)


@pytest.mark.parametrize(
    ("at", "open_then"),
    [
        (datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 23, 9, 59, 59, tzinfo=SHANGHAI), False),
        (datetime(2026, 11, 23, 17, 59, 59, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 23, 18, 0, tzinfo=SHANGHAI), False),
        (datetime(2026, 11, 23, 3, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 22, 12, 0, tzinfo=SHANGHAI), False),
    ],
)
def test_a_store_is_open_from_its_opening_until_just_before_its_closing(
    at: datetime, open_then: bool
) -> None:
    assert hours.is_open(shop(), at) is open_then


@pytest.mark.parametrize(
    ("at", "open_then"),
    [
        (datetime(2026, 11, 21, 23, 0, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 22, 1, 59, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 22, 2, 0, tzinfo=SHANGHAI), False),
        (datetime(2026, 11, 21, 1, 0, tzinfo=SHANGHAI), False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_began(at: datetime, open_then: bool) -> None:
    bar = shop(week={"sat": [["18:00", "02:00"]]})

    assert hours.is_open(bar, at) is open_then


def test_midnight_at_the_end_of_a_day_can_be_written() -> None:
    kiosk = shop(week={"sat": [["00:00", "24:00"]]})

    assert hours.is_open(kiosk, datetime(2026, 11, 21, 23, 59, tzinfo=SHANGHAI))
    assert not hours.is_open(kiosk, datetime(2026, 11, 22, 0, 0, tzinfo=SHANGHAI))


def test_a_date_overrides_its_weekday_both_ways() -> None:
    store = shop(dates={"2026-11-23": [], "2026-11-28": [["12:00", "16:00"]]})

    assert hours.spans(store, date(2026, 11, 23)) == []
    assert hours.is_open(store, datetime(2026, 11, 28, 13, 0, tzinfo=SHANGHAI))


def test_the_next_open_day_skips_the_weekend_and_a_holiday() -> None:
    """Scenario 12 of the clocks: day seven is a Saturday, the call is due on Monday the 12th."""
    store = shop()

    assert hours.next_open_day(store, date(2026, 10, 10)) == date(2026, 10, 12)
    with_holiday = shop(dates={"2026-10-12": []})
    assert hours.next_open_day(with_holiday, date(2026, 10, 10)) == date(2026, 10, 13)


def test_a_day_on_which_the_store_opens_is_its_own_next_open_day() -> None:
    assert hours.next_open_day(shop(), date(2026, 11, 23)) == date(2026, 11, 23)


def test_a_store_that_never_opens_has_no_next_open_day() -> None:
    assert hours.next_open_day(shop(week={}), date(2026, 11, 23)) is None


def test_a_store_is_not_open_before_its_first_day_nor_from_its_last_on() -> None:
    store = shop(opened_on=date(2026, 11, 24), closed_on=date(2026, 11, 26))

    days = [day for day in range(23, 28) if hours.spans(store, date(2026, 11, day))]

    assert days == [24, 25]


def test_the_business_day_is_the_day_in_the_stores_zone() -> None:
    late = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)

    assert hours.business_day(shop(), late) == date(2026, 11, 22)
    assert hours.business_day(shop(zone="America/New_York"), late) == date(2026, 11, 21)


def test_a_night_through_a_clock_change_is_an_hour_longer() -> None:
    night = shop(week={"sat": [["22:00", "06:00"]]}, zone="America/New_York")

    [(start, end)] = hours.spans(night, date(2026, 10, 31))

    assert (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() == 9 * 3600


def test_hours_are_put_in_order_and_every_weekday_is_there() -> None:
    given = {"week": {"mon": [["14:00", "18:00"], ["09:00", "12:00"]]}}

    checked = hours.checked(given)

    assert checked["week"]["mon"] == [["09:00", "12:00"], ["14:00", "18:00"]]
    assert set(checked["week"]) == set(hours.WEEKDAYS)
    assert hours.checked(checked) == checked


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"week": []},
        {"week": {"monday": []}},
        {"week": {"mon": "10-18"}},
        {"week": {"mon": [["10:00"]]}},
        {"week": {"mon": [["10:00", ""]]}},
        {"week": {"mon": [["9:00", "18:00"]]}},
        {"week": {"mon": [["10:00", "25:00"]]}},
        {"week": {"mon": [["24:00", "02:00"]]}},
        {"week": {"mon": [[10, 18]]}},
        {"week": {"mon": [["10:00", "14:00"], ["13:00", "18:00"]]}},
        {"week": {"mon": [["20:00", "02:00"], ["22:00", "23:00"]]}},
        {"week": {"mon": [["01:00", "02:00"]] * 5}},
        {"week": {}, "dates": {"2026-02-30": []}},
        {"week": {}, "dates": {"tomorrow": []}},
        {"week": {}, "dates": []},
    ],
)
def test_hours_that_contradict_themselves_are_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(hours.HoursRefused) as refusal:
        hours.checked(raw)

    assert str(refusal.value)


def test_a_new_stores_hours_are_good_hours() -> None:
    assert hours.checked(every_day()) == every_day()
