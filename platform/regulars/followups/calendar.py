"""Days that matter to everybody: holidays by sun and moon, seasons, and days off by law.

A holiday of the moon is its day in the Chinese calendar wherever a shop is: people abroad keep the
day that is printed at home. A change of season is a moment of the sun, the same for the whole
earth, so its day is the one of the shop's time zone: 立春 of 2026 is on 4 February at 04:02 in
Shanghai, and on 3 February in New York. The national day is the country's own, or none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

import holidays
from babel.core import get_global
from tyme4py.solar import SolarTerm

from regulars.customers import calendar
from regulars.kit.care import Occasion

type Season = Literal["spring", "summer", "autumn", "winter"]

SEASONS: Final[tuple[Season, ...]] = get_args(Season.__value__)
_TERMS: Final = (3, 9, 15, 21)  # 立春 立夏 立秋 立冬, counted from the 冬至 of the year before
_CHINA: Final = timezone(timedelta(hours=8))
_BY_SUN: Final[tuple[tuple[Occasion, int, int], ...]] = (("new-year", 1, 1), ("women-day", 3, 8))
_BY_MOON: Final[tuple[tuple[Occasion, int, int], ...]] = (
    ("spring-festival", 1, 1),
    ("dragon-boat", 5, 5),
    ("qixi", 7, 7),
    ("mid-autumn", 8, 15),
)
_NATIONAL_DAYS: Final = {
    "CN": (10, 1), "HK": (10, 1), "MO": (10, 1), "MY": (8, 31), "SG": (8, 9), "TW": (10, 10),
}  # fmt: skip
_SWAPS_DAYS: Final = frozenset({"CN"})  # announces every autumn which weekends are worked


class Day(NamedTuple):
    """A day for everybody; `season` is what begins on a change of season."""

    on: date
    occasion: Occasion
    season: Season | None = None


def days(first: date, last: date, *, zone: ZoneInfo, country: str) -> tuple[Day, ...]:
    """Return the days for everybody from `first` to `last`, in order.

    `country` is an ISO code. Outside calendar.FIRST_YEAR to LAST_YEAR there are none.
    """
    years = range(first.year, last.year + 1)
    found = [day for year in years for day in of_year(year, zone, country)]
    return tuple(day for day in found if first <= day.on <= last)


@lru_cache(maxsize=512)
def of_year(year: int, zone: ZoneInfo, country: str) -> tuple[Day, ...]:
    """Return the days for everybody of one year of the sun, in order."""
    if not calendar.FIRST_YEAR <= year <= calendar.LAST_YEAR:
        return ()
    return tuple(sorted(_of_year(year, zone, country), key=lambda day: day.on))


def _of_year(year: int, zone: ZoneInfo, country: str) -> Iterator[Day]:
    for occasion, month, day in _BY_SUN:
        yield Day(date(year, month, day), occasion)
    if country in _NATIONAL_DAYS:
        yield Day(date(year, *_NATIONAL_DAYS[country]), "national-day")
    for occasion, month, day in _BY_MOON:
        on = calendar.to_solar(year=year, month=month, day=day)
        if on is not None:
            yield Day(on, occasion)
    for season, moment in zip(SEASONS, seasons(year), strict=True):
        yield Day(moment.astimezone(zone).date(), "change-of-season", season)


@lru_cache(maxsize=256)
def seasons(year: int) -> tuple[datetime, ...]:
    """Return the moments at which spring, summer, autumn and winter begin, to the second."""
    return tuple(_moment(year, index) for index in _TERMS)


def _moment(year: int, index: int) -> datetime:
    at = SolarTerm.from_index(year, index).get_julian_day().get_solar_time()
    day = (at.get_year(), at.get_month(), at.get_day())
    clock = (at.get_hour(), at.get_minute(), at.get_second())
    return datetime(*day, *clock, tzinfo=_CHINA).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Year:
    """What the law of a country says of one year.

    `off` names each day off; `worked` are days of the weekend that are worked instead. A year that
    is not `announced` yet holds what is certain, and no swap of days. Nothing is `known` of a
    country the package has not heard of.
    """

    country: str
    year: int
    known: bool
    announced: bool
    off: dict[date, str]
    worked: frozenset[date]


@lru_cache(maxsize=256)
def public_holidays(country: str, year: int, language: str = "") -> Year:
    """Return a country's public holidays, named in its own language unless another is asked for.

    A language the package does not have is answered in the country's own.
    """
    is_code = len(country) == 2 and country.isalpha() and country.isupper()
    entity = getattr(holidays, country, None) if is_code else None
    if entity is None:
        return Year(country, year, known=False, announced=False, off={}, worked=frozenset())
    speaks = language if language in entity.supported_languages else None
    found = holidays.country_holidays(country, years=year, language=speaks)
    worked = frozenset(day for day in found.weekend_workdays if day.year == year)
    off = {day: name for day, name in sorted(found.items()) if day.year == year}
    announced = country not in _SWAPS_DAYS or bool(worked)
    return Year(country, year, known=True, announced=announced, off=off, worked=worked)


def country_of(time_zone: str, *, otherwise: str) -> str:
    """Return the country a store's time zone lies in; a zone of no one country is `otherwise`'s."""
    return str(get_global("zone_territories").get(time_zone) or otherwise)
