"""What a complaint of each severity is allowed, and by when (scenarios/clocks.md 1–4, Q5).

Beyond the listed ones stand the cases of a public help-desk (Frappe Helpdesk, `test_hd_ticket`),
whose working hours and times are those of the scenarios.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from regulars.complaints import timing
from regulars.complaints.models import Case
from tests.complaints.test_clocks import HOUR, OFFICE, at, store

SECOND = timedelta(seconds=1)
LEAST = 0.25  # of its time is left when the owner is warned


def begun(severity: str, now: datetime, *off: str) -> Case:
    """Start the clocks of a complaint that fits no kind; `off` are days without opening."""
    shop = store({**OFFICE, "dates": {day: [] for day in off}})
    case = Case(store=shop, severity=severity, state="heard", opened_at=now)
    timing.start(case, store=shop, times=timing.allowed(severity, None), now=now)
    return case


@pytest.mark.parametrize(
    ("severity", "reply", "resolve"),
    [("urgent", 0.5, 2), ("high", 1, 4), ("medium", 8, 24), ("low", 24, 72)],
)
def test_every_severity_has_its_times_and_all_hear_again_within_eight_hours(
    severity: str, reply: float, resolve: float
) -> None:
    times = timing.allowed(severity, None)

    assert times == timing.Times(reply * HOUR, 8 * HOUR, resolve * HOUR)
    assert set(timing.BY_SEVERITY) == set(Case.Severity.values)


@pytest.mark.parametrize(
    ("severity", "now", "reply", "update", "resolve"),
    [
        pytest.param("high", at(2, "08:00"), at(2, "11:00"), at(2, "18:00"), at(2, "14:00"),
                     id="1: before opening"),
        pytest.param("urgent", at(6, "17:00"), at(6, "17:30"), at(9, "17:00"), at(9, "11:00"),
                     id="2: an hour before the weekend"),
        pytest.param("high", at(2, "10:00"), at(2, "11:00"), at(2, "18:00"), at(2, "14:00"),
                     id="on a working day"),
        pytest.param("urgent", at(2, "20:00"), at(3, "10:30"), at(3, "18:00"), at(3, "12:00"),
                     id="after closing"),
        pytest.param("low", at(7, "15:00"), at(11, "18:00"), at(9, "18:00"), at(19, "18:00"),
                     id="on a Saturday"),
        pytest.param("high", at(6, "19:00"), at(9, "11:00"), at(9, "18:00"), at(9, "14:00"),
                     id="on Friday after closing"),
        pytest.param("medium", at(2, "14:00"), at(3, "14:00"), at(3, "14:00"), at(5, "14:00"),
                     id="over a night"),
    ],
)  # fmt: skip
def test_its_clocks_run_while_the_store_is_open(
    severity: str, now: datetime, reply: datetime, update: datetime, resolve: datetime
) -> None:
    case = begun(severity, now)

    assert (case.reply_due_at, case.update_due_at, case.resolve_due_at) == (reply, update, resolve)


def test_days_off_are_left_out() -> None:
    case = begun("urgent", at(5, "15:00"), "2026-11-05", "2026-11-06")  # 3: Thursday, Friday

    assert case.reply_due_at == at(9, "10:30")
    assert case.resolve_due_at == at(9, "12:00")


@pytest.mark.parametrize(
    ("severity", "opened", "answered", "back", "off", "resolve"),
    [
        pytest.param("high", at(2, "12:00"), at(2, "12:30"), at(2, "13:00"), (), at(2, "16:30"),
                     id="4: half an hour"),
        pytest.param("urgent", at(5, "15:00"), at(5, "15:00"), at(5, "16:00"), (), at(5, "18:00"),
                     id="to the last minute of the day"),
        pytest.param("urgent", at(5, "15:00"), at(5, "15:00"), at(5, "16:00") + SECOND, (),
                     at(6, "10:00") + SECOND, id="a second more: the next day"),
        pytest.param("high", at(5, "17:30"), at(5, "17:50"), at(9, "12:30"), ("2026-11-06",),
                     at(9, "16:10"), id="over a day off and a weekend"),
        pytest.param("high", at(2, "12:00"), at(2, "12:30"), at(7, "12:00"), (), at(9, "13:30"),
                     id="back on a Saturday"),
    ],
)  # fmt: skip
def test_waiting_for_the_customer_adds_as_much_opening_time(
    severity: str, opened: datetime, answered: datetime, back: datetime, off: Any, resolve: datetime
) -> None:
    case = begun(severity, opened, *off)
    times = timing.allowed(severity, None)

    timing.answered(case, store=case.store, times=times, now=answered)
    timing.pause(case, now=answered)
    assert timing.running(case) == {}
    timing.resume(case, store=case.store, now=back)

    assert case.replied_at == answered
    assert case.reply_due_at is None
    assert case.resolve_due_at == resolve


def test_an_urgent_one_is_not_rung_for_its_next_word_before_it_should_be_settled() -> None:
    case = begun("urgent", at(2, "10:00"))
    timing.answered(
        case, store=case.store, times=timing.allowed("urgent", None), now=at(2, "10:10")
    )

    assert case.update_due_at == at(3, "10:10")
    assert timing.draws_at(case) == case.resolve_due_at == at(2, "12:00")
    assert case.look_at == at(2, "12:00") - 2 * HOUR * LEAST


def test_it_goes_on_with_what_was_left_when_the_customer_is_not_satisfied() -> None:
    case = begun("high", at(2, "12:00"))
    times = timing.allowed("high", None)
    timing.answered(case, store=case.store, times=times, now=at(2, "12:30"))
    timing.settled(case, now=at(2, "13:00"))

    timing.go_on(case, store=case.store, now=at(4, "17:00"))

    assert case.resolved_at is None
    assert case.resolve_due_at == at(5, "12:00")
    assert case.update_due_at == at(5, "17:00")
