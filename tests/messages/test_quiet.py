"""Hours in which nobody is contacted, by the customer's own clock, as clocks change (C1)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.audit import SYSTEM
from regulars.messages import refusals, services
from regulars.messages.quiet import Quiet
from regulars.messages.selectors import asking
from regulars.tenancy.context import ChainInfo
from tests import counts
from tests.factories import people
from tests.factories.contacts import budget, draft, limits, person, reserve
from tests.factories.customers import NOW

TICK = timedelta(microseconds=1)
NIGHT = Quiet(time(21), time(9))
ZONES = ["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe"]
# Within two days of these the clocks of one of the zones change.
CHANGES = [
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
]
halves = st.builds(lambda number: time(number // 2, number % 2 * 30), st.integers(0, 47))


def at(text: str, zone: str) -> datetime:
    """Return what a clock on the wall shows, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("shown", "end"),
    [
        ("2026-11-21 20:59:59", "2026-11-21 20:59:59"),
        ("2026-11-21 21:00", "2026-11-22 09:00"),
        ("2026-11-22 08:59:59", "2026-11-22 09:00"),
        ("2026-11-22 09:00", "2026-11-22 09:00"),
    ],
)
def test_the_night_begins_and_ends_on_the_minute(shown: str, end: str) -> None:
    zone = "Asia/Shanghai"

    assert NIGHT.end(at(shown, zone), ZoneInfo(zone)) == at(end, zone)


def test_a_night_in_which_the_clocks_are_set_forward_is_an_hour_shorter() -> None:
    zone = "America/New_York"
    evening = at("2026-03-07 21:00", zone)

    assert NIGHT.end(evening, ZoneInfo(zone)) - evening == timedelta(hours=11)


def test_a_night_in_which_they_are_set_back_is_an_hour_longer() -> None:
    zone = "America/New_York"
    evening = at("2026-10-31 21:00", zone)

    assert NIGHT.end(evening, ZoneInfo(zone)) - evening == timedelta(hours=13)


def test_an_end_that_the_clock_leaps_over_is_the_leap() -> None:
    zone = "America/New_York"
    quiet = Quiet(time(21), time(2, 30))

    assert quiet.end(at("2026-03-08 01:00", zone), ZoneInfo(zone)) == at("2026-03-08 03:00", zone)


def test_equal_times_are_no_quiet_hours() -> None:
    assert not Quiet(time(9), time(9)).holds(NOW, ZoneInfo("Asia/Shanghai"))


@pytest.mark.proof("random quiet hours about changes of the clocks, against every half minute")
@settings(max_examples=counts.of(60, proof=2_000))
@given(
    start=halves,
    until=halves,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    moment=st.builds(
        lambda change, minutes: change + timedelta(minutes=minutes),
        st.sampled_from(CHANGES),
        st.integers(-36 * 60, 36 * 60),
    ),
)
def test_the_end_is_the_first_instant_that_is_not_quiet(
    start: time, until: time, zone: ZoneInfo, moment: datetime
) -> None:
    quiet = Quiet(start, until)

    end = quiet.end(moment, zone)

    assert not quiet.holds(end, zone)
    steps = int((end - moment) / timedelta(minutes=5))
    assert all(quiet.holds(moment + timedelta(minutes=5 * each), zone) for each in range(steps))
    assert end == moment or quiet.holds(end - TICK, zone)


def test_the_clock_is_the_customers_then_the_home_stores_then_the_chains(
    inside_aurum: ChainInfo,
) -> None:
    budget(quiet=["21:00", "09:00"])
    york = people.store(code="NY", time_zone="America/New_York")
    whom = {
        "own": person(time_zone="Europe/London", store=york),
        "store": person(store=york),
        "chain": person(),
        "nonsense": person(time_zone="Moon/Base", store=york),
    }
    noon = datetime(2026, 11, 21, 13, tzinfo=UTC)  # 13:00 London, 8:00 New York, 21:00 Shanghai

    answers = asking.possible(
        actor=SYSTEM,
        questions=[
            asking.Question(customer_id=each.pk, purpose="care", channel="sms", at=noon)
            for each in whom.values()
        ],
    )

    assert {name: each and each.possible_at for name, each in zip(whom, answers, strict=True)} == {
        "own": None,
        "store": at("2026-11-21 09:00", "America/New_York"),
        "chain": at("2026-11-22 09:00", "Asia/Shanghai"),
        "nonsense": at("2026-11-21 09:00", "America/New_York"),
    }


def test_a_refusal_by_night_names_the_morning(inside_aurum: ChainInfo) -> None:
    budget(quiet=["21:00", "09:00"])
    carol = person()
    evening = at("2026-11-21 22:00", "Asia/Shanghai")

    with pytest.raises(refusals.QuietHours) as caught:
        reserve(carol, now=evening)

    morning = at("2026-11-22 09:00", "Asia/Shanghai")
    assert caught.value.possible_at == morning
    assert reserve(carol, now=morning)


def test_the_promise_heeds_window_distance_and_night_together(inside_aurum: ChainInfo) -> None:
    budget(limits=limits(1, days=1), distance=30 * 60, quiet=["21:00", "09:00"])
    carol = person()
    reserve(carol, now=at("2026-11-21 16:00", "Asia/Shanghai"))

    with pytest.raises(refusals.ContactRefused) as caught:
        reserve(carol, now=at("2026-11-21 17:00", "Asia/Shanghai"))

    # A day later it would fit the window, at 22:00 the distance: and then it is night.
    assert caught.value.possible_at == at("2026-11-23 09:00", "Asia/Shanghai")
    assert reserve(carol, now=caught.value.possible_at)


def test_a_window_is_days_of_24_hours_when_the_clocks_change(inside_aurum: ChainInfo) -> None:
    budget(limits=limits(1, days=7))
    carol = person(time_zone="America/New_York")
    first = at("2026-03-05 12:00", "America/New_York")
    reserve(carol, now=first)

    with pytest.raises(refusals.BudgetUsedUp) as caught:
        reserve(carol, now=at("2026-03-12 12:00", "America/New_York"))

    assert caught.value.possible_at == first + timedelta(days=7)
    assert caught.value.possible_at == at("2026-03-12 13:00", "America/New_York")


def test_a_call_by_night_is_logged_and_nothing_else_is_said(inside_aurum: ChainInfo) -> None:
    budget(quiet=["00:00", "23:59"])

    row = services.log(actor=SYSTEM, draft=draft(person(), channel="call"), now=NOW)

    assert row.state == "logged"
