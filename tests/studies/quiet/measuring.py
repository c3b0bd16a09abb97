"""How good a list is: how many on it stay away, and what of the lost spending it holds.

Bands come from a bootstrap over customers: every resample draws customers with replacement, each
with all their cuts, and is the same for all scores, so that differences between two scores have
bands of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.studies.quiet.chains import Numbers, Whole

LIST: Final = 30  # whom one guide can call in a week
SHARE: Final = 0.10  # the same of a guide's own 300 customers
_BAND: Final = (2.5, 97.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One cut as one score sees it: customers from the likeliest to go to the least."""

    who: Whole
    away: Numbers  # 1 for who stayed away
    lost: Numbers  # what they spent a week, if they stayed away; else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure and the band that holds it in 95 of 100 resamples."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a score's lists came to, and how much more than the first score's."""

    precision_list: Figure
    precision_share: Figure
    recall_share: Figure
    lost_list: Figure
    lost_share: Figure
    more_precision: Figure  # at SHARE, than the first score
    more_lost: Figure  # at SHARE, than the first score


def ranked(score: Numbers, *, who: Whole, away: Numbers, worth: Numbers, seed: int) -> Ranked:
    """Order customers by a score; chance decides between equals."""
    order = np.lexsort((np.random.default_rng(seed).random(len(score)), -score))
    return Ranked(who=who[order], away=away[order], lost=(away * worth)[order])


def compare(
    lists: Mapping[str, Sequence[Ranked]], *, customers: int, resamples: int, seed: int
) -> dict[str, Found]:
    """Measure every score over all its cuts; the first is what the others are held against."""
    rng = np.random.default_rng(seed)
    once = np.ones((1, customers), dtype=np.int64)
    chances = np.full(customers, 1 / customers)
    drawn = rng.multinomial(customers, chances, size=resamples)
    values = {name: _measure(cuts, once)[0] for name, cuts in lists.items()}
    spreads = {name: _measure(cuts, drawn) for name, cuts in lists.items()}
    first = next(iter(lists))
    return {name: _found(values, spreads, name, first) for name in lists}


def _found(
    values: Mapping[str, Numbers], spreads: Mapping[str, Numbers], name: str, first: str
) -> Found:
    own = [_figure(values[name][i], spreads[name][:, i]) for i in range(5)]
    more = [
        _figure(values[name][i] - values[first][i], spreads[name][:, i] - spreads[first][:, i])
        for i in (1, 4)
    ]
    return Found(
        precision_list=own[0],
        precision_share=own[1],
        recall_share=own[2],
        lost_list=own[3],
        lost_share=own[4],
        more_precision=more[0],
        more_lost=more[1],
    )


def _measure(cuts: Sequence[Ranked], drawn: Whole) -> Numbers:
    """Return precision, precision, recall, lost, lost of each resample: means over the cuts."""
    return np.mean([_one(cut, drawn[:, cut.who]) for cut in cuts], axis=0)


def _one(cut: Ranked, times: Whole) -> Numbers:
    """Measure one cut, each customer counted so many times (resample, customer)."""
    before = np.cumsum(times, axis=1) - times
    everybody = times.sum(axis=1, keepdims=True)
    columns: list[Numbers] = []
    for size in (np.full_like(everybody, LIST), np.floor(everybody * SHARE).astype(np.int64)):
        on_list = np.clip(size - before, 0, times)
        hits = on_list @ cut.away
        columns += [hits / size[:, 0], hits / (times @ cut.away)]
        columns.append((on_list @ cut.lost) / (times @ cut.lost))
    precision_list, _recall, lost_list, precision_share, recall_share, lost_share = columns
    return np.column_stack([precision_list, precision_share, recall_share, lost_list, lost_share])


def _figure(value: float, spread: Numbers) -> Figure:
    low, high = np.percentile(spread, _BAND)
    return Figure(value=float(value), low=float(low), high=float(high))
