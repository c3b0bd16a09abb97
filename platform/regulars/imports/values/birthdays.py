"""Days that come every year (P8): by the sun or the moon, with a year or without."""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from tyme4py.lunar import LunarMonth, LunarYear

from regulars.imports.cells import Cell
from regulars.imports.values import chinese, dates
from regulars.imports.values.base import Parser, Unfit, plain

_MONTH_DAY = re.compile(r"(?:0000[-/.年])?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?[日号號]?")
_LUNAR_MARK = re.compile(r"[(\[]?(农历|農曆|阴历|陰曆|旧历|舊曆|lunar)[)\]]?", re.IGNORECASE)
_LUNAR = re.compile(
    r"(?:(?P<year>\d{4}|[〇零○一二三四五六七八九]{4})\s?[年\-/.]?\s?)?"
    r"(?P<leap>[闰閏])?\s?"
    r"(?P<month>正|冬|腊|臘|十[一二]?|[一二三四五六七八九]|\d{1,2})\s?[月\-/.]\s?"
    r"(?P<leap_after>\([闰閏]\))?"
    r"(?P<day>初[一二三四五六七八九十]|[一二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|卅|\d{1,2})\s?[日号號]?"
)
_LOOKS_LUNAR = re.compile(
    r"正月|冬月|[腊臘]月|[闰閏]|月初|月廿|月卅|月[一二三]?十[一二三四五六七八九]?$"
)
_LONGEST = 40


class Birthday(NamedTuple):
    """A day of the year; `month` and `day` are of the lunar calendar when `lunar`."""

    month: int
    day: int
    year: int | None = None
    lunar: bool = False
    leap: bool = False


def birthday(
    *, lunar: bool = False, order: dates.Order = "ymd", latest: date | None = None
) -> Parser[Birthday]:
    """Read a birthday: a date, ``3月5日``, or a lunar one such as ``农历八月十五``, ``闰六月初三``.

    `lunar` says that the column's days are lunar even where nothing in the cell says so.
    """
    as_day = dates.day(order=order, latest=latest)

    def read(cell: Cell) -> Birthday | None:
        text = plain(cell)
        if not text or not text.strip("0-/. :"):
            return None
        if len(text) > _LONGEST:
            raise Unfit("date.format")
        bare = _LUNAR_MARK.sub("", text).strip()
        if lunar or bare != text or _LOOKS_LUNAR.search(text):
            return lunar_day(bare, as_day)
        if match := _MONTH_DAY.fullmatch(chinese.digits_in_date(text)):
            return _yearly(int(match[1]), int(match[2]))
        found = as_day(cell)
        return Birthday(found.month, found.day, found.year) if found else None

    return read


def _yearly(month: int, day: int) -> Birthday:
    try:
        date(2000, month, day)  # a leap year: 29 February is a birthday
    except ValueError:
        raise Unfit("date.no-such-day") from None
    return Birthday(month, day)


def lunar_day(text: str, as_day: Parser[date]) -> Birthday | None:
    """Read a lunar day; what is written as a date is taken by its figures.

    :raises Unfit: also for a day that its year, if it is given, does not have.
    """
    match = _LUNAR.fullmatch(text)
    if match is None:
        found = as_day(text)
        if found is None:
            return None
        return checked(Birthday(found.month, found.day, found.year, lunar=True))
    month = {"正": 1, "冬": 11, "腊": 12, "臘": 12}.get(match["month"]) or chinese.number(
        match["month"]
    )
    day = chinese.number(match["day"].removeprefix("初"))
    if month is None or day is None:
        raise Unfit("date.format")
    year = match["year"]
    if year and not year.isdecimal():
        year = chinese.digits_in_date(f"{year}年").removesuffix("年")
    leap = bool(match["leap"] or match["leap_after"])
    return checked(Birthday(month, day, int(year) if year else None, lunar=True, leap=leap))


def checked(found: Birthday) -> Birthday:
    """Return a lunar day that exists in its year, or in any year if it has none."""
    if not (1 <= found.month <= 12 and 1 <= found.day <= 30):
        raise Unfit("date.no-such-day")
    if found.year is not None:
        if not 1900 <= found.year <= 2100:
            raise Unfit("date.implausible")
        if found.day > _days_in(found.year, found.month, leap=found.leap):
            raise Unfit("date.no-such-day")
    return found


@lru_cache(maxsize=4096)
def _days_in(year: int, month: int, *, leap: bool) -> int:
    """Count the days of a lunar month; 0 when the year has no such leap month."""
    if leap and LunarYear.from_year(year).get_leap_month() != month:
        return 0
    return int(LunarMonth.from_ym(year, -month if leap else month).get_day_count())
