"""What goes into a file of figures: a heading and rows, made while they are written."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import batched
from typing import Any, Final

from django.utils.translation import gettext as _

from regulars.errors import NotFound
from regulars.insights.places import Map, Place
from regulars.insights.selectors import rows
from regulars.insights.selectors.overviews import Compared, overview
from regulars.tenancy import context
from regulars.web import money
from regulars.web.headoffice import people
from regulars.web.headoffice.looks import Look

type Cell = str | int | float | Decimal | date | datetime | None
type Lines = Iterator[Sequence[Cell]]

_AT_ONCE: Final = 500


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table to be written: its headings, then its rows."""

    title: str
    headings: Sequence[str]
    lines: Lines


def sheet(what: str, *, look: Look, found: Map, place: Place) -> Sheet:
    """Return the table asked for. Raises NotFound for one that does not exist."""
    makers: dict[str, Callable[[Look, Map, Place], Sheet]] = {
        "stores": _stores,
        "series": _series,
        **dict.fromkeys(rows.FACTS, lambda *given: _facts(what, *given)),
        **dict.fromkeys(rows.BUYERS, lambda *given: _buyers(what, *given)),
    }
    if what not in makers:
        raise NotFound
    return makers[what](look, found, place)


def _stores(look: Look, found: Map, place: Place) -> Sheet:
    given = overview(
        actor=look.actor,
        days=look.days,
        compare=look.compare,
        region_id=look.region_id,
        store_id=look.store_id,
    )
    headings = [_("Store number"), _("Store"), _("Region"), *_figure_headings(compared=False)]
    if look.compare:
        headings += _figure_headings(compared=True)
    lines = (
        [row.shop.code, row.shop.name, row.shop.region_name, *_figure_cells(row.figures)]
        for row in given.stores
    )
    return Sheet(title=_("Stores"), headings=headings, lines=lines)


def _series(look: Look, found: Map, place: Place) -> Sheet:
    given = overview(
        actor=look.actor,
        days=look.days,
        compare=None,
        region_id=look.region_id,
        store_id=look.store_id,
    )
    lines = (
        [
            point.days.first,
            point.days.last,
            _major(point.figures.sales_minor),
            point.figures.purchases,
            point.figures.returns,
            point.figures.buyers,
            point.figures.new_buyers,
            point.figures.repeat_buyers,
        ]
        for point in given.series
    )
    headings = [
        _("From"), _("To"), _("Sales"), _("Purchases"), _("Returns"), _("Buyers"),
        _("New buyers"), _("Buyers with two or more purchases"),
    ]  # fmt: skip
    return Sheet(title=_("Over time"), headings=headings, lines=lines)


def _facts(kind: Any, look: Look, found: Map, place: Place) -> Sheet:
    zone = context.current().zone

    def lines() -> Lines:
        for some in batched(
            rows.all_facts(place=place, days=look.days, kind=kind), _AT_ONCE, strict=False
        ):
            names = people.customers(look.actor, (each.customer_id for each in some))
            guides = people.guides(each.guide_id for each in some)
            for each in some:
                shop = found.by_id[each.store_id]
                who = names.get(each.customer_id) if each.customer_id else None
                yield [
                    str(each.id), each.day, each.occurred_at.astimezone(zone).replace(tzinfo=None),
                    shop.code, shop.name, each.number, who.text if who else "",
                    who.member_code if who else "",
                    guides.get(each.guide_id, "") if each.guide_id else "", each.units,
                    _major(each.discount_minor), _major(each.paid_minor),
                ]  # fmt: skip

    headings = [
        _("Our number"), _("Day"), _("Time"), _("Store number"), _("Store"), _("Receipt number"),
        _("Customer"), _("Member code"), _("Guide"), _("Quantity"), _("Discount"), _("Paid"),
    ]  # fmt: skip
    return Sheet(title=_("Purchases"), headings=headings, lines=lines())


def _buyers(kind: Any, look: Look, found: Map, place: Place) -> Sheet:
    def lines() -> Lines:
        for some in batched(
            rows.all_buyers(place=place, days=look.days, kind=kind), _AT_ONCE, strict=False
        ):
            names = people.customers(look.actor, (each.customer_id for each in some))
            for each in some:
                who = names.get(each.customer_id)
                yield [
                    str(each.customer_id), who.text if who else "", who.member_code if who else "",
                    each.purchases, _major(each.paid_minor), each.first_day, each.last_day,
                ]  # fmt: skip

    headings = [
        _("Our number"), _("Customer"), _("Member code"), _("Purchases"), _("Paid"),
        _("First purchase in the period"), _("Last purchase in the period"),
    ]  # fmt: skip
    return Sheet(title=_("Buyers"), headings=headings, lines=lines())


def _figure_headings(*, compared: bool) -> list[str]:
    names = [
        _("Sales"), _("Purchases"), _("Returns"), _("Average basket"), _("Buyers"),
        _("New buyers"), _("Returning"), _("Repeat rate"), _("Points held"),
    ]  # fmt: skip
    return [_("%(figure)s before") % {"figure": name} for name in names] if compared else names


def _figure_cells(figures: Compared) -> Iterable[Cell]:
    sides = [(figures.now, figures.held)]
    if figures.before is not None:
        sides.append((figures.before, figures.held_before or 0))
    for side, held in sides:
        yield from (
            _major(side.sales_minor), side.purchases, side.returns,
            _major(side.average_basket_minor), side.buyers, side.new_buyers,
            side.returning_buyers, side.repeat_rate, held,
        )  # fmt: skip


def _major(minor: int | None) -> Decimal | None:
    return None if minor is None else money.major(minor, context.current().currency)
