"""Days, times of day and moments, in the forms that tills, spreadsheets and people write."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from regulars.imports.cells import Cell
from regulars.imports.values import chinese
from regulars.imports.values.base import Parser, Unfit, plain

type Order = Literal["ymd", "dmy", "mdy"]
"""What ``03/04/2024`` means: ``ymd`` leaves it undecided, and refuses it."""

_MONTHS = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9}
_MONTHS |= {"oct": 10, "nov": 11, "dec": 12}
_YMD = re.compile(r"(\d{4})\s?[-/.年_]\s?(\d{1,2})\s?[-/.月_]\s?(\d{1,2})\s?[日号號]?")
_COMPACT = re.compile(r"((?:19|20|21)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?=$|\D|\d{4}$|\d{6}$)")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})\.?,?[\s-]+(\d{4})", re.I)
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.I)
_REPUBLIC = re.compile(
    r"民[國国]\s?(\d{1,3})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?[日号號]?"
)
_SHORT_YEAR = re.compile(r"\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}[日号]?")
_SERIAL = re.compile(r"[1-9]\d{4}(\.\d+)?")
_EPOCH = re.compile(r"1\d{9}(\d{3})?")
_WEEKDAY = re.compile(
    r"[\s,(]*(?:(?:星期|周|週|礼拜)[一二三四五六日天]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)[\s,)]*",
    re.I,
)
_LEADING_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[.,]?\s+", re.I)
_TIME = re.compile(
    r"(?P<half>上午|下午|凌晨|早上|中午|晚上|[ap]\.?m\.?)?\s?"
    r"(?P<hour>\d{1,2})(?:[:时時点點.](?P<minute>\d{2})?分?(?:[:.]?(?P<second>\d{2})秒?)?(?P<part>[.,]\d{1,9})?)?"
    r"\s?(?P<after>[ap]\.?m\.?)?\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?",
    re.I,
)
_COMPACT_TIME = re.compile(r"(\d{2})(\d{2})(\d{2})?")
_LONGEST = 60
_ORIGIN = date(1899, 12, 30)

NOON = time(12)


class _Read(NamedTuple):
    day: date
    rest: str


def _made(year: str | int, month: str | int, day: str | int) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Unfit("date.no-such-day") from None


def _serial(number: float) -> date:
    """Count an Excel serial number from its beginning."""
    if not 60 < number < 2_958_466:
        raise Unfit("date.format")
    return _ORIGIN + timedelta(days=int(number))


def _english(match: re.Match[str], *, order: Order) -> date:
    del order
    first, second, year = match.groups()
    name, day = (first, second) if first.isalpha() else (second, first)
    month = _MONTHS.get(name[:3].casefold())
    if month is None:
        raise Unfit("date.format")
    return _made(year, month, day)


def _numeric(match: re.Match[str], *, order: Order) -> date:
    """Decide between day and month first: by the numbers, else by the chosen order."""
    first, second, year = int(match[1]), int(match[3]), match[4]
    if order == "ymd" and first <= 12 and second <= 12 and first != second:
        raise Unfit("date.ambiguous")
    if order == "mdy" or (order == "ymd" and first <= 12):
        return _made(year, first, second)
    return _made(year, second, first)


_FORMS: tuple[tuple[re.Pattern[str], Callable[..., date]], ...] = (
    (_YMD, lambda match, order: _made(*match.groups())),
    (_COMPACT, lambda match, order: _made(*match.groups())),
    (_NUMERIC, _numeric),
    (_DAY_MONTH, _english),
    (_MONTH_DAY, _english),
    (_REPUBLIC, lambda match, order: _made(int(match[1]) + 1911, match[2], match[3])),
)


def _split(text: str, order: Order) -> _Read:
    """Take the day from the beginning of the text; the rest is a time of day, or nothing."""
    if len(text) > _LONGEST:
        raise Unfit("date.format")
    if not text.isascii():
        text = chinese.digits_in_date(text)
    text = _LEADING_WEEKDAY.sub("", text, count=1)
    for form, make in _FORMS:
        if match := form.match(text):
            rest = text[match.end() :]
            return _Read(make(match, order=order), _WEEKDAY.sub(" ", rest).strip(" ,T\t"))
    if _SERIAL.fullmatch(text):
        number = float(text)
        return _Read(_serial(number), _of_day(number % 1).isoformat() if number % 1 else "")
    raise Unfit("date.two-digit-year" if _SHORT_YEAR.match(text) else "date.format")


def _of_day(fraction: float) -> time:
    seconds = round(fraction * 86_400) % 86_400
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _in_range(day: date, latest: date | None) -> date:
    if day.year < 1900 or day == date(1900, 1, 1) or day.year > 2199:
        raise Unfit("date.implausible")
    if latest is not None and day > latest:
        raise Unfit("date.future")
    return day


def day(*, order: Order = "ymd", latest: date | None = None) -> Parser[date]:
    """Read a day; a time of day behind it is left away. `latest` is the last that is believed."""

    def read(cell: Cell) -> date | None:
        if isinstance(cell, float):
            return _in_range(_serial(cell), latest)
        text = plain(cell)
        if not text or text.startswith("0000"):
            return None
        found = _split(text, order)
        if found.rest:
            _clock(found.rest)
        return _in_range(found.day, latest)

    return read


class _Clock(NamedTuple):
    time: time
    offset: timedelta | None = None


def _clock(text: str) -> _Clock:
    if match := _COMPACT_TIME.fullmatch(text):
        return _Clock(_hour(*(int(part or 0) for part in match.groups())))
    match = _TIME.fullmatch(text)
    if match is None or text.isdecimal():
        raise Unfit("time.format")
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    half = (match["half"] or match["after"] or "").replace(".", "").casefold()
    if half in ("pm", "下午", "晚上", "中午") and hour < 12 and not (half == "中午" and hour == 11):
        hour += 12
    elif half in ("am", "上午", "凌晨") and hour == 12:
        hour = 0
    return _Clock(_hour(hour, minute, second), _offset(match["zone"]))


def _hour(hour: int, minute: int, second: int) -> time:
    try:
        return time(hour, minute, min(second, 59))  # a leap second
    except ValueError:
        raise Unfit("time.format") from None


def _offset(zone: str | None) -> timedelta | None:
    if not zone:
        return None
    if zone[0] not in "+-":
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset > timedelta(hours=15):
        raise Unfit("time.format")
    return -offset if zone[0] == "-" else offset


def clock(cell: Cell) -> time | None:
    """Read a time of day; a fraction of a day is one too, as spreadsheets keep it."""
    if isinstance(cell, float) and 0 <= cell < 1:
        return _of_day(cell)
    text = plain(cell)
    if not text:
        return None
    if len(text) > _LONGEST:
        raise Unfit("time.format")
    if match := _YMD.match(text):
        text = text[match.end() :].strip(" T")
    return _clock(text).time


def moment(
    *, zone: ZoneInfo, order: Order = "ymd", latest: datetime | None = None
) -> Parser[datetime]:
    """Read a moment as UTC. A stamp without a zone of its own is read in `zone`.

    A day without a time becomes noon, so that it is the same day for stores in other zones.
    """

    def read(cell: Cell) -> datetime | None:
        found = _moment(cell, zone, order)
        if found is None:
            return None
        _in_range(found.astimezone(zone).date(), None)
        if latest is not None and found > latest:
            raise Unfit("date.future")
        return found

    return read


def _moment(cell: Cell, zone: ZoneInfo, order: Order) -> datetime | None:
    if isinstance(cell, float):
        return combined(_serial(cell), _of_day(cell % 1) if cell % 1 else None, zone)
    if isinstance(cell, str) and cell.isascii() and (stamp := _stamp(cell)):
        return stamp.replace(tzinfo=stamp.tzinfo or zone).astimezone(UTC)
    text = plain(cell)
    if not text or text.startswith("0000"):
        return None
    if stamp := _stamp(text):
        return stamp.replace(tzinfo=stamp.tzinfo or zone).astimezone(UTC)
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    found = _split(text, order)
    if not found.rest:
        return combined(found.day, None, zone)
    at = _clock(found.rest)
    if at.offset is None:
        return combined(found.day, at.time, zone)
    return datetime.combine(found.day, at.time, UTC) - at.offset


def _stamp(text: str) -> datetime | None:
    """Return the moment that is written as ISO 8601 has it, to the minute at least."""
    if text[4:5] != "-" or len(text) < 16:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None  # the other forms decide


def combined(day: date, at: time | None, zone: ZoneInfo) -> datetime:
    """Put a day and a time of day in a zone together, as UTC; noon when no time is known."""
    return datetime.combine(day, NOON if at is None else at, zone).astimezone(UTC)
