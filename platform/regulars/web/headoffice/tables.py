"""The tables of stores and regions: order, links, and what their bars measure against."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from regulars.insights.selectors import guides as selling
from regulars.insights.selectors.guides import GuideRow
from regulars.insights.selectors.overviews import Compared, Overview, RegionRow, StoreRow
from regulars.web import money
from regulars.web.headoffice import people
from regulars.web.headoffice.looks import Look

SHOWN_AT_ONCE: Final = 50
_COLUMNS: Final[dict[str, Callable[[Compared], Any]]] = {
    "sales": lambda f: f.now.sales_minor,
    "change": lambda f: _share(f.now.sales_minor, f.before and f.before.sales_minor),
    "purchases": lambda f: f.now.purchases,
    "basket": lambda f: f.now.average_basket_minor or 0,
    "buyers": lambda f: f.now.buyers,
    "new": lambda f: f.now.new_buyers,
    "repeat": lambda f: f.now.repeat_rate or 0.0,
    "held": lambda f: f.held,
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One store or region."""

    name: str
    code: str
    region: str
    href: str
    hrefs: dict[str, str]
    is_closed: bool
    figures: Compared
    sales_change: str  # in words


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows in order; `largest` is what bars measure against."""

    rows: Sequence[Row]
    largest: int
    hidden: int


def stores(found: Overview, look: Look) -> Table:
    """Return the stores of a place; closed ones only where something happened in them."""
    given = [each for each in found.stores if not each.shop.is_closed or any(each.figures.now)]
    shown = _shown(given, look, name=lambda each: each.shop.name)
    rows = [
        Row(
            name=each.shop.name,
            code=each.shop.code,
            region=each.shop.region_name,
            href=look.elsewhere(store=each.shop.id),
            hrefs=_rows_of(look, store=each.shop.id),
            is_closed=each.shop.is_closed,
            figures=each.figures,
            sales_change=_change(each.figures),
        )
        for each in shown
    ]
    return Table(rows=rows, largest=_largest(given), hidden=len(given) - len(rows))


def regions(found: Overview, look: Look) -> Table:
    """Return the regions of a place."""
    shown = _shown(found.regions, look, name=lambda each: each.name)
    rows = [
        Row(
            name=each.name,
            code="",
            region="",
            href=look.elsewhere(region=each.id),
            hrefs=_rows_of(look, region=each.id),
            is_closed=False,
            figures=each.figures,
            sales_change=_change(each.figures),
        )
        for each in shown
    ]
    return Table(rows=rows, largest=_largest(found.regions), hidden=len(found.regions) - len(rows))


def _shown[Given: StoreRow | RegionRow](
    rows: Sequence[Given], look: Look, *, name: Callable[[Given], str]
) -> list[Given]:
    """Sort as the address says, biggest sales first otherwise, and cut off a long tail."""
    key = look.sort.removeprefix("-")
    if key == "name":
        ordered = sorted(rows, key=name, reverse=look.sort.startswith("-"))
    else:
        column = _COLUMNS.get(key, _COLUMNS["sales"])
        falling = look.sort.startswith("-") or key not in _COLUMNS
        ordered = sorted(rows, key=lambda row: column(row.figures), reverse=falling)
    return ordered if look.shows_all else ordered[:SHOWN_AT_ONCE]


def _largest(rows: Sequence[StoreRow] | Sequence[RegionRow]) -> int:
    return max((row.figures.now.sales_minor for row in rows), default=0)


def _change(figures: Compared) -> str:
    before = figures.before
    return money.change(figures.now.sales_minor, before.sales_minor) if before else ""


def _rows_of(
    look: Look, *, region: UUID | None = None, store: UUID | None = None
) -> dict[str, str]:
    """Return the addresses of the rows behind each figure of a line."""
    return {
        kind: look.rows_of(kind, region=region, store=store)
        for kind in ("purchases", "buyers", "new", "repeat", "held")
    }


@dataclass(frozen=True, kw_only=True)
class GuideLine:
    """One guide of a store, with the rows that each of the figures leads to."""

    name: str
    row: GuideRow
    hrefs: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class GuideTable:
    """The guides of a store, biggest sales first; `largest` is what bars measure against."""

    rows: Sequence[GuideLine]
    largest: int


def guides(found: Overview, look: Look) -> GuideTable:
    """Return who sold in a store; two statements."""
    given = selling.of_place(place=found.place, days=found.days)
    names = people.guides(each.guide_id for each in given)
    lines = [
        GuideLine(
            name=names.get(each.guide_id, "") if each.guide_id else "",
            row=each,
            hrefs={
                kind: look.rows(kind, guide=str(each.guide_id))
                for kind in ("sales", "purchases", "buyers", "repeat")
                if each.guide_id
            },
        )
        for each in given
    ]
    return GuideTable(rows=lines, largest=max((each.sales_minor for each in given), default=0))


def _share(now: int, before: int | None) -> float:
    """Return the change as a share; what began from nothing stands above everything."""
    if not before:
        return float("inf") if now > 0 else 0.0
    return (now - before) / abs(before)
