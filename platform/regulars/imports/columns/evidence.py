"""What the values of a column say about its meaning, heading or not."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from regulars.imports.cells import Cell, is_blank, shown
from regulars.imports.values import Parser, Unfit, dates, numbers, phones, words
from regulars.imports.values.birthdays import birthday

ENOUGH = 3
"""Fewer values than this prove nothing."""

_MOSTLY_DIGITS = re.compile(r"[+\d][\d\s().+-]{5,18}")
_COMMA_DECIMALS = re.compile(r"-?\d{1,3}(\.\d{3})*,\d{1,2}|-?\d{1,12},\d{1,2}")
_POINT_DECIMALS = re.compile(r"-?\d{1,3}(,\d{3})*\.\d{1,2}|-?\d{1,12}\.\d{1,2}")
_SHORT_FIRST = re.compile(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}")


def _phone_like(region: str) -> Parser[str]:
    """Take what looks like a phone, so that a column of damaged ones is still recognised."""
    strictly = phones.phone(region=region)

    def read(cell: Cell) -> str | None:
        try:
            return strictly(cell)
        except Unfit as unfit:
            if unfit.code in ("phone.damaged", "phone.masked", "phone.several"):
                return shown(cell)
            raise

    return read


def _reader(reads: str, *, region: str) -> Parser[object] | None:
    """Return a lenient reader for a kind of value; None for kinds that anything fits."""
    utc = ZoneInfo("UTC")
    readers: dict[str, Parser[object]] = {
        "phone": _phone_like(region),
        "email": words.email,
        "gender": words.gender,
        "boolean": words.boolean,
        "uuid": words.uuid,
        "calendar": words.calendar,
        "sale_or_return": words.sale_or_return,
        "birthday": birthday(order="dmy"),
        "lunar_birthday": birthday(lunar=True, order="dmy"),
        "date": dates.day(order="dmy"),
        "moment": dates.moment(zone=utc, order="dmy"),
        "time": dates.clock,
        "money": _amount,
        "quantity": _amount,
        "points": _amount,
        "position": numbers.whole(least=0, most=32_767),
    }
    return readers.get(reads)


def _amount(cell: Cell) -> object:
    """Take any number, of whatever currency and with either decimal mark."""
    try:
        return numbers.money(exponent=4, rounds=True)(cell)
    except Unfit as unfit:
        if unfit.code == "money.other-currency":
            return cell
        return numbers.money(exponent=4, rounds=True, mark=",")(cell)


def share(values: Sequence[Cell], reads: str, *, region: str) -> float | None:
    """Return the part of the values that can be read so; None when that proves nothing."""
    reader = _reader(reads, region=region)
    if reader is None or len(values) < ENOUGH:
        return None
    return sum(1 for value in values if _fits(reader, value)) / len(values)


def _fits(reader: Parser[object], cell: Cell) -> bool:
    try:
        reader(cell)
    except Unfit:
        return False
    return True


def telling(values: Sequence[Cell], *, region: str) -> tuple[str, float] | None:
    """Name the kind that the values alone give away, with how surely: phones and mail addresses."""
    if len(values) < ENOUGH:
        return None
    texts = [shown(value) for value in values]
    if all("@" in text for text in texts) and (share(values, "email", region=region) or 0) > 0.9:
        return "email", 0.7
    looks = sum(1 for text in texts if _MOSTLY_DIGITS.fullmatch(text))
    if looks == len(texts) and len(set(texts)) * 2 > len(texts):
        phones_share = share(values, "phone", region=region) or 0
        if phones_share > 0.9:
            return "phone", 0.6
    return None


def filled(cells: Iterable[Cell]) -> list[Cell]:
    """Leave the blank cells out."""
    return [cell for cell in cells if not is_blank(cell)]


def has_decimal_comma(values: Iterable[Cell]) -> bool:
    """Tell whether amounts are written as ``1.234,56`` and none as ``1,234.56``."""
    texts = [value.strip() for value in values if isinstance(value, str)]
    return any(map(_COMMA_DECIMALS.fullmatch, texts)) and not any(
        map(_POINT_DECIMALS.fullmatch, texts)
    )


def date_order(values: Iterable[Cell]) -> Literal["dmy", "mdy"] | None:
    """Tell whether day or month comes first in ``13/04/2024``; None when nothing shows it."""
    first = second = 0
    for value in values:
        match = _SHORT_FIRST.match(value) if isinstance(value, str) else None
        if match:
            first, second = max(first, int(match[1])), max(second, int(match[2]))
    if (first > 12) == (second > 12):
        return None
    return "dmy" if first > 12 else "mdy"


def is_short_first(values: Iterable[Cell]) -> bool:
    """Tell whether any day is written with the year behind, as 03/04/2024."""
    return any(_SHORT_FIRST.match(value) for value in values if isinstance(value, str))
