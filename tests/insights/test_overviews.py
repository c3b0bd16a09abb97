"""The overview of a place: within scope, compared, drawn in steps, right while stores move."""

from datetime import UTC, date, datetime, timedelta

import pytest

from regulars.audit import ALL, Actor, ActorKind, Scope
from regulars.errors import Forbidden, NotFound
from regulars.insights.models import CHAIN
from regulars.insights.periods import Days
from regulars.insights.selectors import overviews, portraits
from regulars.insights.selectors.mapping import map_of, place_of
from regulars.insights.services import folding, portraying
from tests.factories import insights as facts
from tests.insights.conftest import World

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
WEEK = Days(TODAY - timedelta(days=6), TODAY)
BEFORE = Days(TODAY - timedelta(days=13), TODAY - timedelta(days=7))


def actor(scope: Scope = ALL, *may: str) -> Actor:
    permissions = frozenset(may or ("insights.view",))
    return Actor(kind=ActorKind.STAFF, name="Mia", scope=scope, may=permissions)


def test_who_may_not_see_figures_is_refused(world: World) -> None:
    with pytest.raises(Forbidden):
        overviews.overview(actor=actor(ALL, "customers.view"), days=WEEK)


def test_an_overview_compares_a_period_with_another(world: World) -> None:
    world.sell(0, 0, TODAY, 500)
    world.sell(0, 0, TODAY - timedelta(days=8), 300)

    found = overviews.overview(actor=actor(), days=WEEK, compare=BEFORE)

    assert found.figures.now.sales_minor == 500
    assert found.figures.now.new_buyers == 0
    assert found.figures.now.returning_buyers == 1
    assert found.figures.before is not None
    assert found.figures.before.sales_minor == 300
    assert [point.figures.sales_minor for point in found.series] == [0, 0, 0, 0, 0, 0, 500]
    assert sum(point.figures.sales_minor for point in found.series_before) == 300


def test_a_store_without_figures_has_zeros_in_the_table(world: World) -> None:
    world.sell(0, 0, TODAY)

    found = overviews.overview(actor=actor(), days=WEEK)

    sold = {row.shop.code: row.figures.now.purchases for row in found.stores}
    assert sold == {"001": 0, "s0": 1, "s1": 0, "s2": 0, "s3": 0}


def test_someone_without_a_store_sees_nothing(world: World) -> None:
    world.sell(0, 0, TODAY)

    found = overviews.overview(actor=actor(Scope()), days=WEEK)

    assert found.stores == ()
    assert not any(found.figures.now)


@pytest.mark.parametrize("which", ["region", "store"])
def test_a_place_outside_the_scope_is_not_found(world: World, which: str) -> None:
    inside = actor(Scope(store_ids=frozenset({world.stores[0].id})))
    region = world.regions[1].id if which == "region" else None
    store = world.stores[1].id if which == "store" else None

    with pytest.raises(NotFound):
        overviews.overview(actor=inside, days=WEEK, region_id=region, store_id=store)


def test_part_of_a_region_is_not_shown_as_the_region(world: World) -> None:
    world.sell(0, 0, TODAY)
    world.sell(2, 0, TODAY)
    one = actor(Scope(store_ids=frozenset({world.stores[0].id, world.stores[1].id})))

    found = overviews.overview(actor=one, days=WEEK, region_id=world.regions[0].id)

    assert found.figures.now.purchases == 1


def test_figures_are_right_while_a_store_has_moved_and_nothing_was_folded_since(
    own_world: World,
) -> None:
    own_world.sell(0, 0, TODAY)
    own_world.sell(1, 0, TODAY)
    own_world.sell(1, 1, TODAY)
    folding.fold(now=NOW)
    store = own_world.stores[0]
    store.region = own_world.regions[1]
    store.save(update_fields=["region"])

    whole = overviews.overview(actor=actor(), days=WEEK)
    west = overviews.overview(actor=actor(), days=WEEK, region_id=own_world.regions[1].id)

    assert {row.name: row.figures.now.purchases for row in whole.regions} == {"East": 0, "West": 3}
    assert west.figures.now.buyers == 2
    assert west.figures.now.repeat_buyers == 1
    assert sum(point.figures.purchases for point in west.series) == 3


def test_a_portrait_survives_being_kept(own_world: World) -> None:
    for customer, paid in enumerate((900, 60, 40)):
        own_world.sell(customer, customer, TODAY, paid)
    own_world.sell(1, 0, TODAY, 100)
    folding.fold(now=NOW)
    place = place_of(map_of(ALL))

    portraying.portray(days=WEEK, group_id=CHAIN, now=NOW)

    kept = portraits.kept(place=place, days=WEEK)
    assert kept == (portraits.portrait(place=place, days=WEEK), NOW)
    assert kept[0].curve[0][1] == pytest.approx(1000 / 1100)
    assert kept[0].pairs[0].customers == 1


def test_who_brought_back_more_than_they_bought_counts_as_nothing(world: World) -> None:
    old = facts.sale(
        store=world.stores[0].id, customer=world.customers[0], day=BEFORE.first, paid=5000
    )
    world.write(old, facts.returned(old, day=TODAY))
    world.sell(0, 0, TODAY, 100)
    world.sell(0, 1, TODAY, 300)

    found = portraits.portrait(place=place_of(map_of(ALL)), days=WEEK)

    assert found.total_minor == 300
    assert [each.paid_minor for each in found.top] == [300, 0]
