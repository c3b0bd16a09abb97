"""The engine against a second, slow and plain implementation; and how long it takes."""

import sys
from decimal import Decimal
from fractions import Fraction
from time import perf_counter

import pytest
from hypothesis import given, settings

from regulars.kit import Basket, Bonus, Buyer, Line, Rate, Where, points
from regulars.kit.conditions import holds
from regulars.kit.points import Rules
from tests.kit.examples import A_DAY, words
from tests.kit.test_points_properties import baskets, rules


def fact_of(where: Where, line: Line, bought: Basket) -> object:
    """Read the few facts that the generated rules speak of."""
    buyer = bought.buyer
    known: dict[str, object] = {
        "line.category": line.category,
        "line.net": Decimal(line.net_minor) / 100,
        "customer.birthday-month": buyer.birthday_month if buyer else None,
    }
    return known[where.fact]


def met(rule: Rate | Bonus, line: Line, bought: Basket) -> bool:
    """Tell whether a line was paid for and meets all conditions."""
    every = all(holds(where, fact_of(where, line, bought)) for where in rule.where)
    return every and line.net_minor > 0


def counted(rule: Rate | Bonus, line: Line) -> Fraction:
    """Return what a rule counts of a line, in major units or grams."""
    money = Fraction(line.net_minor, 100)
    weight = line.extra.get("weight")
    grams = Fraction(weight) if isinstance(weight, Decimal) else Fraction(0)
    return {"line.net": money, "line.weight": grams}[rule.of]


def slow_total(rules: Rules, bought: Basket) -> int:
    """Count the points of a purchase as one would explain it, line by line."""
    first = [
        next((rate for rate in rules.rates if met(rate, line, bought)), None)
        for line in bought.lines
    ]
    base = [0] * len(bought.lines)
    for rate in rules.rates:
        amounts = [
            counted(rate, line) if chosen is rate else Fraction(0)
            for line, chosen in zip(bought.lines, first, strict=True)
        ]
        whole = (sum(amounts, Fraction(0)) * rate.points / Fraction(rate.per)).__floor__()
        parts = points.allocate(whole, amounts)
        base = [have + part for have, part in zip(base, parts, strict=True)]
    return sum(base) + sum(slow_bonus(bonus, bought, base) for bonus in rules.bonuses)


def slow_bonus(bonus: Bonus, bought: Basket, base: list[int]) -> int:
    """Count what one bonus adds."""
    chosen = [
        (line, have)
        for line, have in zip(bought.lines, base, strict=True)
        if met(bonus, line, bought)
    ]
    earned = sum(have for _, have in chosen)
    amount = sum((counted(bonus, line) for line, _ in chosen), Fraction(0))
    pieces = sum((Fraction(line.quantity) for line, _ in chosen), Fraction(0))
    forms = {
        "flat": bonus.flat if chosen else 0,
        "each": (pieces * bonus.each).__floor__(),
        "times": (earned * Fraction(bonus.times or 1)).__floor__() - earned,
        "per": (amount * bonus.points / Fraction(bonus.per or 1)).__floor__(),
    }
    return sum(forms.values())


@settings(max_examples=300, deadline=None)
@given(rules, baskets)
def test_both_implementations_agree(rules: Rules, bought: Basket) -> None:
    assert points.evaluate(rules, bought).points == slow_total(rules, bought)


@pytest.mark.parametrize("wrong", ["half-up", "ceiling"])
def test_another_rounding_would_be_noticed(wrong: points.Rounding) -> None:
    rules = Rules(rates=(Rate(key="a", says=words("x"), per=Decimal(20)),))
    bought = Basket(lines=(Line(net_minor=599_900),), occurred_on=A_DAY)

    assert slow_total(rules, bought) == 299
    assert points.evaluate(rules, bought, rounding=wrong).points != 299


def test_ten_lines_and_ten_rules_are_counted_in_the_blink_of_a_till(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rates = tuple(
        Rate(
            key=f"rate-{number}",
            says=words("{points}"),
            per=Decimal(10 + number),
            where=(
                Where(fact="line.category", op="any-of", value=(f"c{number}", "z")),
                Where(fact="line.karat", value="18k"),
            ),
        )
        for number in range(4)
    )
    rest = Rate(key="rest", says=words("{points}"), per=Decimal(10))
    bonuses = tuple(
        Bonus(
            key=f"bonus-{number}",
            says=words("{points}"),
            points=1,
            per=Decimal(10 + number),
            where=(
                Where(fact="line.category", value=f"c{number}"),
                Where(fact="customer.tier", op="any-of", value=("gold", "silver")),
            ),
        )
        for number in range(5)
    )
    several = tuple(
        Line(net_minor=12_345 + number, category=f"c{number % 6}", extra={"karat": "18k"})
        for number in range(10)
    )
    rules = Rules(rates=(*rates, rest), bonuses=bonuses)
    bought = Basket(lines=several, occurred_on=A_DAY, buyer=Buyer(tier="gold"))

    best = min(timed(rules, bought) for _ in range(30))

    assert points.evaluate(rules, bought).points == 202
    with capsys.disabled():
        sys.stdout.write(f"\n10 lines by 10 rules: {best * 1e6:.0f} µs\n")


def timed(rules: Rules, bought: Basket, times: int = 20) -> float:
    """Return the seconds of one evaluation."""
    began = perf_counter()
    for _ in range(times):
        points.evaluate(rules, bought)
    return (perf_counter() - began) / times
