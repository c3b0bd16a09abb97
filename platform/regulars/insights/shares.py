"""Shares of a sample with what can be said of them: Wilson's interval, and when it is too few."""

from math import sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

LEAST: Final = 10
"""Answers below which a share is not shown: any one more would move it by ten points."""
_CONFIDENCE: Final = 0.95
_Z: Final = NormalDist().inv_cdf((1 + _CONFIDENCE) / 2)


class Interval(NamedTuple):
    """Between which shares the truth lies, at 95 percent."""

    low: float
    high: float


class Share(NamedTuple):
    """So many of so many."""

    part: int
    whole: int

    @property
    def is_enough(self) -> bool:
        """Say whether the sample is big enough to speak of a share at all."""
        return self.whole >= LEAST

    @property
    def rate(self) -> float | None:
        """The share itself; None of an empty sample."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> Interval:
        """Wilson's interval of the share."""
        return wilson(self.part, self.whole)


def wilson(part: int, whole: int, *, z: float = _Z) -> Interval:
    """Return Wilson's score interval (1927), which keeps within 0 and 1 at both ends.

    Of nothing, anything is possible. Raises ValueError for a part that is none.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} is no part of {whole}.")
    if not whole:
        return Interval(0.0, 1.0)
    rate, spread = part / whole, z * z / whole
    middle = rate + spread / 2
    reach = z * sqrt(rate * (1 - rate) / whole + spread / (4 * whole))
    low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    return Interval(0.0 if part == 0 else max(0.0, low), 1.0 if part == whole else min(1.0, high))
