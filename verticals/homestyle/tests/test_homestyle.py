"""The home vertical: fit to publish, and its rules give what a furniture shop expects."""

from datetime import date
from typing import Any

import pytest

from regulars.kit import Basket, Buyer, Line, fields, points
from regulars.kit.testing import check
from regulars_homestyle import vertical


def by_rule(*lines: Line, **facts: Any) -> dict[str, int]:
    basket = Basket(lines=lines, occurred_on=date(2026, 11, 21), **facts)
    return {award.rule: award.points for award in points.evaluate(vertical.rules, basket).awards}


def test_the_vertical_conforms() -> None:
    check(vertical)


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("sofa", {"furniture": 250}),
        ("bedding", {"textiles-and-more": 500}),
        ("", {"textiles-and-more": 500}),
    ],
)
def test_textiles_earn_twice_what_furniture_earns(category: str, expected: dict[str, int]) -> None:
    assert by_rule(Line(net_minor=5_000_00, category=category)) == expected


@pytest.mark.parametrize(
    ("list_minor", "rule"),
    [(10_000_00, "clearance"), (9_999_00, "textiles-and-more"), (None, "textiles-and-more")],
)
def test_half_price_and_below_earns_as_clearance(list_minor: int | None, rule: str) -> None:
    line = Line(net_minor=5_000_00, category="towel", list_minor=list_minor)

    assert list(by_rule(line)) == [rule]


def test_a_whole_home_in_one_order() -> None:
    rooms = ("living", "master", "child")
    lines = [Line(net_minor=2_000_00, category="sofa", extra={"for-room": room}) for room in rooms]

    assert by_rule(*lines, buyer=Buyer(purchases=1)) == {"furniture": 300, "whole-home": 500}
    assert by_rule(*lines[:2], buyer=Buyer(purchases=1)) == {"furniture": 200}


def test_linen_bought_with_a_mattress_earns_double() -> None:
    mattress = Line(net_minor=4_000_00, category="mattress")
    linen = Line(net_minor=1_000_00, category="bedding")

    assert by_rule(mattress, linen)["bed-made"] == 100
    assert "bed-made" not in by_rule(linen)


def test_a_home_is_measured_in_what_people_say() -> None:
    customer = vertical.fields_on("customer")

    values, faults = fields.clean(
        customer, {"home-size": "30坪", "bed-size": "1.8米", "bedrooms": "3室", "pets": "猫"}
    )

    assert faults == []
    assert values == {
        "home-size": 99.2,
        "bedrooms": 3,
        "bed-size": ["180x200"],
        "pets": ["cat"],
    }


def test_seven_days_after_delivery_somebody_calls() -> None:
    plan = next(each for each in vertical.follow_ups if each.key == "after-delivery")

    assert plan.starts == "purchase.delivered"
    assert (plan.steps[0].after, plan.steps[0].do) == (7, "call")
    assert [question.key for question in plan.steps[0].ask][:2] == ["liked", "comfortable"]
