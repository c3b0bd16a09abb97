"""Form: types, keys, texts."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from regulars.kit.faults import Fault
from regulars.kit.labels import Label, placeholders
from regulars.kit.plain import MOST_DIGITS, hints_of, is_countable, name_of
from regulars.kit.units import UNITS, Unit

KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_KEY = 40
LONGEST_LABEL = 240
LONGEST_TEXT = 1000
_LABELS_KEPT = 8_192  # a large vertical has some hundreds
# Labels in which `{placeholders}` mean something; elsewhere a brace is a slip.
_WITH_PLACEHOLDERS = {"says", "text", "subject"}


class Part(NamedTuple):
    """An attribute, or an item of one, on the walk through a vertical."""

    path: str
    attribute: str
    hint: Any
    value: object


def type_faults(parts: Iterable[Part]) -> Iterator[Fault]:
    """Yield what is not of the type its annotation asks for."""
    for part in parts:
        whole = type(part.value) is not tuple or get_origin(part.hint) is not tuple
        if whole and not _test(part.hint)(part.value):
            yield Fault(part.path, f"{part.value!r} is not {_spoken(part.hint)}")


def text_faults(parts: Iterable[Part]) -> Iterator[Fault]:
    """Yield what is wrong with keys and labels."""
    for part in parts:
        if part.attribute == "key" and isinstance(part.value, str):
            yield from _key_faults(part.value, part.path)
        elif isinstance(part.value, Label):
            yield from _label_faults(part.value, part.path, part.attribute)
        elif isinstance(part.value, tuple):
            yield from _repeated_keys(part.value, part.path)


def parts_of(noun: Any, where: str = "") -> Iterator[Part]:
    """Yield every attribute of a noun and, beneath it, everything it is made of."""
    kind: type = type(noun)
    for attribute, hint, inner in _annotated(kind):
        value = getattr(noun, attribute)
        path = f"{where}.{attribute}" if where else attribute
        yield Part(path, attribute, hint, value)
        if isinstance(value, tuple):
            for index, item in enumerate(value):
                spot = f"{path}.{name_of(item, index)}"
                yield Part(spot, attribute, inner, item)
                if _is_walked(item):
                    yield from parts_of(item, spot)
        elif _is_walked(value):
            yield from parts_of(value, path)


def _is_walked(value: object) -> bool:
    if isinstance(value, str | Label):
        return False
    return is_dataclass(value) and not (isinstance(value, Unit) and value in UNITS.values())


@cache
def _annotated(kind: type) -> tuple[tuple[str, Any, Any], ...]:
    """Return the attributes of a noun's class: name, annotation, and that of a tuple's items."""
    hints = [(each.name, hints_of(kind)[each.name]) for each in fields(kind)]
    return tuple(
        (name, hint, get_args(hint)[0] if get_origin(hint) is tuple else hint)
        for name, hint in hints
    )


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
    for language, says in _slips(label, attribute):
        yield Fault(f"{path}.{language}" if language else path, says)


@lru_cache(_LABELS_KEPT)
def _slips(label: Label, attribute: str) -> tuple[tuple[str, str], ...]:
    """Return what is wrong with a label's words: in which language ("": in all), and what.

    A chain that changes one noun has the words of all others checked again.
    """
    longest = LONGEST_TEXT if attribute == "text" else LONGEST_LABEL
    found: list[tuple[str, str]] = []
    if not label.texts():
        found.append(("", "has no text in any language"))
    named = set()
    for language, text in label.texts().items():
        if text != text.strip():
            found.append((language, "begins or ends with a space"))
        if any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in text):
            found.append((language, "contains a control character"))
        if len(text) > longest:
            found.append((language, f"is {len(text)} characters long; at most {longest}"))
        names, stray = placeholders(text)
        named.add(names)
        if stray:
            found.append((language, "has a brace that is no {placeholder}"))
        if names and attribute not in _WITH_PLACEHOLDERS:
            found.append((language, f"placeholders mean nothing here: {_braced(names)}"))
    if len(named) > 1:
        differing = frozenset.union(*named) - frozenset.intersection(*named)
        found.append(("", f"not every language has {_braced(differing)}"))
    return tuple(found)


def _braced(names: frozenset[str]) -> str:
    return ", ".join("{" + name + "}" for name in sorted(names))


@cache
def _test(hint: Any) -> Callable[[object], bool]:
    """Return whether a value is of an annotation's type; exactly, so True is no number."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        tests = [_test(option) for option in arguments]
        return lambda value: any(test(value) for test in tests)
    if origin is tuple:
        item = _test(arguments[0])
        return lambda value: type(value) is tuple and all(map(item, value))
    if origin is Literal:
        return lambda value: type(value) is str and value in arguments
    if origin is Callable or getattr(origin, "__name__", "") == "Callable":
        return callable
    if hint is Decimal:
        return lambda value: (
            isinstance(value, int | Decimal)
            and type(value) is not bool
            and is_countable(Decimal(value))
        )
    if hint is NoneType:
        return lambda value: value is None
    return lambda value: type(value) is hint


def _spoken(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "one of " + ", ".join(str(each) or "(empty)" for each in arguments)
    if origin is tuple:
        return f"a tuple of {_spoken(arguments[0])}"
    if origin in (Union, UnionType):
        return " or ".join(_spoken(each) for each in arguments)
    if hint is Decimal:
        return f"a Decimal with at most {MOST_DIGITS} digits before and behind its point"
    return getattr(hint, "__name__", str(hint))
