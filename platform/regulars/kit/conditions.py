"""Declared conditions: a small closed language that the core may run without fear."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal, get_args

Op = Literal["is", "is-not", "any-of", "none-of", "at-least", "at-most", "contains", "known"]
OPS: tuple[Op, ...] = get_args(Op)
_UNKNOWN: tuple[object, ...] = (None, "", ())


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """A condition on one fact: `Where(fact="line.category", op="any-of", value=("gold",))`.

    `fact` is a built-in (`line.category`, `customer.tier`, `purchase.channel`), a field
    (`line.karat`) or a function (`purchase.matching-set`). Numbers compare as numbers, dates as
    ISO text. A fact that is not known satisfies only `is-not`, `none-of` and `known` = false.
    """

    fact: str
    op: Op = "is"
    value: bool | int | str | Decimal | tuple[str, ...] = True

    @property
    def subject(self) -> str:
        """What the fact belongs to: line, purchase, customer or possession."""
        return self.fact.partition(".")[0]

    @property
    def name(self) -> str:
        """The fact's name without its subject."""
        return self.fact.partition(".")[2]


def holds(where: Where, fact: object) -> bool:
    """Tell whether a condition is true of a fact's value (None: not known)."""
    return test_of(where)(fact)


def test_of(where: Where) -> Callable[[object], bool]:
    """Compile a condition into a function of the fact's value."""
    value = where.value
    match where.op:
        case "known":
            return lambda fact: (fact not in _UNKNOWN) is bool(value)
        case "is":
            return lambda fact: fact is not None and fact == value
        case "is-not":
            return lambda fact: fact is None or fact != value
        case "any-of":
            among = frozenset(_several(value))
            return lambda fact: fact in among
        case "none-of":
            barred = frozenset(_several(value))
            return lambda fact: fact not in barred
        case "contains":
            return lambda fact: isinstance(fact, tuple | list) and value in fact
        case "at-least":
            return _bound(value, lambda fact, bound: bool(fact >= bound))
        case "at-most":
            return _bound(value, lambda fact, bound: bool(fact <= bound))


def _several(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _bound(
    value: object,
    # Any comparable pair: two numbers or two ISO dates; `_bound` sees to it that they are.
    compare: Callable[..., bool],
) -> Callable[[object], bool]:
    if isinstance(value, str) and (number := _as_number(value)) is not None:
        value = number
    wanted: type | tuple[type, ...] = str if isinstance(value, str) else (int, Decimal)

    def test(fact: object) -> bool:
        if isinstance(fact, date):
            fact = fact.isoformat()
        if isinstance(fact, bool) or not isinstance(fact, wanted):
            return False
        return compare(fact, value)

    return test


def _as_number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
