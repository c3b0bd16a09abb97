"""Meaning of conditions: does the fact exist here, and can it be compared so."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from regulars.kit.conditions import Op, Where
from regulars.kit.facts import BUILT_IN, NOT_AT_THE_TILL, Fact, FactKind
from regulars.kit.faults import Fault
from regulars.kit.schema import Field, Possession

if TYPE_CHECKING:
    from regulars.kit.vertical import Vertical

TILL = ("line", "purchase", "customer")
_OPS: dict[FactKind, tuple[Op, ...]] = {
    "text": ("is", "is-not", "any-of", "none-of", "known"),
    "choice": ("is", "is-not", "any-of", "none-of", "known"),
    "choices": ("contains", "known"),
    "number": ("is", "is-not", "at-least", "at-most", "known"),
    "boolean": ("is", "known"),
    "date": ("is", "is-not", "at-least", "at-most", "known"),
}
_KIND_OF_FIELD: dict[str, FactKind] = {
    "text": "text",
    "integer": "number",
    "decimal": "number",
    "measure": "number",
    "rating": "number",
    "boolean": "boolean",
    "date": "date",
    "choice": "choice",
    "choices": "choices",
}


def known_facts(vertical: "Vertical", *, possession: Possession | None = None) -> dict[str, Fact]:
    """Return every fact a vertical's conditions may speak of, by its full name."""
    facts = dict(BUILT_IN)
    facts["line.category"] = Fact("choice", frozenset(each.key for each in vertical.categories))
    facts["customer.tier"] = Fact("choice", frozenset(each.key for each in vertical.tiers))
    facts |= {f"{field.on}.{field.key}": fact_of(field) for field in vertical.fields}
    facts |= {f"{each.on}.{each.key}": Fact(each.gives) for each in vertical.functions}
    if possession:
        facts |= {f"possession.{field.key}": fact_of(field) for field in possession.fields}
    return facts


def fact_of(field: Field) -> Fact:
    """Return what a field's value is to a condition."""
    return Fact(_KIND_OF_FIELD[field.kind], frozenset(each.key for each in field.choices))


def condition_faults(
    conditions: tuple[Where, ...],
    path: str,
    subjects: tuple[str, ...],
    facts: Mapping[str, Fact],
    *,
    at_the_till: bool = True,
) -> Iterator[Fault]:
    """Yield the faults of conditions that may speak of some subjects only."""
    for where in conditions:
        fact = facts.get(where.fact)
        if fact is None:
            yield Fault(path, f"no fact {where.fact!r}; there are {_known(where, facts)}")
        elif where.subject not in subjects:
            yield Fault(path, f"{where.fact} is not known here; only {', '.join(subjects)}")
        elif at_the_till and where.fact in NOT_AT_THE_TILL:
            yield Fault(path, f"{where.fact} is for segments and follow-ups only")
        elif where.op not in _OPS[fact.kind]:
            yield Fault(
                path, f"{where.fact} is a {fact.kind}: it takes {', '.join(_OPS[fact.kind])}"
            )
        elif told := _value_fault(where, fact):
            yield Fault(path, f"{where.fact} {where.op}: {told}")


def _value_fault(where: Where, fact: Fact) -> str:
    value = where.value
    if where.op == "known":
        return "" if isinstance(value, bool) else "the value must be true or false"
    if where.op in ("any-of", "none-of"):
        if not isinstance(value, tuple) or not value:
            return "the value must be a list"
        return _unknown_values(value, fact)
    if fact.kind == "number":
        return "" if _is_number(value) else f"{value!r} is not a number"
    if fact.kind == "boolean":
        return "" if isinstance(value, bool) else f"{value!r} is not true or false"
    if fact.kind == "date":
        return "" if _is_day(value) else f"{value!r} is not a date such as 2026-11-21"
    if not isinstance(value, str):
        return f"{value!r} is not a text"
    return _unknown_values((value,), fact) if fact.kind in ("choice", "choices") else ""


def _unknown_values(values: tuple[str, ...], fact: Fact) -> str:
    strange = [value for value in values if value not in fact.values]
    if fact.kind == "text" or not strange:
        return ""
    return f"no value {strange[0]!r}; there are {', '.join(sorted(fact.values)) or 'none'}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _known(where: Where, facts: Mapping[str, Fact]) -> str:
    near = sorted(name for name in facts if name.startswith(f"{where.subject}."))
    return ", ".join(near) or "facts of line, purchase, customer and possession"
