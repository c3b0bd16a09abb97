"""The worked examples for points that need no ledger (scenarios/points.md), and what they imply."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from regulars.kit import Basket, Bonus, Buyer, Label, Line, Rate, Tier, Where, points
from regulars.kit.points import Rules
from tests.kit.examples import A_DAY, basket, words

ONE_PER_ONE = Rate(key="one", says=words("{points} for {amount}, {rate} per {per}"))
BIRTHDAY = (Where(fact="customer.birthday-month"),)


def rate(key: str, per: str, *where: Where, of: str = "line.net", number: int = 1) -> Rate:
    """Return a rate of `number` points per `per`."""
    return replace(ONE_PER_ONE, key=key, per=Decimal(per), where=where, of=of, points=number)


def bonus(key: str, *where: Where, **form: Any) -> Bonus:
    """Return a bonus of one form."""
    return Bonus(key=key, says=words("{points}"), where=where, **form)


def of_category(*names: str) -> Where:
    """Return the condition that a line is of one of some categories."""
    return Where(fact="line.category", op="any-of", value=names)


def earned(rules: Rules, bought: Basket, **options: Any) -> int:
    """Return only the total."""
    return points.evaluate(rules, bought, **options).points


def money(text: str) -> int:
    """Return minor units of an amount with two places."""
    return int(Decimal(text) * 100)


@pytest.mark.parametrize(
    ("row", "rules", "nets", "expected"),
    [
        (11, Rules(rates=(rate("a", "1"),)), ["19.99"], 19),
        (
            12,
            Rules(rates=(rate("a", "1"),), bonuses=(bonus("b", points=1, per=Decimal(2)),)),
            ["19.99"],
            28,
        ),
        (14, Rules(rates=(rate("a", "1"),)), ["90.00"], 90),
        (26, Rules(rates=(rate("a", "20"),)), ["6000"], 300),
        (26, Rules(rates=(rate("a", "20"),)), ["5999"], 299),
        (29, Rules(rates=(rate("a", "10"),)), ["105"], 10),
    ],
)
def test_earning(row: int, rules: Rules, nets: list[str], expected: int) -> None:
    lines = [Line(net_minor=money(net)) for net in nets]

    assert earned(rules, basket(*lines)) == expected


@pytest.mark.parametrize(
    ("rounding", "expected"), [("floor", 28), ("half-up", 29), ("ceiling", 29)]
)
def test_row_13_a_multiplier_is_rounded_by_policy(rounding: Any, expected: int) -> None:
    rules = Rules(rates=(ONE_PER_ONE,), bonuses=(bonus("x", times=Decimal("1.5")),))

    assert earned(rules, basket(Line(net_minor=1900)), rounding=rounding) == expected


def test_row_15_a_rule_on_one_category_leaves_the_others() -> None:
    rules = Rules(rates=(rate("food", "1", of_category("food")),))
    bought = basket(Line(net_minor=10000, category="food"), Line(net_minor=5000))

    result = points.evaluate(rules, bought)

    assert result.points == 100
    assert result.by_line == (100, 0)


def test_row_14_a_discount_is_allocated_before_points_are_computed() -> None:
    off = points.allocate(1000, [6000, 4000])
    bought = basket(
        *(Line(net_minor=net - part) for net, part in zip((6000, 4000), off, strict=True))
    )

    assert earned(Rules(rates=(ONE_PER_ONE,)), bought) == 90


@pytest.mark.parametrize(
    ("row", "points_earned", "bought", "kept", "taken"),
    [(18, 100, 2, 1, 50), (30, 70, 4000, 2000, 35), (19, 70, 2, 1, 35), (19, 70, 2, 0, 70)],
)
def test_a_return_takes_back_in_proportion(
    row: int, points_earned: int, bought: int, kept: int, taken: int
) -> None:
    assert points.taken_back(earned=points_earned, bought=bought, kept=kept) == taken


@pytest.mark.parametrize(("kept", "balance"), [(0, 200), (1, 160)])
def test_row_19_a_return_gives_spent_points_back_too(kept: int, balance: int) -> None:
    held = 200 + 70 - 150
    taken = points.taken_back(earned=70, bought=2, kept=kept)
    given = points.given_back(spent=150, bought=2, kept=kept)

    assert held == 120
    assert held - taken + given == balance


def test_quantities_of_a_return_may_be_weights() -> None:
    assert points.taken_back(earned=10, bought=Decimal("0.3"), kept=Decimal("0.1")) == 7


@pytest.mark.parametrize(("bought", "kept"), [(0, 0), (2, 3), (2, -1)])
def test_an_impossible_return_is_an_error_of_the_caller(bought: int, kept: int) -> None:
    with pytest.raises(ValueError, match="kept must be"):
        points.taken_back(earned=1, bought=bought, kept=kept)


def test_a_line_follows_the_first_rate_that_matches_and_only_it() -> None:
    rules = Rules(
        rates=(
            rate("bars", "200", of_category("bar")),
            rate("gold", "50", of_category("bar", "gold")),
            rate("rest", "10"),
        )
    )
    bought = basket(
        Line(net_minor=money("1000"), category="gold"),
        Line(net_minor=money("1000"), category="ring"),
        Line(net_minor=money("1000"), category="bar"),
    )

    result = points.evaluate(rules, bought)

    assert {award.rule: award.points for award in result.awards} == {
        "bars": 5,
        "gold": 20,
        "rest": 100,
    }
    assert result.by_line == (20, 100, 5)


def test_points_of_one_rule_are_floored_once_per_purchase_not_per_line() -> None:
    lines = [Line(net_minor=money("5.50"))] * 4

    assert earned(Rules(rates=(rate("a", "10"),)), basket(*lines)) == 2


def test_points_go_to_the_lines_that_earned_them_by_largest_remainder() -> None:
    bought = basket(Line(net_minor=1050), Line(net_minor=1049), Line(net_minor=950))

    result = points.evaluate(Rules(rates=(rate("a", "10"),)), bought)

    assert result.points == 3
    assert result.by_line == (1, 1, 1)


def test_a_multiplier_on_some_lines_multiplies_what_those_lines_earned() -> None:
    rules = Rules(
        rates=(ONE_PER_ONE,), bonuses=(bonus("jade", of_category("jade"), times=Decimal(3)),)
    )
    bought = basket(Line(net_minor=10000, category="jade"), Line(net_minor=5000))

    result = points.evaluate(rules, bought)

    assert result.points == 100 + 50 + 200
    assert result.by_line == (300, 50)


def test_two_multipliers_add_and_do_not_compound() -> None:
    rules = Rules(
        rates=(ONE_PER_ONE,),
        bonuses=(bonus("a", times=Decimal(2)), bonus("b", times=Decimal("1.5"))),
    )

    assert earned(rules, basket(Line(net_minor=10000))) == 100 + 100 + 50


@pytest.mark.parametrize(
    ("form", "expected"),
    [({"flat": 7}, 7), ({"each": 3}, 9), ({"points": 2, "per": Decimal(10)}, 20)],
)
def test_every_form_of_bonus(form: dict[str, Any], expected: int) -> None:
    rules = Rules(bonuses=(bonus("b", **form),))

    assert earned(rules, basket(Line(net_minor=10000, quantity=3))) == expected


def test_a_rate_may_count_grams_instead_of_money() -> None:
    rules = Rules(rates=(rate("grams", "1", of="line.weight", number=2),))
    bought = basket(
        Line(net_minor=1, extra={"weight": 3.725}), Line(net_minor=1, extra={"weight": "heavy"})
    )

    result = points.evaluate(rules, bought)

    assert result.points == 7
    assert dict(result.awards[0].facts)["amount"] == "3.725"


def test_what_nothing_was_paid_for_earns_nothing() -> None:
    rules = Rules(
        rates=(ONE_PER_ONE, rate("g", "1", of="line.weight")),
        bonuses=(bonus("flat", flat=5), bonus("each", each=5)),
    )
    gift = Line(net_minor=0, quantity=3, extra={"weight": 9})

    assert earned(rules, basket(gift)) == 0
    assert earned(rules, basket()) == 0
    assert earned(rules, basket(gift, Line(net_minor=100))) == 1 + 5 + 5


def test_a_currency_without_decimals_earns_by_its_whole_units() -> None:
    assert (
        earned(Rules(rates=(rate("a", "100"),)), basket(Line(net_minor=1999), currency_exponent=0))
        == 19
    )


def test_a_retired_rule_earns_nothing() -> None:
    rules = Rules(rates=(replace(ONE_PER_ONE, retired=True), rate("b", "10")))

    assert earned(rules, basket(Line(net_minor=10000))) == 10


def test_an_anonymous_purchase_meets_no_condition_on_the_customer() -> None:
    rules = Rules(rates=(ONE_PER_ONE,), bonuses=(bonus("x", *BIRTHDAY, times=Decimal(2)),))
    line = Line(net_minor=1000)

    assert earned(rules, basket(line)) == 10
    assert earned(rules, basket(line, buyer=Buyer(birthday_month=True))) == 20


@pytest.mark.parametrize(
    ("where", "matches"),
    [
        (Where(fact="line.category", value="ring"), True),
        (Where(fact="line.category", op="is-not", value="ring"), False),
        (Where(fact="line.category", op="none-of", value=("hat", "shoe")), True),
        (Where(fact="line.product", value="R1"), True),
        (Where(fact="line.quantity", op="at-most", value=2), True),
        (Where(fact="line.net", op="at-least", value=Decimal("99.99")), True),
        (Where(fact="line.net", op="at-least", value=Decimal("100.01")), False),
        (Where(fact="line.discount", op="at-least", value=20), True),
        (Where(fact="line.discount", op="at-least", value=Decimal("20.1")), False),
        (Where(fact="line.karat", value="18k"), True),
        (Where(fact="line.stones", op="contains", value="jade"), True),
        (Where(fact="line.stones", op="contains", value="ruby"), False),
        (Where(fact="line.weight", op="at-least", value=Decimal("0.1")), True),
        (Where(fact="line.missing", op="known", value=False), True),
        (Where(fact="line.missing", op="is-not", value="x"), True),
        (Where(fact="line.missing", op="at-least", value=0), False),
        (Where(fact="line.empty", op="known"), False),
        (Where(fact="purchase.net", op="at-least", value=100), True),
        (Where(fact="purchase.lines", value=1), True),
        (Where(fact="purchase.channel", value="web"), True),
        (Where(fact="purchase.store", op="any-of", value=("s1", "s2")), True),
        (Where(fact="purchase.day", op="at-least", value="2026-11-21"), True),
        (Where(fact="purchase.day", op="at-most", value="2026-11-20"), False),
        (Where(fact="purchase.weekday", op="any-of", value=("saturday", "sunday")), True),
        (Where(fact="purchase.hour", op="at-most", value=14), False),
        (Where(fact="purchase.party", op="at-least", value=4), True),
        (Where(fact="customer.tier", value="gold"), True),
        (Where(fact="customer.purchases", op="at-most", value=0), False),
        (Where(fact="customer.birthday", value=False), True),
        (Where(fact="customer.skin", value="dry"), True),
    ],
)
def test_conditions(where: Where, matches: bool) -> None:
    line = Line(
        net_minor=10000,
        list_minor=12500,
        quantity=2,
        category="ring",
        product="R1",
        extra={"karat": "18k", "stones": ["jade", "pearl"], "weight": 0.1, "empty": ""},
    )
    bought = basket(
        line,
        hour=15,
        channel="web",
        store="s1",
        extra={"party": 4},
        buyer=Buyer(tier="gold", purchases=3, extra={"skin": "dry"}),
    )

    assert (earned(Rules(rates=(rate("a", "1", where),)), bought) > 0) is matches


def test_the_customer_reads_why() -> None:
    says = Label(zh_hans="消费 {amount} 元，得 {points} 分", en="Spent {amount}: {points} points")
    rules = Rules(rates=(replace(ONE_PER_ONE, says=says, per=Decimal("20.0")),))

    award = points.evaluate(rules, basket(Line(net_minor=600050))).awards[0]

    assert award.sentence("zh-hans") == "消费 6000.50 元，得 300 分"
    assert award.sentence("zh-Hant") == "消费 6000.50 元，得 300 分"
    assert award.sentence("en-GB") == "Spent 6000.50: 300 points"
    assert award.facts == (("points", "300"), ("amount", "6000.50"), ("per", "20"), ("rate", "1"))


TIERS = (
    Tier(key="bronze", label=words("B")),
    Tier(key="silver", label=words("S"), threshold=Decimal(10000)),
    Tier(key="gold", label=words("G"), threshold=Decimal(20000)),
)


@pytest.mark.parametrize(
    ("row", "spent", "tier"),
    [
        (23, "11000", "silver"),
        (23, "21000", "gold"),
        (23, "4500", "bronze"),
        (24, "9999.99", "bronze"),
        (24, "10000.00", "silver"),
    ],
)
def test_tiers_are_reached_at_equality(row: int, spent: str, tier: str) -> None:
    found = points.tier_for(TIERS, spent_minor=money(spent))

    assert found is not None
    assert found.key == tier


def test_no_tier_is_reached_where_there_is_none() -> None:
    assert points.tier_for((), spent_minor=10**9) is None
    assert points.tier_for((replace(TIERS[0], retired=True),), spent_minor=0) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"net_minor": -1},
        {"net_minor": 1.5},
        {"net_minor": True},
        {"net_minor": 1, "quantity": -1},
        {"net_minor": 1, "quantity": 0.5},
    ],
)
def test_a_line_refuses_what_no_line_can_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Line(**wrong)


def test_a_basket_is_a_value() -> None:
    extra = {"stones": ["jade"], "weight": 1.5}
    line = Line(net_minor=1, extra=extra)
    extra["stones"] = ["ruby"]

    assert line == Line(net_minor=1, extra={"stones": ["jade"], "weight": Decimal("1.5")})
    assert hash(line) == hash(Line(net_minor=1, extra={"weight": 1.5, "stones": ("jade",)}))
    assert basket(line) == Basket(lines=(line,), occurred_on=A_DAY)
