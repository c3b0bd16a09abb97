"""The beauty vertical: fit to publish, and its rules give what a salon expects (L1–L3)."""

from datetime import date
from typing import Any

import pytest

from regulars.kit import Basket, Buyer, Line, fields, points
from regulars.kit.testing import check
from regulars_beauty import vertical

A_SATURDAY, A_MONDAY = date(2026, 11, 21), date(2026, 11, 23)
SPENDS = {spend.key: spend for spend in vertical.spends}


def by_rule(*lines: Line, on: date = A_SATURDAY, **facts: Any) -> dict[str, int]:
    basket = Basket(lines=lines, occurred_on=on, **facts)
    return {award.rule: award.points for award in points.evaluate(vertical.rules, basket).awards}


def test_the_vertical_conforms() -> None:
    check(vertical)


@pytest.mark.parametrize(("net_minor", "earned"), [(6_000_00, 300), (5_999_00, 299), (19_99, 0)])
def test_6000_spent_gives_300_points(net_minor: int, earned: int) -> None:
    assert sum(by_rule(Line(net_minor=net_minor, category="facial")).values()) == earned


def test_a_first_visit_is_welcomed_and_an_anonymous_one_is_not_known_to_be_first() -> None:
    line = Line(net_minor=400_00, category="facial")

    assert by_rule(line, buyer=Buyer()) == {"everything": 20, "first-visit": 20}
    assert by_rule(line) == {"everything": 20}


def test_a_quiet_weekday_and_home_care() -> None:
    treatment = Line(net_minor=500_00, category="facial")
    cream = Line(net_minor=300_00, category="skincare")

    found = by_rule(treatment, cream, on=A_MONDAY, hour=11)

    assert found == {"everything": 40, "quiet-hours": 5, "home-care": 10}


def test_a_treatment_is_taken_in_full_for_points() -> None:
    found = points.quote(SPENDS["facial"], amount_minor=388_00, held=300)

    assert (found.points, found.pays_minor, found.rest_minor) == (300, 388_00, 0)
    with pytest.raises(points.SpendError):
        points.quote(SPENDS["facial"], amount_minor=388_00, held=299)


def test_a_product_is_taken_half_for_points_and_half_for_cash() -> None:
    found = points.quote(SPENDS["product-half"], amount_minor=400_00, held=200)

    assert (found.points, found.pays_minor, found.rest_minor) == (200, 200_00, 200_00)


def test_health_is_recorded_only_with_consent() -> None:
    customer = vertical.fields_on("customer")
    raw = {"allergies": "烟酰胺", "contraindications": "孕期、高血压", "skin-type": "混油"}

    without, faults = fields.clean(customer, raw)
    consented = {"allergies", "contraindications"}
    values, none = fields.clean(customer, raw, consented=consented)

    assert without == {"skin-type": "mixed"}
    assert {fault.code for fault in faults} == {"consent-needed"}
    assert none == []
    assert values["contraindications"] == ["pregnant", "hypertension"]


def test_a_course_counts_its_sessions() -> None:
    course = vertical.possession("course")

    assert course is not None
    values, faults = fields.clean(
        course.fields,
        {"course-name": "补水十次", "sessions-left": "3次", "expires-on": "2027年6月1日"},
    )
    assert faults == []
    assert values["sessions-left"] == 3
    assert values["expires-on"] == "2027-06-01"
