"""Customers read for a file, in portions by key, with what stands of them in other tables."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from regulars.customers.models import Customer
from regulars.tenancy import statements

PORTION: Final = 1_000
"""Customers read at once: five statements, however many columns."""

_COLUMNS: Final = (
    "pk", "member_code", "name", "phone", "email", "gender", "age_band", "address", "home_store_id",
    "owner_id", "joined_at", "profile", "extra",
)  # fmt: skip


_NUMBERS: Final = """
SELECT customer_id, source, number FROM customers_identity
WHERE customer_id = ANY(%s::uuid[]) ORDER BY id"""
_DAYS: Final = """
SELECT customer_id, kind, year, month, day, lunar, leap_month FROM customers_lifeevent
WHERE customer_id = ANY(%s::uuid[]) ORDER BY id"""
_CONSENTS: Final = """
SELECT DISTINCT ON (customer_id, purpose, channel) customer_id, purpose, channel, given, at, id
FROM customers_consent WHERE customer_id = ANY(%s::uuid[])
ORDER BY customer_id, purpose, channel, at DESC, id DESC"""
_NOTES: Final = """
SELECT DISTINCT ON (customer_id) customer_id, text FROM customers_note
WHERE customer_id = ANY(%s::uuid[]) ORDER BY customer_id, id DESC"""


class Row(NamedTuple):
    """The columns of one customer."""

    id: UUID
    member_code: str | None
    name: str
    phone: str | None
    email: str
    gender: str
    age_band: str
    address: dict[str, str]
    home_store_id: UUID | None
    owner_id: UUID | None
    joined_at: datetime
    profile: dict[str, Any]
    extra: dict[str, Any]


class Day(NamedTuple):
    """A day that matters, by the sun or the moon."""

    year: int | None
    month: int
    day: int
    lunar: bool
    leap: bool


class Person(NamedTuple):
    """One customer with what stands in other tables."""

    row: Row
    numbers: dict[str, str]
    """The first by source."""
    days: dict[str, Day]
    """The first by kind."""
    agreed: dict[tuple[str, str], bool]
    """What holds by purpose and channel."""
    note: str = ""
    """The newest."""


def portions(people: QuerySet[Customer]) -> Iterator[list[Person]]:
    """Yield customers that are ordered by falling keys; a portion down the list costs no more."""
    last: UUID | None = None
    while True:
        following = people if last is None else people.filter(pk__lt=last)
        rows = [Row(*row) for row in following.values_list(*_COLUMNS)[:PORTION]]
        if rows:
            yield _with_the_rest(rows)
        if len(rows) < PORTION:
            return
        last = rows[-1].id


def _with_the_rest(rows: Sequence[Row]) -> list[Person]:
    """Read what hangs on a thousand customers: four statements that the server has prepared."""
    ids = ([row.id for row in rows],)
    numbers: dict[UUID, dict[str, str]] = defaultdict(dict)
    for key, source, number in statements.every(_NUMBERS, ids):
        numbers[key].setdefault(source, number)
    days: dict[UUID, dict[str, Day]] = defaultdict(dict)
    for key, kind, *facts in statements.every(_DAYS, ids):
        days[key].setdefault(kind, Day(*facts))
    agreed = _agreed(statements.every(_CONSENTS, ids))
    notes = dict(statements.every(_NOTES, ids))
    return [
        Person(row, numbers[row.id], days[row.id], agreed.get(row.id, {}), notes.get(row.id, ""))
        for row in rows
    ]


def _agreed(rows: Sequence[tuple[Any, ...]]) -> dict[UUID, dict[tuple[str, str], bool]]:
    """Return what holds by purpose and channel; not what a later word on all channels undid."""
    newest = {(key, purpose, channel): (at, row) for key, purpose, channel, _, at, row in rows}
    found: dict[UUID, dict[tuple[str, str], bool]] = defaultdict(dict)
    for key, purpose, channel, given, at, row in rows:
        if (at, row) >= newest.get((key, purpose, ""), (at, row)):
            found[key][purpose, channel] = given
    return found
