"""While the database or the cache is away a till is told to send the same again, or sells."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.db import OperationalError

from regulars.api import purchases as endpoints
from regulars.customers import lookups
from regulars.tenancy import context, limits
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till
from tests.factories import customers, people
from tests.factories.visitors import signed_in

type Build = Callable[..., dict[str, Any]]


@pytest.fixture
def till(till: Till) -> Till:
    till.client.raise_request_exception = False
    return till


def raising(fault: Exception) -> Callable[..., Any]:
    def work(*_given: object, **_named: object) -> Any:
        raise fault

    return work


def test_a_till_is_asked_to_send_again_while_the_database_is_away(
    till: Till, sale: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = OperationalError("couldn't get a connection after 10.00 sec")
    monkeypatch.setattr(endpoints, "_recorded", raising(away))

    answer = till.post("purchases", sale())

    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "part-away"
    assert "原样重发" in answer.json()["detail"], "in the language of the chain"


def test_a_fault_of_ours_is_a_problem_for_programs_too(
    till: Till, sale: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "_recorded", raising(ZeroDivisionError()))

    answer = till.post("purchases", sale())

    assert (answer.status_code, answer.json()["code"]) == (500, "our-fault")


def test_a_page_says_that_it_is_not_now(aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = signed_in()
    visitor.raise_request_exception = False
    monkeypatch.setattr("regulars.web.headoffice.views.overview", raising(OperationalError()))

    answer = visitor.get("/insights/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert answer["Content-Type"].startswith("text/html")


def test_a_till_sells_while_nothing_can_be_counted(
    aurum: ChainInfo, till: Till, sale: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    with context.inside(aurum):
        customers.customer(phone="+8613800138000", store=people.first_store())
    gone = raising(redis.ConnectionError("Connection refused."))
    monkeypatch.setattr(limits, "_in_cache", gone)
    monkeypatch.setattr(lookups, "cache", SimpleNamespace(add=gone))

    answer = till.post("purchases", sale(customer={"phone": "13800138000"}))

    assert answer.status_code == 201, answer.content
    assert answer.json()["customer_id"] is not None
