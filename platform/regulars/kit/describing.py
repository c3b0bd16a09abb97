"""Fields for people and for programs: values in words, JSON Schema."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from regulars.kit.labels import Label, language_of
from regulars.kit.parsing import EARLIEST, LATEST
from regulars.kit.schema import Field

_YES = Label(zh_hans="是", zh_hant="是", en="Yes")
_NO = Label(zh_hans="否", zh_hant="否", en="No")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_TYPES = {
    "text": "string",
    "integer": "integer",
    "rating": "integer",
    "decimal": "number",
    "measure": "number",
    "boolean": "boolean",
    "date": "string",
    "choice": "string",
    "choices": "array",
}


def show(field: Field, value: object, *, language: str) -> str:
    """Return a stored value in words: `12号`, `是`, `足金、18K金`, `2024年3月5日`, or nothing."""
    if value is None:
        return ""
    match field.kind:
        case "boolean":
            return (_YES if value else _NO).text(language)
        case "choice" | "choices":
            keys = value if isinstance(value, list | tuple) else [value]
            mark = ", " if language_of(language) == "en" else "、"
            return mark.join(_choice(field, key, language) for key in keys)
        case "date":
            return _day(str(value), language)
    if field.unit is None:
        return str(value)
    gap = " " if language_of(language) == "en" else ""
    return f"{value}{gap}{field.unit.label.text(language)}"


def schema(fields: Iterable[Field], *, language: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12, as OpenAPI 3.1 uses it) of live fields' stored values."""
    live = [field for field in fields if not field.retired]
    described: dict[str, Any] = {
        "type": "object",
        "properties": {field.key: _property(field, language) for field in live},
        "additionalProperties": False,
    }
    if required := [field.key for field in live if field.required]:
        described["required"] = required
    return described


def _property(field: Field, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": _TYPES[field.kind], "title": field.label.text(language)}
    notes = [field.help.text(language)] if field.help else []
    if field.unit:
        notes.append(field.unit.label.text(language))
    keys = [choice.key for choice in field.choices if not choice.retired]
    match field.kind:
        case "text":
            found["maxLength"] = field.max_length
        case "date":
            found["format"] = "date"
            notes.append(f"{field.minimum or EARLIEST} – {field.maximum or LATEST}")
        case "choice":
            found["enum"] = keys
        case "choices":
            found |= {"items": {"type": "string", "enum": keys}, "uniqueItems": True}
        case _:
            low, high = field.minimum, field.maximum
            if field.kind == "rating":
                low, high = field.scale
            found |= _number_bound("minimum", low) | _number_bound("maximum", high)
    if notes:
        found["description"] = " · ".join(notes)
    return found


def _number_bound(name: str, bound: object) -> dict[str, Any]:
    if bound is None or isinstance(bound, bool | date):
        return {}
    number = float(str(bound))
    return {name: int(number) if number.is_integer() else number}


def _choice(field: Field, key: object, language: str) -> str:
    for choice in field.choices:
        if choice.key == key:
            return choice.label.text(language)
    return str(key)


def _day(value: str, language: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    if language_of(language) == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"
