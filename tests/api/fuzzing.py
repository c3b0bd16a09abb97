"""Schemathesis let loose on the whole API: every phase it has, every answer held to the document.

The document is closed before it is used: an answer's member that it does not name is a fault here,
although callers must bear new members.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import schemathesis
from schemathesis import Case, GenerationMode, HookContext
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from regulars.api.idempotency import HEADER
from regulars.tenancy.identifiers import new_id

HOST: Final = "aurum.localhost"
DOCUMENT: Final = "/api/openapi.json"


@dataclass
class Found:
    """What came of a run."""

    statuses: Counter[int] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return self.statuses.total()


def run(
    application: Any,
    secret: str,
    *,
    examples: int,
    covers: bool = True,
    path: str | None = None,
    seed: int = 1,
) -> Found:
    """Call every operation below a path in all phases; `examples` are made up for each and mode.

    The phase of coverage alone makes 2,600 calls: it can be left out.
    """
    schema = schemathesis.openapi.from_wsgi(
        DOCUMENT,
        application,
        headers={"Host": HOST},
        config=_config(secret, examples, seed, covers=covers),
    )
    _close(schema.raw_schema)
    found = Found()
    wanted = schema if path is None else schema.include(path_regex=f"^{path}")
    schemathesis.hook("before_call")(before_call)
    try:
        for event in from_schema(wanted).execute():
            if isinstance(event, events.ScenarioFinished):
                _note(found, event)
            elif isinstance(event, events.NonFatalError | events.FatalError):
                found.faults[f"the fuzzer itself: {event}"[:500]] = ""
    finally:
        schemathesis.hooks.unregister(before_call)
    return found


def before_call(context: HookContext, case: Case[Any], kwargs: Any) -> None:
    """Write for the first time what is meant to be right, to a store that exists.

    Every other sale is made plausible too, so that what comes after good answers is tried as well.
    """
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    key = new_id()
    if case.headers and HEADER in case.headers:
        case.headers[HEADER] = str(key)
    for part in _parts(case.body):
        if isinstance(part.get("store"), str):
            part["store"] = "001"
        if key.int % 2:
            for name in ("customer", "guide", "discount_minor", "rounding_minor", "paid_minor",
                         "payments", "extra", "external"):  # fmt: skip
                part.pop(name, None)


def _parts(body: Any) -> list[dict[str, Any]]:
    """Return the objects of a body that may name a store."""
    if not isinstance(body, dict):
        return []
    entries = body.get("entries")
    inner = [body, body.get("returned"), body.get("sale")]
    inner += entries if isinstance(entries, list) else []
    return [each for each in inner if isinstance(each, dict)]


def _close(document: dict[str, Any]) -> None:
    """Let no answer have members that its shape does not name."""
    for name, shape in document["components"]["schemas"].items():
        if not name.endswith("Request") and "properties" in shape:
            shape.setdefault("additionalProperties", False)


def _note(found: Found, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for key, node in recorder.cases.items():
        answer = recorder.find_response(case_id=key)
        if answer is None:
            continue
        found.statuses[answer.status_code] += 1
        found.phases[str(event.phase)] += 1
        found.operations.add(node.value.operation.label)
        for check in recorder.checks.get(key, []):
            if check.failure_info is not None:
                failure = check.failure_info.failure
                where = f"{node.value.operation.label}: {check.name}: {failure.title}"
                told = f"{failure.message[:600]}\n{check.failure_info.code_sample[:1200]}"
                found.faults.setdefault(where, f"{answer.status_code} {answer.text[:600]}\n{told}")


def _config(secret: str, examples: int, seed: int, *, covers: bool) -> SchemathesisConfig:
    off = {"enabled": False}
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "headers": {"Host": HOST, "Authorization": f"Bearer {secret}"},
            "continue-on-failure": True,
            "generation": {"max-examples": examples, "no-shrink": True},
            "phases": {"examples": {"fill-missing": True}, "coverage": {"enabled": covers}},
            "checks": {
                # Which stores and receipts there are no document knows, and 12 for "12" is taken
                # from old tills with a good will. Things of others: tests/isolation.
                "positive_data_acceptance": off,
                "negative_data_rejection": off,
                "object_level_authorization": off,
                "ignored_auth": off,  # it cannot ask a WSGI application; the same tests do
            },
        }
    )
