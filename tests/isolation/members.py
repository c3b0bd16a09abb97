"""Where a call of the OpenAPI document may name a thing: members of bodies, and queries."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from regulars.api import documents, examples
from tests.isolation.operations import Operation
from tests.isolation.things import Things

type Path = tuple[str, ...]

# Which thing a member names. One of this form or name that is not here is a fault.
KINDS: Final = {
    "complaint_id": "complaint",
    "contact_id": "call",
    "customer_id": "customer",
    "customer.id": "customer",
    "follow_up_id": "task",
    "guide": "staff",
    "line_id": "line",
    "original.id": "purchase",
    "owner_id": "staff",
    "possession_id": "possession",
    "purchase_id": "purchase",
    "remedies": "remedy",
    "store": "store",
    "store_id": "store",
    "to": "staff",
}
_BY_WORD: Final = {"guide", "store", "to"}  # by code, number or id
_REFERENCES: Final = {"customer": "customer", "original": "purchase"}  # hold one member, no other
# Bodies in which the member matters, where there is no example or it goes another way.
BASES: Final[dict[str, dict[str, Any]]] = {
    "complaints_step": {"guide": "1001", "step": "propose", "text": "We mend it."},
    "follow_ups_leave_out": {"guide": "1001", "why": "not-needed"},
}


# What has to be named beside a member, so that it is looked at.
BESIDE: Final[dict[tuple[str, Path], dict[str, str]]] = {
    ("complaints_raise", ("line_id",)): {"purchase_id": "purchase"},
}


@dataclass(frozen=True)
class Member:
    """One place of one call that names a thing."""

    operation: Operation
    name: str
    path: Path
    kind: str
    is_query: bool = False

    def __str__(self) -> str:
        return f"{self.operation} {'?' if self.is_query else ''}{'.'.join(self.path)}"

    def body(self, own: Things, key: str) -> dict[str, Any]:
        """Return a body that names one's own things everywhere, and here another."""
        whole: dict[str, Any] = deepcopy(BASES.get(self.name, examples.EXAMPLES.get(self.name, {})))
        _own(whole, own)
        for name, kind in BESIDE.get((self.name, self.path), {}).items():
            whole[name] = own[kind]
        _put(whole, self.path, key)
        return whole


def _own(body: dict[str, Any], own: Things) -> None:
    """Let a documented body name what there is."""
    for name, value in body.items():
        if name in _REFERENCES:
            body[name] = {"id": own[_REFERENCES[name]]}
        elif name in _BY_WORD:
            body[name] = own[KINDS[name]]
        elif isinstance(value, dict):
            _own(value, own)


def _put(body: dict[str, Any], path: Path, key: str) -> None:
    first, rest = path[0].removesuffix("[]"), path[1:]
    is_list = path[0].endswith("[]")
    if not rest:
        body[first] = [key] if is_list else key
    elif is_list:
        part: dict[str, Any] = {"quantity": "1"}
        _put(part, rest, key)
        body[first] = [part]
    else:
        part = {} if first in _REFERENCES else dict(body.get(first, {}))
        _put(part, rest, key)
        body[first] = part


def every() -> list[Member]:
    """Return every place where a call may name a thing; call it inside a chain."""
    document = documents._document()
    found: list[Member] = []
    for path, methods in sorted(document["paths"].items()):
        for method, call in methods.items():
            operation, name = Operation(path, method.upper()), call["operationId"]
            for given in call.get("parameters", []):
                if given["in"] == "query" and _names_a_thing(given["name"], given["schema"]):
                    where = (given["name"],)
                    found.append(Member(operation, name, where, kind(where), is_query=True))
            body = call.get("requestBody", {}).get("content", {}).get("application/json", {})
            found += [
                Member(operation, name, where, kind(where))
                for where in _walk(document, body.get("schema", {}))
            ]
    return found


def kind(path: Path) -> str:
    """Return which thing a member names; KeyError if unknown."""
    parts = [each.removesuffix("[]") for each in path]
    last = ".".join(parts[-2:]) if parts[-1] == "id" else parts[-1]
    return KINDS[last]


def _walk(document: dict[str, Any], shape: dict[str, Any]) -> Iterator[Path]:
    """Return the paths of a body's members that name things, those of lists with []."""
    for name, inner in _meant(document, shape).get("properties", {}).items():
        found = _meant(document, inner)
        mark, found = ("[]", _meant(document, found["items"])) if "items" in found else ("", found)
        if _names_a_thing(name, found):
            yield (f"{name}{mark}",)
        for rest in _walk(document, found):
            yield (f"{name}{mark}", *rest)


def _meant(document: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    """Follow references, and take the object of whatever may also be null."""
    for each in (shape, *shape.get("allOf", ()), *shape.get("oneOf", ()), *shape.get("anyOf", ())):
        if "$ref" in each:
            named = str(each["$ref"]).rpartition("/")[2]
            return _meant(document, document["components"]["schemas"][named])
    return shape


def _names_a_thing(name: str, shape: dict[str, Any]) -> bool:
    return shape.get("format") == "uuid" or name in _BY_WORD
