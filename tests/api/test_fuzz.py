"""Calls made up from the OpenAPI document, right ones and wrong ones: answered as it promises."""

import functools
from datetime import timedelta
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from regulars import registry
from regulars.api import auth, examples, stores
from regulars.api.views import Endpoint
from regulars.errors import RegularsError
from regulars.points import verification
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests import counts
from tests.api import fuzzing
from tests.api.conftest import Till
from tests.counts import Note
from tests.factories import people, purchases
from tests.isolation import table

EXAMPLES = counts.of(2, proof=60)
PHASES = {"examples", "fuzzing", "stateful"} | ({"coverage"} if counts.IS_LONG else set())
STORES = "/api/v1/stores"
OPERATIONS = sum(bool(each.scopes) for each in table.CALLS)


@pytest.fixture
def aurum(own_database: str) -> ChainInfo:
    """Aurum, in a database whose connections the application may close."""
    found = directory.find("aurum")
    assert found is not None
    return found


@pytest.fixture
def secret(aurum: ChainInfo, till: Till, monkeypatch: pytest.MonkeyPatch) -> str:
    """The key of a till of aurum that calls at random, as often as it likes."""
    made = purchases.vertical()
    monkeypatch.setattr(registry, "vertical", lambda: made)
    monkeypatch.setattr(auth, "PER_KEY_MINUTE", 10**9)
    monkeypatch.setattr(auth, "PER_CHAIN_MINUTE", 10**9)
    return till.secret


@pytest.mark.proof(
    "schemathesis with a key that may do everything, all its phases: examples, coverage, fuzzing,"
    " stateful along the links; status, content type, headers and every member of every answer are"
    " held to the OpenAPI document; the books add up afterwards"
)
def test_every_answer_is_one_the_document_promises(
    aurum: ChainInfo, secret: str, record_property: Note
) -> None:
    found = fuzzing.run(WSGIHandler(), secret, examples=EXAMPLES, covers=counts.IS_LONG)

    assert found.faults == {}
    assert len(found.operations) == OPERATIONS
    assert found.phases.keys() >= PHASES
    assert {200, 201, 404, 422} <= found.statuses.keys()
    with context.inside(aurum):
        assert verification.findings() == []
    record_property("operations", len(found.operations))
    record_property("calls", found.calls)
    told = ", ".join(f"{count} × {status}" for status, count in sorted(found.statuses.items()))
    record_property("found", f"nothing wrong: {told}")


def _fails(_self: Endpoint, request: HttpRequest, **_parts: Any) -> JsonResponse:
    return JsonResponse({"data": [], "next": None}, status=500)


def _adds_a_member(_self: Endpoint, request: Request, **_parts: Any) -> Response:
    return Response({"data": [], "next": None, "total": 3})


def _leaves_one_out(_self: Endpoint, request: Request, **_parts: Any) -> Response:
    return Response({"data": []})


def _is_a_teapot(_self: Endpoint, request: Request, **_parts: Any) -> Response:
    return Response({"detail": "short and stout"}, status=418)


def _is_a_page(_self: Endpoint, request: Request, **_parts: Any) -> JsonResponse:
    return JsonResponse({"data": [], "next": None}, content_type="text/html")


class Odd(RegularsError):
    """A refusal nobody promised."""

    status = 410


def _refuses_oddly(_self: Endpoint, request: Request, **_parts: Any) -> Response:
    raise Odd


BROKEN = {
    _fails: "not_a_server_error",
    _adds_a_member: "response_schema_conformance",
    _leaves_one_out: "response_schema_conformance",
    _is_a_teapot: "status_code_conformance",
    _refuses_oddly: "status_code_conformance",
    _is_a_page: "content_type_conformance",
}


@pytest.mark.proof("the same, with a view that breaks one promise each")
def test_positive_control_a_broken_promise_is_found(
    secret: str, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    found = {}
    promise = functools.wraps(stores.Stores.get)  # keeps what the document is made from
    for view in BROKEN:
        monkeypatch.setattr(stores.Stores, "get", promise(view))
        found[view] = fuzzing.run(WSGIHandler(), secret, examples=2, covers=False, path=STORES)

    missed = [
        (view.__name__, found[view].faults)
        for view, check in BROKEN.items()
        if not any(f": {check}: " in each for each in found[view].faults)
    ]
    assert missed == []
    calls = sum(each.calls for each in found.values())
    record_property("found", f"{len(BROKEN)} of {len(BROKEN)} noticed in {calls} calls")


def test_every_example_of_the_document_works(
    aurum: ChainInfo, secret: str, till: Till, settings: Any
) -> None:
    settings.LOCAL = True  # who carries messages is the mailbox of a laptop
    made = till.post("customers", examples.EXAMPLES["customers_create"])
    one = f"customers/{made.json()['id']}"
    with context.inside(aurum):
        people.staff(name="Bob", number="1001", stores=(people.first_store(),))
    soon = timezone.now() + timedelta(days=3)  # whatever year the examples are of
    planned = till.post("follow-ups", {**examples.EXAMPLES["follow_ups_plan"], "on": soon.date()})
    later = {"follow_ups_snooze": {"until": soon.isoformat()}}
    task = f"follow-ups/{planned.json()['id']}"
    call = till.post("contacts/calls", examples.EXAMPLES["contacts_call"])

    answers = {
        "customers_create": made,
        "follow_ups_plan": planned,
        "contacts_call": call,
        "customers_change": till.patch(one, examples.EXAMPLES["customers_change"]),
        **{
            name: till.post(path, later.get(name, examples.EXAMPLES[name]))
            for name, path in (
                ("purchases_record", "purchases"),
                ("purchases_preview", "purchases/preview"),
                ("purchases_batch", "purchases/batch"),
                ("returns_take", "returns"),
                ("exchanges_make", "exchanges"),
                ("follow_ups_snooze", f"{task}/snooze"),
                ("follow_ups_hand_on", f"{task}/hand-on"),
                ("follow_ups_result", f"{task}/result"),
                ("contacts_over", f"contacts/{call.json()['id']}/over"),
                ("contacts_log", "contacts"),
                ("contacts_send", "contacts/messages"),
            )
        },
    }

    raised = till.post("complaints", examples.EXAMPLES["complaints_raise"])
    assert raised.status_code == 201, raised.content
    case = f"complaints/{raised.json()['id']}"
    answers |= {
        "complaints_raise": raised,
        "complaints_step": till.post(f"{case}/steps", examples.EXAMPLES["complaints_step"]),
        "complaints_remedy": till.post(f"{case}/remedies", examples.EXAMPLES["complaints_remedy"]),
    }

    assert {
        name: each.status_code for name, each in answers.items() if each.status_code >= 400
    } == {}
    assert answers["purchases_batch"].json()["failed"] == 0
    assert answers.keys() >= {name for name in examples.EXAMPLES if not name.startswith("imports_")}
