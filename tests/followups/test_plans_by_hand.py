"""A plan that somebody starts with one customer, and what stops it."""

from datetime import date, timedelta
from typing import Any

import pytest

from regulars.audit import SYSTEM
from regulars.customers import services as customer_services
from regulars.errors import Forbidden, NotFound
from regulars.followups.models import Task
from regulars.followups.plans import by_hand, stopping
from regulars.followups.plans.writing import TaskRefused
from regulars.kit import FollowUp, Where
from regulars.staff.models import Role
from tests.factories import customers, followups, people
from tests.factories.customers import NOW
from tests.followups.conftest import Cast, Declare

DAY = date(2026, 11, 23)


@pytest.fixture
def plan(declare: Declare) -> FollowUp:
    """A plan for those who buy gold, that somebody wants without a purchase."""
    declare(
        followups.plan(
            steps=(followups.step("call", after=1), followups.step("visit", after=9, do="visit")),
            where=(Where(fact="line.karat", op="at-least", value=18),),
        ),
        followups.plan("old", retired=True),
    )
    (found,) = by_hand.choices()
    return found


def start(cast: Cast, plan: FollowUp, customer: Any, **facts: Any) -> list[Task]:
    asked = {"actor": cast.bob, "on": DAY, "key": "one", "now": NOW, **facts}
    return by_hand.start(customer_id=customer.pk, plan=plan.key, **asked)


@pytest.fixture
def carol(cast: Cast) -> Any:
    return customers.customer(name="Carol", owner=cast.bob_, store=cast.north)


def test_its_steps_count_from_the_day_that_was_given(
    cast: Cast, plan: FollowUp, carol: Any
) -> None:
    tasks = start(cast, plan, carol)

    assert [(each.step, each.due_on) for each in tasks] == [
        ("call", DAY + timedelta(days=1)), ("visit", DAY + timedelta(days=9)),
    ]  # fmt: skip
    assert {each.owner_id for each in tasks} == {cast.bob_.pk}


def test_the_same_key_is_the_same_run_and_another_is_refused_while_it_runs(
    cast: Cast, plan: FollowUp, carol: Any
) -> None:
    tasks = start(cast, plan, carol)

    assert start(cast, plan, carol) == tasks
    with pytest.raises(by_hand.RunsAlready):
        start(cast, plan, carol, key="two")
    Task.objects.filter(customer=carol).update(state="done", done_at=NOW)
    assert start(cast, plan, carol, key="two")


def test_a_wish_to_hear_no_more_stops_it(cast: Cast, plan: FollowUp, carol: Any) -> None:
    start(cast, plan, carol)
    customer_services.consent(
        actor=SYSTEM, customer_id=carol.pk, purpose="care", given=False, how="spoken", now=NOW
    )

    stopping.settle([carol.pk], now=NOW)

    assert set(Task.objects.filter(customer=carol).values_list("state", flat=True)) == {"stopped"}


@pytest.mark.parametrize("on", [date(2020, 1, 1), date(2030, 1, 1), date(2026, 3, 1)])
def test_a_day_of_which_nothing_is_left_is_refused(
    cast: Cast, plan: FollowUp, carol: Any, on: date
) -> None:
    with pytest.raises(TaskRefused) as caught:
        start(cast, plan, carol, on=on)

    assert "on" in caught.value.fields
    assert not Task.objects.filter(customer=carol).exists()


def test_nobody_starts_one_with_a_customer_who_is_not_theirs(
    cast: Cast, plan: FollowUp, carol: Any
) -> None:
    with pytest.raises(NotFound):
        start(cast, plan, carol, actor=cast.charlie)
    analyst = people.staff(name="Ann", role=Role.ANALYST)
    with pytest.raises(Forbidden):
        start(cast, plan, carol, actor=people.actor(analyst))
