"""Nouns as plain data and back: for content files, and for what head office changed.

`build(dump(noun)) == noun`. Everything is driven by the nouns' own annotations.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from regulars.kit.faults import Fault, VerticalError
from regulars.kit.labels import LANGUAGES, Label
from regulars.kit.units import UNITS, Unit

__all__ = ["build", "dump"]

MOST_DIGITS = 100  # before the point, and behind it: a quotient has thirty or so
_FAILED = object()
_PLAIN_WORDS = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    Decimal: f"a number with at most {MOST_DIGITS} digits before and behind its point",
}


def build[T](noun: type[T], data: Mapping[str, object], *, where: str = "") -> T:
    """Make a noun from plain data. Raises `VerticalError` with every fault."""
    faults: list[Fault] = []
    made = construct(noun, data, where or noun.__name__.lower(), faults)
    if faults:
        raise VerticalError(noun.__name__, faults)
    assert isinstance(made, noun)  # noqa: S101  (a failure always leaves a fault)
    return made


def dump(noun: object) -> dict[str, Any]:
    """Return a noun as JSON-able data, without what is left at its default."""
    if not is_dataclass(noun) or isinstance(noun, type):
        raise TypeError(f"{noun!r} is not a noun of the kit")
    kept: dict[str, Any] = {}
    for part in fields(noun):
        value = getattr(noun, part.name)
        if part.default is MISSING or value != part.default:
            kept[part.name] = _dumped(value)
    return kept


def _dumped(value: object) -> Any:
    match value:
        case Label():
            return value.plain()
        case Unit() if UNITS.get(value.key) == value:
            return value.key
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case date():
            return value.isoformat()
        case tuple():
            return [_dumped(each) for each in value]
        case _ if is_dataclass(value):
            return dump(value)
        case _ if callable(value):
            raise TypeError("a function has no plain form")
    return value


def construct(noun: type, data: object, where: str, faults: list[Fault]) -> object:
    """Build a noun, adding what is wrong to `faults`; `_FAILED` when it cannot be made."""
    if not isinstance(data, Mapping):
        faults.append(Fault(where, f"must be a table, not {data!r}"))
        return _FAILED
    if noun is Label:
        return _label(data, where, faults)
    hints = hints_of(noun)
    given: dict[str, object] = {}
    whole = True
    for name, value in data.items():
        if name not in hints:
            faults.append(Fault(where, f"has no attribute {name!r}; there are {_listed(hints)}"))
            continue
        made = convert(hints[name], value, f"{where}.{name}", faults)
        whole = whole and made is not _FAILED
        given[name] = made
    for part in fields(noun):
        if part.default is MISSING and part.default_factory is MISSING and part.name not in data:
            faults.append(Fault(where, f"{part.name} is missing"))
            whole = False
    return noun(**given) if whole else _FAILED


def made(value: object) -> bool:
    """Tell whether `construct` or `convert` succeeded."""
    return value is not _FAILED


@cache
def hints_of(noun: type) -> dict[str, Any]:
    """Return the annotations of a noun, resolved."""
    return get_type_hints(noun)


def convert(hint: Any, value: object, where: str, faults: list[Fault]) -> object:
    """Turn plain data into what an annotation asks for."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _union(arguments, value, where, faults)
    if origin is tuple:
        return _tuple(arguments[0], value, where, faults)
    if origin is Literal:
        if value in arguments:
            return value
        faults.append(Fault(where, f"{value!r} is none of {_listed(arguments)}"))
        return _FAILED
    if hint is Unit and isinstance(value, str):
        if value in UNITS:
            return UNITS[value]
        faults.append(Fault(where, f"no unit {value!r}; there are {_listed(UNITS)}"))
        return _FAILED
    if is_dataclass(hint) and isinstance(hint, type):
        return construct(hint, value, where, faults)
    for convertible in _SCALARS.get(hint, ()):
        result = convertible(value)
        if result is not _FAILED:
            return result
    faults.append(Fault(where, f"must be {_PLAIN_WORDS.get(hint, hint)}, not {value!r}"))
    return _FAILED


def _union(options: tuple[Any, ...], value: object, where: str, faults: list[Fault]) -> object:
    if value is None and NoneType in options:
        return None
    options = tuple(option for option in options if option is not NoneType)
    if len(options) == 1:
        return convert(options[0], value, where, faults)
    for option in options:
        attempt: list[Fault] = []
        made = convert(option, value, where, attempt)
        if not attempt:
            return made
    faults.append(Fault(where, f"{value!r} does not fit"))
    return _FAILED


def _tuple(item: Any, value: object, where: str, faults: list[Fault]) -> object:
    if isinstance(value, str) or not isinstance(value, Sequence):
        faults.append(Fault(where, f"must be a list, not {value!r}"))
        return _FAILED
    made = [
        convert(item, each, f"{where}.{name_of(each, index)}", faults)
        for index, each in enumerate(value)
    ]
    # A list loses its faulty items only: what is left can still be checked.
    return tuple(each for each in made if each is not _FAILED)


def name_of(item: object, index: int) -> str:
    """Return how a fault names an item of a list: its key, else its place from 1."""
    key = item.get("key") if isinstance(item, Mapping) else getattr(item, "key", None)
    return key if isinstance(key, str) and key else str(index + 1)


def _label(data: Mapping[str, object], where: str, faults: list[Fault]) -> object:
    for language, text in data.items():
        if language not in LANGUAGES:
            faults.append(Fault(where, f"no language {language!r}; there are {_listed(LANGUAGES)}"))
        elif not isinstance(text, str):
            faults.append(Fault(where, f"{language} must be a text, not {text!r}"))
    words = {tag: text for tag, text in data.items() if isinstance(text, str)}
    return Label(
        zh_hans=words.get("zh-Hans", ""), zh_hant=words.get("zh-Hant", ""), en=words.get("en", "")
    )


def is_countable(number: Decimal) -> bool:
    """Tell whether a number is finite and can be reckoned with exactly.

    Written out, the few signs of 1E+999999999 or 1E-999999999 would take all memory.
    """
    exponent = number.as_tuple().exponent
    return (
        isinstance(exponent, int) and exponent >= -MOST_DIGITS and number.adjusted() < MOST_DIGITS
    )


def _exactly(kind: type) -> Callable[[object], object]:
    return lambda value: value if type(value) is kind else _FAILED


def _decimal(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return _FAILED
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return _FAILED
    return number if is_countable(number) else _FAILED


def _date(value: object) -> object:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _FAILED
    except ValueError:
        return _FAILED


_SCALARS: dict[Any, tuple[Callable[[object], object], ...]] = {
    str: (_exactly(str),),
    int: (_exactly(int),),
    bool: (_exactly(bool),),
    Decimal: (_decimal,),
    date: (_date,),
}


def _listed(names: Any) -> str:
    return ", ".join(str(name) or "(empty)" for name in names)
