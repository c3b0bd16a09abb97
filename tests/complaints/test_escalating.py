"""Clocks that run out draw managers in, one after the other (Q2, Q5)."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.complaints import services
from regulars.complaints.models import Case, Entry
from regulars.complaints.services import escalating
from regulars.staff.models import Staff
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints
from tests.factories.complaints import HOUR, Cast
from tests.factories.customers import NOW


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def told(case: Case) -> list[dict[str, Any]]:
    found = Entry.objects.filter(case=case, kind="escalated").order_by("id")
    return [each.data for each in found]


def test_nobody_is_drawn_in_before_a_clock_runs_out(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")

    assert escalating.sweep(now=NOW + HOUR - timedelta(seconds=1)) == 0
    assert told(case) == []


def test_store_then_region_then_head_office_are_drawn_in(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")  # an hour for the first answer
    levels = []

    for hours in (1, 1.5, 2, 2.5, 3, 9):
        escalating.sweep(now=NOW + hours * HOUR)
        levels.append([each["level"] for each in told(case)])

    assert levels == [[1], [1], [1, 2], [1, 2], [1, 2, 3], [1, 2, 3]]
    assert told(case)[0] == {"clocks": ["reply"], "level": 1, "to": [str(cast.manager.id)]}
    assert told(case)[1]["to"] == [str(cast.region.id)]
    assert str(cast.office.id) in told(case)[2]["to"]


def test_a_level_that_nobody_holds_is_passed_over(cast: Cast) -> None:
    Staff.objects.filter(name="Mona").update(state="left")
    case = complaints.case(cast, severity="high")

    escalating.sweep(now=NOW + HOUR)

    assert [each["level"] for each in told(case)] == [2]


def test_an_answer_begins_anew(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")
    escalating.sweep(now=NOW + HOUR)
    services.apologise(
        actor=cast.guide, case_id=case.pk, text="Sorry", now=NOW + 1.5 * HOUR, key="a"
    )

    escalating.sweep(now=NOW + 2 * HOUR)
    assert [each["level"] for each in told(case)] == [1]
    escalating.sweep(now=NOW + 4 * HOUR)  # the matter should be settled by now
    assert told(case)[-1] == {
        "clocks": ["resolve"], "level": 1, "to": [str(cast.manager.id)],
    }  # fmt: skip


def test_what_waits_for_the_customer_or_is_closed_is_left_alone(cast: Cast) -> None:
    waits, spam = complaints.case(cast), complaints.case(cast)
    services.wait(actor=cast.guide, case_id=waits.pk, text="A picture?", now=NOW, key="w")
    services.end(
        actor=cast.manager, case_id=spam.pk, how="spam", reason="Advertising", now=NOW, key="e"
    )

    assert escalating.sweep(now=NOW + timedelta(days=30)) == 0


def test_sweeping_twice_at_once_draws_in_once(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")

    drawn = [escalating.sweep(now=NOW + HOUR) for _ in range(2)]

    assert drawn == [1, 0]
    assert len(told(case)) == 1
