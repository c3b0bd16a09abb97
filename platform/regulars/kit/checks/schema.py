"""Meaning of fields, possessions and categories."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from regulars.kit.checks.conditions import condition_faults, known_facts
from regulars.kit.faults import Fault
from regulars.kit.matching import simplified, words_of
from regulars.kit.schema import (
    CHOICE_KINDS,
    NUMBER_KINDS,
    Choice,
    Field,
    On,
    Possession,
    Reminder,
)

if TYPE_CHECKING:
    from regulars.kit.vertical import Vertical

# What the core itself knows of a customer, a purchase or a line: no field may shadow it.
RESERVED: dict[str, frozenset[str]] = {
    "customer": frozenset(
        {
            "address", "age", "age-band", "anniversary", "birthday", "birthday-month",
            "child-birthday", "children", "colours", "days-away", "education", "email",
            "ethnicity", "experience", "family", "gender", "guide", "hobbies", "home", "income",
            "joined", "marital", "member-code", "money", "moving", "name", "occupation",
            "personality", "phone", "points", "points-expiring", "promotions", "purchases",
            "salutation", "service-style", "silent", "spending-habits", "spent", "spouse",
            "store", "tags", "tier", "way-of-life", "wedding",
        }
    ),
    "purchase": frozenset(
        {
            "amount", "channel", "day", "delivered", "guide", "hour", "lines", "net", "number",
            "points", "product", "recorded", "returned", "store", "weekday",
        }
    ),
    "line": frozenset({"category", "discount", "net", "number", "product", "quantity"}),
    "possession": frozenset({"acquired-on", "added", "name"}),
    "answer": frozenset(),
}  # fmt: skip
_LONGEST_TEXT = 2000


def faults(vertical: "Vertical") -> Iterator[Fault]:
    """Yield the faults of everything that can be known."""
    if not re.fullmatch(r"[a-z]", vertical.key[:1]):
        yield Fault("key", "a vertical's key begins with a letter")
    if not re.fullmatch(r"\d+(\.\d+)*", vertical.version):
        yield Fault("version", f"{vertical.version!r} is not a version such as 1.0.0")
    if not re.fullmatch(r"[A-Z]{3}", vertical.currency):
        yield Fault("currency", f"{vertical.currency!r} is not a currency code such as CNY")
    yield from _choice_faults(vertical.categories, "categories")
    for field in vertical.fields:
        path = f"fields.{field.key}"
        if field.on in ("possession", "answer"):
            yield Fault(path, f"a field on {field.on} belongs inside what it is of")
        yield from field_faults(field, path)
    yield from _header_faults(vertical.fields, "fields")
    for possession in vertical.possessions:
        yield from _possession_faults(possession, vertical)


def fields_of(fields: Iterable[Field], on: On, where: str) -> Iterator[Fault]:
    """Yield the faults of fields inside a possession, a complaint, a step or a survey."""
    several = tuple(fields)
    for field in several:
        path = f"{where}.{field.key}"
        if field.on != on:
            yield Fault(path, f"is on {field.on}; here it must be on {on}")
        yield from field_faults(field, path)
    yield from _header_faults(several, where)


def field_faults(field: Field, path: str) -> Iterator[Fault]:
    """Yield the faults of one field."""
    if field.key in RESERVED[field.on]:
        yield Fault(path, f"the core already knows a {field.on}'s {field.key}")
    if field.kind in CHOICE_KINDS:
        if not any(not choice.retired for choice in field.choices):
            yield Fault(path, "needs choices")
        yield from _choice_faults(field.choices, f"{path}.choices")
    elif field.choices:
        yield Fault(path, f"a {field.kind} has no choices")
    if field.kind == "measure" and field.unit is None:
        yield Fault(path, "a measure needs a unit")
    if field.unit and field.kind not in ("measure", "integer", "decimal"):
        yield Fault(path, f"a {field.kind} has no unit")
    if not 0 <= field.decimals <= 6:
        yield Fault(path, "decimals must be from 0 to 6")
    if not 1 <= field.max_length <= _LONGEST_TEXT:
        yield Fault(path, f"max_length must be from 1 to {_LONGEST_TEXT}")
    if field.about and field.kind != "rating":
        yield Fault(path, "only a rating is about a dimension of satisfaction")
    if field.yearly and (field.kind != "date" or field.on not in ("customer", "possession")):
        yield Fault(path, "only a date of a customer or a possession is yearly")
    yield from _bound_faults(field, path)
    yield from _asking_faults(field, path)


def _asking_faults(field: Field, path: str) -> Iterator[Fault]:
    if field.sensitive and not field.personal:
        yield Fault(path, "what is sensitive is personal too: set personal")
    if field.required and field.on == "customer":
        yield Fault(path, "nothing may be required of a customer (P1): use ask_after")
    if field.required and (field.retired or field.sensitive):
        yield Fault(path, "what is retired or sensitive cannot be required")
    if not field.asks_customer and field.on != "answer":
        yield Fault(path, "only a question of a complaint may be for employees alone")
    if field.ask_after is not None and field.ask_after < 0:
        yield Fault(path, "ask_after must be from 0")
    if field.ask_after != 1 and field.on != "customer":
        yield Fault(path, "ask_after is for fields of a customer")


def _bound_faults(field: Field, path: str) -> Iterator[Fault]:
    low, high = field.minimum, field.maximum
    for name, bound in (("minimum", low), ("maximum", high)):
        if bound is None:
            continue
        if field.kind == "date":
            fitting = isinstance(bound, date)
        elif field.kind in ("integer", "rating"):
            fitting = isinstance(bound, int)
        else:
            fitting = field.kind in NUMBER_KINDS and isinstance(bound, int | Decimal)
        if not fitting:
            yield Fault(f"{path}.{name}", f"{bound} is no bound for a {field.kind}")
            return
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        yield Fault(path, f"minimum {low} is above maximum {high}")
    if field.kind == "rating" and field.scale[0] >= field.scale[1]:
        yield Fault(path, "a rating needs at least two steps")


def _choice_faults(choices: tuple[Choice, ...], where: str) -> Iterator[Fault]:
    meaning: dict[str, str] = {}
    for choice in choices:
        for word in words_of(choice):
            other = meaning.setdefault(word, choice.key)
            if other != choice.key:
                yield Fault(f"{where}.{choice.key}", f"{word!r} already means {other!r}")
        for spelling in choice.spellings:
            if not spelling.strip():
                yield Fault(f"{where}.{choice.key}", "has an empty spelling")


def header_words(field: Field) -> tuple[str, ...]:
    """Return every simplified column title that means a field."""
    texts = (field.key, *field.label.texts().values(), *field.headers)
    return tuple(dict.fromkeys(simplified(text) for text in texts))


def _header_faults(fields: tuple[Field, ...], where: str) -> Iterator[Fault]:
    meaning: dict[tuple[str, str], str] = {}
    for field in fields:
        if field.retired:
            continue
        for word in header_words(field):
            other = meaning.setdefault((field.on, word), field.key)
            if other != field.key:
                yield Fault(f"{where}.{field.key}", f"header {word!r} already means {other!r}")


def _possession_faults(possession: Possession, vertical: "Vertical") -> Iterator[Fault]:
    path = f"possessions.{possession.key}"
    keys = {field.key for field in possession.fields}
    yield from fields_of(possession.fields, "possession", f"{path}.fields")
    for key in possession.shown_by:
        if key not in keys:
            yield Fault(f"{path}.shown_by", f"no field {key!r}; there are {_listed(keys)}")
    facts = known_facts(vertical, possession=possession)
    yield from condition_faults(possession.suggest, f"{path}.suggest", ("line",), facts)
    for reminder in possession.reminders:
        spot = f"{path}.reminders.{reminder.key}"
        yield from _reminder_faults(reminder, possession, spot)
        yield from condition_faults(reminder.where, spot, ("possession",), facts)
        if reminder.key in keys:
            yield Fault(spot, "a field of the possession has this key already")


def _reminder_faults(reminder: Reminder, possession: Possession, path: str) -> Iterator[Fault]:
    dates = {"acquired-on"} | {each.key for each in possession.fields if each.kind == "date"}
    if bool(reminder.since) == bool(reminder.where):
        yield Fault(path, "needs either since or where")
    if reminder.since and reminder.since not in dates:
        yield Fault(path, f"since {reminder.since!r} is no date; there are {_listed(dates)}")
    if reminder.months < 0:
        yield Fault(path, "months must be from 0")
    if reminder.repeats and reminder.months == 0 and reminder.days <= 0:
        yield Fault(path, "what repeats needs months or days")
    if reminder.where and (reminder.months or reminder.days or reminder.repeats):
        yield Fault(path, "a reminder by state has no period")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
