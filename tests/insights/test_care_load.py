"""How many tasks a week a plan would make."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from regulars import registry
from regulars.customers.models import LifeEvent
from regulars.insights.selectors import care_load
from regulars.kit import FollowUp, Where
from tests.factories import customers, purchases
from tests.factories import insights as facts
from tests.insights.conftest import World

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)


def plan(**changes: Any) -> FollowUp:
    """Return the jeweller's plan after a purchase, changed."""
    plans: tuple[FollowUp, ...] = registry.vertical().follow_ups
    found = next(each for each in plans if each.key == "after-purchase")
    return replace(found, **{"where": (), **changes})


def test_purchases_of_the_last_ninety_days_are_judged_by(world: World) -> None:
    for days in (0, 10, 89, 90, 200):
        world.sell(0, 0, TODAY - timedelta(days=days))
    world.sell(0, None, TODAY)  # nobody to care for
    world.write(facts.voided(world.sell(0, 1, TODAY)))

    load = care_load.of(plan=plan(), now=NOW)

    assert (load.starts, load.steps) == (3, 2)
    assert load.a_week == pytest.approx(3 * 2 * 7 / 90)
    assert load.is_at_most  # a return ends it


def test_conditions_on_goods_leave_fewer(inside_aurum: Any, world: World) -> None:
    buyer = purchases.customer()
    for category in ("gold-bar", "ring"):
        purchases.sale(purchases.line(1_000, category=category), customer=buyer)
    bars = Where(fact="line.category", op="any-of", value=("gold-bar",))

    every, few = (
        care_load.of(plan=plan(where=where, stops=()), now=NOW) for where in ((), (bars,))
    )

    assert (every.starts, few.starts) == (2, 1)
    assert not few.is_at_most


def test_days_of_life_that_come_are_judged_by(world: World) -> None:
    carol = customers.customer(name="Carol")
    for ahead in (0, 89, 90):
        on = TODAY + timedelta(days=ahead)
        LifeEvent(customer=carol, kind="birthday", month=1, day=1, next_on=on).save()

    load = care_load.of(plan=plan(starts="customer.birthday"), now=NOW)

    assert load.starts == 2


@pytest.mark.parametrize(
    "trigger",
    [
        "customer.joined", "customer.silent", "followup.done", "possession.added",
        "purchase.delivered", "purchase.returned", "customer.wedding", "possession.ring.cleaning",
    ],
)  # fmt: skip
def test_every_trigger_is_judged_in_one_question(
    world: World, trigger: str, django_assert_num_queries: Any
) -> None:
    made = plan(starts=trigger)

    with django_assert_num_queries(1):
        load = care_load.of(plan=made, now=NOW)

    assert load.starts is not None


@pytest.mark.parametrize("trigger", ["tier.raised", "complaint.closed"])
def test_what_nothing_tells_of_is_not_guessed(world: World, trigger: str) -> None:
    assert care_load.of(plan=plan(starts=trigger), now=NOW).a_week is None
