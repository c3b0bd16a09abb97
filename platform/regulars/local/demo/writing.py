"""Rows by COPY, under the rules that other writers of these tables keep."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from django.db import connection

from regulars.customers import search_terms
from regulars.local.demo.persons import Person
from regulars.purchases.settling import Settled
from regulars.tenancy.identifiers import new_id

_CUSTOMERS: Final = (
    "id state name phone pinyin initials tokens member_code gender age_band email address language"
    " time_zone profile extra owner_id home_store_id joined_at created_at changed_at"
)
_PURCHASES: Final = (
    "id kind counts store_id customer_id guide_id source number occurred_at business_day"
    " gross_minor discount_minor rounding_minor paid_minor units payments extra recorded_at"
)
_LINES: Final = (
    "id purchase_id position product_code product_name category quantity gross_minor"
    " discount_minor paid_minor extra"
)


def copy(table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows into a table of the current chain; `columns` are separated by spaces."""
    names = ", ".join(columns.split())
    with connection.cursor() as cursor:
        raw = cast(Any, cursor)
        with raw.copy(f"COPY {table} ({names}) FROM STDIN") as stream:
            for row in rows:
                stream.write_row(row)


def customer_row(
    customer_id: UUID,
    person: Person,
    *,
    profile: dict[str, Any],
    extra: dict[str, Any],
    address: dict[str, str],
    owner_id: UUID | None,
    store_id: UUID | None,
    first: datetime,
    last: datetime,
) -> tuple[Any, ...]:
    """Return a row for `customers`."""
    terms = search_terms.of(person.name, person.phone)
    return (
        customer_id, "active", person.name, person.phone, terms.pinyin, terms.initials,
        terms.tokens, person.member_code, person.gender, "", person.email, as_json(address),
        "", "", as_json(profile), as_json(extra), owner_id, store_id, first, first, last,
    )  # fmt: skip


def customers(rows: Iterable[Sequence[Any]]) -> None:
    """Write customers."""
    copy("customers_customer", _CUSTOMERS, rows)


class Facts:
    """Sales on their way into the tables: purchases, lines and numbers of one week."""

    def __init__(self) -> None:
        """Begin with none."""
        self._purchases: list[tuple[Any, ...]] = []
        self._lines: list[tuple[Any, ...]] = []
        self._numbers: list[tuple[Any, ...]] = []

    def add(
        self,
        settled: Settled,
        *,
        purchase_id: UUID,
        store_id: UUID,
        customer_id: UUID | None,
        guide_id: UUID | None,
        source: str,
        number: str,
        at: datetime,
        day: date,
    ) -> list[UUID]:
        """Take a sale in; returns the keys of its lines."""
        payments = [
            {"means": each.means, "amount_minor": each.amount_minor} for each in settled.payments
        ]
        self._purchases.append(
            (
                purchase_id, "sale", 1, store_id, customer_id, guide_id, source, number, at, day,
                settled.gross_minor, settled.discount_minor, settled.rounding_minor,
                settled.paid_minor, settled.units, as_json(payments), as_json(settled.extra), at,
            )
        )  # fmt: skip
        self._numbers.append((source, number, purchase_id))
        keys = [new_id() for _line in settled.lines]
        self._lines.extend(
            (
                key, purchase_id, line.position, line.product_code, line.product_name,
                line.category, Decimal(line.quantity), line.gross_minor, line.discount_minor,
                line.paid_minor, as_json(line.extra),
            )
            for key, line in zip(keys, settled.lines, strict=True)
        )  # fmt: skip
        return keys

    def write(self) -> None:
        """Write what was taken in, and begin anew."""
        copy("purchases_number", "source number purchase_id", self._numbers)
        copy("purchases_purchase", _PURCHASES, self._purchases)
        copy("purchases_line", _LINES, self._lines)
        self._purchases, self._lines, self._numbers = [], [], []


def as_json(value: object) -> str:
    """Return JSON as the tables keep it."""
    return json.dumps(value, ensure_ascii=False, default=dict)
