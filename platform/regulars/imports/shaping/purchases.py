"""Drafts of the lines of purchases."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from regulars.imports.columns.mapping import Mapping
from regulars.imports.columns.own import FIELD, LINE_FIELD
from regulars.imports.drafts import PurchaseLineDraft
from regulars.imports.shaping.table import Table
from regulars.imports.values import Unfit, dates

_OPTIONAL = (
    *("guide", "customer_id", "customer_number", "customer_code", "customer_card"),
    *("customer_phone", "customer_name", "payment", "rounding", "original_number"),
    *("original_position", "position", "product_code", "product_name", "category"),
)
"""Attributes in the order of the draft's parts that may be None."""

_ONE = Decimal(1)
_LARGEST = 10**14
_NO_EXTRAS: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
"""Shared by all drafts without any: a million empty dictionaries are not free."""


class Amounts(NamedTuple):
    """What one line is about, in minor units; gross − discount = paid."""

    kind: Literal["sale", "return"]
    quantity: Decimal
    gross: int
    discount: int
    paid: int


def build(table: Table, mapping: Mapping) -> Iterator[PurchaseLineDraft]:
    """Make a draft of each row that was not refused and holds something.

    A row is refused when it lacks a number, a moment, a store, or any amount.
    """
    moments = _moments(table, mapping)
    source = mapping.options.source
    numbers, stores, sources = (table.values(name) for name in ("number", "store", "source"))
    optional = list(zip(*(table.values(name) for name in _OPTIONAL), strict=True))
    figures = list(
        zip(
            *(table.values(name) for name in ("kind", "quantity", "unit_price")),
            *(table.values(name) for name in ("gross", "discount", "paid")),
            strict=True,
        )
    )
    extras = _extras(table)
    has_quantity = table.has("quantity")
    moment_name = "date" if table.has("date") else "occurred_at"
    refused = table.refused
    for at, line in enumerate(table.lines):
        if at in refused:
            continue
        number, store, moment = numbers[at], stores[at], moments[at]
        if number is None or store is None or moment is None:
            for name, value in (("number", number), (moment_name, moment), ("store", store)):
                if value is None and not table.is_blank(at):
                    table.refuse(at, name, "required")
            continue
        try:
            kind, quantity, gross, discount, paid = amounts(*figures[at], has_quantity=has_quantity)
        except Unfit as unfit:
            table.refuse(at, "paid" if table.has("paid") else "unit_price", unfit.code)
            continue
        extra, line_extra = extras[at] if extras else _NO_EXTRAS
        yield PurchaseLineDraft(  # type: ignore[call-arg]  # mypy cannot count `optional`
            line,
            sources[at] or source,
            number,
            kind,
            moment,
            store,
            quantity,
            gross,
            discount,
            paid,
            *optional[at],
            extra,
            line_extra,
        )


def refused(table: Table, mapping: Mapping) -> dict[tuple[str, str], int]:
    """Return the first refused line of each receipt whose source and number can be read."""
    if not table.refused:
        return {}
    sources, numbers = table.values("source"), table.values("number")
    return {
        (sources[at] or mapping.options.source, numbers[at]): table.lines[at]
        for at in sorted(table.refused, reverse=True)
        if numbers[at] is not None
    }


def _moments(table: Table, mapping: Mapping) -> Any:
    """Return the moment of each row, put together from day and time where they are apart."""
    if not table.has("date"):
        return table.values("occurred_at")
    zone = mapping.options.zone
    pairs = zip(table.values("date"), table.values("time"), strict=True)
    return [None if day is None else _combined(day, at, zone) for day, at in pairs]


@lru_cache(maxsize=65_536)
def _combined(day: date, at: time | None, zone: str) -> datetime:
    return dates.combined(day, at, ZoneInfo(zone))


def _extras(table: Table) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the vertical's fields of each row, those of the purchase and those of the line."""
    names = [name for name in table.assigned() if name.startswith(FIELD)]
    if not names:
        return []
    made: list[tuple[dict[str, Any], dict[str, Any]]] = [({}, {}) for _ in range(len(table))]
    for name in names:
        is_of_line = name.startswith(LINE_FIELD)
        key = name.removeprefix(LINE_FIELD if is_of_line else FIELD)
        for both, value in zip(made, table.values(name), strict=True):
            if value is not None:
                both[is_of_line][key] = value
    return made


@lru_cache(maxsize=65_536)
def amounts(
    kind: Literal["sale", "return"] | None,
    quantity: Decimal | None,
    unit_price: int | None,
    gross: int | None,
    discount: int | None,
    paid: int | None,
    *,
    has_quantity: bool,
) -> Amounts:
    """Complete the figures of a line from those that are known.

    What was paid counts before all; then what was discounted; the gross amount follows from them.
    A return is told by its kind, else by a negative quantity, else (in a file without quantities)
    by a negative amount; then all its figures are negative, however the file writes them.

    :raises Unfit: no amount; or signs that leave open whether it is a return.
    """
    count = _ONE if quantity is None else quantity
    full = _times(unit_price, quantity) if gross is None else gross
    net = paid
    if net is None:
        if full is None:
            raise Unfit("amount.missing")
        net = full - abs(discount or 0) if full >= 0 else full + abs(discount or 0)
    is_minus = count < 0 if has_quantity and quantity is not None else net < 0
    if (kind == "sale" and count < 0) or (kind is None and net < 0 and not is_minus):
        raise Unfit("return.sign")
    kind = kind or ("return" if is_minus else "sale")
    if kind == "return":
        count, net = -abs(count), -abs(net)
    off = abs(discount) if discount is not None else max(abs(full or 0) - abs(net), 0)
    if kind == "return" or net < 0:
        off = -off
    if abs(net) + abs(off) > _LARGEST:
        raise Unfit("amount.too-large")
    return Amounts(kind, count, net + off, off, net)


def _times(unit_price: int | None, quantity: Decimal | None) -> int | None:
    if unit_price is None or quantity is None:
        return None
    return int((unit_price * quantity).to_integral_value(rounding=ROUND_HALF_UP))
