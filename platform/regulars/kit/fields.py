"""Values of declared fields: cleaned, shown, described, recognised."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from regulars.kit import parsing
from regulars.kit.describing import schema, show
from regulars.kit.labels import fill
from regulars.kit.matching import index_choices, simplified
from regulars.kit.schema import Choice, Field
from regulars.kit.sentences import SENTENCES

__all__ = ["CODES", "FieldFault", "Value", "clean", "match_header", "schema", "show"]

type Value = str | int | float | bool | list[str] | None

CODES: tuple[str, ...] = tuple(SENTENCES)

# What a JSON number carries exactly through a binary fraction.
_MOST_WHOLE = 10**15 - 1


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A value that was not taken: the field's key, a stable code and what to tell a person."""

    key: str
    code: str
    sentence: str


def clean(
    fields: Iterable[Field],
    raw: Mapping[str, object],
    *,
    language: str = "zh-Hans",
    consented: Collection[str] = (),
    unknown: str = "refuse",
    partial: bool = False,
    excel_dates: bool = False,
) -> tuple[dict[str, Value], list[FieldFault]]:
    """Turn what people typed, or a spreadsheet held, into what is stored; never raises for data.

    Returns the JSON-able values in the order of the fields, and the faults; a faulty value is
    absent from the first. Cleaning what was cleaned changes nothing. `consented` are the keys of
    sensitive fields the customer agreed to. `partial`: absent fields are left alone, and an empty
    value stays as None, meaning "clear it". `unknown`: `refuse` or `drop` keys nobody declared.
    Retired fields and choices are still taken, since old records hold them.
    """
    if unknown not in ("refuse", "drop"):
        raise ValueError(f"unknown must be refuse or drop, not {unknown!r}")
    known = {field.key: field for field in fields}
    cleaned: dict[str, Value] = {}
    faults: list[FieldFault] = []
    for field in known.values():
        given = raw.get(field.key)
        if parsing.is_empty(given):
            if field.required and not field.retired and (not partial or field.key in raw):
                faults.append(_fault(field, "required", language, {}))
            elif partial and field.key in raw:
                cleaned[field.key] = None
            continue
        try:
            if field.sensitive and field.key not in consented:
                raise parsing.UnreadableError("consent-needed")
            cleaned[field.key] = _value(field, given, excel_dates)
        except parsing.UnreadableError as problem:
            faults.append(_fault(field, problem.code, language, problem.facts))
    if unknown == "refuse":
        strange = (str(key) for key in raw if key not in known)
        faults += [_unknown(key, language) for key in strange]
    return cleaned, faults


def match_header(fields: Iterable[Field], header: str) -> Field | None:
    """Return the live field that a column title means: its key, a label, or one of `headers`."""
    word = simplified(header)
    for field in fields:
        words = (field.key, *field.label.texts().values(), *field.headers)
        if not field.retired and word and word in map(simplified, words):
            return field
    return None


def _value(field: Field, raw: object, excel: bool) -> Value:
    match field.kind:
        case "text":
            text = parsing.read_text(raw)
            if len(text) > field.max_length:
                raise parsing.UnreadableError("too-long", limit=str(field.max_length))
            return text
        case "boolean":
            return parsing.read_boolean(raw)
        case "date":
            day = parsing.read_date(raw, excel=excel)
            _bounded(day, field.minimum, field.maximum)
            return day.isoformat()
        case "choice":
            return parsing.read_choice(raw, _index(field.choices))
        case "choices":
            return _several(field, raw)
        case "rating":
            return _whole(field, raw, *field.scale)
        case "integer":
            return _whole(field, raw, field.minimum, field.maximum)
        case "decimal" | "measure":
            return _decimal(field, raw)


def _several(field: Field, raw: object) -> list[str]:
    index = _index(field.choices)
    # A label may contain a separator, so the whole text is tried first.
    if isinstance(raw, str) and len(raw) < 100 and (whole := index.get(simplified(raw))):
        return [whole]
    chosen = {parsing.read_choice(word, index) for word in parsing.words_in(raw)}
    if not chosen:
        raise parsing.UnreadableError("not-a-choice", value="")
    return [choice.key for choice in field.choices if choice.key in chosen]


def _whole(field: Field, raw: object, low: object, high: object) -> int:
    number, _ = parsing.read_number(raw, field.unit)
    if number != number.to_integral_value():
        raise parsing.UnreadableError("not-whole")
    _bounded(number, low, high)
    _bounded(number, -_MOST_WHOLE, _MOST_WHOLE)
    return int(number)


def _decimal(field: Field, raw: object) -> int | float:
    number, as_written = parsing.read_number(raw, field.unit)
    most = _MOST_WHOLE // 10**field.decimals
    _bounded(number, -most, most)
    rounded = number.quantize(Decimal(1).scaleb(-field.decimals))
    if as_written and rounded != number:
        raise parsing.UnreadableError("too-many-decimals", limit=str(field.decimals))
    _bounded(rounded, field.minimum, field.maximum)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def _bounded(value: date | Decimal, low: object, high: object) -> None:
    # A field's bounds are of its kind; the check of the vertical saw to it.
    if low is not None and value < low:  # type: ignore[operator]
        raise parsing.UnreadableError("too-small", limit=str(low))
    if high is not None and value > high:  # type: ignore[operator]
        raise parsing.UnreadableError("too-large", limit=str(high))


@lru_cache(maxsize=1024)
def _index(choices: tuple[Choice, ...]) -> dict[str, str]:
    return index_choices(choices)


def _fault(field: Field, code: str, language: str, facts: Mapping[str, str]) -> FieldFault:
    live = [choice.label.text(language) for choice in field.choices if not choice.retired]
    words = {
        "field": field.label.text(language),
        "example": str(field.minimum if field.minimum is not None else 12),
        "expected": field.unit.label.text(language) if field.unit else "",
        "choices": "、".join(live[:12]) + ("…" if len(live) > 12 else ""),
        **facts,
    }
    return FieldFault(field.key, code, fill(SENTENCES[code].text(language), words))


def _unknown(key: str, language: str) -> FieldFault:
    readable = "".join(sign for sign in key[:60] if sign.isprintable())
    sentence = fill(SENTENCES["unknown"].text(language), {"field": readable})
    return FieldFault(key, "unknown", sentence)
