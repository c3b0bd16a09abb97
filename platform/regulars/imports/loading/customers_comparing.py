"""What a row would change in a customer who is known: worked out on paper, no database.

A blank cell changes nothing. ``fill`` writes where nothing stands, ``update`` writes over. What is
added beside what was there (a card, a further day, a consent never spoken of) is added in both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from regulars import moments
from regulars.imports.loading.customers_opening import UNITS

COLUMNS: Final = (
    *("name", "phone", "member_code", "email", "gender", "age_band"),
    *("home_store_id", "owner_id", "joined_at"),
)
PARTS: Final = ("address", "profile", "extra")
"""Columns that hold several values by key; in a change they are ``<column>.<key>``."""
_ONE_OF_A_KIND: Final = frozenset({"birthday", "wedding", "moving"})
_DAY: Final = ("year", "month", "day", "lunar", "leap")


@dataclass(frozen=True, slots=True)
class Known:
    """A row that differs from a customer, and what is kept of that customer now."""

    line: int
    customer_id: UUID
    state: str
    row: Mapping[str, Any]
    kept: Mapping[str, Any]
    numbers: list[list[str]]
    days: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    has_note: bool
    units: list[str]


@dataclass(slots=True)
class Change:
    """What is to be written for one customer; `before` and `after` say it value by value."""

    known: Known
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    numbers: list[tuple[str, str]] = field(default_factory=list)
    days: list[dict[str, Any]] = field(default_factory=list)
    """Each with its `id` where it replaces a day that is kept."""
    consents: list[dict[str, Any]] = field(default_factory=list)
    note: str | None = None
    openings: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Say whether anything changes at all."""
        parts = (self.after, self.numbers, self.days, self.consents, self.note, self.openings)
        return any(parts)

    def final(self) -> dict[str, Any]:
        """Return every column as it will be."""
        return restored(self.known.kept, self.after)


def restored(kept: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns with some values put in; None takes a part away."""
    columns = {**kept, **{part: dict(kept[part]) for part in PARTS}}
    for name, value in values.items():
        part, _dot, key = name.partition(".")
        if not key:
            columns[name] = value
        elif value is None:
            columns[part].pop(key, None)
        else:
            columns[part][key] = value
    return columns


def compare(known: Known, *, overwrites: bool, source: str, learned: Mapping[str, Any]) -> Change:
    """Work out what a row changes; `learned` says by whom and when answers were learned."""
    change = Change(known)
    for name, value in _values(known, learned):
        before = _kept(known.kept, name)
        if _is_same(name, before, value) or (before not in (None, "") and not overwrites):
            continue
        change.before[name] = before
        change.after[name] = value
    _drop_lonely_provenance(change)
    _numbers(change, source)
    for day in known.row["events"] or ():
        _day(change, day, overwrites=overwrites)
    for consent in known.row["consents"] or ():
        _consent(change, consent, overwrites=overwrites)
    change.note = None if known.has_note else known.row["note"]
    change.openings = {
        unit.value: known.row[column]
        for unit, column in UNITS.values()
        if known.row[column] and unit.value not in known.units
    }
    return change


def _values(known: Known, learned: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what the row says, by name: columns, parts, and the provenance of answers."""
    row = known.row
    for name in COLUMNS:
        if row[name] is not None and not (
            name == "phone" and ["phone", row[name]] in known.numbers
        ):
            yield name, row[name]
    if row["store"] is not None:  # still to be opened, so certainly another one
        yield "home_store_id", row["store"]
    for key, value in (row["address"] or {}).items():
        yield f"address.{key}", value
    for key, value in (row["profile"] or {}).items():
        yield f"profile.{key}", {**value, **learned}
    for key, value in (row["extra"] or {}).items():
        yield f"extra.{key}", value
        yield f"profile.field.{key}", dict(learned)


def _kept(kept: Mapping[str, Any], name: str) -> Any:
    part, _dot, key = name.partition(".")
    return kept[part].get(key) if key else kept[name]


def _is_same(name: str, before: Any, value: Any) -> bool:
    if name.startswith("profile.") and not name.startswith("profile.field."):
        return isinstance(before, dict) and before.get("value") == value["value"]
    if name == "joined_at":
        return _second(before) == _second(value)
    return bool(before == value)


def _second(text: str) -> datetime:
    return moments.read(text).replace(microsecond=0)


def _drop_lonely_provenance(change: Change) -> None:
    """Keep the provenance of a vertical's value only with a value that changes, and then always."""
    start = "profile.field."
    for name in [name for name in change.after if name.startswith(start)]:
        if f"extra.{name.removeprefix(start)}" not in change.after:
            del change.after[name], change.before[name]


def _numbers(change: Change, source: str) -> None:
    known = change.known
    for kind, number in ((source, known.row["number"]), ("card", known.row["card"])):
        if number is not None and [kind, number] not in known.numbers:
            change.numbers.append((kind, number))


def _day(change: Change, day: dict[str, Any], *, overwrites: bool) -> None:
    of_kind = [each for each in change.known.days if each["kind"] == day["kind"]]
    if any(_is_same_day(each, day) for each in of_kind):
        return
    if not of_kind or (overwrites and day["kind"] not in _ONE_OF_A_KIND):
        change.days.append(day)
    elif overwrites:
        change.days.append({**day, "id": of_kind[0]["id"], "was": of_kind[0]})


def _is_same_day(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in _DAY)


def _consent(change: Change, said: dict[str, Any], *, overwrites: bool) -> None:
    """Write a consent down; a file never turns a no that was said here into a yes."""
    known = change.known.consents
    place = (said["purpose"], said["channel"])
    before = next((each for each in known if (each["purpose"], each["channel"]) == place), None)
    if before is None:
        change.consents.append({**said, "was": None})
    elif overwrites and before["given"] != said["given"]:
        is_ours_to_say = before["how"] == "import" or not said["given"]
        change.consents += [{**said, "was": before["given"]}] if is_ours_to_say else []
