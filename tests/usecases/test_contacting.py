"""Contacts know their customers' tiers and points (C1, C4)."""

from decimal import Decimal

import pytest

from regulars import registry
from regulars.audit import SYSTEM
from regulars.kit import Tier
from regulars.messages import refusals
from regulars.messages.selectors import facts
from regulars.messages.selectors.facts import Subject
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
