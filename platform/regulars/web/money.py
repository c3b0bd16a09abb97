"""How money and numbers read in each language. Money comes in minor units of its currency."""

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import numbers

MINUS = "\N{MINUS SIGN}"
_SYMBOLS = {
    "CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$",
    "MOP": "MOP$", "SGD": "S$", "MYR": "RM", "KRW": "₩", "THB": "฿", "AUD": "A$", "CAD": "C$",
}  # fmt: skip
_MYRIADS = {
    "zh-hans": ((Decimal(10**8), " 亿"), (Decimal(10**4), " 万")),
    "zh-hant": ((Decimal(10**8), " 億"), (Decimal(10**4), " 萬")),
}
_THOUSANDS = (
    (Decimal(10**12), "T"), (Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K"),
)  # fmt: skip


@lru_cache(maxsize=64)
def exponent(currency: str) -> int:
    """Return how many decimal places the currency's minor unit has: 2 for CNY, 0 for JPY."""
    return int(numbers.get_currency_precision(currency))


def symbol(currency: str) -> str:
    """Return the sign written before an amount; an unknown currency is named by its code."""
    return _SYMBOLS.get(currency, f"{currency} ")


def major(minor: int, currency: str) -> Decimal:
    """Return the amount in major units, exactly."""
    return Decimal(minor).scaleb(-exponent(currency))


def money(minor: int, currency: str, *, cents: bool | None = None) -> str:
    """Write minor units as ``¥12,800``; decimals appear if there are any, or as ``cents`` says."""
    places = exponent(currency)
    amount = major(abs(minor), currency)
    shown = places if (amount % 1 if cents is None else cents) else 0
    sign = MINUS if minor < 0 else ""
    return f"{sign}{symbol(currency)}{_round(amount, shown):,.{shown}f}"


def money_dense(minor: int, currency: str, *, language: str) -> str:
    """Write minor units for a dense view: ``¥1.28 万`` in Chinese, ``¥12.8K`` in English."""
    amount = major(abs(minor), currency)
    sign = MINUS if minor < 0 else ""
    return f"{sign}{symbol(currency)}{_dense(amount, language)}"


def count(number: int) -> str:
    """Write a whole number with its thousands apart."""
    return f"{MINUS}{-number:,}" if number < 0 else f"{number:,}"


def count_dense(number: int, *, language: str) -> str:
    """Write a whole number for a dense view: ``12.3 万`` in Chinese, ``123K`` in English."""
    sign = MINUS if number < 0 else ""
    return f"{sign}{_dense(Decimal(abs(number)), language)}"


def percent(part: float, whole: float = 1, *, places: int = 1) -> str:
    """Write a share as ``12.3%``; a share of nothing is an em dash."""
    if not whole:
        return "—"
    share = _round(Decimal(str(part)) / Decimal(str(whole)) * 100, places)
    text = f"{abs(share):.{places}f}%"
    return f"{MINUS}{text}" if share < 0 else text


def change(now: float, before: float | None) -> str:
    """Write a change against an earlier value as ``+8.1%``; empty when there is none to compare."""
    if not before:
        return ""
    share = _round((Decimal(str(now)) - Decimal(str(before))) / abs(Decimal(str(before))) * 100, 1)
    if share == 0:
        return "0%"
    number = f"{abs(share):,.1f}" if abs(share) < 1000 else f"{abs(share):,.0f}"
    return f"{'+' if share > 0 else MINUS}{number}%"


def _dense(amount: Decimal, language: str) -> str:
    steps = _MYRIADS.get(language, _THOUSANDS)
    # 9,999.6 must not become "10,000": the next unit takes over once rounding reaches it.
    rounded = _round(amount, 0)
    for size, unit in steps:
        if rounded >= size:
            return f"{_three_figures(amount / size)}{unit}"
    return f"{rounded:,.0f}"


def _three_figures(amount: Decimal) -> str:
    places = 2 if amount < 10 else 1 if amount < 100 else 0
    text = f"{_round(amount, places):,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _round(amount: Decimal, places: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
