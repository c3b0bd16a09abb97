"""Stripe's form encoding: ``items[0][price]=price_1&expand[]=customer`` as nested values."""

import re
from typing import Any, Final
from urllib.parse import parse_qsl

from regulars.local.stripe import faults

_NAME: Final = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_MOST: Final = 2000

type Value = str | list["Value"] | dict[str, "Value"]


def decode(text: str) -> dict[str, Value]:
    """Read a query or a form body; every value is text, lists and maps are nested.

    Raises Refused for a name that is no name.
    """
    found: dict[str, Any] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST, errors="strict")
    except ValueError as error:
        raise faults.Refused(f"Invalid form: {error}") from None
    for name, value in pairs:
        match = _NAME.match(name)
        if match is None:
            raise faults.Refused(f"Invalid parameter name: {name}", param=name)
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        _put(found, path, value, name)
    return {key: _lists(value) for key, value in found.items()}


def _put(into: dict[str, Any], path: list[str], value: str, name: str) -> None:
    for step in path[:-1]:
        key = step or str(len(into))
        inner = into.setdefault(key, {})
        if not isinstance(inner, dict):
            raise faults.Refused(f"Invalid parameter: {name}", param=name)
        into = inner
    into[path[-1] or str(len(into))] = value


def _lists(value: Any) -> Value:
    """Turn maps whose keys are numbers from 0 into lists."""
    if isinstance(value, str):
        return value
    within: dict[str, Any] = value
    if all(key.isdecimal() for key in within):
        return [_lists(within[key]) for key in sorted(within, key=int)]
    return {key: _lists(each) for key, each in within.items()}
