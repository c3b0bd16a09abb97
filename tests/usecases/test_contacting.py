"""Contacts know their customers' tiers and points (C1, C4)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from regulars import registry
from regulars.audit import SYSTEM
from regulars.kit import Tier
from regulars.messages import refusals
from regulars.messages.selectors import facts
from regulars.messages.selectors.facts import Subject
from regulars.points import selectors as points
from regulars.usecases import contacting
from tests.factories.contacts import budget, draft, limits, person
from tests.factories.customers import NOW, label
from tests.factories.purchases import line, sale, vertical

pytestmark = pytest.mark.usefixtures("inside_aurum")


@pytest.fixture(autouse=True)
def _tiers(monkeypatch: pytest.MonkeyPatch) -> None:
    gold = Tier(key="gold", label=label("Gold"), threshold=Decimal(100))
    made = vertical(tiers=(Tier(key="basic", label=label("Basic")), gold))
    monkeypatch.setattr(registry, "vertical", lambda: made)


def test_the_tier_a_customer_has_now_decides_what_the_budget_allows() -> None:
    budget(limits=limits(1), tiers={"gold": {"limits": limits(2)}})
    rich, poor = person(), person()
    sale(line(20_000), customer=rich)

    outcomes = contacting.reserve_many(
        actor=SYSTEM, drafts=[draft(each) for each in (rich, rich, poor, poor)], now=NOW
    )

    assert [each.refusal is None for each in outcomes] == [True, True, True, False]
    with pytest.raises(refusals.BudgetUsedUp):
        contacting.reserve(actor=SYSTEM, draft=draft(rich), now=NOW)


def test_points_and_tier_are_told_where_there_are_any() -> None:
    rich, poor = person(), person()
    sale(line(20_000), customer=rich)
    subjects = [Subject(customer_id=each.pk) for each in (rich, poor)]

    told, untold = facts.of_many(contacting.with_points(subjects, language="en", now=NOW))

    assert (told.values["customer.points"], told.values["customer.tier"]) == ("200", "Gold")
    assert "customer.points" not in untold.values


def test_points_that_run_out_and_points_of_a_purchase_are_told_of_their_customer_only() -> None:
    rich, other = person(), person()
    sold = sale(line(20_000), customer=rich)
    later = NOW + timedelta(days=365 * 2)
    mine = Subject(customer_id=rich.pk, purchase_id=sold.purchase_id)
    not_mine = Subject(customer_id=other.pk, purchase_id=sold.purchase_id)

    told, foreign = contacting.with_points([mine, not_mine], language="en", now=later)
    (early,) = contacting.with_points([mine], language="en", now=NOW)

    assert told.further["purchase.points"] == "200"
    assert told.further["customer.points-expiring"] == "200"
    assert foreign.further == {"customer.tier": "Basic"}
    assert "customer.points-expiring" not in early.further


def test_what_is_told_of_points_takes_as_many_statements_for_many_as_for_few(
    django_assert_num_queries: Any,
) -> None:
    for number in (1, 5):
        crowd = [person() for _ in range(number)]
        bought = [sale(line(), customer=each).purchase_id for each in crowd]
        subjects = [
            Subject(customer_id=each.pk, purchase_id=key)
            for each, key in zip(crowd, bought, strict=True)
        ]
        with django_assert_num_queries(4):
            contacting.with_points(subjects, language="en", now=NOW)


def test_expired_and_spent_points_run_out_no_more() -> None:
    rich = person()
    sale(line(20_000), customer=rich)
    now = NOW + timedelta(days=365 * 2)

    soon = points.expiring_of_many([rich.pk], now=now)
    past = points.expiring_of_many([rich.pk], now=now + timedelta(days=60))
    short = points.expiring_of_many([rich.pk], now=now, within=timedelta(days=1))

    assert soon[rich.pk].points == 200
    assert soon[rich.pk].at > now
    assert (past, short) == ({}, {})
