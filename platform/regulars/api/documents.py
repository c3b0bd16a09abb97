"""The OpenAPI document of a chain, with its industry's fields in it, and a page to browse it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator

from regulars import registry
from regulars.kit import fields
from regulars.tenancy import context

_EXTRAS: Final = {
    "PurchaseShape": "purchase",
    "PreviewShape": "purchase",
    "LineShape": "line",
    "CustomerWrite": "customer",
    "CustomerChange": "customer",
}
_METHODS: Final = ("get", "post", "patch", "delete")


def with_vertical_fields(result: dict[str, Any], **_unused: Any) -> dict[str, Any]:
    """Describe `extra` by the fields the chain's industry declares (drf-spectacular's hook)."""
    if context.current_or_none() is None:
        return result
    vertical = registry.vertical()
    language = get_language() or "en"
    schemas = result["components"]["schemas"]
    for name, on in _EXTRAS.items():
        shape = schemas.get(name, schemas.get(f"{name}Request"))
        if shape and "extra" in shape["properties"]:
            declared = fields.schema(vertical.fields_on(on), language=language)
            shape["properties"]["extra"] = {"type": "object", **declared}
    return result


@login_not_required
def openapi(request: HttpRequest) -> JsonResponse:
    """Return the OpenAPI 3.1 document of this chain."""
    return JsonResponse(_document(), json_dumps_params={"ensure_ascii": False})


@login_not_required
def reference(request: HttpRequest) -> HttpResponse:
    """Show the document as a page."""
    document = _document()
    groups: dict[str, list[Operation]] = {}
    for operation in _operations(document):
        groups.setdefault(operation.group, []).append(operation)
    host = request.build_absolute_uri("/").rstrip("/")
    return render(request, "api/reference.html", {"groups": groups, "host": host})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call, ready to be read."""

    id: str
    group: str
    method: str
    path: str
    summary: str
    parameters: list[dict[str, Any]]
    body: list[dict[str, Any]]
    answer: list[dict[str, Any]]
    example: str


def _document() -> dict[str, Any]:
    generator = SchemaGenerator(urlconf=settings.CHAIN_URLCONF)  # type: ignore[no-untyped-call]
    return dict(generator.get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield _operation(document, path, method, methods[method])


def _operation(
    document: dict[str, Any], path: str, method: str, found: dict[str, Any]
) -> Operation:
    sent = _content(found.get("requestBody", {}))
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = body.get("example") or _example(document, sent)
    answers = [each for status, each in found["responses"].items() if status.startswith("2")]
    answer = _content(answers[0]) if answers else {}
    return Operation(
        id=found["operationId"],
        group=path.removeprefix("/api/v1/").partition("/")[0],
        method=method.upper(),
        path=path,
        summary=found.get("description", ""),
        parameters=found.get("parameters", []),
        body=list(_members(document, sent)),
        answer=list(_members(document, answer)),
        example=json.dumps(example, indent=2, ensure_ascii=False) if sent else "",
    )


def _content(part: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = part.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "allOf" in schema:
        schema = schema["allOf"][0]
    if "oneOf" in schema:
        schema = schema["oneOf"][0]
    if "$ref" in schema:
        found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _members(
    document: dict[str, Any], schema: dict[str, Any], depth: int = 0
) -> Iterator[dict[str, Any]]:
    shape = _resolved(document, schema)
    for name, member in shape.get("properties", {}).items():
        inner = _resolved(document, member)
        kind = inner.get("type", "any")
        yield {
            "name": name,
            "depth": depth,
            "kind": kind if isinstance(kind, str) else " | ".join(kind),
            "required": name in shape.get("required", []),
            "says": member.get("description") or inner.get("title") or "",
        }
        items = inner.get("items", inner)
        if depth < 2 and items is not shape:
            yield from _members(document, items, depth + 1)


def _example(document: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Any:
    shape = _resolved(document, schema)
    if "example" in shape:
        return shape["example"]
    kind = shape.get("type")
    if kind == "array":
        return [_example(document, shape.get("items", {}), depth + 1)] if depth < 4 else []
    if kind == "object" or "properties" in shape:
        required = shape.get("required", list(shape.get("properties", {})))
        members = shape.get("properties", {}).items()
        return {n: _example(document, each, depth + 1) for n, each in members if n in required}
    samples = {"integer": 12800, "number": 1, "boolean": True}
    formats = {
        "date-time": "2026-11-21T10:00:00+08:00",
        "date": "2026-11-21",
        "uuid": "01890a5d-ac96-774b-bcce-b302099a8057",
        "decimal": "1",
    }
    if "enum" in shape:
        return shape["enum"][0]
    return samples.get(str(kind), formats.get(shape.get("format", ""), "…"))
