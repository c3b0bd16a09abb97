"""The figures of groups of stores and periods: kept ones and what came since.

Never stale: whatever was committed when the last statement began is counted, folded or not. The
statements agree with each other because they name the version of the rollups that they saw; when
somebody wrote in between they are asked again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from operator import add
from typing import Any, Final, NamedTuple
from uuid import UUID

from regulars.errors import Unavailable
from regulars.insights.counting import size_for
from regulars.insights.models import CHAIN
from regulars.insights.periods import Days
from regulars.insights.selectors import reading
from regulars.tenancy import context, statements

_TRIES: Final = 8
_PERIODS: Final = ("firsts", "lasts")
_STEPS: Final = ("step_firsts", "step_lasts")

type _Row = tuple[Any, ...]


class Figures(NamedTuple):
    """What happened in one place and period. Money in minor units; the page says how each counts.

    `points` is what the place's stores gave in the period and what was used or lost of theirs:
    summed from the beginning of time (`Days.until`) it is what customers hold, the liability.
    A page reads thousands of these, which is why they are tuples, in the order of COUNTS.
    """

    sales_minor: int = 0
    purchases: int = 0
    known_purchases: int = 0
    returns: int = 0
    refunded_minor: int = 0
    points: int = 0
    buyers: int = 0
    repeat_buyers: int = 0
    new_buyers: int = 0

    def plus(self, other: "Figures") -> "Figures":
        """Add parts of the figures of one period: distinct buyers of two periods do not add up."""
        return Figures._make(map(add, self, other))

    @property
    def returning_buyers(self) -> int:
        """Buyers who had bought before the period."""
        return self.buyers - self.new_buyers

    @property
    def repeat_rate(self) -> float | None:
        """The share of buyers who bought twice or more in the period; None without buyers."""
        return self.repeat_buyers / self.buyers if self.buyers else None

    @property
    def average_basket_minor(self) -> int | None:
        """Sales by purchase, rounded to the minor unit; None without purchases."""
        return round(self.sales_minor / self.purchases) if self.purchases else None

    @property
    def known_share(self) -> float | None:
        """The share of purchases by identified customers; None without purchases."""
        return self.known_purchases / self.purchases if self.purchases else None


NOTHING: Final = Figures()


class TooBusy(Unavailable):
    """The rollups changed under every attempt to read them."""

    code = "figures-busy"


@dataclass(slots=True, kw_only=True)
class Answer:
    """Figures by period and group, a series of one group, and how much was not done beforehand."""

    figures: dict[Days, dict[UUID, Figures]]
    series: dict[Days, Figures]
    fresh: int = 0  # facts that were not folded yet
    kept: dict[Days, date | None]  # the periods that are kept, and when they were asked for

    def of(self, days: Days, group_id: UUID) -> Figures:
        """Return the figures of a period and group; a group in which nothing happened has zeros."""
        return self.figures[days].get(group_id, NOTHING)


def read(
    *,
    group_ids: Collection[UUID],
    periods: Sequence[Days],
    group_id: UUID = CHAIN,
    steps: Sequence[Days] = (),
) -> Answer:
    """Return the figures of groups in periods, and of one group in the steps of a series.

    One statement when every period is kept and everything is folded, three at most (repeated in
    the rare case that somebody wrote in between). Of a period since ever (`Days.until`) only the
    points are sure to be there: it is asked for because of what customers hold at its end.
    """
    wanted = frozenset(group_ids)
    asked = {
        "groups": list(wanted),
        "group": group_id,
        "zone": context.current().time_zone,
        **_days(periods, *_PERIODS),
        **_days(steps, *_STEPS),
    }
    for _attempt in range(_TRIES):
        answer = Answer(figures={each: {} for each in periods}, series={}, kept={})
        base = statements.every(reading.BASE, asked)
        version, fresh = _state(base)[:2]
        answer.kept = {Days(row[0], row[1]): row[-1] for row in base if row[2] == CHAIN}
        _add(answer, base, wanted)
        missing = [each for each in answer.figures if each not in answer.kept]
        if missing:
            days = statements.every(reading.ADDED_UP, {**asked, **_days(missing, *_PERIODS)})
            if _state(days)[0] != version:
                continue
            fresh = max(fresh, _state(days)[1])
            _add(answer, days, wanted)
        if fresh:
            since = _since(asked, fresh)
            if _state(since)[0] != version:
                continue
            answer.fresh = sum(_state(since)[1:3])
            _add(answer, since, wanted)
        return answer
    raise TooBusy


def regrouped() -> frozenset[UUID]:
    """Return the groups whose stores changed since the last fold; theirs must come from rows."""
    return frozenset(group for group, counts in statements.every(reading.REGROUPED) if counts)


def _since(asked: dict[str, Any], expected: int) -> list[_Row]:
    size = size_for(expected)
    while True:
        rows = statements.every(reading.since(size=size), asked)
        if size is None or max(_state(rows)[1:3]) < size:
            return rows
        size = size_for(size)


def _state(rows: list[_Row]) -> tuple[int, ...]:
    """Return the counts of the row that tells what state of the rollups a statement saw."""
    return next(row[3:-1] for row in rows if row[0] is None)


def _add(answer: Answer, rows: list[_Row], wanted: frozenset[UUID]) -> None:
    """Add rows of periods and groups, and of steps of the series, to an answer."""
    periods = {(days.first, days.last): found for days, found in answer.figures.items()}
    for row in rows:
        first, last, group_id = row[:3]
        if group_id is not None:
            if group_id in wanted:
                by_group = periods[first, last]
                found = Figures._make(row[3:-1])
                before = by_group.get(group_id)
                by_group[group_id] = found if before is None else before.plus(found)
        elif first is not None:
            days = Days(first, last)
            answer.series[days] = answer.series.get(days, NOTHING).plus(Figures._make(row[3:-1]))


def _days(periods: Sequence[Days], firsts: str, lasts: str) -> dict[str, list[date]]:
    distinct = list(dict.fromkeys(periods))
    return {firsts: [each.first for each in distinct], lasts: [each.last for each in distinct]}
