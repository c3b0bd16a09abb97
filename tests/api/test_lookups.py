"""A key cannot walk through phone numbers, and a till that sells is not held up."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

from regulars.audit.models import Entry
from regulars.customers import lookups
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lookups, "OF_A_CHAINS_KEY", ((3, 600),))
    cache.clear()
    yield
    cache.clear()


def find(till: Till, number: int) -> Any:
    return till.get("customers/find", phone=f"1380013000{number}")


def refusals(chain: ChainInfo) -> list[Any]:
    with context.inside(chain):
        return list(Entry.objects.filter(action="customers.lookups-refused"))


def test_the_problem_says_when_to_go_on_and_is_audited_once(till: Till, aurum: ChainInfo) -> None:
    answers = [find(till, number) for number in range(6)]

    assert [each.status_code for each in answers] == [200] * 3 + [429] * 3
    problem = answers[-1].json()
    assert problem["code"] == "too-many-lookups"
    assert re.search(r"\d\d:\d\d", problem["detail"])
    assert 0 < int(answers[-1]["Retry-After"]) <= 600
    assert len(refusals(aurum)) == 1
    assert till.client.get("/api/problems/too-many-lookups/").status_code == 200


def test_creating_customers_counts_and_the_refusal_outlives_its_transaction(
    till: Till, aurum: ChainInfo
) -> None:
    made = [till.post("customers", {"phone": f"1380013000{number}"}) for number in range(4)]

    assert [each.status_code for each in made] == [201, 201, 201, 429]
    assert len(refusals(aurum)) == 1


def test_sales_to_known_customers_go_on(till: Till, sale: Callable[..., dict[str, Any]]) -> None:
    till.post("customers", {"phone": "13900139000"})
    for number in range(3):
        find(till, number)

    sold = till.post("purchases", sale(customer={"phone": "13900139000"}))
    to_nobody = till.post("purchases", sale(customer={"phone": "13700137000"}))

    assert sold.status_code == 201, sold.json()
    assert to_nobody.status_code == 429
