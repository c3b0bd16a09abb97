"""What the demo chains are made of: plain data in TOML, read into plain types."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

FOLDER: Final = Path(__file__).parent
DEFAULT_HOURS: Final = ("10:00", "22:00")


class _Plain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A type of these files: a misspelt name in one of them is refused."""


class Draw(_Plain, frozen=True):
    """How a value is drawn: exactly one of the kinds, for `share` per cent of the cases.

    `days` counts from the day of the event, `words` are separated by | or, without one, by spaces.
    """

    share: float = 100
    choose: Mapping[str, float] = {}
    words: str = ""
    whole: tuple[int, int] | None = None
    number: tuple[float, float, float] | None = None
    days: tuple[int, int] | None = None
    value: bool | None = None


class Band(_Plain, frozen=True):
    """Part of a day in which people come; `extra` says what that makes of a purchase."""

    start: str
    end: str
    weight: float
    extra: Mapping[str, str] = {}


class Season(_Plain, frozen=True):
    """Days around a date on which `times` as many people come; a lunar date is month and day."""

    name: str
    times: float
    before: int
    after: int
    solar: tuple[int, int] | None = None
    lunar: tuple[int, int] | None = None


class Habits(_Plain, frozen=True):
    """How people buy here. Shares are per cent, `discount` the range of per cents taken off.

    `redemptions` is how often points are used in 10,000 sales.
    """

    anonymous: float
    returns: float
    exchanges: float
    redemptions: int
    single_visit: float
    tail: float
    owner_serves: float
    wanders: float
    basket: tuple[float, ...]
    discounted: float
    discount: tuple[int, int]
    weekdays: tuple[float, ...]
    payments: Mapping[str, float]
    rounds_to: int
    hours: tuple[Band, ...]
    seasons: tuple[Season, ...]


class Region(_Plain, frozen=True):
    """A region and its manager; online there is none."""

    code: str
    name: str
    manager: str = ""


class Store(_Plain, frozen=True):
    """A store. `share` is its part of the visits; of the web shop's goods `only` some."""

    code: str
    name: str
    region: str
    province: str
    city: str
    area: str
    address: str
    districts: str
    share: float
    hours: tuple[str, str] = DEFAULT_HOURS
    opened_days_ago: int | None = None
    closed_days_ago: int | None = None
    successor: str = ""
    franchise: bool = False
    web: bool = False
    only: tuple[str, ...] = ()
    extra: Mapping[str, str] = {}


class Product(_Plain, frozen=True):
    """Something sold: by the piece at a `price` from–to in yuan, or by `grams` and `labour`.

    `counts` names a field that repeats the quantity, `room` where a thing is for, `after` days of
    the line and `dates` days of the possession counted from the sale.
    """

    code: str
    name: str
    category: str
    weight: float
    price: tuple[int, int] | None = None
    grams: tuple[float, float] | None = None
    labour: int = 0
    quantity: tuple[int, int] = (1, 1)
    line: Mapping[str, Any] = {}
    pick: Mapping[str, str] = {}
    after: Mapping[str, int] = {}
    counts: str = ""
    room: str = ""
    certificate: str = ""
    possession: str = ""
    thing: Mapping[str, Any] = {}
    dates: Mapping[str, int] = {}
    used: Mapping[str, int] = {}


class Company(_Plain, frozen=True):
    """A demo chain."""

    company: str
    owner: str
    head_office: str
    analyst: str
    habits: Habits
    purchase: Mapping[str, Draw]
    customer: Mapping[str, Draw]
    regions: tuple[Region, ...]
    stores: tuple[Store, ...]
    products: tuple[Product, ...]


class Given(_Plain, frozen=True):
    """Given names by age."""

    older: str
    middle: str
    younger: str


class Notes(_Plain, frozen=True):
    """What colleagues write down."""

    plain: tuple[str, ...]
    warnings: tuple[str, ...]


class Reasons(_Plain, frozen=True):
    """Why goods come back."""

    returns: tuple[str, ...]
    exchanges: tuple[str, ...]


class Addresses(_Plain, frozen=True):
    """Streets and estates, the same everywhere."""

    roads: str
    estates: str


class People(_Plain, frozen=True):
    """Names, addresses and answers of people who do not exist."""

    surnames: str
    given: Mapping[str, Given]
    addresses: Addresses
    answers: Mapping[str, str]
    notes: Notes
    reasons: Reasons


def has(vertical: str) -> bool:
    """Say whether there is content for a vertical."""
    return (FOLDER / f"{vertical}.toml").exists()


@cache
def company(vertical: str) -> Company:
    """Read the demo chain of a vertical."""
    return msgspec.convert(_read(vertical), Company)


@cache
def people() -> People:
    """Read what people are made of."""
    return msgspec.convert(_read("people"), People)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
