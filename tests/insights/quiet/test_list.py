"""The list of quiet customers: whose, why, in which order, and what is known at once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from regulars.errors import Forbidden
from regulars.insights.selectors import quiet
from regulars.staff.models import Role
from tests.factories import insights as facts
from tests.factories import people
from tests.factories import purchases as tills
from tests.insights.conftest import World
from tests.insights.quiet.making import (
    BEGINS,
    DUE,
    listed,
    morning,
    new,
    night,
    regular,
    written,
)


def test_the_dearest_come_first_and_pages_follow_each_other(world: World) -> None:
    for name, paid in (("Dave", 3000), ("Carol", 9000), ("Erin", 6000)):
        regular(world, name=name, paid=paid)
    night(DUE)
    alice = people.actor(people.owner())

    first = quiet.page(actor=alice, today=DUE, limit=2)
    second = quiet.page(actor=alice, today=DUE, limit=2, after=first.after)

    assert [each.person.name for each in first.customers] == ["Carol", "Erin"]
    assert [each.person.name for each in second.customers] == ["Dave"]
    assert second.after == ""


@pytest.mark.parametrize("mark", ["nonsense", "1:2", ":", f"{2**63}:{UUID(int=1)}", "\0:1"])
def test_a_mark_that_makes_no_sense_begins_at_the_front(world: World, mark: str) -> None:
    regular(world)
    night(DUE)

    assert listed(DUE, after=mark) == ["Carol"]


def test_everybody_sees_the_quiet_customers_of_their_scope(world: World) -> None:
    here, there = world.stores[0], world.stores[1]
    bob = people.staff(name="Bob", role=Role.GUIDE, stores=(here,))
    manager = people.staff(name="Mary", role=Role.STORE_MANAGER, stores=(here,))
    regular(world, name="Bob's", store=here, owner=bob, paid=3000)
    regular(world, name="beside", store=here, paid=2000)
    regular(world, name="elsewhere", store=there, paid=1000)
    night(DUE)

    seen = {
        person.name: [
            each.person.name for each in quiet.page(actor=people.actor(person), today=DUE).customers
        ]
        for person in (bob, manager)
    }

    assert seen == {"Bob": ["Bob's"], "Mary": ["Bob's", "beside"]}
    assert listed(DUE) == ["Bob's", "beside", "elsewhere"]
    assert listed(DUE, store_id=there.pk) == ["elsewhere"]
    assert listed(DUE, owner_id=bob.pk) == ["Bob's"]


def test_the_list_needs_the_permission_to_see_customers(world: World) -> None:
    with pytest.raises(Forbidden):
        quiet.page(actor=tills.TILL, today=DUE)


@pytest.mark.parametrize("regulars", [1, 4])
def test_the_list_is_one_statement(
    world: World, regulars: int, django_assert_num_queries: Any
) -> None:
    for _ in range(regulars):
        regular(world)
    night(DUE)
    alice = people.actor(people.owner())

    with django_assert_num_queries(1):
        found = quiet.page(actor=alice, today=DUE)

    assert len(found.customers) == regulars


@pytest.mark.parametrize(
    ("usual", "away", "said"),
    [
        (1, 20, "Comes about every day; the last visit was 20 days ago."),
        (14, 21, "Comes about every 2 weeks; the last visit was 3 weeks ago."),
        (35, 77, "Comes about every 5 weeks; the last visit was 11 weeks ago."),
        (182, 365, "Comes about every 6 months; the last visit was 12 months ago."),
    ],
)
def test_the_reason_is_said_as_people_count_time(usual: int, away: int, said: str) -> None:
    assert quiet.sentence(usual_days=usual, away_days=away) == said


def test_the_list_says_why_and_what_is_missed(world: World) -> None:
    regular(world, every=14, paid=7000)
    day = BEGINS + timedelta(42 + 35)

    night(day)
    (carol,) = quiet.page(actor=people.actor(people.owner()), today=day).customers

    usual = (2 * 10 + 3 * 14) / 5  # three gaps of 14 days, drawn by two of the chain's
    assert carol.reason == "Comes about every 12 days; the last visit was 35 days ago."
    assert (carol.usual_days, carol.away_days) == (round(usual), 35)
    # 70.00 a visit, as often as the usual gap fits into a week and into five
    assert carol.weekly_minor == round(7 * 7000 / usual)
    assert carol.missed_minor == round(35 * 7000 / usual)


def test_three_visits_in_one_week_are_not_taken_for_a_rhythm(world: World) -> None:
    regular(world, every=1, times=3, paid=7000)
    day = BEGINS + timedelta(2 + 18)

    night(day)
    (carol,) = quiet.page(actor=people.actor(people.owner()), today=day).customers

    usual = (2 * 10 + 2 * 1) / 4
    assert carol.usual_days == round(usual)
    assert carol.reason == "Comes about every 6 days; the last visit was 18 days ago."
    assert carol.missed_minor == round(18 * 7000 / usual)


def test_who_buys_something_leaves_the_list_at_once(world: World) -> None:
    carol = regular(world)
    night(DUE)

    tills.sale(customer=carol, occurred_at=morning(DUE) + timedelta(hours=5))

    assert listed(DUE) == []
    assert new(DUE) == []


def test_a_receipt_that_arrives_late_counts_from_its_own_day(world: World) -> None:
    carol = regular(world)
    night(DUE)
    written([facts.sale(store=world.first.id, customer=carol.pk, day=DUE - timedelta(1))])

    at_once = listed(DUE)
    night(DUE + timedelta(1))

    assert at_once == listed(DUE + timedelta(1)) == []


def test_a_guide_calls_first_whom_it_still_helps_to_call(world: World) -> None:
    regular(world, name="Long gone", paid=3000)
    regular(world, name="Just late", paid=2800, begins=BEGINS + timedelta(40))
    regular(world, name="Worth little", paid=300, begins=BEGINS + timedelta(40))
    day = DUE + timedelta(40)
    night(day)

    assert listed(day)[0] == "Long gone"
    assert listed(day, order="saving") == ["Just late", "Long gone", "Worth little"]


def test_what_is_at_stake_fades_until_they_are_given_up(world: World) -> None:
    regular(world)
    night(DUE)
    (fresh,) = quiet.page(actor=people.actor(people.owner()), today=DUE, order="saving").customers
    last = fresh.until - timedelta(days=1)

    (old,) = quiet.page(actor=people.actor(people.owner()), today=last, order="saving").customers

    assert fresh.rank == fresh.weekly_minor > 0
    assert old.rank == 0
    night(fresh.until)
    assert listed(fresh.until) == []


def test_pages_follow_each_other_in_that_order_too(world: World) -> None:
    for name, paid in (("Dave", 3000), ("Carol", 9000), ("Erin", 6000)):
        regular(world, name=name, paid=paid)
    night(DUE)
    bob = people.actor(people.owner())

    first = quiet.page(actor=bob, today=DUE, limit=2, order="saving")
    second = quiet.page(actor=bob, today=DUE, limit=2, after=first.after, order="saving")

    assert [each.person.name for each in first.customers] == ["Carol", "Erin"]
    assert [each.person.name for each in second.customers] == ["Dave"]
