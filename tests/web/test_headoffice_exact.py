"""The page's figures against a slow count in Python, for several people and periods."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache

from regulars.insights.periods import Days
from regulars.insights.selectors import rows
from regulars.staff.models import Role
from tests.factories import insights as facts
from tests.factories import people
from tests.factories.headoffice import FIRST, url
from tests.factories.visitors import Visitor, signed_in
from tests.insights.conftest import World, made

PERIODS = {
    "a day": Days(FIRST + timedelta(days=9), FIRST + timedelta(days=9)),
    "a week": Days(FIRST + timedelta(days=5), FIRST + timedelta(days=11)),
    "two months": Days(FIRST, FIRST + timedelta(days=60)),
}
PLACES = {"all": None, "region": (0, 2), "two stores": (0, 1), "one store": (3,)}


@pytest.fixture
def world(inside_aurum: Any) -> World:
    """Two months of sales, known and not, with returns and voids of some of them."""
    cache.clear()
    world, luck = made(), random.Random(7)
    for _ in range(220):
        on = FIRST + timedelta(days=luck.randrange(60))
        who = luck.randrange(6) if luck.random() < 0.8 else None
        sold = world.sell(luck.randrange(4), who, on, luck.randrange(1, 90_000))
        if luck.random() < 0.15:
            later = on + timedelta(days=luck.randrange(20))
            back = facts.returned(sold, day=later, paid=luck.randrange(1, sold.paid + 1))
            world.write(back)
            if luck.random() < 0.3:
                world.write(facts.voided(back))
        elif luck.random() < 0.1:
            world.write(facts.voided(sold))
    return world


def seeing(world: World, where: tuple[int, ...] | None) -> tuple[Visitor, set[UUID]]:
    """Sign in as somebody who sees these stores, head office without any named."""
    if where is None:
        return signed_in(), {world.first.id, *(each.id for each in world.stores)}
    shops = tuple(world.stores[n] for n in where)
    region = {"regions": (world.regions[0],), "role": Role.REGION_MANAGER}
    store = {"stores": shops, "role": Role.STORE_MANAGER}
    people.staff(email="mia@aurum.example", **(region if where == (0, 2) else store))  # type: ignore[arg-type]
    return signed_in(email="mia@aurum.example"), {each.id for each in shops}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("period", PERIODS)
def test_the_page_shows_what_a_slow_count_finds(world: World, place: str, period: str) -> None:
    days = PERIODS[period]
    client, stores = seeing(world, PLACES[place])

    found = client.get(url(start=days.first, end=days.last)).context["found"]

    assert found.figures.now == facts.counted(world.written, stores=stores, days=days)
    assert {row.shop.id: row.figures.now for row in found.stores} == {
        key: facts.counted(world.written, stores={key}, days=days) for key in stores
    }


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("period", PERIODS)
def test_the_rows_are_exactly_as_many_as_a_slow_count_finds(
    world: World, place: str, period: str
) -> None:
    days = PERIODS[period]
    client, stores = seeing(world, PLACES[place])
    counted = facts.counted(world.written, stores=stores, days=days)
    expected = {
        "sales": counted.purchases + counted.returns,
        "purchases": counted.purchases,
        "returns": counted.returns,
        "buyers": counted.buyers,
        "top": counted.buyers,
        "new": counted.new_buyers,
        "returning": counted.returning_buyers,
        "repeat": counted.repeat_buyers,
    }

    listed = {}
    for kind in expected:
        address = url(f"/insights/files/{kind}.csv", start=days.first, end=days.last)
        listed[kind] = len(client.get(address).getvalue().decode().splitlines()) - 1

    assert listed == expected
    assert set(expected) == {*rows.FACTS, *rows.BUYERS} - {"shared"}
