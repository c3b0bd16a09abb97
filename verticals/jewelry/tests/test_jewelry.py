"""The jewelry vertical: fit to publish, and its rules give what a shop manager expects."""

from datetime import date
from typing import Any

import pytest

from regulars.kit import Basket, Buyer, Line, fields, points
from regulars.kit.testing import check
from regulars_jewelry import vertical

A_DAY = date(2026, 11, 21)


def bought(*lines: Line, **facts: Any) -> Basket:
    return Basket(lines=lines, occurred_on=A_DAY, **facts)


def by_rule(basket: Basket) -> dict[str, int]:
    return {award.rule: award.points for award in points.evaluate(vertical.rules, basket).awards}


def test_the_vertical_conforms() -> None:
    check(vertical)


@pytest.mark.parametrize(
    ("category", "net_minor", "expected"),
    [
        ("gold-bar", 10_000_00, {"gold-bars": 50}),
        ("gold", 10_000_00, {"gold-by-weight": 200}),
        ("watch", 10_000_00, {"watches": 500}),
        ("diamond", 10_000_00, {"set-pieces": 1000}),
        ("", 99_99, {"set-pieces": 9}),
    ],
)
def test_gold_by_weight_earns_less_than_set_pieces(
    category: str, net_minor: int, expected: dict[str, int]
) -> None:
    assert by_rule(bought(Line(net_minor=net_minor, category=category))) == expected


def test_a_piece_priced_by_weight_earns_as_gold_whatever_its_category() -> None:
    line = Line(net_minor=5_000_00, category="platinum", extra={"pricing": "by-weight"})

    assert by_rule(bought(line)) == {"priced-by-weight": 100}


def test_the_labour_fee_of_gold_earns_on_top() -> None:
    line = Line(net_minor=8_000_00, category="gold", extra={"labour-fee": 380})

    assert by_rule(bought(line)) == {"gold-by-weight": 160, "labour-fee": 38}


def test_a_wedding_set_of_one_series_in_the_birthday_month() -> None:
    ring = Line(net_minor=9_000_00, category="diamond", extra={"series": "星河"})
    necklace = Line(net_minor=6_000_00, category="diamond", extra={"series": "星河"})
    buyer = Buyer(tier="gold", birthday_month=True, purchases=4)

    found = by_rule(bought(ring, necklace, buyer=buyer, extra={"bought-for": "wedding"}))

    assert found == {
        "set-pieces": 1500,
        "birthday-month": 1500,
        "wedding": 520,
        "matching-set": 200,
        "gold-member": 300,
    }


def test_a_sheet_from_an_old_system_is_understood() -> None:
    sheet = {"手寸": "12号", "圈口": "56.5mm", "材质偏好": "足金、玫瑰金", "耳洞情况": "有"}
    customer = vertical.fields_on("customer")
    columns = {header: fields.match_header(customer, header) for header in sheet}

    raw = {column.key: sheet[header] for header, column in columns.items() if column}
    values, faults = fields.clean(customer, raw)

    assert faults == []
    assert values == {
        "ring-size": 12,
        "bangle-size": 56.5,
        "metal-preference": ["yellow-gold", "rose-k"],
        "ears": "both",
    }


@pytest.mark.parametrize("word", ["黄金", "足金", "计价黄金", "按克黃金", "Gold by weight"])
def test_a_till_may_name_gold_as_it_likes(word: str) -> None:
    assert vertical.category(word) == "gold"


def test_cleaning_for_points_and_part_payment() -> None:
    spends = {spend.key: spend for spend in vertical.spends}

    cleaning = points.quote(spends["deep-cleaning"], amount_minor=80_00, held=250)
    part = points.quote(spends["pay-with-points"], amount_minor=1_000_00, held=5_050)

    assert (cleaning.points, cleaning.rest_minor) == (200, 0)
    assert (part.points, part.pays_minor) == (2_000, 200_00)
