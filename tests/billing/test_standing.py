"""What is open to a chain that pays, pays late, cancels, or never paid."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.billing import plans
from regulars.billing.plans import Times
from regulars.billing.standing import OWING, PAYING, Access, Facts, Reason, Standing, standing

START = datetime(2026, 11, 21, 2, tzinfo=UTC)
TIMES = Times()
ORDER = [Access.FULL, Access.READ_ONLY, Access.PAUSED, Access.CLOSED]


def at(days: float, **facts: object) -> Standing:
    known = Facts(**({"trial_ends_at": START} | facts))  # type: ignore[arg-type]
    return standing(known, times=TIMES, now=START + timedelta(days=days))


@pytest.mark.parametrize(
    ("days", "access", "notice"),
    [
        (0, Access.FULL, "late-0"),
        (6.99, Access.FULL, "late-6"),
        (7, Access.READ_ONLY, "read-only"),
        (20.9, Access.READ_ONLY, "read-only"),
        (21, Access.PAUSED, "paused"),
        (46, Access.PAUSED, "closing-14"),
        (59.5, Access.PAUSED, "closing-1"),
        (60, Access.CLOSED, "closed"),
        (4000, Access.CLOSED, "closed"),
    ],
)
def test_who_does_not_pay_is_reminded_then_looks_only_then_is_closed(
    days: float, access: Access, notice: str
) -> None:
    found = at(days, status="past_due", unpaid_since=START)

    assert (found.access, found.reason, found.notice) == (access, Reason.LATE, notice)


@pytest.mark.parametrize(
    ("days", "notice"), [(-20, ""), (-7, "trial-7"), (-3, "trial-3"), (-0.5, "trial-1")]
)
def test_the_end_of_a_trial_is_told_before_it_comes(days: float, notice: str) -> None:
    found = at(days)

    assert found.access is Access.FULL
    assert found.next_at == START
    assert found.notice == notice


def test_a_trial_that_ends_without_a_subscription_goes_the_way_of_a_late_payment() -> None:
    assert at(1).reason is Reason.TRIAL_OVER
    assert [at(day).access for day in (1, 8, 22, 61)] == ORDER


def test_a_cancelled_chain_looks_only_from_the_end_of_what_it_paid_for() -> None:
    found = at(0, trial_ends_at=START - timedelta(days=60), status="canceled", ended_at=START)

    assert (found.access, found.reason) == (Access.READ_ONLY, Reason.CANCELLED)
    assert found.next_at == START + TIMES.read_only


@pytest.mark.parametrize(
    ("day", "access", "reason"),
    [
        (-29, Access.FULL, Reason.TRIAL),
        (-1, Access.FULL, Reason.TRIAL),
        (1, Access.FULL, Reason.TRIAL_OVER),
        (7, Access.READ_ONLY, Reason.TRIAL_OVER),
        (60, Access.CLOSED, Reason.TRIAL_OVER),
    ],
)
def test_who_subscribes_and_cancels_during_the_trial_keeps_the_rest_of_it(
    day: float, access: Access, reason: Reason
) -> None:
    found = at(day, status="canceled", ended_at=START - timedelta(days=30))

    assert (found.access, found.reason) == (access, reason)


def test_who_cancels_right_after_the_trial_is_no_worse_off_than_who_never_bought() -> None:
    facts = {"status": "canceled", "ended_at": START + timedelta(days=2)}

    assert [at(day, **facts).access for day in (3, 8, 22, 61)] == ORDER


@given(
    days=st.floats(0, 400),
    status=st.sampled_from(sorted(PAYING)),
    ended=st.none() | st.integers(-90, 0),
)
def test_paying_opens_everything_whatever_was_before(
    days: float, status: str, ended: int | None
) -> None:
    before = None if ended is None else START + timedelta(days=ended)

    found = at(days, status=status, unpaid_since=START, ended_at=before)

    assert found.access is Access.FULL
    assert found.notice == ""


@given(
    first=st.floats(0, 400),
    more=st.floats(0, 400),
    status=st.sampled_from([*sorted(OWING), "canceled", ""]),
)
def test_time_alone_never_opens_anything(first: float, more: float, status: str) -> None:
    facts = {"status": status, "unpaid_since": START}
    if status == "canceled":
        facts["ended_at"] = START

    earlier, later = at(first, **facts), at(first + more, **facts)

    assert ORDER.index(earlier.access) <= ORDER.index(later.access)
    if earlier.next_at is not None and earlier.next_access is not None:
        now = earlier.next_at - START
        assert at(now / timedelta(days=1), **facts).access is earlier.next_access


def test_every_plan_says_what_happens_in_an_order_that_can_be() -> None:
    for plan in plans.PLANS.values():
        times = plan.times
        assert timedelta() < times.late < times.late + times.read_only < times.closes
        assert set(plan.monthly) == set(plan.yearly) == set(plan.message) == set(plans.CURRENCIES)
