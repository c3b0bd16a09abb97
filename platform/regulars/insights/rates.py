"""Counts against what they are counted of: Poisson intervals, and whether counts truly differ."""

from collections.abc import Sequence
from functools import cache
from math import exp, inf, lgamma, log, log1p, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

from regulars.insights.shares import Interval

PER: Final = 1000
"""What a rate is of: so many purchases."""
_CONFIDENCE: Final = 0.95
_Z: Final = NormalDist().inv_cdf((1 + _CONFIDENCE) / 2)
_SMALL: Final = 10  # counts below which Byar's approximation is not close enough
_STEPS: Final = 60  # halvings of a range: beyond what a float can tell
_WIDE: Final = 5_000  # tries from which on a binomial tail is taken from the normal curve


class Rate(NamedTuple):
    """So many events among so many purchases."""

    events: int
    of: int

    @property
    def is_enough(self) -> bool:
        """Say whether the figure says anything: one event more must not turn it over.

        Fewer events than five, or fewer purchases than a hundred, leave it open.
        """
        return self.events >= 5 and self.of >= 100

    @property
    def value(self) -> float | None:
        """The events per 1,000 purchases; None without purchases."""
        return self.events * PER / self.of if self.of else None

    @property
    def interval(self) -> Interval | None:
        """Between which rates the truth lies, at 95 percent; None without purchases."""
        if not self.of:
            return None
        low, high = poisson(self.events)
        return Interval(low * PER / self.of, high * PER / self.of)


def poisson(events: int, *, z: float = _Z) -> Interval:
    """Return the interval of the mean that a count was drawn from (Garwood 1936, Byar's form)."""
    if events < 0:
        raise ValueError(f"{events} is no count.")
    if events < _SMALL:
        return _exact(events, z)
    low = events * (1 - 1 / (9 * events) - z / (3 * sqrt(events))) ** 3
    more = events + 1
    return Interval(low, more * (1 - 1 / (9 * more) + z / (3 * sqrt(more))) ** 3)


@cache
def _exact(events: int, z: float) -> Interval:
    tail = 1 - NormalDist().cdf(z)
    low = 0.0 if not events else _mean_where(events - 1, 1 - tail)
    return Interval(low, _mean_where(events, tail))


def _mean_where(events: int, chance: float) -> float:
    """Return the mean at which at most so many events have this chance."""
    low, high = 0.0, events + 10 * sqrt(events + 1) + 20
    for _step in range(_STEPS):
        mean = (low + high) / 2
        at_most = sum(exp(n * log(mean) - mean - lgamma(n + 1)) for n in range(events + 1))
        low, high = (mean, high) if at_most > chance else (low, mean)
    return (low + high) / 2


def at_least(part: int, whole: int, chance: float) -> float:
    """Return the chance of `part` or more of `whole` tries, each coming out with `chance`."""
    if part <= 0:
        return 1.0
    if chance <= 0 or part > whole:
        return 0.0
    if chance >= 1:
        return 1.0
    if whole > _WIDE:
        spread = sqrt(whole * chance * (1 - chance))
        return 1 - NormalDist().cdf((part - 0.5 - whole * chance) / spread)
    yes, no = log(chance), log1p(-chance)
    total = lgamma(whole + 1)
    return min(
        1.0,
        sum(
            exp(total - lgamma(n + 1) - lgamma(whole - n + 1) + n * yes + (whole - n) * no)
            for n in range(part, whole + 1)
        ),
    )


def differing(rates: Sequence[Rate], *, risk: float = 1 - _CONFIDENCE) -> list[int]:
    """Say of each rate whether it is above (1) or below (−1) the rest together, or neither (0).

    With this risk at most that any at all is named wrongly (Holm 1979 over all of them), however
    many there are: the order of a table is no ranking.
    """
    events, purchases = sum(each.events for each in rates), sum(each.of for each in rates)
    chances = []
    for each in rates:
        if not each.of or each.of == purchases or not events:
            chances.append((inf, 0))
            continue
        share = each.of / purchases
        above = at_least(each.events, events, share)
        below = at_least(events - each.events, events, 1 - share)
        chances.append((2 * min(above, below), 1 if above < below else -1))
    told = named([chance for chance, _side in chances], risk=risk)
    return [
        side if is_named else 0 for (_chance, side), is_named in zip(chances, told, strict=True)
    ]


def named(chances: Sequence[float], *, risk: float) -> list[bool]:
    """Say which of several findings stand, with this risk at most that any is a mistake (Holm)."""
    found = [False] * len(chances)
    order = sorted(range(len(chances)), key=chances.__getitem__)
    for place, n in enumerate(order):
        if chances[n] > risk / (len(chances) - place):
            break
        found[n] = True
    return found
