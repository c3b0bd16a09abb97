"""What a shop knows of its customers on the morning of a day, and what happened afterwards."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.studies.quiet.bgnbd import Histories
from tests.studies.quiet.chains import Chain, Numbers, Whole

WEEK: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The regulars on the morning of day `cut`: one number of each in every column.

    `since`, `first` and gaps are days; gaps are those between visits. `worth` is what they spent
    a week in the window, `spent` all they ever did. `pace` is the chain's own typical gap: the
    median of the means of those with three visits.
    """

    cut: int
    who: Whole
    visits: Numbers
    since: Numbers
    first: Numbers  # days since the first visit
    recent: Numbers  # visits in the window
    mean_gap: Numbers
    median_gap: Numbers
    worth: Numbers
    spent: Numbers
    pace: float

    def known_to_model(self) -> Histories:
        """Return the columns of the BG/NBD model, in weeks."""
        return Histories(
            repeats=self.visits - 1,
            last=(self.first - self.since) / WEEK,
            known=self.first / WEEK,
        )


def everybody(chain: Chain, *, cut: int) -> Histories:
    """Return the history of every customer who came before the cut."""
    who, day = _before(chain, cut)
    visits = np.bincount(who, minlength=chain.customers)
    first, last = _ends(chain, who, day)
    came = visits > 0
    return Histories(
        repeats=(visits[came] - 1).astype(np.float64),
        last=(last - first)[came] / WEEK,
        known=(cut - first)[came] / WEEK,
    )


def regulars(chain: Chain, *, cut: int, window: int, visits: int) -> Past:
    """Return those with at least so many visits in the window of days before the cut."""
    who, day = _before(chain, cut)
    first, last = _ends(chain, who, day)
    in_window = day >= cut - window
    recent = np.bincount(who[in_window], minlength=chain.customers)
    spent = chain.spent[chain.day < cut]
    worth = np.bincount(who[in_window], spent[in_window], minlength=chain.customers)
    total = np.bincount(who, minlength=chain.customers)
    chosen = np.flatnonzero(recent >= visits)
    mean = (last - first) / np.maximum(total - 1, 1)
    several = total >= 3
    return Past(
        cut=cut,
        who=chosen,
        visits=total[chosen].astype(np.float64),
        since=(cut - last)[chosen].astype(np.float64),
        first=(cut - first)[chosen].astype(np.float64),
        recent=recent[chosen].astype(np.float64),
        mean_gap=mean[chosen],
        median_gap=_median_gaps(who, day, chain.customers)[chosen],
        worth=worth[chosen] / (window / WEEK),
        spent=np.bincount(who, spent, minlength=chain.customers)[chosen],
        pace=float(np.median(mean[several])),
    )


def stayed_away(chain: Chain, past: Past, *, days: int) -> Numbers:
    """Return 1 for those who did not come on the cut or in the days after it, else 0."""
    after = (chain.day >= past.cut) & (chain.day < past.cut + days)
    came = np.bincount(chain.customer[after], minlength=chain.customers) > 0
    return (~came[past.who]).astype(np.float64)


def _before(chain: Chain, cut: int) -> tuple[Whole, Whole]:
    known = chain.day < cut
    return chain.customer[known], chain.day[known]


def _ends(chain: Chain, who: Whole, day: Whole) -> tuple[Whole, Whole]:
    """Return first and last day of each customer; rows come ordered by customer and day."""
    first = np.full(chain.customers, np.iinfo(np.int64).max)
    last = np.full(chain.customers, -1)
    np.minimum.at(first, who, day)
    np.maximum.at(last, who, day)
    return first, last


def _median_gaps(who: Whole, day: Whole, customers: int) -> Numbers:
    """Return each customer's median gap; 0 for those without a second visit."""
    same = who[1:] == who[:-1]
    gap, whose = np.diff(day)[same], who[1:][same]
    order = np.lexsort((gap, whose))
    gap, whose = gap[order].astype(np.float64), whose[order]
    count = np.bincount(whose, minlength=customers)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    found = np.zeros(customers)
    some = count > 0
    low = start[some] + (count[some] - 1) // 2
    high = start[some] + count[some] // 2
    found[some] = (gap[low] + gap[high]) / 2
    return found
