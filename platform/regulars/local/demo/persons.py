"""People who do not exist: names, phones, days, addresses."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from regulars.local.demo import content, drawing
from regulars.local.demo.content import Company
from regulars.local.demo.drawing import Dice, Urn

# Numbers of the newest ranges with 0000 in the middle: they can be read, and hardly be anybody's.
_RANGES: Final = ("166", "175", "176", "191", "193", "195", "197", "198", "199")
_WOMEN: Final = {"jewelry": 68, "beauty": 92, "homestyle": 62, "restaurant": 48}
_FIRST_YEAR: Final = 1950
_LAST_YEAR: Final = 2006


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    """A birthday by the sun or the moon; the year may be unknown."""

    year: int | None
    month: int
    day: int
    lunar: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer before the product knows them; `wealth` is from 0 to 1."""

    name: str
    gender: str
    phone: str | None
    member_code: str | None
    email: str
    birthday: Birthday | None
    wealth: float


def crowd(vertical: str, count: int, rng: Dice) -> list[Person]:
    """Make so many people, no two with one phone."""
    tails = rng.sample(range(len(_RANGES) * 10_000), count)
    return [_person(vertical, at, tail, rng) for at, tail in enumerate(tails)]


def worker(rng: Dice) -> str:
    """Return the name of somebody of working age."""
    gender = "female" if drawing.happens(rng, 70) else "male"
    return _name(gender, rng.randint(1975, 2003), rng)


def home(company: Company, store: int, rng: Dice) -> dict[str, str]:
    """Return an address near a store."""
    near, streets = company.stores[store], content.people().addresses
    building, unit, floor = rng.randint(1, 28), rng.randint(1, 4), rng.randint(1, 24)
    road, estate = rng.choice(streets.roads.split()), rng.choice(streets.estates.split())
    return {
        "province": near.province,
        "city": near.city,
        "district": rng.choice(near.districts.split()),
        "line": f"{road} {rng.randint(1, 900)} 号{estate} {building} 幢 {unit} 单元 {floor}02 室",
    }


def _person(vertical: str, at: int, tail: int, rng: Dice) -> Person:
    gender = "female" if drawing.happens(rng, _WOMEN.get(vertical, 55)) else "male"
    year = min(max(round(rng.gauss(1986, 11)), _FIRST_YEAR), _LAST_YEAR)
    has_phone = drawing.happens(rng, 94)
    has_code = not has_phone or drawing.happens(rng, 70)
    return Person(
        name=_known_as(gender, year, rng) if has_phone or drawing.happens(rng, 60) else "",
        gender=gender if drawing.happens(rng, 88) else "",
        phone=f"+86{_RANGES[tail // 10_000]}0000{tail % 10_000:04}" if has_phone else None,
        member_code=f"{vertical[:2].upper()}{100_001 + at}" if has_code else None,
        email=f"guest{at:05}@mail.example" if drawing.happens(rng, 12) else "",
        birthday=_birthday(year, rng) if drawing.happens(rng, 62) else None,
        wealth=rng.random() ** 2.2,
    )


def _birthday(year: int, rng: Dice) -> Birthday:
    day = date(year, 1, 1).fromordinal(date(year, 1, 1).toordinal() + rng.randrange(365))
    is_lunar = drawing.happens(rng, 32 if year < 1975 else 9)
    return Birthday(
        year=year if drawing.happens(rng, 75) else None,
        month=day.month,
        day=min(day.day, 30) if is_lunar else day.day,
        lunar=is_lunar,
    )


def _known_as(gender: str, year: int, rng: Dice) -> str:
    """Return the name as the counter wrote it: whole, or with a title where nobody asked."""
    if drawing.happens(rng, 86):
        return _name(gender, year, rng)
    titles = "女士 女士 小姐 老师 太太" if gender == "female" else "先生 先生 老师 总"
    return _surnames().draw(rng) + rng.choice(titles.split())


def _name(gender: str, year: int, rng: Dice) -> str:
    given = content.people().given[gender]
    names = given.older if year < 1969 else given.middle if year < 1989 else given.younger
    return _surnames().draw(rng) + rng.choice(names.split())


@cache
def _surnames() -> Urn[str]:
    text = content.people().surnames.split()
    pairs: Any = list(zip(text[::2], text[1::2], strict=True))
    return Urn([name for name, _ in pairs], [float(weight) for _, weight in pairs])
