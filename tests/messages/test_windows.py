"""Rolling windows: the database, a plain reckoning and the promise of the first instant agree."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from regulars.customers.models import Customer
from regulars.messages import budgets, refusals
from regulars.messages.budgets import Budget
from regulars.messages.models import Contact
from regulars.messages.selectors import history
from regulars.messages.windows import Counted
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests import counts
from tests.factories.contacts import budget
from tests.factories.customers import NOW

TICK = timedelta(microseconds=1)
EXAMPLES = counts.of(40, proof=1_000)


@dataclass(frozen=True)
class Attempt:
    """Somebody tries to reserve, or writes a call down, or reserves and gives it back."""

    kind: str
    at: datetime
    purpose: str


# A grid of six hours and its neighbours: windows of days begin and end on it exactly.
moments = st.builds(
    lambda steps, ticks: NOW + timedelta(hours=6 * steps) + ticks * TICK,
    st.integers(-40, 40),
    st.sampled_from([-1, 0, 0, 0, 1]),
)
attempts = st.builds(
    Attempt,
    kind=st.sampled_from(["reserve", "reserve", "reserve", "log", "give back"]),
    at=moments,
    purpose=st.sampled_from(["care", "selling", "service"]),
)
declared = st.lists(
    st.fixed_dictionaries(
        {
            "purpose": st.sampled_from(["any", "care", "selling"]),
            "days": st.sampled_from([1, 2, 3, 7]),
            "most": st.integers(0, 3),
        }
    ),
    max_size=3,
)


def fits(before: Sequence[Counted], new: Counted, holding: Budget) -> bool:
    """Reckon as the rule is written: count every window that would hold the new contact."""
    for limit in holding.limits:
        if limit.purpose in ("any", new.purpose):
            every = [each.at for each in (*before, new) if limit.purpose in ("any", each.purpose)]
            for end in every:
                window = [at for at in every if end - timedelta(days=limit.days) < at <= end]
                if new.at in window and len(window) > limit.most:
                    return False
    return all(abs(each.at - new.at) >= holding.distance for each in before)


def tried(customer: Customer, attempt: Attempt) -> Contact | None:
    """Write a contact past every service; None if the database refuses."""
    row = Contact(
        customer=customer,
        purpose=attempt.purpose,
        channel="call",
        state="logged" if attempt.kind == "log" else "reserved",
        at=attempt.at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except DatabaseError as error:
        if refusals.sqlstate(error) in (refusals.TOO_MANY, refusals.TOO_NEAR):
            return None
        raise
    row.refresh_from_db()
    return row


def would_fit(customer: Customer, attempt: Attempt) -> bool:
    """Ask the database and take it back."""
    with suppress(_TakenBack), transaction.atomic():
        found = tried(customer, attempt) is not None
        raise _TakenBack
    return found


class _TakenBack(Exception):
    pass


_names = count()


@pytest.fixture
def somebody(inside_aurum: ChainInfo) -> Callable[[], Customer]:
    """Return a maker of customers: one for each example."""

    def make() -> Customer:
        made = Customer(name=f"C{next(_names)}")
        made.save(force_insert=True)
        return made

    return make


@pytest.mark.proof("histories and budgets of every sort, against a count of every window")
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(
    limits=[{"purpose": "any", "days": 7, "most": 3}],
    distance=0,
    story=[Attempt("reserve", NOW - timedelta(days=day), "care") for day in (6, 5, 4)],
    asked=Attempt("reserve", NOW, "selling"),
)
@given(
    limits=declared,
    distance=st.sampled_from([0, 60, 6 * 60, 24 * 60]),
    story=st.lists(attempts, max_size=10),
    asked=st.builds(
        Attempt, kind=st.just("reserve"), at=moments, purpose=st.sampled_from(["care", "selling"])
    ),
)
def test_the_database_counts_as_the_rule_is_written_and_the_promise_is_exact(
    somebody: Callable[[], Customer],
    limits: list[dict[str, Any]],
    distance: int,
    story: list[Attempt],
    asked: Attempt,
) -> None:
    budget(limits=limits, distance=distance)
    holding = budgets.of()
    customer = somebody()
    counted: list[Counted] = []

    for attempt in story:
        new = Counted(attempt.at, attempt.purpose)
        expected = attempt.purpose == "service" or fits(counted, new, holding)
        row = tried(customer, attempt)
        assert (row is not None) == (expected or attempt.kind == "log")
        if row is None:
            continue
        assert row.flagged == (attempt.kind == "log" and not expected)
        if attempt.kind == "give back":
            Contact.objects.filter(pk=row.pk).update(state="cancelled")
        elif attempt.purpose != "service":
            counted.append(new)

    known = history.counted([customer.pk], since=asked.at - holding.reach)[customer.pk]
    zone = context.current().zone
    refusal = holding.refusal(known, purpose=asked.purpose, at=asked.at, zone=zone)
    assert would_fit(customer, asked) == (refusal is None)
    if refusal is not None and refusal.possible_at is not None:
        first = Attempt("reserve", refusal.possible_at, asked.purpose)
        before = Attempt("reserve", refusal.possible_at - TICK, asked.purpose)
        assert would_fit(customer, first)
        assert not would_fit(customer, before)
        # Nothing between the question and the promise would have been allowed: every change of
        # the answer lies at a window's or a distance's end.
        ends = {each.at + span for each in known for span in _spans(holding)}
        assert not any(
            fits(counted, Counted(end, asked.purpose), holding)
            for end in ends
            if asked.at < end < refusal.possible_at
        )


def _spans(holding: Budget) -> list[timedelta]:
    return [holding.distance, *(limit.span for limit in holding.limits)]
