"""Drafts of the lines of purchases."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from operator import add
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from regulars.imports.columns.mapping import Mapping
from regulars.imports.columns.own import FIELD, LINE_FIELD
from regulars.imports.repeating import Runs, different, each
from regulars.imports.shaping.lines import Lines
from regulars.imports.shaping.table import Table
from regulars.imports.values import Unfit, dates

_OPTIONAL = (
    *("guide", "customer_id", "customer_number", "customer_code", "customer_card"),
    *("customer_phone", "customer_name", "payment", "rounding", "original_number"),
    *("original_position", "position", "product_code", "product_name", "category"),
)
"""Attributes that may be None."""
_PART = {"rounding": "rounding_minor"}
"""The draft's part where it is not called as the attribute."""
_FIGURES = ("kind", "quantity", "unit_price", "gross", "discount", "paid")
_AMOUNTS = ("kind", "quantity", "gross_minor", "discount_minor", "paid_minor")

_ONE = Decimal(1)
_LARGEST = 10**14


class Amounts(NamedTuple):
    """What one line is about, in minor units; gross − discount = paid."""

    kind: Literal["sale", "return"]
    quantity: Decimal
    gross: int
    discount: int
    paid: int


_NOTHING = Amounts("sale", _ONE, 0, 0, 0)  # of rows that are refused


def build(table: Table, mapping: Mapping) -> Lines:
    """Make a draft of each row that was not refused and holds something.

    A row is refused when it lacks a number, a moment, a store, or any amount.
    """
    if not len(table):
        return Lines({"line": ()})
    moments = _moments(table, mapping)
    needed = [table.values("number"), moments, table.values("store")]
    kept = _kept(table, needed)
    figures = _plain_sales(table) or _figures(table, kept)
    columns: dict[str, Sequence[Any]] = {
        "line": table.lines,
        "source": _sources(table, mapping.options.source),
        "number": needed[0],
        "occurred_at": moments,
        "store": needed[2],
        **figures,
    }
    for name in _OPTIONAL:
        if table.has(name):
            columns[_PART.get(name, name)] = table.values(name)
    columns |= _extras(table)
    if table.refused or len(kept) < len(table):
        kept = [at for at in kept if at not in table.refused]
        columns = {part: _some(list(values), kept) for part, values in columns.items()}
    return Lines(columns)


def _some(values: list[Any], kept: Sequence[int]) -> list[Any]:
    return [values[at] for at in kept]


def _kept(table: Table, needed: Sequence[Sequence[Any]]) -> Sequence[int]:
    """Return the places of rows that have what every line needs; refuse those that lack some."""
    if not table.refused and not any(None in values for values in needed):
        return range(len(table))
    needed = [list(values) for values in needed]
    names = ("number", "date" if table.has("date") else "occurred_at", "store")
    kept = []
    for at in range(len(table)):
        if at in table.refused:
            continue
        lacking = [name for name, values in zip(names, needed, strict=True) if values[at] is None]
        if not lacking:
            kept.append(at)
        elif not table.is_blank(at):
            for name in lacking:
                table.refuse(at, name, "required")
    return kept


def _plain_sales(table: Table) -> dict[str, Sequence[Any]] | None:
    """Complete the figures where all rows are sales of which is known what was paid."""
    if any(table.has(name) for name in ("kind", "unit_price", "gross")):
        return None
    paid = table.values("paid")
    has_quantity = table.has("quantity")
    quantities = table.values("quantity") if has_quantity else Runs.same(_ONE, len(table))
    if None in paid or None in quantities or min(different(paid)) < 0:
        return None
    if min(set(different(quantities))) < 0:
        return None
    discounts: Sequence[int] = Runs.same(0, len(table))
    gross = paid
    if table.has("discount"):
        discounts = each(table.values("discount"), _off)
        gross = list(map(add, paid, discounts))
    if max(different(gross)) > _LARGEST:
        return None
    return {
        "kind": Runs.same("sale", len(table)),
        "quantity": quantities,
        "gross_minor": gross,
        "discount_minor": discounts,
        "paid_minor": paid,
    }


def _off(discount: int | None) -> int:
    return abs(discount) if discount else 0


def _figures(table: Table, kept: Sequence[int]) -> dict[str, Sequence[Any]]:
    """Complete the figures of each row; refuse those that cannot be."""
    known = [list(table.values(name)) for name in _FIGURES]
    has_quantity = table.has("quantity")
    made: list[Amounts] = [_NOTHING] * len(table)
    for at in kept:
        try:
            made[at] = amounts(*(values[at] for values in known), has_quantity=has_quantity)
        except Unfit as unfit:
            table.refuse(at, "paid" if table.has("paid") else "unit_price", unfit.code)
    return dict(zip(_AMOUNTS, zip(*made, strict=True), strict=True))


def _sources(table: Table, source: str) -> Sequence[str]:
    return each(table.values("source"), lambda said: said or source)


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


def _extras(table: Table) -> dict[str, Sequence[dict[str, Any]]]:
    """Return the vertical's fields of each row, those of the purchase and those of the line."""
    found: dict[str, Sequence[dict[str, Any]]] = {}
    for name in table.assigned():
        if not name.startswith(FIELD):
            continue
        is_of_line = name.startswith(LINE_FIELD)
        key = name.removeprefix(LINE_FIELD if is_of_line else FIELD)
        part = "line_extra" if is_of_line else "extra"
        made = found.setdefault(part, [{} for _ in range(len(table))])
        for extra, value in zip(made, table.values(name), strict=True):
            if value is not None:
                extra[key] = value
    return found


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
