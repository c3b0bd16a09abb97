"""Reading what people type and what spreadsheets contain."""

import math
import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from regulars.kit.matching import simplified
from regulars.kit.units import UNITS, Unit

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)

# Control characters but tab and new line, lone surrogates, and what turns the direction of
# writing: such a text cannot be stored, or is not what it looks like.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)
_INVISIBLE_EDGES = "\ufeff\u200b\u2060"
_BLANK = re.compile(rf"[\s{_INVISIBLE_EDGES}]*")
_NUMBER = re.compile(
    r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?)(?:([万萬亿億])(?![a-z]))?(.*)", re.S
)
_MULTIPLES = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_DATE = re.compile(
    r"(民国|民國)?(\d{1,4})(?:年|([-/.]))(\d{1,2})(?:月|\3)(\d{1,2})\s*[日号號]?"
    r"(?:[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{1,6}(\.\d+)?")
_SERIAL_ZERO = date(1899, 12, 30)
# Beyond these a value is an attack or an accident, and slow to look at.
_LONGEST_NUMBER, _LONGEST_WORD, _LARGEST = 60, 400, 10**30
_TRUE = frozenset(
    {
        "1", "1.0", "true", "t", "yes", "y", "on", "x", "是", "是的", "有", "对", "對", "真", "√",
        "✓", "✔", "☑", "需要", "要",
    }
)  # fmt: skip
_FALSE = frozenset(
    {
        "0", "0.0", "false", "f", "no", "n", "off", "否", "不", "不是", "没有", "沒有", "无", "無",
        "没", "沒", "错", "錯", "假", "×", "✗", "✘", "☐", "不需要", "不要",
    }
)  # fmt: skip


class UnreadableError(Exception):
    """A value that means nothing here; `code` is one of `fields.CODES`."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def read_text(raw: object) -> str:
    """Return a text without edges of space, in normal form; refuses control characters."""
    if isinstance(raw, date):
        raw = raw.isoformat(sep=" ") if isinstance(raw, datetime) else raw.isoformat()
    elif isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        raw = _digits(raw)
    if not isinstance(raw, str):
        raise UnreadableError("wrong-type")
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    if _REFUSED.search(text):
        raise UnreadableError("control-character")
    before = ""
    while before != text:
        before = text
        text = unicodedata.normalize("NFC", text.strip().strip(_INVISIBLE_EDGES))
    return text


def is_empty(raw: object) -> bool:
    """Tell whether a raw value means that there is none."""
    if isinstance(raw, str):
        return _BLANK.fullmatch(raw) is not None and not _REFUSED.search(raw)
    if isinstance(raw, float):
        return math.isnan(raw)  # an empty cell of a data frame
    return raw is None or (isinstance(raw, list | tuple | set | frozenset) and not raw)


def read_number(raw: object, unit: Unit | None = None) -> tuple[Decimal, bool]:
    """Return an exact number from `1,280`, `１２号`, `1.2万`, `90㎡`, `1.5 kg`, 17.5.

    Besides, whether it stands as it was written: what came from a binary fraction or another
    unit may be rounded without asking.
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        raise UnreadableError("not-a-number")
    if isinstance(raw, str):
        return _number_in(read_text(raw), unit)
    if not _is_sane(raw):
        raise UnreadableError("not-a-number")
    number = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    return number, not isinstance(raw, float)


def read_boolean(raw: object) -> bool:
    """Return yes or no from 是, 否, √, 1, 0, yes, no, true, false."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float | Decimal) and _is_sane(raw) and raw in (0, 1):
        return raw == 1
    if not isinstance(raw, str):
        raise UnreadableError("not-yes-or-no")
    word = unicodedata.normalize("NFKC", read_text(raw)).casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise UnreadableError("not-yes-or-no")


def read_date(raw: object, *, excel: bool = False) -> date:
    """Return a day from `2024-3-5`, `2024/03/05`, `2024年3月5日`, `民國113年3月5日`, `20240305`.

    A number is an Excel serial day (1900 system) only when told so. Day-first and month-first
    dates are refused: nobody can tell them apart.
    """
    if isinstance(raw, datetime):
        found = raw.date()
    elif isinstance(raw, date):
        found = raw
    elif excel and (serial := _serial(raw)) is not None:
        found = serial
    elif isinstance(raw, str):
        found = _date_in(unicodedata.normalize("NFKC", read_text(raw)).casefold())
    elif isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw < 10**8:
        found = _date_in(str(raw))
    else:
        raise UnreadableError("not-a-date")
    if not EARLIEST <= found <= LATEST:
        raise UnreadableError("not-a-date")
    return found


def _is_sane(number: int | float | Decimal) -> bool:
    # Asked of the type itself: `math` fails on signalling NaN and on very large integers.
    if isinstance(number, int):
        return -_LARGEST < number < _LARGEST
    finite = number.is_finite() if isinstance(number, Decimal) else math.isfinite(number)
    return finite and -_LARGEST < number < _LARGEST


def _digits(number: int | float | Decimal) -> str:
    # A phone number or code that a spreadsheet took for a number.
    if not _is_sane(number):
        raise UnreadableError("wrong-type")
    if isinstance(number, float) and number.is_integer():
        return str(int(number))
    return str(number)


def _number_in(text: str, unit: Unit | None) -> tuple[Decimal, bool]:
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    found = _NUMBER.fullmatch(folded) if len(folded) <= _LONGEST_NUMBER else None
    digits = found[1].replace(",", "") if found else ""
    if found is None or len(digits) > 30 or not any(sign.isdigit() for sign in digits):
        raise UnreadableError("not-a-number")
    try:
        number = Decimal(digits) * _MULTIPLES.get(found[2] or "", 1)
    except InvalidOperation:
        raise UnreadableError("not-a-number") from None
    suffix = found[3].strip()
    factor = _factor(suffix, unit) if suffix else Decimal(1)
    return number * factor, factor == 1


@lru_cache(maxsize=1024)
def _factor(suffix: str, unit: Unit | None) -> Decimal:
    """Return what a number with a written unit is worth in the field's unit."""
    if unit is None:
        raise UnreadableError("not-a-number")
    if suffix in _spellings(unit):
        return Decimal(1)
    for other in UNITS.values():
        factor = other.factor_to(unit) if suffix in _spellings(other) else None
        if factor is not None:
            return factor
    raise UnreadableError("wrong-unit", unit=suffix)


def _spellings(unit: Unit) -> frozenset[str]:
    words = (unit.key, *unit.label.texts().values(), *unit.spellings)
    return frozenset(unicodedata.normalize("NFKC", word).casefold() for word in words)


def _serial(raw: object) -> date | None:
    if isinstance(raw, bool):
        return None
    number: int | float | Decimal | None = raw if isinstance(raw, int | float | Decimal) else None
    if isinstance(raw, str) and _SERIAL.fullmatch(raw.strip()):
        number = Decimal(raw.strip())
    # From 1 March 1900; before it the 1900 system is a day off.
    serial = int(number) if number is not None and _is_sane(number) else 0
    return _SERIAL_ZERO + timedelta(days=serial) if 61 <= serial < 110_000 else None


def _date_in(text: str) -> date:
    if len(text) > _LONGEST_NUMBER:
        raise UnreadableError("not-a-date")
    compact = _COMPACT_DATE.fullmatch(text)
    # Spaces around the separators are common in typed dates.
    found = _DATE.fullmatch(re.sub(r"\s*([年月/.-])\s*", r"\1", text))
    if compact:
        year, month, day = (int(part) for part in compact.groups())
    elif found and (found[1] or len(found[2]) == 4):
        year, month, day = int(found[2]), int(found[4]), int(found[5])
        year += 1911 if found[1] else 0
    else:
        raise UnreadableError("not-a-date")
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableError("not-a-date") from None


def words_in(raw: object) -> list[str]:
    """Return the words of a list, or of a text that separates them by 、，, ; / | or a new line."""
    if isinstance(raw, str):
        return [word for word in re.split(r"[、，,；;/|\n]+", raw) if word.strip()]
    if isinstance(raw, list | tuple | set | frozenset):
        if not all(isinstance(word, str) for word in raw):
            raise UnreadableError("wrong-type")
        return [word for word in raw if isinstance(word, str) and word.strip()]
    raise UnreadableError("wrong-type")


def read_choice(raw: object, index: dict[str, str]) -> str:
    """Return the key that a word means, from an index of `matching.index_choices`."""
    text = read_text(raw)
    key = index.get(simplified(text)) if len(text) <= _LONGEST_WORD else None
    if key is None:
        raise UnreadableError("not-a-choice", value=text[:40])
    return key
