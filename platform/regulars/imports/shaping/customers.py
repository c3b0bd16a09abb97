"""Drafts of customers."""

from collections.abc import Iterator, Sequence
from typing import Any

from regulars.imports.columns import customers
from regulars.imports.drafts import CustomerDraft
from regulars.imports.shaping.table import Table

_PLAIN = {
    name: name
    for name in (
        *("id", "external_number", "member_code", "card", "name", "phone", "email", "gender"),
        *("birthday", "lunar_birthday", "age_band", "home_store", "owner", "joined_at", "tags"),
        *("note", "opening_points"),
    )
} | {
    "opening_principal": "opening_principal_minor",
    "opening_bonus": "opening_bonus_minor",
}
"""Attribute, and the part of the draft that it is."""

_ADDRESS = {name: name for name in ("province", "city", "district", "postcode")} | {
    "address": "line"
}
_GROUPS = {"event.": "events", "profile.": "profile", "consent.": "consents", "field.": "extra"}

type _Filler = tuple[str, str, Sequence[Any]]
"""Part of the draft, key in it if it is a dictionary, and the values of a batch."""


def build(table: Table) -> Iterator[CustomerDraft]:
    """Make a draft of each row that was not refused and holds something.

    A row is refused when nothing in it says which customer it is.
    """
    fillers = [filler for name in table.assigned() if (filler := _filler(table, name))]
    identifying = [list(table.values(name)) for name in customers.IDENTIFYING if table.has(name)]
    family, given = list(table.values("family_name")), list(table.values("given_name"))
    for at, line in enumerate(table.lines):
        if at in table.refused or table.is_blank(at):
            continue
        if not any(values[at] is not None for values in identifying):
            table.refuse(at, "", "row.no-identity")
            continue
        parts: dict[str, Any] = {"line": line}
        for part, key, values in fillers:
            value = values[at]
            if value is None:
                continue
            if key:
                parts.setdefault(part, {})[key] = value
            else:
                parts[part] = value
        if family[at] or given[at]:
            parts["name"] = full_name(family[at] or "", given[at] or "")
        yield CustomerDraft(**parts)


def _filler(table: Table, attribute: str) -> _Filler | None:
    if attribute in _PLAIN:
        return _PLAIN[attribute], "", list(table.values(attribute))
    if attribute in _ADDRESS:
        return "address", _ADDRESS[attribute], list(table.values(attribute))
    for start, part in _GROUPS.items():
        if attribute.startswith(start):
            return part, attribute.removeprefix(start), list(table.values(attribute))
    return None


def full_name(family: str, given: str) -> str:
    """Put the parts of a name together: Chinese ones without a space, family first."""
    if family.isascii() or given.isascii():
        return f"{given} {family}".strip()
    return f"{family}{given}"
