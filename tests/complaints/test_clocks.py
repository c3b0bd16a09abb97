"""Clocks of complaints (Q5): scenarios/clocks.md 1–4, and what opening hours can do to them."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from regulars.complaints import clocks
from regulars.stores.models import Store
from tests import counts

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE: dict[str, Any] = {
    "week": {day: [["10:00", "18:00"]] for day in WEEKDAYS[:5]},
    "dates": {},
}
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def store(hours: dict[str, Any] = OFFICE, zone: str = "Asia/Shanghai", **more: Any) -> Store:
    return Store(name="S", time_zone=zone, hours=hours, **more)


def at(day: int, clock: str, *, zone: ZoneInfo = SHANGHAI, month: int = 11) -> datetime:
    """Return an instant of November 2026; the 2nd is a Monday."""
    hour, minute = clock.split(":")
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=zone)


@pytest.mark.parametrize(
    ("begin", "allowed", "expected"),
    [
        pytest.param(at(2, "08:00"), HOUR, at(2, "11:00"), id="1 high, before opening: reply"),
        pytest.param(at(2, "08:00"), 4 * HOUR, at(2, "14:00"), id="1 high: resolve"),
        pytest.param(at(6, "17:00"), HOUR / 2, at(6, "17:30"), id="2 urgent on Friday: reply"),
        pytest.param(at(6, "17:00"), 2 * HOUR, at(9, "11:00"), id="2 urgent: resolve"),
        pytest.param(at(7, "12:00"), HOUR, at(9, "11:00"), id="on Saturday"),
        pytest.param(at(2, "18:00"), HOUR, at(3, "11:00"), id="at closing time"),
        pytest.param(at(2, "10:00"), 8 * HOUR, at(2, "18:00"), id="to the last minute of a day"),
        pytest.param(at(2, "10:00"), 24 * HOUR, at(4, "18:00"), id="medium: three days"),
        pytest.param(at(2, "10:00"), 72 * HOUR, at(12, "18:00"), id="low: nine days"),
        pytest.param(at(2, "10:00"), timedelta(), at(2, "10:00"), id="nothing allowed"),
    ],
)
def test_time_runs_while_the_store_is_open(
    begin: datetime, allowed: timedelta, expected: datetime
) -> None:
    assert clocks.due(begin, allowed, clocks.while_open(store())) == expected


def test_days_off_do_not_count() -> None:
    closed = store({**OFFICE, "dates": {"2026-11-05": [], "2026-11-06": []}})

    assert clocks.due(at(5, "15:00"), HOUR / 2, clocks.while_open(closed)) == at(9, "10:30")
    assert clocks.due(at(5, "15:00"), 2 * HOUR, clocks.while_open(closed)) == at(9, "12:00")


def test_an_answer_that_waits_for_the_customer_stops_the_clock() -> None:
    runs = clocks.while_open(store())
    resolve = clocks.due(at(2, "12:00"), 4 * HOUR, runs)

    assert clocks.resumed(resolve, at(2, "12:30"), at(2, "13:00"), runs) == at(2, "16:30")


def test_a_pause_over_the_night_leaves_what_was_left() -> None:
    runs = clocks.while_open(store())
    resolve = clocks.due(at(2, "12:00"), 4 * HOUR, runs)  # 16:00

    assert clocks.resumed(resolve, at(2, "15:00"), at(3, "09:00"), runs) == at(3, "11:00")


def test_what_was_late_before_the_pause_stays_late() -> None:
    runs = clocks.while_open(store())

    assert clocks.resumed(at(2, "12:00"), at(2, "13:00"), at(3, "13:00"), runs) == at(2, "12:00")


def test_every_minute_counts_where_health_is_in_danger() -> None:
    assert clocks.due(at(7, "23:50"), HOUR / 2, None) == at(8, "00:20")
    assert clocks.ran(at(7, "23:50"), at(9, "23:50"), None) == 48 * HOUR


def test_a_night_shop_is_open_past_midnight() -> None:
    night = store({"week": {day: [["18:00", "02:00"]] for day in WEEKDAYS}, "dates": {}})

    assert clocks.due(at(3, "01:30"), HOUR, clocks.while_open(night)) == at(3, "18:30")


def test_a_night_that_runs_into_the_next_opening_counts_once() -> None:
    long = store({"week": {day: [["11:00", "12:00"], ["12:00", "11:00"]] for day in WEEKDAYS}})

    assert clocks.ran(at(2, "00:00"), at(4, "00:00"), clocks.while_open(long)) == 48 * HOUR


def test_an_hour_that_the_clock_skips_is_no_hour() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    always = {"week": {day: [["00:00", "24:00"]] for day in WEEKDAYS}, "dates": {}}
    runs = clocks.while_open(store(always, zone="Europe/Berlin"))
    begin = datetime(2026, 3, 29, 1, 0, tzinfo=berlin)  # at two it is three

    assert clocks.due(begin, 2 * HOUR, runs) == datetime(2026, 3, 29, 4, 0, tzinfo=berlin)


def test_a_store_that_was_closed_for_good_has_the_hours_of_an_office() -> None:
    gone = store(closed_on=at(1, "00:00", month=6).date())

    due = clocks.due(at(7, "12:00"), HOUR, clocks.while_open(gone))

    assert due == at(9, "10:00")


def test_clocks_go_on_the_day_a_store_closes_for_good() -> None:
    closing = store(closed_on=at(4, "00:00").date())  # a Wednesday
    runs = clocks.while_open(closing)

    assert clocks.due(at(3, "17:30"), HOUR, runs) == at(4, "09:30")
    assert clocks.resumed(at(3, "18:00"), at(3, "17:00"), at(6, "17:30"), runs) == at(9, "09:30")


def test_a_long_closure_stops_the_clock_for_two_weeks_at_most() -> None:
    dates: dict[str, Any] = {f"2026-11-{day:02}": [] for day in range(2, 31)}
    runs = clocks.while_open(store({**OFFICE, "dates": dates}))

    # Last open on Friday, 30 October; the fifteenth day after it is a Saturday.
    assert clocks.due(at(2, "12:00"), HOUR, runs) == at(16, "10:00")
    assert clocks.due(at(17, "12:00"), HOUR, runs) == at(17, "13:00")


def test_a_clock_ends_in_a_store_that_hardly_ever_opens() -> None:
    rare = store({"week": {"mon": [["10:00", "10:05"]]}, "dates": {}})
    runs = clocks.while_open(rare)

    due = clocks.due(at(2, "12:00"), 90 * 24 * HOUR, runs)  # what a kind of complaint may allow

    assert due > at(2, "12:00") + timedelta(days=800)
    assert clocks.ran(at(2, "12:00"), due, runs) == 90 * 24 * HOUR


@pytest.mark.parametrize("week", [{}, {day: [] for day in WEEKDAYS}])
def test_a_store_without_hours_has_those_of_an_office(week: dict[str, Any]) -> None:
    due = clocks.due(at(6, "17:30"), HOUR, clocks.while_open(store({"week": week, "dates": {}})))

    assert due == at(9, "09:30")  # on Monday


def test_a_minute_before_a_long_holiday_it_waits_until_the_holiday_is_over() -> None:
    days: dict[str, Any] = {f"2026-10-0{day}": [] for day in range(1, 9)}
    runs = clocks.while_open(store({**OFFICE, "dates": days}))

    assert clocks.due(at(30, "23:59", month=9), HOUR, runs) == at(9, "11:00", month=10)


ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
)


def random_hours(chance: random.Random) -> dict[str, Any]:
    """Return hours as people write them: a break at noon, nights, days off, other dates.

    None begins or ends in the hours in which clocks are moved: there, nobody knows what is meant.
    """

    def day() -> list[list[str]]:
        if chance.random() < 0.2:
            return []
        marks = sorted(chance.sample(range(240, 1440, 5), 2 * chance.randint(1, 2)))
        spans = [[f"{a // 60:02}:{a % 60:02}", f"{b // 60:02}:{b % 60:02}"]
                 for a, b in zip(marks[::2], marks[1::2], strict=True)]  # fmt: skip
        if chance.random() < 0.2:
            spans[-1][1] = f"{chance.choice((0, 4)):02}:00"  # into the night
        return spans

    dates = {f"2026-{chance.choice((3, 10, 11)):02}-{chance.randint(1, 28):02}": day()
             for _ in range(chance.randint(0, 6))}  # fmt: skip
    return {"week": {each: day() for each in WEEKDAYS}, "dates": dates}


def minutes_open(shop: Store, first: datetime, days: int) -> Iterator[bool]:
    """Say of every minute whether the store is open: slowly, and from the written hours alone."""
    zone = ZoneInfo(shop.time_zone)

    def written(day: Any) -> list[list[str]]:
        found = shop.hours["dates"].get(day.isoformat())
        return list(shop.hours["week"][WEEKDAYS[day.weekday()]] if found is None else found)

    def clock(text: str) -> int:
        return int(text[:2]) * 60 + int(text[3:])

    for n in range(days * 1440):
        local = (first + n * MINUTE).astimezone(zone)
        now = local.hour * 60 + local.minute
        spans = [(clock(a), clock(b)) for a, b in written(local.date())]
        nights = [(clock(a), clock(b)) for a, b in written(local.date() - timedelta(days=1))]
        yield any(a <= now < (b if b > a else 1440) for a, b in spans) or any(
            now < b <= a for a, b in nights
        )


def disagreements(seed: int, shops: int, each: int, *, days: int = 40) -> list[str]:
    """Ask so many shops so often; return where the clock and the count of minutes differ."""
    chance, found = random.Random(seed), list[str]()
    for _ in range(shops):
        month = chance.choice((3, 10, 11))
        first = datetime(2026, month, 1, tzinfo=UTC)
        shop = store(random_hours(chance), zone=chance.choice(ZONES))
        is_open = np.fromiter(minutes_open(shop, first, days), dtype=bool)
        before = np.concatenate(([0], np.cumsum(is_open)))  # minutes open before each minute
        runs = clocks.while_open(shop)
        for _ in range(each):
            found += _differing(chance, first, before, runs)
    return found


def _differing(
    chance: random.Random, first: datetime, before: np.ndarray[Any, Any], runs: clocks.Runs
) -> list[str]:
    """Ask about two instants, a time allowed between them, and a pause."""
    last = 20 * 1440
    start, end = sorted(chance.sample(range(last), 2))
    begin, until = first + start * MINUTE, first + end * MINUTE
    run = int(before[end] - before[start])
    pairs = [("ran", clocks.ran(begin, until, runs), run * MINUTE)]
    allowed = chance.randint(1, 1_000)
    reach = int(np.searchsorted(before, before[start] + allowed))
    if reach < len(before):
        due = first + reach * MINUTE
        pairs.append(("due", clocks.due(begin, allowed * MINUTE, runs) - due, timedelta()))
        pause = chance.randint(start, min(reach, last))
        left = int(before[reach] - before[pause])
        back = int(np.searchsorted(before, before[end] + left)) if left else reach
        if pause <= end and back < len(before):
            got = clocks.resumed(due, first + pause * MINUTE, until, runs)
            pairs.append(("resumed", got - (first + back * MINUTE), timedelta()))
    return [f"{what} from {begin}: {ours} and {slow}" for what, ours, slow in pairs if ours != slow]


@pytest.mark.proof("against a count of minutes, over random hours, zones, clock changes and pauses")
def test_the_clock_agrees_with_a_count_of_minutes(record_property: counts.Note) -> None:
    seed, shops, each = counts.seed(), counts.of(3, proof=200), counts.of(100, proof=500)

    assert disagreements(seed, shops, each) == []
    record_property("random cases", shops * each)
    record_property("found", "the same instants")
    record_property("seed", seed)


def _no_days_off(shop: Store) -> Store:
    return store({**shop.hours, "dates": {}}, zone=shop.time_zone)


def _another_zone(shop: Store) -> Store:
    return store(shop.hours, zone="Asia/Tokyo")


@pytest.mark.proof("the same with a clock that knows no days off, and with one of another zone")
@pytest.mark.parametrize("mistaken", [_no_days_off, _another_zone])
def test_positive_control_a_clock_that_is_wrong_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
    record_property: counts.Note,
    mistaken: Callable[[Store], Store],
) -> None:
    right = clocks.while_open
    monkeypatch.setattr(clocks, "while_open", lambda shop: right(mistaken(shop)))

    found = disagreements(1, 2, 100)

    assert found
    record_property("found", f"{len(found)} answers differ")
