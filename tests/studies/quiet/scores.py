"""The scores that are compared: of each regular, a number that is higher the likelier they go.

All look only at what is known on the morning of the cut; what is fitted, is fitted to that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from tests.studies.quiet import bgnbd, past
from tests.studies.quiet.chains import Chain, Numbers
from tests.studies.quiet.past import Past

_LIKE: Final = 2.0  # gaps of the chain's pace that a customer's own are mixed with
_FIFTHS: Final = 5
_RIDGE: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is asked: who of the regulars does not come in the next days?"""

    chain: Chain
    past: Past
    window: int
    visits: int
    days: int
    model: bgnbd.Parameters


type Score = Callable[[Task], Numbers]


def days_since(task: Task) -> Numbers:
    """Plain days since the last visit."""
    return task.past.since


def few_visits(task: Task) -> Numbers:
    """How seldom they came in the window."""
    return -task.past.recent


def typical(of: Past) -> Numbers:
    """Return each customer's mean gap, drawn to the chain's pace as if it had come two times."""
    gaps = of.visits - 1
    return (_LIKE * of.pace + gaps * of.mean_gap) / (_LIKE + gaps)


def own_rhythm(task: Task) -> Numbers:
    """Days since the last visit in the customer's own typical gaps (mean, drawn to the chain's)."""
    return task.past.since / typical(task.past)


def own_median(task: Task) -> Numbers:
    """The same with the median of the own gaps, as it is."""
    return task.past.since / np.maximum(task.past.median_gap, 1)


def overdue(task: Task) -> Numbers:
    """Days past the next expected visit."""
    return task.past.since - typical(task.past)


def recency_and_frequency(task: Task) -> Numbers:
    """RFM's two that speak of visits: fifths by days since the last, and by visits."""
    return _fifth(task.past.since) + _fifth(-task.past.recent)


def rfm(task: Task) -> Numbers:
    """All three of RFM, little spending counting towards leaving."""
    return recency_and_frequency(task) + _fifth(-task.past.worth)


def not_alive(task: Task) -> Numbers:
    """BG/NBD: one minus the chance that they are a customer still."""
    return 1 - bgnbd.alive(task.model, task.past.known_to_model())


def model_stays_away(task: Task) -> Numbers:
    """BG/NBD: the chance of no visit in the days asked for."""
    known = task.past.known_to_model()
    return bgnbd.stays_away(task.model, known, weeks=task.days / past.WEEK)


def few_expected(task: Task) -> Numbers:
    """BG/NBD: how few visits are expected in the days asked for."""
    known = task.past.known_to_model()
    return -bgnbd.expected(task.model, known, weeks=task.days / past.WEEK)


def learned(task: Task) -> Numbers:
    """A logistic regression, learned from what happened in the same days before the cut."""
    cut = task.past.cut - task.days
    then = past.regulars(task.chain, cut=cut, window=task.window, visits=task.visits)
    away = past.stayed_away(task.chain, then, days=task.days)
    known = _features(then)
    mean, spread = known.mean(axis=0), known.std(axis=0)

    def cost(weights: Numbers) -> float:
        signal = weights[0] + (known - mean) / spread @ weights[1:]
        likely = np.logaddexp(0, signal) - away * signal
        return float(likely.mean() + _RIDGE * weights[1:] @ weights[1:])

    weights = minimize(cost, np.zeros(known.shape[1] + 1)).x
    return np.asarray(expit(weights[0] + (_features(task.past) - mean) / spread @ weights[1:]))


# As the product does it: see regulars.insights.services.silences.
PATIENCE: Final = 1.5
LOST: Final = 6.0


def is_quiet(of: Past) -> NDArray[np.bool_]:
    """Say who stays away half as long again as is usual, for them and here, but is not given up."""
    after = PATIENCE * np.maximum(of.pace, typical(of))
    return (of.since >= after) & (of.since <= LOST * after)


def missed(of: Past) -> Numbers:
    """Return what each would have spent since the last visit: a visit's worth a typical gap."""
    return of.since * of.spent / (of.visits * typical(of))


def _features(of: Past) -> Numbers:
    """Return what it learns from, as logarithms: recency, frequency, rhythm, age, worth."""
    columns = (of.since, of.recent, of.since / typical(of), of.first, of.worth)
    return np.asarray(np.log1p(np.column_stack(columns)), dtype=np.float64)


def _fifth(values: Numbers) -> Numbers:
    """Return 1 to 5: in which fifth of all a value lies."""
    edges = np.quantile(values, np.arange(1, _FIFTHS) / _FIFTHS)
    return np.searchsorted(edges, values, side="left").astype(np.float64) + 1


SCORES: Final[dict[str, Score]] = {
    "days since the last visit": days_since,
    "visits in the window, fewest first": few_visits,
    "own rhythm (mean gap, drawn to the chain's)": own_rhythm,
    "own rhythm (median gap)": own_median,
    "days overdue by own rhythm": overdue,
    "recency and frequency in fifths": recency_and_frequency,
    "RFM in fifths": rfm,
    "BG/NBD, not alive": not_alive,
    "BG/NBD, no visit in the days asked": model_stays_away,
    "BG/NBD, fewest visits expected": few_expected,
    "logistic regression": learned,
}
