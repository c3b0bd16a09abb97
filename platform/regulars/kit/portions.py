"""Exact division of whole numbers: rounding, largest remainder, proportional take-back."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from regulars.kit.rules import Rounding

Exact = int | Fraction


def rounded(numerator: Exact, denominator: Exact, rounding: Rounding = "floor") -> int:
    """Divide two exact non-negative numbers into a whole one, by a chain's policy."""
    match rounding:
        case "floor":
            return int(numerator // denominator)
        case "half-up":
            return int((2 * numerator + denominator) // (2 * denominator))
        case "ceiling":
            return int(-(-numerator // denominator))
    raise ValueError(f"no rounding {rounding!r}")


def allocate(total: int, weights: Sequence[Exact]) -> tuple[int, ...]:
    """Divide a whole number by weights so that the parts add up exactly (largest remainder).

    Points to the lines that earned them, a discount to lines: no part exceeds its weight as
    long as the total does not exceed all weights. Earlier parts win ties. When every weight is
    zero the division is even.
    """
    if not weights:
        if total:
            raise ValueError(f"there is nothing to allocate {total} to")
        return ()
    if total < 0 or min(weights) < 0:
        raise ValueError("total and weights must be from 0")
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    parts = [int(total * weight // whole) for weight in weights]
    if missing := total - sum(parts):
        remainders = [total * weight % whole for weight in weights]
        by_remainder = sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)
        for index in by_remainder[:missing]:
            parts[index] += 1
    return tuple(parts)


def taken_back(*, earned: int, bought: int | Decimal, kept: int | Decimal) -> int:
    """Return the points taken back so far when `kept` of `bought` has not been returned.

    Cumulative: `earned − floor(earned × kept ÷ bought)`. What one return takes is the difference
    of two calls, so that partial returns add up to exactly what was earned.
    """
    _checked(earned, bought, kept)
    return earned - rounded(earned * Fraction(kept), Fraction(bought))


def given_back(*, spent: int, bought: int | Decimal, kept: int | Decimal) -> int:
    """Return the spent points given back so far; cumulative, like `taken_back`, and never more
    than the returned share."""
    _checked(spent, bought, kept)
    return spent - rounded(spent * Fraction(kept), Fraction(bought), "ceiling")


def _checked(points: int, bought: int | Decimal, kept: int | Decimal) -> None:
    if points < 0:
        raise ValueError(f"points must be from 0, not {points}")
    if bought <= 0 or not 0 <= kept <= bought:
        raise ValueError(f"kept must be from 0 to what was bought, not {kept} of {bought}")
