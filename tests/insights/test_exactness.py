"""Figures against a slow count of the same facts: late, returned, voided, moved, anonymous."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.insights.models import CHAIN
from regulars.insights.periods import Days, steps
from regulars.insights.selectors import figures, uncounted
from regulars.insights.services import folding, keeping, verification
from tests.factories import insights as facts
from tests.insights.conftest import STORES, World

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
START = date(2026, 6, 1)
# What can happen, as a word and three numbers that choose of whom, where and when.
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["sale"] * 8 + ["anonymous", "return", "void", "void", "fold", "fold", "keep", "merge"]
        ),
        st.integers(0, 999),
        st.integers(0, STORES - 1),
        st.integers(0, 25),
    ),
    min_size=3,
    max_size=40,
)


def do(world: World, word: str, which: int, store: int, day: int) -> None:
    """Let one thing happen."""
    on = START + timedelta(days=day)
    gone = {each.original for each in world.written if each.kind == "void"}
    left = [each for each in world.written if each.kind != "void" and each.id not in gone]
    sales = [each for each in left if each.kind == "sale"]
    if word == "sale":
        world.sell(store, which % len(world.customers), on, paid=which * 7)
    elif word == "anonymous":
        world.sell(store, None, on, paid=which * 7)
    elif word == "return" and sales:
        world.write(facts.returned(sales[which % len(sales)], day=on))
    elif word == "void" and left:
        world.write(facts.voided(left[which % len(left)]))
    elif word == "fold":
        folding.fold(now=NOW)
    elif word == "keep":
        keeping.keep(periods=[Days(on, on + timedelta(days=which % 20))], today=NOW.date())
    elif word == "merge":
        merge(world, world.customers[which % 3], world.customers[3 + store % 3])


def merge(world: World, absorbed: UUID, kept: UUID) -> None:
    """Give one customer's purchases to another."""
    with folding.recounted([absorbed, kept]):
        facts.move(absorbed=absorbed, kept=kept)
    world.written = [
        replace(each, customer=kept) if each.customer == absorbed else each
        for each in world.written
    ]


def check(world: World, periods: Collection[Days]) -> None:
    """Hold the figures of every group against a slow count; since ever, only points are asked."""
    answer = figures.read(group_ids=world.groups, periods=list(periods))
    for days in periods:
        for group, stores in world.groups.items():
            wanted = facts.counted(world.written, stores=stores, days=days)
            found = answer.of(days, group)
            if days == days.until:
                wanted, found = _points(wanted), _points(found)
            assert found == wanted, (days, group)


def _points(found: figures.Figures) -> figures.Figures:
    return figures.Figures(points=found.points)


def empty(world: World) -> None:
    """Forget all facts, as the owner of the tables."""
    folding.reset()
    facts.forget_all()
    world.written = []


def test_figures_are_those_of_a_slow_count_whatever_happens(own_world: World) -> None:
    @settings(
        max_examples=80,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(events=EVENTS, first=st.integers(0, 25), length=st.integers(0, 40))
    def run(events: list[tuple[str, int, int, int]], first: int, length: int) -> None:
        empty(own_world)
        begin = START + timedelta(days=first)
        periods = {Days(begin, begin + timedelta(days=length)), Days(START, START)}
        for event in events:
            do(own_world, *event)
        check(own_world, periods | {each.until for each in periods})
        check(own_world, keeping.kept())
        folding.fold(now=NOW)
        check(own_world, periods | set(keeping.kept()))
        assert verification.verify(now=NOW) == []

    run()


def test_a_series_is_the_figures_of_its_steps(own_world: World) -> None:
    for day in (0, 3, 3, 9, 20, 33):
        own_world.sell(day % 4, day % 3, START + timedelta(days=day))
    folding.fold(now=NOW)
    own_world.sell(0, 0, START + timedelta(days=9))
    days = Days(START, START + timedelta(days=40))
    weeks = steps(days, "week")

    answer = figures.read(group_ids=[], periods=[], group_id=CHAIN, steps=weeks)

    assert [answer.series.get(week, figures.NOTHING) for week in weeks] == [
        facts.counted(own_world.written, stores=own_world.groups[CHAIN], days=week)
        for week in weeks
    ]


def test_the_long_way_and_the_short_way_agree(own_world: World) -> None:
    for day in (0, 3, 3, 9, 20, 33):
        own_world.sell(day % 4, day % 3, START + timedelta(days=day))
    folding.fold(now=NOW)
    days = Days(START + timedelta(days=2), START + timedelta(days=30))
    two = own_world.groups[own_world.regions[1].id]

    found = uncounted.of_stores(store_ids=two, periods=[days])

    assert found[days] == facts.counted(own_world.written, stores=two, days=days)


def test_a_customer_with_many_purchases_is_looked_at_further_back(own_world: World) -> None:
    # Beyond the latest eight facts, in another store, and with one of them voided.
    own_world.sell(1, 0, START)
    own_world.sell(1, 0, START + timedelta(days=1))
    for day in range(2, 14):
        own_world.sell(0, 0, START + timedelta(days=day))
    gone = own_world.sell(0, 0, START + timedelta(days=13))
    own_world.write(facts.voided(gone))
    folding.fold(now=NOW)
    keeping.keep(periods=[Days(START, START + timedelta(days=40))], today=NOW.date())

    own_world.sell(1, 0, START + timedelta(days=20))
    own_world.sell(0, 0, START + timedelta(days=20))

    periods = [Days(START + timedelta(days=n), START + timedelta(days=40)) for n in (0, 1, 2, 13)]
    check(own_world, periods)
    folding.fold(now=NOW)
    check(own_world, periods)


def test_more_facts_than_were_planned_for_are_all_folded(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    folding.fold(now=NOW)
    planned = {9: 2, 2: 5, 5: None}  # too few, still too few, any number
    for module in (folding, figures):
        monkeypatch.setattr(module, "size_for", planned.__getitem__)
    for day in range(9):
        own_world.sell(0, day % 4, START + timedelta(days=day))
    days = Days(START, START + timedelta(days=20))

    check(own_world, [days])
    folded = folding.fold(now=NOW)

    assert folded.purchases == 9
    check(own_world, [days])
