"""A purchase as the points rules see it: frozen, hashable, picklable, plain."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


class Extra(Mapping[str, object]):
    """A read-only, hashable mapping of vertical values: lists become tuples, floats Decimals."""

    __slots__ = ("_pairs",)
    _pairs: dict[str, object]

    def __init__(self, values: Mapping[str, object] | None = None) -> None:
        pairs = {str(key): _frozen(value) for key, value in (values or {}).items()}
        object.__setattr__(self, "_pairs", pairs)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("Extra is read-only")

    def __getitem__(self, key: str) -> object:
        return self._pairs[key]

    def get(self, key: str, default: object = None) -> object:
        """Return the value of a key; the Mapping mixin's own is five times slower."""
        return self._pairs.get(key, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __hash__(self) -> int:
        return hash(frozenset(self._pairs.items()))

    def __repr__(self) -> str:
        return f"Extra({dict(self)!r})"

    def __reduce__(self) -> tuple[type["Extra"], tuple[dict[str, object]]]:
        return Extra, (dict(self),)


def _frozen(value: object) -> object:
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list | tuple):
        return tuple(_frozen(each) for each in value)
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a purchase.

    `net_minor` is what was paid in money for the whole line after all discounts, in minor
    units; `list_minor` what it would have cost without them, if known. `category` is a key of
    the vertical's categories, or empty.
    """

    net_minor: int
    quantity: int | Decimal = 1
    category: str = ""
    product: str = ""
    list_minor: int | None = None
    extra: Mapping[str, object] = field(default_factory=Extra)

    def __post_init__(self) -> None:
        _freeze(self)
        if type(self.net_minor) is not int or self.net_minor < 0:
            raise ValueError(f"net_minor must be a whole number from 0, not {self.net_minor!r}")
        if isinstance(self.quantity, bool | float) or not 0 <= self.quantity < 10**9:
            raise ValueError(f"quantity must be an int or Decimal from 0, not {self.quantity!r}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Buyer:
    """What the rules may know of the customer; `purchases` counts those before this one."""

    tier: str = ""
    birthday: bool = False
    birthday_month: bool = False
    purchases: int = 0
    extra: Mapping[str, object] = field(default_factory=Extra)

    def __post_init__(self) -> None:
        _freeze(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Basket:
    """One purchase. `occurred_on` and `hour` (0–23) are of the store's own zone."""

    lines: tuple[Line, ...]
    occurred_on: date
    hour: int | None = None
    buyer: Buyer | None = None
    channel: str = ""
    store: str = ""
    currency_exponent: int = 2
    extra: Mapping[str, object] = field(default_factory=Extra)

    def __post_init__(self) -> None:
        _freeze(self)
        object.__setattr__(self, "lines", tuple(self.lines))
        if not 0 <= self.currency_exponent <= 4:
            raise ValueError(f"no currency has {self.currency_exponent} decimal places")

    @property
    def net_minor(self) -> int:
        """What was paid in money for all lines, in minor units."""
        return sum(line.net_minor for line in self.lines)


def _freeze(noun: Line | Buyer | Basket) -> None:
    if not isinstance(noun.extra, Extra):
        object.__setattr__(noun, "extra", Extra(noun.extra))
