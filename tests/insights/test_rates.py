"""Intervals and tests of counts, against scipy and against chance itself."""

import random

import pytest
from scipy import stats

from regulars.insights import rates
from regulars.insights.rates import Rate
from tests import counts


@pytest.mark.parametrize("events", [0, 1, 4, 9, 10, 37, 500])
def test_the_interval_of_a_count_is_garwoods(events: int) -> None:
    low, high = rates.poisson(events)

    exact = stats.chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    assert low == pytest.approx(exact, rel=0.003)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * events + 2) / 2, rel=0.003)


@pytest.mark.parametrize(("part", "whole", "chance"), [
    (3, 10, 0.1), (1, 1, 0.5), (0, 5, 0.2), (40, 300, 0.1), (6_100, 50_000, 0.12), (5, 5, 0.999),
])  # fmt: skip
def test_the_tail_of_many_tries_is_scipys(part: int, whole: int, chance: float) -> None:
    assert rates.at_least(part, whole, chance) == pytest.approx(
        stats.binom.sf(part - 1, whole, chance), rel=0.02, abs=1e-9
    )


def test_impossible_and_certain_tails_are_said_so() -> None:
    assert rates.at_least(1, 10, 0.0) == 0.0
    assert rates.at_least(11, 10, 0.5) == 0.0
    assert rates.at_least(3, 10, 1.0) == 1.0
    with pytest.raises(ValueError, match="no count"):
        rates.poisson(-1)


def test_a_rate_of_nothing_is_none_and_few_are_marked() -> None:
    assert Rate(3, 0).value is None
    assert Rate(3, 0).interval is None
    assert not Rate(4, 10_000).is_enough
    assert not Rate(50, 99).is_enough
    assert Rate(5, 100).is_enough
    assert Rate(5, 100).value == 50


def test_a_store_that_differs_is_named_and_others_are_not() -> None:
    alike = [Rate(10, 1_000) for _ in range(20)]

    assert rates.differing([Rate(60, 1_000), *alike]) == [1] + [0] * 20
    assert rates.differing([Rate(40, 20_000), *alike])[0] == -1
    assert rates.differing([Rate(10, 1_000)]) == [0]
    assert rates.differing([Rate(0, 0), Rate(3, 100)]) == [0, 0]


@pytest.mark.proof("thirty equal stores drawn by chance, again and again")
def test_equal_stores_are_rarely_told_apart(record_property: counts.Note) -> None:
    times, seed = counts.of(60, proof=2_000), counts.seed()
    dice, wrong = random.Random(seed), 0
    record_property("seed", seed)
    for _ in range(times):
        sizes = [dice.randint(50, 3_000) for _ in range(30)]
        drawn = [Rate(_events(dice, size * 0.01), size) for size in sizes]
        wrong += any(rates.differing(drawn))
    record_property("tables", times)
    record_property("found", f"{wrong} in which any was named")
    # At most 5 in a hundred; four standard errors of that many tries more.
    assert wrong / times <= 0.05 + 4 * (0.05 * 0.95 / times) ** 0.5


def _events(dice: random.Random, mean: float) -> int:
    """Draw from Poisson's distribution: arrivals within one unit of time."""
    events, at = 0, dice.expovariate(mean)
    while at < 1:
        events += 1
        at += dice.expovariate(mean)
    return events
