"""What needs attention among the stores of an overview, worst first; plain sums, no statement."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from regulars.insights.selectors.overviews import Overview, StoreRow

type Kind = Literal["sales-fell", "no-sales", "repeat-rate-fell", "few-known"]

_MOST: Final = 5
_FELL_BY: Final = 0.10  # of the sales of the period before
_RATE_FELL_BY: Final = 0.03  # of all buyers
_ENOUGH: Final = 50  # buyers or purchases below which a share says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One store to look at, with the number that says why and what it was, or is elsewhere."""

    kind: Kind
    row: StoreRow
    value: float
    usual: float


def alerts(found: Overview) -> list[Alert]:
    """Return at most five stores of each kind: fallen sales, none at all, fewer who come back."""
    rows = [each for each in found.stores if not each.shop.is_closed]
    if len(rows) < 2:
        return []
    return [
        *_worst(_sales_fell(rows), by=lambda each: each.value - each.usual),
        *_worst(_no_sales(rows), by=lambda each: -each.usual),
        *_worst(_repeat_rate_fell(rows), by=lambda each: each.value - each.usual),
        *_worst(_few_known(rows, found), by=lambda each: each.value),
    ]


def _worst(found: Iterable[Alert], *, by: Callable[[Alert], float]) -> list[Alert]:
    return sorted(found, key=by)[:_MOST]


def _sales_fell(rows: list[StoreRow]) -> Iterable[Alert]:
    for row in rows:
        before, now = row.figures.before, row.figures.now
        if before and now.purchases and now.sales_minor < before.sales_minor * (1 - _FELL_BY):
            yield Alert(kind="sales-fell", row=row, value=now.sales_minor, usual=before.sales_minor)


def _no_sales(rows: list[StoreRow]) -> Iterable[Alert]:
    for row in rows:
        before = row.figures.before
        if before and before.purchases and not row.figures.now.purchases:
            yield Alert(kind="no-sales", row=row, value=0, usual=before.sales_minor)


def _repeat_rate_fell(rows: list[StoreRow]) -> Iterable[Alert]:
    for row in rows:
        before, now = row.figures.before, row.figures.now
        if before is None or min(before.buyers, now.buyers) < _ENOUGH:
            continue
        rate, usual = now.repeat_rate or 0.0, before.repeat_rate or 0.0
        if rate < usual - _RATE_FELL_BY:
            yield Alert(kind="repeat-rate-fell", row=row, value=rate, usual=usual)


def _few_known(rows: list[StoreRow], found: Overview) -> Iterable[Alert]:
    """Find stores that ask fewer than half as many customers who they are as all together."""
    usual = found.figures.now.known_share or 0.0
    for row in rows:
        share = row.figures.now.known_share
        if share is not None and row.figures.now.purchases >= _ENOUGH and share < usual / 2:
            yield Alert(kind="few-known", row=row, value=share, usual=usual)
