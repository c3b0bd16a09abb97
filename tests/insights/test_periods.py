"""Periods, their steps, and that those people can choose are kept ready."""

import itertools
from datetime import date, timedelta

import pytest

from regulars.insights.periods import Days, months_earlier, prepared, step_of, steps
from regulars.web.periods import COMPARISONS, PRESETS, PeriodForm


@pytest.mark.parametrize(
    "today", [date(2026, 11, 21), date(2028, 2, 29), date(2026, 1, 1), date(2026, 3, 31)]
)
def test_every_period_of_the_form_is_kept_ready(today: date) -> None:
    ready = set(prepared(today))
    wanted = set()
    for preset, _name in PRESETS:
        for comparison, _name in COMPARISONS:
            if preset == "custom":
                continue
            chosen = PeriodForm({"period": preset, "compare": comparison}, today=today).chosen
            wanted.add(Days(chosen.start, chosen.end))
            if chosen.compare_start and chosen.compare_end:
                wanted.add(Days(chosen.compare_start, chosen.compare_end))

    assert wanted - ready == set()
    assert len(ready) < 32


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
