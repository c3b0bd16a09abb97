"""Parameters and answers are those the official client declares; anything else is refused."""

import copy
from typing import Any

import pytest
import stripe

from regulars.local.stripe import API_VERSION, parameters, routes, server
from tests.local.stripe import conforming, declaring


def test_the_tables_are_those_of_the_client_that_is_installed() -> None:
    made = declaring.tables()

    assert {name: (declaring.TARGET / name).read_text("utf-8") for name in made} == made
    assert parameters.table()["api version"] == stripe.api_version == API_VERSION


def test_every_operation_of_the_simulator_is_one_of_the_client() -> None:
    spoken = {f"{each.method} {each.path}" for each in routes.every()}

    assert spoken == set(parameters.table()["kinds"])


def test_every_operation_refuses_a_parameter_that_it_does_not_know(
    simulator: server.Server,
) -> None:
    headers = {"authorization": f"Bearer {server.KEY}"}
    wrong = {}
    for route in routes.every():
        path = route.path.replace("{id}", "x_1")
        status, body, _ = simulator.api.answer(route.method, path, "no_such[thing]=1", headers)
        if (status, body["error"].get("param")) != (400, "no_such"):
            wrong[f"{route.method} {route.path}"] = body

    assert wrong == {}


@pytest.mark.parametrize(
    ("call", "param", "words"),
    [
        ({"amount": "ten", "currency": "usd"}, "amount", "Invalid integer: ten"),
        ({"amount": 100}, "currency", "Missing required param: currency."),
        ({"amount": 100, "currency": "usd", "confirm": "maybe"}, "confirm", "Invalid boolean"),
        ({"amount": 100, "currency": "usd", "capture_method": "x"}, "capture_method",
         "Invalid capture_method: must be one of automatic, automatic_async, or manual"),
        ({"amount": 100, "currency": "usd", "allowed_payment_method_types": "card"},
         "allowed_payment_method_types", "Invalid array"),
        ({"amount": 100, "currency": "usd", "shipping": "here"}, "shipping", "Invalid object"),
        ({"amount": 1, "currency": "usd", "shipping": {"name": "A", "address": {"planet": "M"}}},
         "shipping[address][planet]", "Received unknown parameter: shipping[address][planet]"),
    ],
)  # fmt: skip
def test_a_parameter_of_another_type_is_refused_by_its_name(
    client: Any, call: dict[str, Any], param: str, words: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.payment_intents.create(call)

    assert refused.value.param == param
    assert words in str(refused.value.user_message)


def test_what_stripe_knows_and_the_simulator_does_not_is_refused_and_not_passed_over(
    client: Any,
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.customers.create({"email": "a@b.example", "tax": {"ip_address": "192.0.2.1"}})

    assert refused.value.code == "simulator_unsupported"
    assert client.customers.list().data == []


def test_the_check_of_answers_finds_what_is_wrong(client: Any) -> None:
    customer = client.customers.create({"email": "a@b.example"})
    right = copy.deepcopy(customer.to_dict())

    wrong = {**right, "created": "today", "loyal": True}
    del wrong["delinquent"]
    found = conforming.faults_of("POST /v1/customers", wrong)

    assert conforming.faults_of("POST /v1/customers", right) == []
    assert found == [
        "customer.loyal: unknown",
        "customer.created: 'today' is no integer",
        "customer.delinquent: missing",
    ]


def test_the_check_of_answers_looks_into_what_an_event_carries(client: Any) -> None:
    client.customers.create({"email": "a@b.example"})
    event = client.events.list({"type": "customer.created"}).data[0].to_dict()
    right = copy.deepcopy(event)

    event["data"]["object"]["created"] = "today"

    assert conforming.faults_of("GET /v1/events/{id}", right) == []
    assert conforming.faults_of("GET /v1/events/{id}", event) == [
        ".data.object.created: 'today' is no integer"
    ]
