"""What a number in a workbook means: its number format decides whether it is a date."""

import re
from datetime import datetime, timedelta

from regulars.imports.cells import Cell, CellError, plain

_DATES = frozenset({14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)})
_TIMES = frozenset({18, 19, 20, 21, 45, 46, 47})
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_BRACKETED = re.compile(r"\[[^\]]*\]")
_ZEROS = re.compile(r"0{2,30}")

GENERAL, DATE, TIME, ELAPSED = "general", "date", "time", "elapsed"


def kind_of(number: int, code: str | None) -> str:
    """Name what the format makes of a number: one of the kinds above, or the zeros it pads to."""
    if code is None:
        if number == 46:
            return ELAPSED
        return DATE if number in _DATES else TIME if number in _TIMES else GENERAL
    first = _LITERAL.sub("", code.split(";")[0])
    if _ELAPSED.search(first):
        return ELAPSED
    first = _BRACKETED.sub("", first).casefold()
    if first in ("general", "@"):
        return GENERAL
    if _ZEROS.fullmatch(first):
        return first
    if re.search(r"[yd]", first) or ("m" in first and not re.search(r"[hs]", first)):
        return DATE
    return TIME if re.search(r"[hs]", first) else GENERAL


def value(text: str, kind: str, *, starts_1904: bool) -> Cell:
    """Turn the digits of a cell into an int, a float, or ISO text for dates and times.

    Numbers of more than fifteen digits stay floats: the spreadsheet has lost their end.
    """
    number = float(text)
    if number != number or number in (float("inf"), float("-inf")):
        return CellError("#NUM!")
    if kind == DATE:
        return _moment(number, starts_1904=starts_1904)
    if kind == TIME and 0 <= number < 1:
        return _clock(round(number * 86_400))
    if kind == TIME:
        return _moment(number, starts_1904=starts_1904)
    if kind == ELAPSED:
        return _clock(round(number * 86_400))
    if not number.is_integer() or abs(number) >= 1e15:
        return number
    return plain(number).zfill(len(kind)) if kind != GENERAL and number >= 0 else int(number)


def _moment(serial: float, *, starts_1904: bool) -> Cell:
    """Count days from the workbook's beginning; 1900 has a 29 February that never was."""
    if not 0 <= serial < 2_958_466:
        return CellError("#DATE")
    origin = datetime(1904, 1, 1) if starts_1904 else datetime(1899, 12, 30)  # noqa: DTZ001
    if serial < 60 and not starts_1904:
        origin += timedelta(days=1)
    moment = origin + timedelta(seconds=round(serial * 86_400))
    return moment.isoformat(" ") if serial % 1 else moment.date().isoformat()


def _clock(seconds: int) -> Cell:
    sign = "-" if seconds < 0 else ""
    hours, rest = divmod(abs(seconds), 3600)
    return f"{sign}{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
