"""What earns points, what points buy, and the levels of membership."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from regulars.kit.baskets import Basket, Line
from regulars.kit.conditions import Where
from regulars.kit.labels import Label

Rounding = Literal["floor", "half-up", "ceiling"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """A named pure function that derives a fact which conditions and `of` may then use.

    It is given a frozen `Line` (fact `line.<key>`) or `Basket` (fact `purchase.<key>`) and
    returns what `gives` says: a bool, an int or Decimal, a str; or None for not known. The core
    runs it in a supervised process within 200 ms, so it must be a module-level function.
    """

    key: str
    on: Literal["line", "purchase"]
    gives: Literal["boolean", "number", "text"]
    call: Callable[[Line], object] | Callable[[Basket], object]
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """How a line earns: `points` for every `per` of `of`. The first rate that matches applies.

    `of` is `line.net` (major units of the currency) or any number of the line (grams). The
    points of one rate are rounded once per purchase, over all lines that chose it.
    """

    key: str
    says: Label
    points: int = 1
    per: Decimal = Decimal(1)
    of: str = "line.net"
    where: tuple[Where, ...] = ()
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Bonus:
    """Points on top; all bonuses that match add. Exactly one of four forms:

    `points` and `per`: so many for every `per` of `of`; `flat`: so many per purchase; `each`: so
    many per piece; `times`: the rates' points of the lines it matches, multiplied (the award is
    the increase). Conditions on lines choose lines, all others choose purchases. Lines nothing
    was paid for in money never count.
    """

    key: str
    says: Label
    where: tuple[Where, ...] = ()
    points: int = 0
    per: Decimal | None = None
    of: str = "line.net"
    flat: int = 0
    each: int = 0
    times: Decimal | None = None
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Spend:
    """What points buy, and for how many.

    `full`: a service taken in full at `price` points a piece (L2). `share`: at most `share` of
    the amount is paid in points, each worth `point_value` major units, in multiples of `block`
    and from `minimum` points; `fixed`: exactly that share, no less (half and half, L3).
    """

    key: str
    says: Label
    mode: Literal["full", "share"]
    price: int = 0
    point_value: Decimal = Decimal(0)
    share: Decimal = Decimal(1)
    fixed: bool = False
    block: int = 1
    minimum: int = 0
    where: tuple[Where, ...] = ()
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Tier:
    """A level of membership, reached when spend over `months` is at least `threshold` (V2).

    `threshold` is in major units of the vertical's currency. Tiers stand in ascending order, the
    first from 0. `keeps` is for how many months a level is kept once reached.
    """

    key: str
    label: Label
    threshold: Decimal = Decimal(0)
    months: int = 12
    keeps: int = 12
    benefits: tuple[Label, ...] = ()
    retired: bool = False
