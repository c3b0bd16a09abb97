"""What customers bought after a complaint, beside like customers who had none (matched pairs).

Plain Python over histories; reading them is `selectors.complaints_effect`. Each customer who
complained is put beside up to `PARTNERS` others who had not complained by that day, bought as
recently, came as often and spent about as much in the year before it, all as of the same day. From
the day the complaint was over, the same number of days of both is looked at. What this cannot do:
those who were made content may differ from those who were not in ways nobody wrote down; so it
tells what went together, and not what was the reason.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import log, sqrt
from statistics import NormalDist, fmean, variance
from typing import Final, NamedTuple
from uuid import UUID

from regulars.insights.shares import LEAST

FOLLOWED: Final = 90
"""Days after a complaint that are looked at."""
BEFORE: Final = 365
"""Days before a complaint that make customers alike."""
PARTNERS: Final = 3
_RECENCY: Final = (7, 30, 90, 180, BEFORE)  # days since the last visit: upper ends
_FREQUENCY: Final = (1, 2, 4, 8)  # visits in the year before: upper ends
_SPENT: Final = log(2)  # at most twice or half as much
_LOOKED_AT: Final = 600  # candidates for one customer
_Z: Final = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class History:
    """The days on which a customer bought, rising, and what they paid on each in minor units."""

    days: Sequence[int]
    paid: Sequence[int]

    @classmethod
    def of(cls, visits: Iterable[tuple[date, int]]) -> "History":
        """Return the history of some days, each once."""
        some = sorted((on.toordinal(), paid) for on, paid in visits)
        return cls(tuple(day for day, _paid in some), tuple(paid for _day, paid in some))

    def before(self, day: int) -> "Standing | None":
        """Return how they stood on a day, that day included; None without a visit in a year."""
        end = bisect_right(self.days, day)
        start = bisect_left(self.days, day - BEFORE)
        if start == end:
            return None
        return Standing(end - start, day - self.days[end - 1], max(0, sum(self.paid[start:end])))

    def after(self, day: int) -> int:
        """Return on how many of the days that follow they bought."""
        return bisect_right(self.days, day + FOLLOWED) - bisect_right(self.days, day)


class Standing(NamedTuple):
    """Visits in the year before, days since the last of them, and what they paid in that year."""

    visits: int
    since: int
    paid: int

    @property
    def stratum(self) -> tuple[int, int]:
        """Which steps of frequency and recency these are."""
        return bisect_left(_FREQUENCY, self.visits), bisect_left(_RECENCY, self.since)

    def distance(self, other: "Standing") -> float | None:
        """Return how unlike two are, smaller being nearer; None where they do not compare."""
        if self.stratum != other.stratum:
            return None
        spent = abs(log((self.paid + 1) / (other.paid + 1)))
        if spent > _SPENT:
            return None
        often = abs(self.visits - other.visits) / max(self.visits, other.visits)
        lately = abs(self.since - other.since) / _RECENCY[self.stratum[1]]
        return spent + often + lately


class Complainer(NamedTuple):
    """A customer whose complaint was raised on one day and over on another, and how it ended."""

    customer_id: UUID
    raised: int
    over: int
    is_satisfied: bool
    case_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison: the share who came again, their visits, and how they stood."""

    came: float
    visits: float
    before: float  # visits in the year before
    since: float  # days since the last visit, when the complaint was raised
    paid: float  # in the year before


class Estimate(NamedTuple):
    """A difference of two means or shares with its interval at 95 percent."""

    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Say whether the interval leaves out no difference at all."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One kind of complainers beside their partners; `lone` found nobody like them.

    `estimate` is of the share who came again, `visits` of the days on which they did.
    """

    matched: int
    partners: int
    lone: int
    own: Side | None
    other: Side | None
    estimate: Estimate | None
    visits: Estimate | None
    cases: tuple[UUID, ...] = ()  # of those who were matched
    differences: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Both kinds of complainers, and how much further from their partners the one is."""

    satisfied: Group
    unsatisfied: Group
    between: Estimate | None


def effect(
    *,
    complainers: Sequence[Complainer],
    histories: Mapping[UUID, History],
    pool: Sequence[UUID],
    complained: Mapping[UUID, int],
) -> Effect:
    """Compare complainers with the customers of a pool; `complained` is the first day each did.

    Nobody of the pool stands beside two of the same kind, so the differences are independent.
    """
    ready = _Pool(pool, histories, complained)
    groups = [
        _group([each for each in complainers if each.is_satisfied is kind], histories, ready)
        for kind in (True, False)
    ]
    return Effect(
        satisfied=groups[0],
        unsatisfied=groups[1],
        between=_between(groups[0].differences, groups[1].differences),
    )


class _Pool:
    """Customers by the days they bought on."""

    def __init__(
        self,
        pool: Sequence[UUID],
        histories: Mapping[UUID, History],
        complained: Mapping[UUID, int],
    ) -> None:
        self._histories = histories
        self._complained = complained
        self._by_day: dict[int, list[UUID]] = defaultdict(list)
        for key in pool:
            for day in histories[key].days if key in histories else ():
                self._by_day[day].append(key)

    def like(
        self, who: Complainer, standing: Standing, taken: set[UUID]
    ) -> list[tuple[UUID, Standing]]:
        """Return the nearest customers that are free, at most `PARTNERS`."""
        found = []
        for key in self._near(who, standing):
            if key in taken or key == who.customer_id:
                continue
            if self._complained.get(key, who.raised + 1) <= who.raised:
                continue
            theirs = self._histories[key].before(who.raised)
            far = standing.distance(theirs) if theirs else None
            if theirs and far is not None:
                found.append((far, key, theirs))
        found.sort(key=lambda each: (each[0], each[1]))
        return [(key, theirs) for _far, key, theirs in found[:PARTNERS]]

    def _near(self, who: Complainer, standing: Standing) -> Iterator[UUID]:
        """Yield who bought on the day the complainer last did, then on the days around it."""
        last = who.raised - standing.since
        seen = 0
        for step in range(_RECENCY[standing.stratum[1]]):
            for day in {last - step, last + step}:
                for key in self._by_day.get(day, ()) if day <= who.raised else ():
                    yield key
                    seen += 1
            if seen >= _LOOKED_AT:
                return


def _group(
    complainers: Sequence[Complainer], histories: Mapping[UUID, History], pool: _Pool
) -> Group:
    taken: set[UUID] = set()
    own: list[tuple[Standing, int]] = []
    other: list[list[tuple[Standing, int]]] = []
    lone, cases = 0, []
    for who in sorted(complainers, key=lambda each: each[:3]):
        history = histories.get(who.customer_id)
        standing = history.before(who.raised) if history else None
        partners = pool.like(who, standing, taken) if standing else []
        if history is None or standing is None or not partners:
            lone += 1
            continue
        taken.update(key for key, _theirs in partners)
        own.append((standing, history.after(who.over)))
        cases.append(who.case_id)
        other.append([
            (theirs, histories[key].after(who.over)) for key, theirs in partners
        ])  # fmt: skip
    pairs = list(zip(own, other, strict=True))
    differences = tuple(
        (after > 0) - fmean(later > 0 for _theirs, later in beside)
        for (_standing, after), beside in pairs
    )
    visits = [after - fmean(later for _theirs, later in beside) for (_was, after), beside in pairs]
    return Group(
        matched=len(own),
        partners=sum(len(each) for each in other),
        lone=lone,
        own=_side([[each] for each in own]),
        other=_side(other),
        estimate=_estimate(differences),
        visits=_estimate(visits),
        cases=tuple(each for each in cases if each is not None),
        differences=differences,
    )


def _side(some: Sequence[Sequence[tuple[Standing, int]]]) -> Side | None:
    """Return the means of a side; partners of one customer count as one together."""
    if not some:
        return None

    def mean(of: Sequence[Sequence[float]]) -> float:
        return fmean(fmean(each) for each in of)

    return Side(
        came=mean([[float(after > 0) for _was, after in each] for each in some]),
        visits=mean([[float(after) for _was, after in each] for each in some]),
        before=mean([[float(was.visits) for was, _after in each] for each in some]),
        since=mean([[float(was.since) for was, _after in each] for each in some]),
        paid=mean([[float(was.paid) for was, _after in each] for each in some]),
    )


def _estimate(differences: Sequence[float]) -> Estimate | None:
    if len(differences) < LEAST:
        return None
    middle = fmean(differences)
    reach = _Z * _error(differences)
    return Estimate(middle, middle - reach, middle + reach)


def _between(one: Sequence[float], other: Sequence[float]) -> Estimate | None:
    if min(len(one), len(other)) < LEAST:
        return None
    middle = fmean(one) - fmean(other)
    reach = _Z * sqrt(_error(one) ** 2 + _error(other) ** 2)
    return Estimate(middle, middle - reach, middle + reach)


def _error(differences: Sequence[float]) -> float:
    """Return the standard error of a mean; never nothing, however alike the pairs came out.

    A half is added to the sum of squares for one pair that came out otherwise, as Agresti does.
    """
    n = len(differences)
    return sqrt((variance(differences) * (n - 1) + 1) / (n * n))
