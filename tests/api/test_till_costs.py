"""What a call of a till costs: how many statements, however it names things."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.api import shapes, views
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till
from tests.factories import people

type Build = Callable[..., dict[str, Any]]
# the search path, the key, the Idempotency-Key, the scene, the sale, the answer that is kept
STATEMENTS = 6
SAVEPOINTS = 2  # in a test a transaction lies in that of the test


@pytest.fixture
def dora(till: Till) -> dict[str, Any]:
    """A customer with a phone, a member code and a card."""
    made: dict[str, Any] = till.post(
        "customers",
        {
            "name": "Dora",
            "phone": "13900139000",
            "member_code": "M-7",
            "external": [["card", "C-9"]],
        },
    ).json()
    return made


def cost(till: Till, body: dict[str, Any]) -> int:
    with CaptureQueriesContext(connection) as sent:
        answer = till.post("purchases", body)
    assert answer.status_code == 201, answer.json()
    return len(sent) - SAVEPOINTS


def test_a_sale_by_ids_costs_six_statements(
    till: Till, sale: Build, dora: dict[str, Any], aurum: ChainInfo
) -> None:
    with context.inside(aurum):
        store = str(people.first_store().id)
    for _ in range(3):  # the first purchases of a customer take the longer way
        till.post("purchases", sale(customer={"id": dora["id"]}))

    assert cost(till, sale(store=store, customer={"id": dora["id"]})) == STATEMENTS


@pytest.mark.parametrize(
    "reference", [{"phone": "139 0013 9000"}, {"member_code": "M-7"}, {"card": "C-9"}]
)
def test_codes_and_numbers_of_all_kinds_cost_one_more_together(
    till: Till, sale: Build, dora: dict[str, Any], aurum: ChainInfo, reference: dict[str, str]
) -> None:
    with context.inside(aurum):
        guide = people.owner()
        guide.number = "007"
        guide.save(update_fields=["number"])
    for _ in range(3):
        till.post("purchases", sale(customer=reference, guide="007"))

    assert cost(till, sale(customer=reference, guide="007")) == STATEMENTS + 1


def test_bodies_are_checked_alike_one_after_the_other(sale: Build) -> None:
    first = views.checked(shapes.PurchaseShape, sale(number="A", guide="007"))
    second = views.checked(shapes.PurchaseShape, sale(number="B"))

    fresh = shapes.PurchaseShape(data=sale(number="B"))
    fresh.is_valid(raise_exception=True)
    assert first["guide"] == "007"
    assert second == fresh.validated_data
