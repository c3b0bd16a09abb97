"""What goes into a file of figures: a heading and rows, made while they are written."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import batched
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from regulars.errors import NotFound
from regulars.imports.writing.sheets import Cell, Line, Sheet
from regulars.imports.writing.workbook import MOST_ROWS, TooManyRows
from regulars.insights.places import Map, Place
from regulars.insights.selectors import guides, holders, overviews, rows
from regulars.insights.selectors.overviews import Compared, overview
from regulars.staff import permissions
from regulars.tenancy import context
from regulars.web import money
from regulars.web.headoffice import care_sheets, people, showing
from regulars.web.headoffice.looks import Look
from regulars.web.learning import sheets as learning_sheets
from regulars.web.surveys import sheets as survey_sheets

type Lines = Iterator[Line]

_AT_ONCE: Final = 500


def sheet(what: str, *, look: Look, found: Map, place: Place) -> Sheet:
    """Return the table asked for. Raises NotFound for one that does not exist."""
    makers: dict[str, Callable[[Look, Map, Place], Sheet]] = {
        "stores": _stores,
        "series": _series,
        "guides": _guides,
        "held": _holders,
        **care_sheets.MAKERS,
        **learning_sheets.MAKERS,
        **survey_sheets.MAKERS,
        **dict.fromkeys(rows.FACTS, lambda *given: _facts(what, *given)),
        **dict.fromkeys(rows.BUYERS, lambda *given: _buyers(what, *given)),
    }
    if what not in makers:
        raise NotFound
    return makers[what](look, found, place)


def check_size(what: str, *, look: Look, place: Place) -> None:
    """Refuse a worksheet that cannot hold its rows, before it is begun. Raises TooManyRows."""
    if what not in (*rows.FACTS, *rows.BUYERS):
        return
    figures = overviews.of_place(place=place, days=look.days).now
    most = {"sales": figures.purchases + figures.returns, "purchases": figures.purchases}
    if most.get(what, figures.buyers) > MOST_ROWS:
        raise TooManyRows


def _overview(look: Look) -> overviews.Overview:
    return overview(
        actor=look.actor,
        days=look.days,
        compare=look.compare,
        region_id=look.region_id,
        store_id=look.store_id,
    )


def _stores(look: Look, found: Map, place: Place) -> Sheet:
    given = _overview(look)
    headings = [_("Store number"), _("Store"), _("Region"), *_figure_headings(compared=False)]
    if look.compare:
        headings += _figure_headings(compared=True)
    lines = (
        [row.shop.code, row.shop.name, row.shop.region_name, *_figure_cells(row.figures)]
        for row in given.stores
    )
    return Sheet(title=_("Stores"), headings=headings, lines=lines)


def _series(look: Look, found: Map, place: Place) -> Sheet:
    given = _overview(look)
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


def _guides(look: Look, found: Map, place: Place) -> Sheet:
    given = guides.of_place(place=place, days=look.days)
    names = people.guides(each.guide_id for each in given)
    lines = (
        [
            str(each.guide_id or ""),
            names.get(each.guide_id, "") if each.guide_id else "",
            _major(each.sales_minor),
            each.purchases,
            each.returns,
            each.buyers,
            each.repeat_rate,
        ]
        for each in given
    )
    headings = [
        _("Our number"), _("Guide"), _("Sales"), _("Purchases"), _("Returns"), _("Buyers"),
        _("Repeat rate"),
    ]  # fmt: skip
    return Sheet(title=_("Guides"), headings=headings, lines=lines)


def _facts(kind: Any, look: Look, found: Map, place: Place) -> Sheet:
    zone = context.current().zone
    named = _tells_names(look)

    def lines() -> Lines:
        every = rows.all_facts(place=place, days=look.days, kind=kind, guide_id=look.guide_id)
        for some in batched(every, _AT_ONCE, strict=False):
            names = people.customers(look.actor, (each.customer_id for each in some))
            sellers = people.guides(each.guide_id for each in some)
            for each in some:
                shop = found.by_id[each.store_id]
                who = names.get(each.customer_id) if each.customer_id else None
                yield [
                    str(each.id), each.day, each.occurred_at.astimezone(zone).replace(tzinfo=None),
                    shop.code, shop.name, each.number, *_who(who, named=named),
                    sellers.get(each.guide_id, "") if each.guide_id else "", each.units,
                    _major(each.discount_minor), _major(each.paid_minor),
                ]  # fmt: skip

    headings = [
        _("Our number"), pgettext("column", "Day"), _("Time"), _("Store number"), _("Store"),
        _("Receipt number"),
        *_who_headings(named=named), _("Guide"), _("Quantity"), _("Discount"), _("Paid"),
    ]  # fmt: skip
    return Sheet(title=showing.titles()[kind], headings=headings, lines=lines())


def _buyers(kind: Any, look: Look, found: Map, place: Place) -> Sheet:
    named = _tells_names(look)

    def lines() -> Lines:
        every = rows.all_buyers(place=place, days=look.days, kind=kind, guide_id=look.guide_id)
        for some in batched(every, _AT_ONCE, strict=False):
            names = people.customers(look.actor, (each.customer_id for each in some))
            for each in some:
                yield [
                    str(each.customer_id), *_who(names.get(each.customer_id), named=named),
                    each.purchases, _major(each.paid_minor), each.stores, each.first_day,
                    each.last_day,
                ]  # fmt: skip

    headings = [
        _("Our number"), *_who_headings(named=named), _("Purchases"), _("Paid"), _("Stores"),
        _("First purchase in the period"), _("Last purchase in the period"),
    ]  # fmt: skip
    return Sheet(title=showing.titles()[kind], headings=headings, lines=lines())


def _holders(look: Look, found: Map, place: Place) -> Sheet:
    named = _tells_names(look)

    def lines() -> Lines:
        every = holders.all_holders(place=place, days=look.days)
        for some in batched(every, _AT_ONCE, strict=False):
            names = people.customers(look.actor, (each.customer_id for each in some))
            for each in some:
                who = _who(names.get(each.customer_id), named=named)
                yield [str(each.customer_id), *who, each.points]

    headings = [_("Our number"), *_who_headings(named=named), _("Points held")]
    return Sheet(title=showing.titles()["held"], headings=headings, lines=lines())


def _tells_names(look: Look) -> bool:
    """Say whether a file names customers: who may not export them gets their codes only (P5)."""
    return permissions.allows(look.actor, "customers.export")


def _who_headings(*, named: bool) -> list[str]:
    return [_("Customer"), _("Member code")] if named else [_("Member code")]


def _who(who: people.Named | None, *, named: bool) -> list[str]:
    code = who.member_code if who else ""
    return [who.text if who else "", code] if named else [code]


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
