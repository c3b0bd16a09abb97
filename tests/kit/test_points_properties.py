"""Points for purchases nobody thought of; each law with a positive control that breaks it."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.kit import Basket, Bonus, Buyer, Line, Rate, Spend, Where, points
from regulars.kit.points import Rules
from tests.kit.examples import basket, words

nets = st.integers(min_value=0, max_value=10**9)
categories = st.sampled_from(["", "gold", "jade", "silver"])
lines = st.builds(
    Line,
    net_minor=nets,
    quantity=st.one_of(st.integers(0, 99), st.decimals(0, 99, places=3)),
    category=categories,
    extra=st.fixed_dictionaries({}, optional={"weight": st.decimals(0, 999, places=3)}),
)
conditions = st.lists(
    st.one_of(
        st.builds(Where, fact=st.just("line.category"), value=categories),
        st.builds(
            Where,
            fact=st.just("line.net"),
            op=st.sampled_from(["at-least", "at-most"]),
            value=st.integers(0, 10**5),
        ),
        st.just(Where(fact="customer.birthday-month")),
    ),
    max_size=2,
).map(tuple)
pers = st.decimals(min_value="0.01", max_value=1000, places=2)
rates = st.builds(
    Rate,
    key=st.uuids().map(str),
    says=st.just(words("{points}")),
    points=st.integers(0, 50),
    per=pers,
    of=st.sampled_from(["line.net", "line.weight"]),
    where=conditions,
)
bonuses = st.one_of(
    *(
        st.builds(
            Bonus, key=st.uuids().map(str), says=st.just(words("x")), where=conditions, **form
        )
        for form in (
            {"flat": st.integers(1, 500)},
            {"each": st.integers(1, 50)},
            {"times": st.decimals(min_value="1.01", max_value=10, places=2)},
            {"points": st.integers(1, 50), "per": pers},
        )
    )
)
rules = st.builds(
    Rules,
    rates=st.lists(rates, max_size=4).map(tuple),
    bonuses=st.lists(bonuses, max_size=4).map(tuple),
)
baskets = st.builds(
    basket, st.just(Line(net_minor=1)), buyer=st.builds(Buyer, birthday_month=st.booleans())
).flatmap(
    lambda made: st.lists(lines, max_size=8).map(
        lambda several: Basket(lines=tuple(several), occurred_on=made.occurred_on, buyer=made.buyer)
    )
)
roundings = st.sampled_from(["floor", "half-up", "ceiling"])


@settings(max_examples=200, deadline=None)
@given(rules, baskets, roundings)
def test_points_add_up_by_rule_and_by_line(rules: Rules, bought: Basket, rounding: Any) -> None:
    result = points.evaluate(rules, bought, rounding=rounding)

    assert result.points == sum(award.points for award in result.awards)
    assert result.points == sum(result.by_line)
    assert len(result.by_line) == len(bought.lines)
    assert min((0, *result.by_line)) == 0
    assert all(sum(award.by_line) == award.points > 0 for award in result.awards)
    assert all(
        part == 0
        for line, part in zip(bought.lines, result.by_line, strict=True)
        if not line.net_minor
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(nets, min_size=1, max_size=8), pers, st.integers(1, 50))
def test_a_single_rate_gives_exactly_the_floor_of_the_exact_product(
    several: list[int], per: Decimal, number: int
) -> None:
    rate = Rate(key="a", says=words("x"), points=number, per=per)
    bought = basket(*(Line(net_minor=net) for net in several))

    exact = Fraction(sum(several), 100) * number / Fraction(per)

    assert points.evaluate(Rules(rates=(rate,)), bought).points == exact.__floor__()


def test_binary_fractions_would_break_that_law() -> None:
    rate = Rate(key="a", says=words("x"), per=Decimal("0.01"))

    assert int(0.29 / 0.01) == 28
    assert points.evaluate(Rules(rates=(rate,)), basket(Line(net_minor=29))).points == 29


@settings(max_examples=100, deadline=None)
@given(rules, baskets)
def test_a_later_rate_never_changes_what_an_earlier_one_took(rules: Rules, bought: Basket) -> None:
    last = Rate(key="last", says=words("x"), points=7, per=Decimal(1))
    more = Rules(rates=(*rules.rates, last))

    before = points.evaluate(Rules(rates=rules.rates), bought).awards
    after = points.evaluate(more, bought).awards

    assert before == tuple(award for award in after if award.rule != "last")


allocations = st.lists(st.integers(0, 10**9), min_size=1, max_size=9).flatmap(
    lambda weights: st.tuples(st.integers(0, sum(weights)), st.just(weights))
)
type Allocate = Callable[[int, Sequence[int]], Sequence[int]]


def is_fair(allocate: Allocate, total: int, weights: list[int]) -> bool:
    """Tell whether parts add up, and each is its exact share rounded up or down."""
    parts = allocate(total, weights)
    whole = sum(weights) or 1
    shares = [Fraction(total * weight, whole) for weight in weights]
    near = all(
        share.__floor__() <= part <= share.__ceil__()
        for part, share in zip(parts, shares, strict=True)
    )
    within = all(part <= weight for part, weight in zip(parts, weights, strict=True))
    return sum(parts) == total and near and within


def rounded_each(total: int, weights: Sequence[int]) -> list[int]:
    """Allocate as people do first: round every share by itself."""
    whole = sum(weights) or 1
    return [round(total * weight / whole) for weight in weights]


def rest_to_the_last(total: int, weights: Sequence[int]) -> list[int]:
    """Allocate as people do next: floor every share and give the rest to the last."""
    whole = sum(weights) or 1
    parts = [total * weight // whole for weight in weights]
    return [*parts[:-1], parts[-1] + total - sum(parts)]


@settings(max_examples=300, deadline=None)
@given(allocations)
def test_an_allocation_adds_up_and_is_fair(case: tuple[int, list[int]]) -> None:
    assert is_fair(points.allocate, *case)


@pytest.mark.parametrize("naive", [rounded_each, rest_to_the_last])
def test_naive_allocations_break_that_law(naive: Allocate) -> None:
    cases = [(total, [3, 3, 3, 1]) for total in range(11)] + [(5, [1, 1, 1, 1, 1, 0])]

    assert not all(is_fair(naive, total, weights) for total, weights in cases)
    assert all(is_fair(points.allocate, total, weights) for total, weights in cases)


def test_where_nothing_weighs_the_parts_are_even() -> None:
    assert points.allocate(5, [0, 0, 0]) == (2, 2, 1)
    assert points.allocate(0, []) == ()


@pytest.mark.parametrize(("total", "weights"), [(1, []), (-1, [1]), (1, [-1, 2])])
def test_an_impossible_allocation_is_an_error(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match=r"from 0|nothing to allocate"):
        points.allocate(total, weights)


returns = st.integers(1, 200).flatmap(
    lambda bought: st.tuples(
        st.integers(0, 10**6),
        st.just(bought),
        st.lists(st.integers(0, bought), max_size=8).map(lambda kept: sorted(kept, reverse=True)),
    )
)


@settings(max_examples=300, deadline=None)
@given(returns)
def test_partial_returns_add_up_exactly(case: tuple[int, int, list[int]]) -> None:
    amount, bought, keeps = case
    stages = [bought, *keeps, 0]
    taken = [points.taken_back(earned=amount, bought=bought, kept=kept) for kept in stages]
    given_back = [points.given_back(spent=amount, bought=bought, kept=kept) for kept in stages]

    assert taken == sorted(taken)
    assert given_back == sorted(given_back)
    assert (taken[0], taken[-1]) == (0, amount)
    assert (given_back[0], given_back[-1]) == (0, amount)
    assert all(part <= whole for part, whole in zip(given_back, taken, strict=True))


def test_rounding_each_return_by_itself_breaks_that_law() -> None:
    one_by_one = sum(100 * 1 // 3 for _ in range(3))
    cumulative = [points.taken_back(earned=100, bought=3, kept=kept) for kept in (2, 1, 0)]

    assert one_by_one == 99
    assert cumulative == [34, 67, 100]


spends = st.builds(
    Spend,
    key=st.just("s"),
    says=st.just(words("x")),
    mode=st.just("share"),
    point_value=st.decimals(min_value="0.001", max_value=5, places=3),
    share=st.decimals(min_value="0.01", max_value=1, places=2),
    block=st.integers(1, 120),
)


@settings(max_examples=300, deadline=None)
@given(spends, nets, st.integers(0, 10**6), st.one_of(st.none(), nets), st.integers(0, 3))
def test_points_never_pay_more_than_they_may(
    spend: Spend, amount: int, held: int, asked: int | None, exponent: int
) -> None:
    found = points.quote(
        spend,
        amount_minor=amount,
        held=held,
        asked_minor=asked,
        partial=True,
        currency_exponent=exponent,
    )

    value = Fraction(spend.point_value) * 10**exponent
    assert 0 <= found.points <= held
    assert found.points % spend.block == 0
    assert found.pays_minor <= found.points * value
    assert found.pays_minor <= Fraction(spend.share) * amount
    assert asked is None or found.pays_minor <= asked
    assert found.pays_minor + found.rest_minor == amount
    assert found.pays_minor > (found.points - spend.block) * value or found.points == 0
