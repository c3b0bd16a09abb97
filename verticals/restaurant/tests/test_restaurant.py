"""The restaurant vertical: fit to publish, and its rules give what a landlord expects."""

from datetime import date
from typing import Any

import pytest

from regulars.kit import Basket, Buyer, Line, fields, points
from regulars.kit.testing import check
from regulars_restaurant import vertical

A_SATURDAY, A_TUESDAY = date(2026, 11, 21), date(2026, 11, 24)


def by_rule(*lines: Line, on: date = A_SATURDAY, **facts: Any) -> dict[str, int]:
    basket = Basket(lines=lines, occurred_on=on, **facts)
    return {award.rule: award.points for award in points.evaluate(vertical.rules, basket).awards}


def test_the_vertical_conforms() -> None:
    check(vertical)


@pytest.mark.parametrize(
    ("category", "extra", "expected"),
    [
        ("dish", {}, {"meals": 188}),
        ("alcohol", {}, {"alcohol": 37}),
        ("dish", {"dining": "delivery"}, {"delivered": 94}),
    ],
)
def test_meals_earn_by_what_and_where(
    category: str, extra: dict[str, str], expected: dict[str, int]
) -> None:
    assert by_rule(Line(net_minor=188_00, category=category), extra=extra) == expected


def test_every_ten_skewers_earn_two() -> None:
    lamb = Line(net_minor=60_00, category="skewer", extra={"skewers": 15})
    beef = Line(net_minor=50_00, category="skewer", extra={"skewers": 10})

    assert by_rule(lamb, beef) == {"meals": 110, "skewers": 5}


@pytest.mark.parametrize(
    ("guests", "bonus"), [(2, {"generous-table": 50}), (3, {}), (0, {}), (None, {})]
)
def test_a_generous_table_is_thanked(guests: int | None, bonus: dict[str, int]) -> None:
    found = by_rule(Line(net_minor=300_00, category="dish"), extra={"party-size": guests})

    assert found == {"meals": 300, **bonus}


@pytest.mark.parametrize(
    ("on", "hour", "doubled"),
    [(A_TUESDAY, 14, True), (A_TUESDAY, 16, True), (A_TUESDAY, 17, False), (A_SATURDAY, 15, False)],
)
def test_quiet_afternoons_count_double(on: date, hour: int, doubled: bool) -> None:
    found = by_rule(Line(net_minor=100_00, category="dish"), on=on, hour=hour)

    assert ("quiet-afternoon" in found) is doubled


def test_on_the_birthday_only_the_larger_of_both_birthday_bonuses_applies() -> None:
    line = Line(net_minor=100_00, category="dish")
    day = Buyer(birthday=True, birthday_month=True, purchases=9)
    month = Buyer(birthday_month=True, purchases=9)

    assert by_rule(line, buyer=day) == {"meals": 100, "birthday": 200}
    assert by_rule(line, buyer=month) == {"meals": 100, "birthday-month": 50}


def test_one_point_pays_three_cents_and_not_a_hair_more() -> None:
    spend = next(each for each in vertical.spends if each.key == "pay-with-points")

    found = points.quote(spend, amount_minor=3_000_00, held=3_030)

    assert (found.points, found.pays_minor) == (3_030, 90_90)


def test_allergies_need_consent_and_taste_does_not() -> None:
    customer = vertical.fields_on("customer")
    raw = {"food-allergies": "花生/虾", "spice": "微辣", "usual-party": "6位", "childs-chair": "要"}

    values, faults = fields.clean(customer, raw)

    assert values == {"spice": "mild", "usual-party": 6, "childs-chair": True}
    assert [(fault.key, fault.code) for fault in faults] == [("food-allergies", "consent-needed")]
