"""Amounts of money, quantities, points and positions."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from regulars.imports.cells import Cell
from regulars.imports.values.base import Parser, Unfit, plain

type Mark = Literal[".", ","]
"""The sign before the decimals; the other one, spaces and apostrophes may group thousands."""

_SIMPLE = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_NOISE = re.compile(r"-?[0-9](\.[0-9]{1,20})?E-[0-9]{1,3}", re.IGNORECASE)
_GROUPED = {
    ".": re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+|[0-9]{1,3}([, '’][0-9]{3})+(\.[0-9]+)?"),
    ",": re.compile(r"[0-9]+(,[0-9]+)?|,[0-9]+|[0-9]{1,3}([. '’][0-9]{3})+(,[0-9]+)?"),
}
_SYMBOLS = {
    "¥": ("CNY", "JPY"),
    "€": ("EUR",),
    "£": ("GBP",),
    "HK$": ("HKD",),
    "NT$": ("TWD",),
    "US$": ("USD",),
    "S$": ("SGD",),
    "MOP$": ("MOP",),
    "$": ("USD", "HKD", "TWD", "SGD", "AUD", "CAD", "NZD", "MOP", "MXN"),
    "RMB": ("CNY",),
    "元": ("CNY", "TWD", "HKD", "MOP"),
    "圆": ("CNY", "TWD", "HKD", "MOP"),
    "块": ("CNY", "TWD", "HKD"),
    "円": ("JPY",),
    "₩": ("KRW",),
}
_WORD = re.compile(
    r"([A-Z]{0,3}\$|[¥€£₩]|RMB|[A-Z]{3}|人民币|港币|台币)?(.*?)([^\d.,)\s\-]*)", re.I | re.S
)
_POWERS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_COUNTED = re.compile(r"(?<=\d) ?[件个個条條只隻双雙份张張瓶盒套支次斤克枚对對]$")
_LONGEST = 60
_LARGEST = Decimal(10) ** 12


def decimal(text: str, *, mark: Mark = ".") -> Decimal:
    """Read a written number: grouped thousands, minus before or behind, or in parentheses.

    :raises Unfit: ``number.format``; a grouping that does not come in threes is one, because it
        may be the decimals of another country.
    """
    if mark == "." and _SIMPLE.fullmatch(text):
        return Decimal(text)
    if _NOISE.fullmatch(text):
        return _from_float(float(text))
    digits = text.strip().replace("\u00a0", " ").replace("−", "-").replace("–", "-")
    is_negative = False
    if digits[:1] == "(" and digits[-1:] == ")":
        is_negative, digits = True, digits[1:-1].strip()
    elif digits[:1] in "-+" or digits[-1:] == "-":
        is_negative = "-" in (digits[:1], digits[-1:])
        digits = digits.removesuffix("-").lstrip("+-").strip()
    if not _GROUPED[mark].fullmatch(digits):
        raise Unfit("number.format")
    other = "," if mark == "." else "."
    for sign in (other, " ", "'", "’"):
        digits = digits.replace(sign, "")
    value = Decimal(digits.replace(",", "."))
    return -value if is_negative else value


def _from_float(number: float) -> Decimal:
    """Take a float as the number a person sees: fifteen digits, noise beyond the ninth gone."""
    return Decimal(f"{round(number, 9):.15g}")


def _written_number(cell: Cell) -> str:
    text = plain(cell)
    if len(text) > _LONGEST:
        raise Unfit("number.format")
    return text


def _number(cell: Cell, mark: Mark) -> Decimal | None:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return Decimal(cell)
    if isinstance(cell, float):
        return _from_float(cell)
    if isinstance(cell, bool):
        raise Unfit("number.format")
    if isinstance(cell, str) and mark == "." and _SIMPLE.fullmatch(cell):
        return Decimal(cell)
    text = _written_number(cell)
    return decimal(text, mark=mark) if text else None


def money(
    *, currency: str = "CNY", exponent: int = 2, mark: Mark = ".", rounds: bool = False
) -> Parser[int]:
    """Read an amount in minor units of the currency, which has `exponent` decimals.

    More decimals are refused unless `rounds`: then halves go away from zero, so that a return is
    the mirror of its sale. ``1.28万`` is 12,800. A sign of another currency is refused.
    """
    unit = Decimal(10) ** exponent

    def read(cell: Cell) -> int | None:
        if isinstance(cell, str) and not (mark == "." and _SIMPLE.fullmatch(cell)):
            text = _written_number(cell)
            value = _written(text, currency, mark) if text else None
        else:
            value = _number(cell, mark)
        if value is None:
            return None
        if abs(value) >= _LARGEST:
            raise Unfit("money.too-large")
        minor = value * unit
        whole = minor.to_integral_value(rounding=ROUND_HALF_UP)
        if whole != minor and not rounds:
            raise Unfit("money.too-fine", decimals=exponent)
        return int(whole)

    return read


def _written(text: str, currency: str, mark: Mark) -> Decimal:
    """Read an amount with its signs: ``¥1,234.50``, ``-$12``, ``12.50元``, ``1.28万元``."""
    if _NOISE.fullmatch(text):
        return decimal(text)
    sign = ""
    if text[0] in "+-(−":
        sign, text = text[0], text[1:].strip()
    match = _WORD.fullmatch(text)
    if match is None:
        raise Unfit("number.format")
    before, digits, behind = (part or "" for part in match.groups())
    if not any(map(str.isdecimal, digits)):
        raise Unfit("number.format")
    power = 1
    if behind[:1] in _POWERS:
        power, behind = _POWERS[behind[0]], behind[1:]
    for word in (before, behind.removesuffix("整")):
        _check_currency(word.upper(), currency)
    if sign == "(" and not digits.endswith(")"):
        raise Unfit("number.format")
    return decimal(f"{sign}{digits.strip()}", mark=mark) * power


def _check_currency(word: str, currency: str) -> None:
    if not word or word == currency:
        return
    known = {"人民币": ("CNY",), "港币": ("HKD",), "台币": ("TWD",), **_SYMBOLS}.get(word)
    if known is None and not (len(word) == 3 and word.isascii() and word.isalpha()):
        raise Unfit("number.format")
    if known is None or currency not in known:
        raise Unfit("money.other-currency", currency=currency)


def quantity(*, places: int = 3, mark: Mark = ".") -> Parser[Decimal]:
    """Read how many or how much, with a word such as 件 behind it at most; zero is a quantity."""
    step = Decimal(1).scaleb(-places)

    def read(cell: Cell) -> Decimal | None:
        if isinstance(cell, str) and not cell.isascii():
            text = _COUNTED.sub("", _written_number(cell))
            value = decimal(text, mark=mark) if text else None
        else:
            value = _number(cell, mark)
        if value is None:
            return None
        if abs(value) >= 10**10:
            raise Unfit("number.too-large")
        rounded = value.quantize(step, rounding=ROUND_HALF_UP)
        if rounded != value and not isinstance(cell, float):
            raise Unfit("quantity.too-fine", decimals=places)
        return rounded

    return read


def whole(*, least: int, most: int) -> Parser[int]:
    """Read a whole number within bounds."""

    def read(cell: Cell) -> int | None:
        value = _number(cell, ".")
        if value is None:
            return None
        if value != value.to_integral_value():
            raise Unfit("number.not-whole")
        if not least <= value <= most:
            raise Unfit("number.out-of-range", least=least, most=most)
        return int(value)

    return read


def points(cell: Cell) -> int | None:
    """Read a balance of points, with 分 behind it at most; parts of a point fall away."""
    if isinstance(cell, str):
        cell = plain(cell).removesuffix("积分").removesuffix("分").strip()
    value = _number(cell, ".")
    if value is None:
        return None
    if not 0 <= value < 10**12:
        raise Unfit("number.out-of-range", least=0, most=10**12)
    return int(value)
