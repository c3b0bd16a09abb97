"""Form: types, keys, texts."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from regulars.kit.faults import Fault
from regulars.kit.labels import Label, placeholders
from regulars.kit.plain import hints_of, name_of
from regulars.kit.units import UNITS

KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_KEY = 40
LONGEST_LABEL = 240
LONGEST_TEXT = 1000
# Labels in which `{placeholders}` mean something; elsewhere a brace is a slip.
_WITH_PLACEHOLDERS = {"says", "text", "subject"}


@dataclass(frozen=True, slots=True)
class _Part:
    """An attribute, or an item of one, on the walk through a vertical."""

    path: str
    attribute: str
    hint: Any
    value: object


def type_faults(vertical: object) -> Iterator[Fault]:
    """Yield what is not of the type its annotation asks for."""
    for part in _walk(vertical, ""):
        whole = get_origin(part.hint) is not tuple or type(part.value) is not tuple
        if whole and not fits(part.hint, part.value):
            yield Fault(part.path, f"{part.value!r} is not {_spoken(part.hint)}")


def text_faults(vertical: object) -> Iterator[Fault]:
    """Yield what is wrong with keys and labels."""
    for part in _walk(vertical, ""):
        if part.attribute == "key" and isinstance(part.value, str):
            yield from _key_faults(part.value, part.path)
        elif isinstance(part.value, Label):
            yield from _label_faults(part.value, part.path, part.attribute)
        elif isinstance(part.value, tuple):
            yield from _repeated_keys(part.value, part.path)


def _walk(noun: Any, where: str) -> Iterator[_Part]:
    for attribute in fields(noun):
        value = getattr(noun, attribute.name)
        path = f"{where}.{attribute.name}" if where else attribute.name
        kind: type = type(noun)
        hint = hints_of(kind)[attribute.name]
        yield _Part(path, attribute.name, hint, value)
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        items = value if isinstance(value, tuple) else (value,)
        for name, item in zip(names_of(items), items, strict=True):
            spot = path if item is value else f"{path}.{name}"
            if item is not value:
                yield _Part(spot, attribute.name, inner, item)
            if is_dataclass(item) and not isinstance(item, Label) and item not in UNITS.values():
                yield from _walk(item, spot)


def names_of(items: tuple[object, ...]) -> tuple[str, ...]:
    """Return how faults name the items of a list."""
    return tuple(name_of(item, index) for index, item in enumerate(items))


def _repeated_keys(items: tuple[object, ...], path: str) -> Iterator[Fault]:
    keys = [key for item in items if isinstance(key := getattr(item, "key", None), str)]
    for key in dict.fromkeys(key for key in keys if keys.count(key) > 1):
        yield Fault(f"{path}.{key}", "this key is used twice")


def _key_faults(key: str, path: str) -> Iterator[Fault]:
    if not KEY.fullmatch(key) or len(key) > LONGEST_KEY:
        yield Fault(
            path,
            f"{key!r} is not a key: lower-case letters, digits and single hyphens,"
            f" at most {LONGEST_KEY}",
        )


def _label_faults(label: Label, path: str, attribute: str) -> Iterator[Fault]:
    longest = LONGEST_TEXT if attribute == "text" else LONGEST_LABEL
    if not label.texts():
        yield Fault(path, "has no text in any language")
    named = set()
    for language, text in label.texts().items():
        spot = f"{path}.{language}"
        if text != text.strip():
            yield Fault(spot, "begins or ends with a space")
        if any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in text):
            yield Fault(spot, "contains a control character")
        if len(text) > longest:
            yield Fault(spot, f"is {len(text)} characters long; at most {longest}")
        names, stray = placeholders(text)
        named.add(names)
        if stray:
            yield Fault(spot, "has a brace that is no {placeholder}")
        if names and attribute not in _WITH_PLACEHOLDERS:
            yield Fault(spot, f"placeholders mean nothing here: {_braced(names)}")
    if len(named) > 1:
        differing = frozenset.union(*named) - frozenset.intersection(*named)
        yield Fault(path, f"not every language has {_braced(differing)}")


def _braced(names: frozenset[str]) -> str:
    return ", ".join("{" + name + "}" for name in sorted(names))


def fits(hint: Any, value: object) -> bool:
    """Tell whether a value is of an annotation's type; exactly, so True is no number."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(fits(option, value) for option in arguments)
    if origin is tuple:
        return type(value) is tuple and all(fits(arguments[0], each) for each in value)
    if origin is Literal:
        return type(value) is str and value in arguments
    if origin is Callable or getattr(origin, "__name__", "") == "Callable":
        return callable(value)
    if hint is Decimal:
        return type(value) is int or (type(value) is Decimal and value.is_finite())
    if hint is NoneType:
        return value is None
    return type(value) is hint


def _spoken(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "one of " + ", ".join(str(each) or "(empty)" for each in arguments)
    if origin is tuple:
        return f"a tuple of {_spoken(arguments[0])}"
    if origin in (Union, UnionType):
        return " or ".join(_spoken(each) for each in arguments)
    return getattr(hint, "__name__", str(hint))
