"""What the OpenAPI document promises beyond the shapes: every answer, headers, links, examples.

drf-spectacular reads what views say of their good answers; the rest is the same for all of them
and is said here once. `tests/api/test_fuzz.py` holds every answer against the document.
"""

from collections.abc import Iterator
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from regulars.api.examples import EXAMPLES
from regulars.api.idempotency import HEADER
from regulars.api.problems import MEDIA_TYPE

KEY: Final = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    OpenApiParameter.HEADER,
    required=True,
    description="Visible ASCII characters, new for each write.",
)
PAGING: Final = [
    OpenApiParameter("cursor", str, description="`next` of the page before."),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
        description="Rows of a page.",
    ),
]
SINCE: Final = OpenApiParameter(
    "modified_since",
    {"type": "string", "format": "date-time"},
    description="With a time zone. Rows come in the order of their last change.",
)
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A refusal (RFC 9457). `detail` is a sentence for a person.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Page that explains the code."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "code": {"type": "string", "pattern": "^[a-z0-9.-]+$", "description": "Never changes."},
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer: #/lines/0."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
_WAIT: Final = {
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}}
}
_REFUSALS: Final[dict[int, tuple[str, dict[str, Any]]]] = {
    400: ("The call cannot be read, or its Idempotency-Key is missing.", {}),
    401: (
        "No key, or one that is not valid here.",
        {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    ),
    402: ("The subscription is not paid, and the workspace is closed.", {}),
    403: ("The key lacks the scope, or the workspace is suspended or can only be read.", {}),
    404: ("There is no such thing, or it is not this key's to see.", {}),
    406: ("The answer cannot be had in the form asked for.", {}),
    409: ("It contradicts what is there, or the same call is still running.", _WAIT),
    413: ("More than is accepted at once.", {}),
    415: ("The body is not of the type that is expected.", {}),
    422: ("Some of it cannot be accepted; `errors` says what.", {}),
    429: ("Too often.", {"Retry-After": {**_WAIT["Retry-After"], "required": True}}),
    503: ("Not now; nothing was changed.", _WAIT),
}
_ALWAYS: Final = (401, 402, 403, 406, 429, 503)
_DONE: Final = {"200": "Done.", "201": "Made.", "202": "Accepted; it goes on in the background."}
_REPLAYED: Final = {
    "Idempotency-Replayed": {
        "description": "The answer that was kept under this Idempotency-Key.",
        "schema": {"type": "string", "const": "true"},
    }
}
_FROM_CUSTOMER: Final = {
    "customers_read": "customer_id",
    "customers_balance": "customer_id",
    "customers_points": "customer_id",
    "customers_change": "customer_id",
}
_FROM_IMPORT: Final = {
    "imports_read": "import_id",
    "imports_change": "import_id",
    "imports_check": "import_id",
    "imports_start": "import_id",
    "imports_cancel": "import_id",
    "imports_undo": "import_id",
    "imports_rejected": "import_id",
}
_FROM_FOLLOW_UP: Final = {
    "follow_ups_read": "task_id",
    "follow_ups_result": "task_id",
    "follow_ups_snooze": "task_id",
    "follow_ups_hand_on": "task_id",
    "follow_ups_leave_out": "task_id",
}
_FROM_CONTACT: Final = {"contacts_read": "contact_id", "contacts_over": "contact_id"}
_FROM_COMPLAINT: Final = {
    "complaints_read": "complaint_id",
    "complaints_step": "complaint_id",
    "complaints_remedy": "complaint_id",
}
_LINKS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "customers_create": ("id", _FROM_CUSTOMER),
    "customers_list": ("data/0/id", _FROM_CUSTOMER),
    "customers_find": ("data/0/id", _FROM_CUSTOMER),
    "purchases_record": ("id", {"purchases_read": "purchase_id"}),
    "returns_take": ("id", {"purchases_read": "purchase_id"}),
    "exchanges_make": ("sale/id", {"purchases_read": "purchase_id"}),
    "purchases_list": ("data/0/id", {"purchases_read": "purchase_id"}),
    "follow_ups_plan": ("id", _FROM_FOLLOW_UP),
    "follow_ups_list": ("data/0/id", _FROM_FOLLOW_UP),
    "contacts_call": ("id", _FROM_CONTACT),
    "contacts_send": ("id", {"contacts_read": "contact_id"}),
    "contacts_log": ("id", {"contacts_read": "contact_id"}),
    "contacts_list": ("data/0/id", _FROM_CONTACT),
    "complaints_raise": ("id", _FROM_COMPLAINT),
    "complaints_list": ("data/0/id", _FROM_COMPLAINT),
    "imports_upload": ("id", _FROM_IMPORT),
    "imports_list": ("data/0/id", _FROM_IMPORT),
}


def complete(result: dict[str, Any], **_unused: Any) -> dict[str, Any]:
    """Add refusals, headers, links and examples to a document (drf-spectacular's hook)."""
    parts = result["components"]
    parts["schemas"]["Problem"] = _PROBLEM
    parts["responses"] = {f"Refused{status}": _refusal(status) for status in _REFUSALS}
    for name, shape in parts["schemas"].items():
        if name.endswith("Request") and name != "ImportUploadRequest":
            shape["additionalProperties"] = False  # members nobody reads are refused by name
    for operation in _operations(result):
        _complete(operation)
    return result


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from (each for each in methods.values() if "operationId" in each)


def _complete(operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    places = {(each["in"], each["name"]) for each in operation.get("parameters", ())}
    is_write = ("header", HEADER) in places
    answers = operation["responses"]
    for status, answer in answers.items():
        answer["description"] = answer.get("description") or _DONE[status]
        if is_write:
            answer["headers"] = _REPLAYED
        if name in _LINKS:
            pointer, targets = _LINKS[name]
            answer["links"] = dict(_links(pointer, targets))
    refused = {*_ALWAYS}
    if "requestBody" in operation:
        refused |= {400, 404, 413, 415, 422}  # 404: of something the body names
        for kind, content in operation["requestBody"]["content"].items():
            if kind == "application/json" and name in EXAMPLES:
                content["example"] = EXAMPLES[name]
    if is_write:
        refused |= {400, 409, 422}
    if any(place == "path" for place, _name in places):
        refused.add(404)
    if any(place == "query" for place, _name in places):
        refused.add(422)
    for status in sorted(refused):
        answers[str(status)] = {"$ref": f"#/components/responses/Refused{status}"}


def _refusal(status: int) -> dict[str, Any]:
    sentence, headers = _REFUSALS[status]
    schema = {"$ref": "#/components/schemas/Problem"}
    answer: dict[str, Any] = {"description": sentence, "content": {MEDIA_TYPE: {"schema": schema}}}
    return {**answer, "headers": headers} if headers else answer


def _links(pointer: str, targets: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for target, parameter in targets.items():
        value = f"$response.body#/{pointer}"
        yield target, {"operationId": target, "parameters": {parameter: value}}
