"""The balance of those for and those against: the net promoter score, and where its truth lies."""

from math import sqrt
from typing import NamedTuple

from regulars.insights.shares import LEAST, Interval, wilson


class Balance(NamedTuple):
    """So many for and so many against of so many; the rest are neither."""

    up: int
    down: int
    whole: int

    @property
    def is_enough(self) -> bool:
        """Say whether the sample is big enough to speak of a balance at all."""
        return self.whole >= LEAST

    @property
    def rate(self) -> float | None:
        """The share for less the share against, -1 to 1; None of an empty sample."""
        return (self.up - self.down) / self.whole if self.whole else None

    @property
    def interval(self) -> Interval:
        """Between which balances the truth lies, at 95 percent; see `difference`."""
        return difference(self.up, self.down, self.whole)


def difference(up: int, down: int, whole: int) -> Interval:
    """Return an interval for the difference of two shares of one sample that exclude each other.

    Square-and-add of Wilson's limits, with the correlation that two classes of one multinomial
    have (Newcombe 1998, method 10; MOVER, Zou and Donner 2008). Where nobody is neither, it is
    Wilson's own, doubled. Of nothing, anything is possible. Raises ValueError for parts that are
    none.
    """
    if up < 0 or down < 0 or up + down > whole:
        raise ValueError(f"{up} and {down} are no parts of {whole}.")
    if not whole:
        return Interval(-1.0, 1.0)
    one, other = up / whole, down / whole
    for_, against = wilson(up, whole), wilson(down, whole)
    spread = (1 - one) * (1 - other)
    correlation = -sqrt(one * other / spread) if spread else -1.0
    below = _reach(one - for_.low, against.high - other, correlation)
    above = _reach(for_.high - one, other - against.low, correlation)
    return Interval(max(-1.0, one - other - below), min(1.0, one - other + above))


def _reach(one: float, other: float, correlation: float) -> float:
    return sqrt(max(0.0, one * one + other * other - 2 * correlation * one * other))
