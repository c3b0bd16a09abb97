"""How long things took: the middle and the tail of some times."""

from collections.abc import Sequence
from math import floor
from typing import NamedTuple

from regulars.insights.shares import LEAST


class Spread(NamedTuple):
    """The time half of some cases stayed within, and nine tenths of them; of how many."""

    n: int
    half: float | None
    most: float | None


def spread(values: Sequence[float]) -> Spread:
    """Return the spread of some times; of fewer than ten nothing but how many there are."""
    if len(values) < LEAST:
        return Spread(len(values), None, None)
    ordered = sorted(values)
    return Spread(len(ordered), quantile(ordered, 0.5), quantile(ordered, 0.9))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of rising values, on the straight line between the two it falls between."""
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
