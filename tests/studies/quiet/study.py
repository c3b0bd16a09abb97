"""The study: which chains, which days, which horizons; what each score's lists came to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from tests.studies.quiet import bgnbd, chains, measuring, past, scores
from tests.studies.quiet.chains import Chain, Numbers
from tests.studies.quiet.measuring import Found
from tests.studies.quiet.scores import Task

SEED: Final = 20261122
RESAMPLES: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One chain and what is asked of it."""

    name: str
    read: Callable[[], Chain]
    window: int  # days before the cut in which a regular came at least `visits` times
    visits: int
    horizons: tuple[int, ...]  # days
    cuts: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was found with one horizon in one chain, over all cuts that leave so many days."""

    days: int
    cuts: int
    regulars: int  # a cut, on average
    away: float  # share of the regulars who stayed away: what a list by chance would hit
    alone: dict[str, Found]  # by the score alone
    worth: dict[str, Found]  # by the score times what they spend a week
    quiet: dict[str, Found]  # the same among those whom the product calls quiet
    listed: float  # how many of the regulars those are


SETTINGS: Final = (
    Setting(
        name="Groceries",
        read=chains.groceries,
        window=91,
        visits=3,
        horizons=(14, 28, 56),
        cuts=(date(2017, 5, 1), date(2017, 7, 1), date(2017, 9, 1), date(2017, 11, 1)),
    ),
    Setting(
        name="Records",
        read=chains.records,
        window=182,
        visits=3,
        horizons=(60, 90, 180),
        cuts=(date(1997, 10, 1), date(1998, 1, 1), date(1998, 4, 1)),
    ),
)
FIRST: Final = next(iter(scores.SCORES))
PRODUCT: Final = "days since the last visit, times all spent a day (the product's list)"
_BY_WORTH: Final = (FIRST, "own rhythm (mean gap, drawn to the chain's)", "BG/NBD, not alive",
                    "BG/NBD, no visit in the days asked", "logistic regression")  # fmt: skip


def run(setting: Setting, *, days: int, resamples: int) -> Result:
    """Try every score at every cut that leaves so many days to see what happened."""
    chain = setting.read()
    ends = int(chain.day.max()) + 1
    cuts = [cut for cut in map(chain.days_until, setting.cuts) if cut + days <= ends]
    tasks = [_task(setting, chain, cut, days) for cut in cuts]
    away = [past.stayed_away(chain, task.past, days=days) for task in tasks]
    scored = [_scored(task) for task in tasks]

    def found(kind: int) -> dict[str, Found]:
        lists = {
            name: [
                measuring.ranked(
                    of[kind][name], who=task.past.who, away=gone, worth=task.past.worth, seed=SEED
                )
                for task, gone, of in zip(tasks, away, scored, strict=True)
            ]
            for name in scored[0][kind]
        }
        return measuring.compare(lists, customers=chain.customers, resamples=resamples, seed=SEED)

    return Result(
        days=days,
        cuts=len(cuts),
        regulars=round(float(np.mean([len(task.past.who) for task in tasks]))),
        away=float(np.mean([gone.mean() for gone in away])),
        alone=found(0),
        worth=found(1),
        quiet=found(2),
        listed=float(np.mean([scores.is_quiet(task.past).mean() for task in tasks])),
    )


def _scored(task: Task) -> tuple[dict[str, Numbers], ...]:
    """Return every score: alone, times worth, and times worth with the quiet ones first."""
    alone = {name: score(task) for name, score in scores.SCORES.items()}
    worth = {name: alone[name] * task.past.worth for name in _BY_WORTH}
    is_quiet = scores.is_quiet(task.past)
    quiet = {PRODUCT: scores.missed(task.past), **worth}
    return alone, worth, {name: np.where(is_quiet, of, -1.0) for name, of in quiet.items()}


def _task(setting: Setting, chain: Chain, cut: int, days: int) -> Task:
    return Task(
        chain=chain,
        past=past.regulars(chain, cut=cut, window=setting.window, visits=setting.visits),
        window=setting.window,
        visits=setting.visits,
        days=days,
        model=bgnbd.fit(past.everybody(chain, cut=cut)),
    )
