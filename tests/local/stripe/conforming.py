"""Whether an answer is what the official client declares it to be."""

from dataclasses import dataclass, field
from typing import Any

from regulars.local.stripe import parameters, routes, server, shapes

LEFT_OUT = {"payment_method_options", "payment_method_details", "next_action", "payload"}


@dataclass
class Watched:
    """A simulator, what it answered to, and what was wrong with its answers."""

    simulator: server.Server
    answered: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def watch(simulator: server.Server) -> Watched:
    """Look at every answer of a simulator from now on."""
    found = Watched(simulator)
    plainly = simulator.api.answer

    def answer(method: str, path: str, text: str, headers: dict[str, str]) -> Any:
        status, body, sent = plainly(method, path, text, headers)
        route = routes.find(method, path)
        if status == 200 and route:
            operation = f"{method} {route[0].path}"
            found.answered.add(operation)
            found.faults += faults_of(operation, body)
        return status, body, sent

    simulator.api.answer = answer  # type: ignore[method-assign]
    return found


def faults_of(operation: str, answer: Any) -> list[str]:
    """Name everything in the answer to an operation that is missing, unknown or of another type."""
    declared = parameters.table()["kinds"][operation]
    if isinstance(declared, int):
        declared = parameters.table()["shared"][declared]
    kind = declared["gives"]
    if isinstance(kind, int):
        kind = parameters.table()["shared"][kind]
    return list(_faults(kind, answer, ""))


def _faults(kind: Any, value: Any, path: str) -> list[str]:
    kind = shapes.resolve(kind)
    if isinstance(kind, dict):
        return _fields(kind, value, path)
    if isinstance(kind, list):
        return _composed(kind, value, path)
    fits = {
        "any": True,
        "null": value is None,
        "map": isinstance(value, dict),
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "decimal": isinstance(value, str),
    }
    return [] if fits[kind] else [f"{path}: {value!r} is no {kind}"]


def _composed(kind: list[Any], value: Any, path: str) -> list[str]:
    match kind:
        case ["or null", inner]:
            return [] if value is None else _faults(inner, value, path)
        case ["enum", *known]:
            return [] if value in known else [f"{path}: {value!r} is none of {known[:9]}"]
        case ["list", inner]:
            if not isinstance(value, list):
                return [f"{path}: {value!r} is no list"]
            return [x for n, each in enumerate(value) for x in _faults(inner, each, f"{path}[{n}]")]
        case ["id or", *names]:
            return [] if isinstance(value, str) else _object(names, value, path)
        case ["object", *names]:
            return _object(names, value, path)
        case ["page", name]:
            if not isinstance(value, dict) or value.get("object") != "list":
                return [f"{path}: no list object"]
            inner = ["object", name]
            return [
                x for n, e in enumerate(value["data"]) for x in _faults(inner, e, f"{path}[{n}]")
            ]
        case ["either", *kinds]:
            return min((_faults(each, value, path) for each in kinds), key=len)
    raise ValueError(kind)


def _object(names: list[str], value: Any, path: str) -> list[str]:
    if not isinstance(value, dict) or value.get("object") not in names:
        return [f"{path}: no {' or '.join(names)} but {str(value)[:60]}"]
    if value.get("deleted"):
        return []
    if value["object"] == "event":  # its type does not say what it carries; that says it itself
        carried = value["data"]["object"]
        inside = _object([str(carried.get("object"))], carried, f"{path}.data.object")
        return [*inside, *_fields(_declared("event"), value, path or "event")]
    return _fields(_declared(value["object"]), value, path or value["object"])


def _declared(name: str) -> dict[str, Any]:
    found: dict[str, Any] = shapes.resolve(shapes.table()["kinds"][name])
    return found


def _fields(declared: dict[str, Any], value: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no object"]
    kinds = {name.removesuffix("!"): each for name, each in declared.items()}
    found = [f"{path}.{name}: unknown" for name in value if name not in kinds]
    may_lack = shapes.ONLY_WHEN_SET.get(str(value.get("object")), set()) | {"deleted"}
    for name, kind in kinds.items():
        if name in value:
            if name not in LEFT_OUT:
                found += _faults(kind, value[name], f"{path}.{name}")
        elif name not in may_lack | _maps(kinds) and not _is_way_of_paying(value, name):
            found.append(f"{path}.{name}: missing")
    return found


def _maps(kinds: dict[str, Any]) -> set[str]:
    return {name for name, kind in kinds.items() if shapes.resolve(kind) == ["or null", "map"]}


def _is_way_of_paying(value: dict[str, Any], name: str) -> bool:
    return value.get("object") == "payment_method" and name not in {"card", "customer", "type"}
