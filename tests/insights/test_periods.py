"""Periods, their steps, and that those people can choose are kept ready."""

import itertools
from datetime import date, timedelta

import pytest

from regulars.insights.periods import Days, months_earlier, prepared, step_of, steps
from regulars.web.periods import COMPARISONS, PRESETS, PeriodForm


@pytest.mark.parametrize(
    "today", [date(2026, 11, 21), date(2028, 2, 29), date(2026, 1, 1), date(2026, 3, 31)]
)
def test_every_period_that_ends_today_is_kept_ready(today: date) -> None:
    ready = set(prepared(today))
    presets = {preset for preset, _name in PRESETS if not preset.startswith("last-")}
    wanted = set()
    for preset in presets - {"custom", "yesterday"}:
        for comparison in {name for name, _label in COMPARISONS} - {"custom"}:
            chosen = PeriodForm({"period": preset, "compare": comparison}, today=today).chosen
            wanted.add(Days(chosen.start, chosen.end))
            if chosen.compare_start and chosen.compare_end:
                wanted.add(Days(chosen.compare_start, chosen.compare_end))

    assert wanted - ready == set()
    assert len(ready) < 32


@pytest.mark.parametrize(
    ("preset", "days", "before", "year"),
    [
        ("yesterday", "11-20 11-20", "2026-11-19 2026-11-19", "2025-11-20 2025-11-20"),
        ("week", "11-16 11-21", "2026-11-09 2026-11-14", "2025-11-16 2025-11-21"),
        ("last-week", "11-09 11-15", "2026-11-02 2026-11-08", "2025-11-09 2025-11-15"),
        ("last-month", "10-01 10-31", "2026-09-01 2026-09-30", "2025-10-01 2025-10-31"),
        ("last-quarter", "07-01 09-30", "2026-04-01 2026-06-30", "2025-07-01 2025-09-30"),
        ("quarter", "10-01 11-21", "2026-07-01 2026-08-21", "2025-10-01 2025-11-21"),
    ],
)
def test_whole_periods_are_compared_with_whole_ones_and_others_with_the_same_days(
    preset: str, days: str, before: str, year: str
) -> None:
    today = date(2026, 11, 21)  # a Saturday
    against = {}
    for comparison in ("previous", "year"):
        chosen = PeriodForm({"period": preset, "compare": comparison}, today=today).chosen
        against[comparison] = f"{chosen.compare_start} {chosen.compare_end}"

    assert f"{chosen.start:%m-%d} {chosen.end:%m-%d}" == days
    assert against == {"previous": before, "year": year}


def test_the_days_to_compare_with_can_be_chosen() -> None:
    asked = {"period": "30d", "compare": "custom"}
    days = {"compare_start": "2026-02-01", "compare_end": "2026-02-10"}

    chosen = PeriodForm({**asked, **days}, today=date(2026, 11, 21)).chosen
    faulty = PeriodForm({**asked, "compare_start": "2026-02-01"}, today=date(2026, 11, 21))

    assert (chosen.compare_start, chosen.compare_end) == (date(2026, 2, 1), date(2026, 2, 10))
    assert "compare_end" in faulty.errors
    assert faulty.chosen.comparison == "previous"


@pytest.mark.parametrize(
    ("first", "last"),
    [("0001-01-01", "0001-02-01"), ("9999-01-01", "9999-12-31"), ("2026-02-30", "2026-03-01")],
)
def test_days_out_of_reach_fall_back_with_a_sentence(first: str, last: str) -> None:
    asked = {"period": "custom", "start": first, "end": last}

    form = PeriodForm(asked, today=date(2026, 11, 21))

    assert form.errors
    assert form.chosen.preset == "30d"


@pytest.mark.parametrize(
    ("on", "months", "expected"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2027, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 3, date(2026, 9, 30)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_an_earlier_month_has_the_same_day_or_its_last(
    on: date, months: int, expected: date
) -> None:
    assert months_earlier(on, months) == expected


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_steps_cover_a_period_without_gap_or_overlap(step: str) -> None:
    days = Days(date(2025, 12, 10), date(2026, 3, 3))

    found = steps(days, step)  # type: ignore[arg-type]

    assert found[0].first == days.first
    assert found[-1].last == days.last
    assert all(
        one.last + timedelta(days=1) == other.first for one, other in itertools.pairwise(found)
    )


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    days = Days(date(2026, 11, 18), date(2026, 12, 8))

    assert [str(each.first) for each in steps(days, "week")] == [
        "2026-11-18", "2026-11-23", "2026-11-30", "2026-12-07",
    ]  # fmt: skip
    assert [str(each.first) for each in steps(days, "month")] == ["2026-11-18", "2026-12-01"]


def test_a_long_period_is_drawn_in_longer_steps() -> None:
    day = date(2026, 1, 1)

    assert step_of(Days(day, day + timedelta(days=29))) == "day"
    assert step_of(Days(day, day + timedelta(days=364))) == "week"
    assert step_of(Days(day, day + timedelta(days=900))) == "month"


def test_days_that_run_backwards_are_no_period() -> None:
    with pytest.raises(ValueError, match="comes after"):
        Days(date(2026, 1, 2), date(2026, 1, 1))
