"""Values in the words of people that the import reads as the same values again."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from regulars.imports.writing.sheets import Cell
from regulars.kit import fields
from regulars.kit.schema import Field

_YES_NO: Final = {"zh": ("否", "是"), "en": ("no", "yes")}
_MEANS: Final = {
    "zh-hans": {
        "cash": "现金",
        "wechat": "微信",
        "alipay": "支付宝",
        "card": "银行卡",
        "transfer": "转账",
        "other": "其他",
    },
    "zh-hant": {"cash": "現金", "wechat": "微信", "other": "其他"},
}
_KINDS: Final = {
    "zh": {"sale": "销售", "return": "退货"},
    "en": {"sale": "sale", "return": "return"},
}


def _tongue(language: str) -> str:
    return "zh" if language.startswith("zh") else "en"


def yes_or_no(value: bool, *, language: str) -> str:
    """Write an answer to a yes-or-no question."""
    return _YES_NO[_tongue(language)][value]


def kind(value: str, *, language: str) -> str:
    """Write whether a receipt is a sale or a return."""
    return _KINDS[_tongue(language)][value]


def means(value: str, *, language: str) -> str:
    """Write a means of payment; one without a word here stays what it is."""
    return _MEANS.get(language, {}).get(value, value)


def yearly(
    *, year: int | None, month: int, day: int, lunar: bool, leap: bool, language: str
) -> date | str:
    """Write a day that comes every year: a date, and where that cannot be, in words.

    A spreadsheet would complete a day without its year to one of this year, and could not tell
    the moon's days from the sun's, so those are written as what it takes for text.
    """
    is_chinese = _tongue(language) == "zh"
    if lunar:
        sign = "闰" if leap else ""
        if is_chinese:
            return f"农历{f'{year}年' if year else ''}{sign}{month}月{day}日"
        return f"lunar {f'{year}-' if year else ''}{sign}{month}-{day}"
    if year is not None:
        return date(year, month, day)
    return f"{month}月{day}日" if is_chinese else f"0000-{month:02d}-{day:02d}"


def moment(value: datetime, *, zone: ZoneInfo) -> datetime | str:
    """Write a moment in local time to the second; with its offset where the clock goes back."""
    local = value.astimezone(zone).replace(microsecond=0)
    plain = local.replace(tzinfo=None, fold=0)
    if plain.replace(tzinfo=zone).astimezone(UTC) != local.astimezone(UTC):
        return local.isoformat(sep=" ")
    return plain


def money(minor: int, *, exponent: int) -> Decimal:
    """Write minor units as an amount, exactly."""
    return Decimal(minor).scaleb(-exponent)


def quantity(value: Decimal) -> int | Decimal:
    """Write a quantity without zeros that say nothing."""
    return int(value) if value == value.to_integral_value() else value.normalize()


def field_writer(field: Field, *, language: str) -> Callable[[Any], Cell]:
    """Return what writes the values of a declared field."""

    @lru_cache(maxsize=4096)
    def chosen(keys: tuple[str, ...]) -> str:
        value: fields.Value = list(keys) if field.kind == "choices" else keys[0]
        text = fields.show(field, value, language=language)
        cleaned, _faults = fields.clean(
            [field], {field.key: text}, language=language, consented=[field.key]
        )
        return text if cleaned.get(field.key) == value else ",".join(keys)

    def write(value: Any) -> Cell:
        match field.kind:
            case "boolean":
                return yes_or_no(bool(value), language=language)
            case "choice" | "choices":
                return chosen(tuple(map(str, value if isinstance(value, list) else [value])))
            case "date":
                return _day(str(value))
        return value if isinstance(value, int | float) else str(value)

    return lambda value: None if value is None or value == [] else write(value)


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
