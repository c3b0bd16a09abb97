"""BG/NBD: how often a customer comes while they are a customer, and whether they still are one.

P. S. Fader, B. G. S. Hardie and K. L. Lee, "'Counting Your Customers' the Easy Way: An Alternative
to the Pareto/NBD Model", Marketing Science 24 (2005), 275-284. Equations are cited by number; what
is not in the paper is worked out from them. Written from the paper, not from a library.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

from tests.studies.quiet.chains import Numbers

_START: Final = (1.0, 1.0, 1.0, 1.0)
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """What the model knows of customers: repeat visits, weeks to the last of them, weeks known."""

    repeats: Numbers
    last: Numbers
    known: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Rates of visits are Gamma(r, alpha), chances to leave after a visit Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float


def log_likelihood(given: Parameters, of: Histories) -> float:
    """Return how likely the histories are (equation 6), as a logarithm."""
    r, alpha, a, b = given.r, given.alpha, given.a, given.b
    x = of.repeats
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    stays = -(r + x) * np.log(alpha + of.known)
    left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + of.last)
    return float(np.sum(common + np.where(x > 0, np.logaddexp(stays, left), stays)))


def fit(of: Histories) -> Parameters:
    """Return the parameters that make the histories likeliest."""

    def unlikely(logs: Numbers) -> float:
        return -log_likelihood(_named(np.exp(logs)), of) / len(of.repeats)

    found = minimize(unlikely, np.log(_START), method="L-BFGS-B", tol=_TOLERANCE,
                     bounds=[(-9, 9)] * 4)  # fmt: skip
    return _named(np.exp(found.x))


def alive(given: Parameters, of: Histories) -> Numbers:
    """Return the chance that each is a customer still; 1 for those who never came back.

    Equation 6 has two ways in which a history can come about: the customer stayed, or left after
    the last visit. This is the share of the first.
    """
    x = of.repeats
    odds = (
        np.log(given.a)
        - np.log(given.b + np.maximum(x, 1) - 1)
        + (given.r + x) * np.log((given.alpha + of.known) / (given.alpha + of.last))
    )
    return np.where(x > 0, 1 / (1 + np.exp(odds)), 1.0)


def stays_away(given: Parameters, of: Histories, *, weeks: float) -> Numbers:
    """Return the chance of no visit in the next weeks.

    One leaves only after a visit, so of those who are customers still it takes no more than a
    rate Gamma(r + x, alpha + T) to be silent so long.
    """
    silent = ((given.alpha + of.known) / (given.alpha + of.known + weeks)) ** (given.r + of.repeats)
    return 1 - alive(given, of) * (1 - silent)


def expected(given: Parameters, of: Histories, *, weeks: float) -> Numbers:
    """Return how many visits to expect of each in the next weeks (equation 10)."""
    r, alpha, a, b, x = given.r, given.alpha, given.a, given.b, of.repeats
    whole = alpha + of.known + weeks
    shape = hyp2f1(r + x, b + x, a + b + x - 1, weeks / whole)
    share = ((alpha + of.known) / whole) ** (r + x)
    visits = (a + b + x - 1) / (a - 1) * (1 - share * shape) * alive(given, of)
    return np.asarray(visits, dtype=np.float64)


def _named(values: Numbers) -> Parameters:
    r, alpha, a, b = (float(each) for each in values)
    return Parameters(r=r, alpha=alpha, a=a, b=b)
