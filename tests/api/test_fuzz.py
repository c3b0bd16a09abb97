"""Calls made up from the OpenAPI document, right ones and wrong ones: answered, never a fault."""

from collections import Counter
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, JsonResponse
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from regulars import registry
from regulars.api import auth, problems
from regulars.api.views import Endpoint
from regulars.points import verification
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.identifiers import new_id
from tests import counts
from tests.api.conftest import Till
from tests.counts import Note
from tests.factories import purchases

EXAMPLES = counts.of(4, proof=50)
HOST = "aurum.localhost"
ANSWERS = {200, 201, 400, 401, 403, 404, 405, 409, 415, 422, 429}


class Fuzzer:
    """Asks the application what the document allows, and what it does not."""

    def __init__(self, application: Any, secret: str) -> None:
        self.headers = {"Host": HOST, "Authorization": f"Bearer {secret}"}
        self.schema = schemathesis.openapi.from_wsgi(
            "/api/openapi.json", application, headers={"Host": HOST}
        )
        self.statuses: Counter[int] = Counter()

    def run(self, *, examples: int, path: str = "/api/") -> int:
        """Try each operation below a path so often in each mode; return how many there are."""
        known = [found.ok() for found in self._found()]
        operations = [each for each in known if each.path.startswith(path)]
        for operation in operations:
            for mode in GenerationMode:
                is_right = mode is GenerationMode.POSITIVE
                strategy = operation.as_strategy(generation_mode=mode)
                self._try(strategy, examples, is_right=is_right)
        return len(operations)

    def _found(self) -> list[Any]:
        return list(self.schema.get_all_operations())

    def _try(self, strategy: Any, examples: int, *, is_right: bool) -> None:
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def ask(case: Any) -> None:
            headers = {**dict(case.headers or {}), **self.headers}
            if is_right:  # what the document cannot know
                _name_the_store(case)
                headers["Idempotency-Key"] = str(new_id())
            answer = case.call(headers=headers)
            self.statuses[answer.status_code] += 1
            what = f"{case.method} {answer.request.url} is answered {answer.status_code}"
            assert answer.status_code in ANSWERS, what
            if answer.status_code >= 400 and case.method != "HEAD":
                assert answer.headers["content-type"][0].startswith(problems.MEDIA_TYPE), what
                told = answer.json()
                assert {"type", "title", "status", "detail", "code"} <= told.keys()

        ask()


def _name_the_store(case: Any) -> None:
    """Send a call to a store that exists."""
    body = case.body
    if isinstance(body, dict) and isinstance(body.get("store"), str) and body["store"]:
        body["store"] = "001"


@pytest.fixture
def aurum(own_database: str) -> ChainInfo:
    """Aurum, in a database whose connections the application may close."""
    found = directory.find("aurum")
    assert found is not None
    return found


@pytest.fixture
def fuzzer(aurum: ChainInfo, till: Till, monkeypatch: pytest.MonkeyPatch) -> Fuzzer:
    """A till of aurum that calls at random, as often as it likes."""
    made = purchases.vertical()
    monkeypatch.setattr(registry, "vertical", lambda: made)
    monkeypatch.setattr(auth, "PER_KEY_MINUTE", 10**9)
    monkeypatch.setattr(auth, "PER_CHAIN_MINUTE", 10**9)
    return Fuzzer(WSGIHandler(), till.secret)


@pytest.mark.proof(
    "schemathesis makes calls from the OpenAPI document, right ones and wrong ones, with a key that"
    " may do everything; no 5xx, every refusal is problem+json, and the books add up afterwards"
)
def test_no_call_is_a_fault_of_ours(
    aurum: ChainInfo, fuzzer: Fuzzer, record_property: Note
) -> None:
    operations = fuzzer.run(examples=EXAMPLES)

    with context.inside(aurum):
        assert verification.findings() == []
    assert {200, 404, 422} <= fuzzer.statuses.keys()
    record_property("operations", operations)
    record_property("calls", fuzzer.statuses.total())
    told = ", ".join(f"{count} × {status}" for status, count in sorted(fuzzer.statuses.items()))
    record_property("found", f"nothing wrong: {told}")


@pytest.mark.proof("the same, with a view that fails on one kind of body")
def test_positive_control_a_view_that_fails_is_found(
    fuzzer: Fuzzer, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    def fragile(_self: Endpoint, request: HttpRequest, **_parts: Any) -> JsonResponse:
        return JsonResponse({}, status=200 if request.GET else 500)

    monkeypatch.setattr("regulars.api.stores.Stores.get", fragile)

    with pytest.raises(AssertionError, match="500"):
        fuzzer.run(examples=EXAMPLES, path="/api/v1/stores")

    record_property("found", f"noticed after {fuzzer.statuses.total()} calls")
