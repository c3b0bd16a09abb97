"""Who is called quiet, and who is not."""

from datetime import timedelta

from regulars.registry import services as registry
from tests.factories import insights as facts
from tests.factories import people
from tests.factories.insights import Fact
from tests.insights.conftest import World
from tests.insights.quiet.making import (
    BEGINS,
    DUE,
    LAST,
    listed,
    morning,
    night,
    regular,
    visits,
    written,
)


def test_who_stays_away_half_as_long_again_as_usual_is_quiet(world: World) -> None:
    regular(world)

    night(DUE - timedelta(1))
    before = listed(DUE - timedelta(1))
    night(DUE)

    assert (before, listed(DUE)) == ([], ["Carol"])


def test_who_comes_seldom_is_quiet_later(world: World) -> None:
    regular(world, every=30)  # drawn to the chain's ten days: (2 × 10 + 90) / 5 = 22 days
    due = BEGINS + timedelta(90 + 33)

    night(due - timedelta(1))
    before = listed(due - timedelta(1))
    night(due)

    assert (before, listed(due)) == ([], ["Carol"])


def test_several_receipts_on_a_day_are_one_visit(world: World) -> None:
    carol = regular(world, times=2)
    written([facts.sale(store=world.first.id, customer=carol.pk, day=BEGINS)])

    night(BEGINS + timedelta(60))

    assert listed(BEGINS + timedelta(60)) == []


def test_three_visits_over_years_make_no_regular(world: World) -> None:
    regular(world, every=200, times=3, begins=BEGINS - timedelta(500))

    night(BEGINS + timedelta(400))

    assert listed(BEGINS + timedelta(400)) == []


def test_who_has_been_away_for_ages_is_given_up(world: World) -> None:
    regular(world)
    last = LAST + timedelta(6 * 15)

    night(last)
    still = listed(last)
    night(last + timedelta(1))

    assert (still, listed(last + timedelta(1))) == (["Carol"], [])


def test_a_chain_of_few_regulars_has_no_rhythm_yet(world: World, rhythm: list[list[Fact]]) -> None:
    regular(world)
    for sold in rhythm[:2]:
        written([facts.voided(sold[0]), facts.voided(sold[1])])

    night(DUE)

    assert listed(DUE) == []


def test_the_chain_decides_how_patient_it_is(world: World) -> None:
    regular(world)
    alice = people.actor(people.owner())
    registry.set_policy(actor=alice, key="silence.patience", value=300, now=morning(DUE))

    night(DUE)
    patient = listed(DUE)
    night(LAST + timedelta(30))

    assert (patient, listed(LAST + timedelta(30))) == ([], ["Carol"])


def test_a_purchase_that_was_voided_is_no_visit(world: World) -> None:
    carol = regular(world)
    (sold,) = written([facts.sale(store=world.first.id, customer=carol.pk, day=DUE)])
    night(DUE)
    before = listed(DUE)

    written([facts.voided(sold)])
    night(DUE)

    assert (before, listed(DUE)) == ([], ["Carol"])


def test_nothing_is_missed_of_who_brought_everything_back(world: World) -> None:
    carol = regular(world, times=3)
    sold = visits(world, carol.pk, times=1, begins=LAST, paid=5000)
    written([facts.returned(sold[0], day=LAST, paid=8000)])

    night(DUE)

    assert listed(DUE) == []
