"""Later purchases compared: a planted difference is found, and none where there is none."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from regulars import audit
from regulars.complaints.models import Case
from regulars.insights import effects
from regulars.insights.effects import Complainer, Effect, History, Standing
from regulars.insights.selectors import complaints_effect, mapping
from tests import counts
from tests.factories import insights as facts
from tests.factories.customers import customer
from tests.insights import complaining
from tests.insights.conftest import World

DAY = date(2026, 3, 1).toordinal()
TODAY = date(2026, 10, 20)


@dataclass(frozen=True)
class Town:
    """Customers with their own pace, some of whom complained."""

    complainers: list[Complainer]
    histories: dict[UUID, History]
    pool: list[UUID]
    complained: dict[UUID, int]

    def effect(self) -> Effect:
        return effects.effect(
            complainers=self.complainers,
            histories=self.histories,
            pool=self.pool,
            complained=self.complained,
        )


def town(dice: random.Random, *, size: int, lift: float = 1.0, drop: float = 1.0) -> Town:
    """Make customers who come at a pace of their own, and complain of one purchase in five.

    So who comes often complains more often. From the day a complaint is over, the pace of the
    satisfied is multiplied by `lift`, that of others by `drop`.
    """
    histories, complainers, complained = {}, [], {}
    for n in range(size):
        key = UUID(int=n + 1)
        pace = dice.choice((0.004, 0.01, 0.03))  # visits a day
        days = [day for day in range(DAY - 400, DAY + 200) if dice.random() < pace]
        bad = [day for day in days if DAY - 30 <= day <= DAY and dice.random() < 0.2]
        if bad:
            raised = bad[0] + dice.randint(0, 3)
            over = raised + dice.randint(1, 10)
            is_satisfied = dice.random() < 0.6
            factor = lift if is_satisfied else drop
            later = [day for day in range(over + 1, DAY + 200) if dice.random() < pace * factor]
            days = [day for day in days if day <= over] + later
            complainers.append(Complainer(key, raised, over, is_satisfied))
            complained[key] = raised
        histories[key] = History(tuple(days), tuple(dice.randint(50, 150) for _ in days))
    return Town(complainers, histories, list(histories), complained)


def tried(times: int, make: Callable[[random.Random], Town]) -> tuple[int, int, int]:
    """Return how often the satisfied, the others, and the two together were called different."""
    dice = random.Random(counts.seed())
    found = [make(dice).effect() for _ in range(times)]
    each = [(one.satisfied.estimate, one.unsatisfied.estimate, one.between) for one in found]
    return tuple(
        sum(estimate is not None and estimate.is_clear for estimate in side)
        for side in zip(*each, strict=True)
    )


@pytest.mark.proof(
    "towns in which frequent customers complain and nothing changes, drawn again and again"
)
def test_no_difference_is_found_where_there_is_none(record_property: counts.Note) -> None:
    times = counts.of(6, proof=400)
    satisfied, others, between = tried(times, lambda dice: town(dice, size=1_500))
    record_property("towns of 1,500", times)
    record_property("found", f"called different: {satisfied}, {others} and {between}")
    # 5 in a hundred by design, 3 more for what matching leaves; four standard errors beside.
    most = times * 0.08 + 4 * (times * 0.08 * 0.92) ** 0.5
    assert max(satisfied, others, between) <= most


@pytest.mark.proof("towns in which the satisfied come 2.2 times as often, others by a quarter less")
def test_a_planted_difference_is_found(record_property: counts.Note) -> None:
    times = counts.of(2, proof=100)
    satisfied, others, between = tried(
        times, lambda dice: town(dice, size=2_500, lift=2.2, drop=0.25)
    )
    record_property("towns of 2,500", times)
    record_property("found", f"found: {satisfied}, {others} and {between}")
    assert min(satisfied, others, between) >= times * 0.8


def test_without_matching_frequent_customers_would_look_like_an_effect() -> None:
    made = town(random.Random(11), size=3_000)
    found = made.effect()

    def came(keys: list[tuple[UUID, int]]) -> float:
        return sum(made.histories[key].after(over) > 0 for key, over in keys) / len(keys)

    over = [each.over for each in made.complainers]
    naive = came([(each.customer_id, each.over) for each in made.complainers]) - came([
        (key, over[n % len(over)]) for n, key in enumerate(made.pool)
    ])  # fmt: skip

    assert naive > 0.1  # what a plain comparison would say
    for group in (found.satisfied, found.unsatisfied):
        assert group.estimate is not None
        assert group.own is not None
        assert group.other is not None
        assert abs(group.estimate.difference) < naive / 2
        assert group.own.before == pytest.approx(group.other.before, rel=0.25)
        assert group.own.paid == pytest.approx(group.other.paid, rel=0.3)


def test_who_complained_before_is_nobodys_partner_and_nobody_is_twice() -> None:
    histories = {UUID(int=n): History((DAY - 10,), (100,)) for n in range(1, 6)}
    found = effects.effect(
        complainers=[Complainer(UUID(int=n), DAY, DAY + 5, True) for n in (1, 2)],
        histories=histories,
        pool=[UUID(int=n) for n in (3, 4, 5)],
        complained={UUID(int=3): DAY - 1, UUID(int=4): DAY + 1},
    )

    assert (found.satisfied.matched, found.satisfied.lone) == (1, 1)
    assert found.satisfied.partners == 2  # the fourth complained later, the third before
    assert found.satisfied.estimate is None  # too few to say
    assert found.unsatisfied.matched == 0
    assert found.between is None


def test_how_somebody_stood_is_told_as_of_the_day() -> None:
    history = History.of([(date.fromordinal(DAY - n), 100) for n in (400, 365, 30, 2, -1, -90)])

    assert history.before(DAY) == Standing(3, 2, 300)
    assert history.before(DAY - 31) == Standing(1, 334, 100)
    assert history.after(DAY) == 2
    assert history.after(DAY + 1) == 1
    assert History((), ()).before(DAY) is None
    like, unlike = Standing(3, 2, 300), Standing(3, 2, 700)
    assert like.distance(like) == 0
    assert like.distance(unlike) is None
    assert like.distance(Standing(3, 9, 300)) is None


def test_the_comparison_reads_complaints_and_purchases(
    world: World, django_assert_num_queries: Any
) -> None:
    people = [customer(name=f"K{n}", store=world.stores[0]).id for n in range(60)]
    over = TODAY - timedelta(days=120)
    for n, key in enumerate(people):
        visits = [over - timedelta(days=20)]
        if n < 12:  # all who were satisfied come again, nobody else does
            visits.append(over + timedelta(days=30))
        world.write(
            *(facts.sale(store=world.stores[0].id, customer=key, day=day) for day in visits)
        )
    at = datetime.combine(over, time(4), UTC)
    cases = complaining.write(
        complaining.closed(
            store_id=world.stores[0].id, customer_id=key, at=at - timedelta(days=3), over=at,
            satisfied=None if n == 24 else n < 12,
        )
        for n, key in enumerate(people[:25])
    )  # fmt: skip
    place = mapping.map_of(audit.ALL).everything()

    with django_assert_num_queries(4):
        found = complaints_effect.of_place(place=place, today=TODAY).effect

    assert found.satisfied.matched == found.unsatisfied.matched == 12
    assert set(found.satisfied.cases) == {each.pk for each in cases[:12]}
    assert found.satisfied.estimate is not None
    assert found.satisfied.estimate.difference == 1
    assert found.satisfied.estimate.low < 1
    assert found.unsatisfied.estimate is not None
    assert found.unsatisfied.estimate.difference == 0
    assert not found.unsatisfied.estimate.is_clear
    assert found.between is not None
    assert found.between.is_clear
    assert Case.objects.count() == 25
