"""What each operation takes, and how text becomes the values it means.

The table is generated from the official client (``tests/local/stripe/declaring.py`` says how).
"""

import json
import re
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Final

from regulars.local.stripe import faults
from regulars.local.stripe.forms import Value

_FILE: Final = Path(__file__).with_name("parameters.json")
_INTEGER: Final = re.compile(r"-?\d{1,15}")
_MAP_LIMIT: Final = 50


@cache
def table() -> dict[str, Any]:
    """Read the table once."""
    found: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return found


def check(operation: str, given: dict[str, Value]) -> dict[str, Any]:
    """Give the parameters with the types they are declared with.

    Raises Refused for one that is unknown, missing, or of another type.
    """
    declared = table()["kinds"][operation]
    takes = declared if isinstance(declared, dict) else _shared(declared)
    return _object(_shared(takes["takes"]), given, "")


def _shared(kind: Any) -> Any:
    return table()["shared"][kind] if isinstance(kind, int) else kind


def _object(fields: dict[str, Any], given: dict[str, Value], within: str) -> dict[str, Any]:
    kinds = {name.removesuffix("!"): kind for name, kind in fields.items()}
    values = {}
    for name, value in given.items():
        path = f"{within}[{name}]" if within else name
        if name not in kinds:
            raise faults.Refused(
                f"Received unknown parameter: {path}", param=path, code="parameter_unknown"
            )
        values[name] = _value(kinds[name], value, path)
    for name in fields:
        if name.endswith("!") and name[:-1] not in values:
            path = name[:-1]
            raise faults.missing(f"{within}[{path}]" if within else path)
    return values


def _value(kind: Any, value: Value, path: str) -> Any:
    kind = _shared(kind)
    if isinstance(kind, dict):
        if not isinstance(value, dict):
            # A map of nothing arrives as an empty list.
            if value == []:
                return {}
            raise faults.Refused(f"Invalid object: {path}", param=path)
        return _object(kind, value, path)
    if isinstance(kind, list):
        return _composed(kind, value, path)
    if kind == "map":
        return _map(value, path)
    if kind == "any":
        return value
    if not isinstance(value, str):
        raise faults.Refused(f"Invalid {kind}: {json.dumps(value)}", param=path)
    return _plain(kind, value, path)


def _composed(kind: list[Any], value: Value, path: str) -> Any:
    match kind:
        case ["enum", *known]:
            if value not in known:
                names = ", ".join(map(str, known[:-1])) + f", or {known[-1]}" * bool(known)
                raise faults.Refused(f"Invalid {path}: must be one of {names}", param=path)
            return value
        case ["list", inner]:
            if not isinstance(value, list):
                raise faults.Refused("Invalid array", param=path)
            return [_value(inner, each, f"{path}[{n}]") for n, each in enumerate(value)]
        case ["or empty", inner]:
            return "" if value == "" else _value(inner, value, path)
        case ["either", *inner]:
            return _either(inner, value, path)
    raise ValueError(f"{kind} is no kind of parameter")


def _either(kinds: list[Any], value: Value, path: str) -> Any:
    refusals = []
    for kind in kinds:
        try:
            return _value(kind, value, path)
        except faults.Refused as error:
            refusals.append(error)
    # What came farthest into the value was meant; of those that are alike the last one says it.
    raise max(reversed(refusals), key=lambda error: len(error.param or ""))


def _plain(kind: str, value: str, path: str) -> Any:
    match kind:
        case "string":
            return value
        case "boolean":
            if value not in {"true", "false"}:
                raise faults.Refused(f"Invalid boolean: {value}", param=path)
            return value == "true"
        case "integer":
            if not _INTEGER.fullmatch(value):
                raise faults.Refused(
                    f"Invalid integer: {value}", param=path, code="parameter_invalid_integer"
                )
            return int(value)
        case "number" | "decimal":
            try:
                number = Decimal(value)
            except InvalidOperation:
                number = Decimal("NaN")
            if not number.is_finite():
                raise faults.Refused(f"Invalid decimal: {value}", param=path)
            return number
    raise ValueError(f"{kind} is no kind of parameter")


def _map(value: Value, path: str) -> dict[str, Any]:
    if value in ("", []):
        return {}
    if isinstance(value, list):
        value = {str(n): each for n, each in enumerate(value)}
    if not isinstance(value, dict):
        raise faults.Refused(f"Invalid object: {path}", param=path)
    if path == "metadata" and (
        len(value) > _MAP_LIMIT or any(len(k) > 40 or len(str(v)) > 500 for k, v in value.items())
    ):
        raise faults.Refused("Metadata takes 50 keys of 40, values of 500 characters.", param=path)
    return value
