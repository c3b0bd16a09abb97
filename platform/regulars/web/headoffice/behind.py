"""The rows behind a figure: purchases, buyers, or who holds points; a page at a time."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.insights.places import Map, Place
from regulars.insights.selectors import guides, holders, mapping, overviews, rows
from regulars.staff import permissions
from regulars.tenancy import context as chains
from regulars.web import money
from regulars.web.headoffice import people, showing
from regulars.web.headoffice.looks import Look

KINDS: Final = (*rows.FACTS, *rows.BUYERS, "held")
_SIZE: Final = 50
_LARGEST: Final = 2**63 - 1  # that the database compares with a number of its own


@require_GET
@permissions.needs("insights.view")
def behind(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the rows behind a figure, and that they are as many as it says."""
    look = Look.of(request)
    shops = mapping.map_of(look.actor.scope)
    place = look.place(shops)
    found = _found(kind, place, look, after=_mark(request.GET.get("after", "")))
    more, found = len(found) > _SIZE, found[:_SIZE]
    sellers = {look.guide_id, *(getattr(each, "guide_id", None) for each in found)}
    names = people.guides(sellers)
    context: dict[str, Any] = {
        "place": "insights",
        "look": look,
        "title": showing.titles()[kind],
        "definition": showing.DEFINITIONS[kind],
        "where": place.name or _("All stores"),
        "guide": names.get(look.guide_id, "") if look.guide_id else "",
        "total": _total(kind, place, look),
        "back": look.address("insights"),
        "files": look.files(kind),
        "may_export": permissions.allows(look.actor, "insights.export"),
        "may_take_lines": permissions.allows(look.actor, "customers.export"),
        "shape": "buyers" if kind in rows.BUYERS else "held" if kind == "held" else "facts",
        "several_stores": len(place.store_ids) > 1,
        "rows": _rows(found, look, names, shops),
    }
    if more:
        under, key = found[-1].mark
        context["next_url"] = look.rows(kind, after=f"{under}~{key}", **look.narrowed_query)
    return render(request, "headoffice/rows.html", context)


def _found(kind: Any, place: Place, look: Look, *, after: rows.Mark | None) -> list[Any]:
    """Return one row more than a page holds, if there is one."""
    if kind == "held":
        points = (after[0], after[1]) if after and isinstance(after[0], int) else None
        return holders.holders(place=place, days=look.days, after=points, limit=_SIZE + 1)
    read: Any = rows.buyers if kind in rows.BUYERS else rows.facts
    wanted = int if kind == "top" else date
    mark = after if after and isinstance(after[0], wanted) else None
    found: list[Any] = read(
        place=place, days=look.days, kind=kind, guide_id=look.guide_id, after=mark, limit=_SIZE + 1
    )
    return found


def _total(kind: str, place: Place, look: Look) -> str:
    """Say how much the rows come to, as the figure that led here does."""
    currency = chains.current().currency
    if look.guide_id is None:
        if kind == "shared":
            return ""
        return showing.totals(
            kind, overviews.of_place(place=place, days=look.days), currency=currency
        )
    by_guide = {each.guide_id: each for each in guides.of_place(place=place, days=look.days)}
    row = by_guide.get(look.guide_id)
    if row is None:
        return ""
    said = {
        "sales": money.money(row.sales_minor, currency),
        "purchases": money.count(row.purchases),
        "returns": money.count(row.returns),
        "buyers": money.count(row.buyers),
        "repeat": money.count(row.repeat_buyers),
    }
    return said.get(kind, "")


def _rows(
    found: Sequence[Any], look: Look, sellers: dict[UUID, str], shops: Map
) -> list[dict[str, Any]]:
    names = people.customers(look.actor, (each.customer_id for each in found))
    shown = []
    for each in found:
        row: dict[str, Any] = {"row": each}
        if each.customer_id:
            row["customer"] = names.get(each.customer_id)
        if isinstance(each, rows.FactRow):
            row["day"] = each.day
            row["shop"] = shops.by_id.get(each.store_id)
            row["guide"] = sellers.get(each.guide_id, "") if each.guide_id else ""
        shown.append(row)
    return shown


def _mark(text: str) -> rows.Mark | None:
    """Read where a page begins; one that somebody made up begins at the front."""
    under, tilde, key = text.partition("~")
    if not tilde:
        return None
    try:
        if not under.lstrip("-").isdecimal():
            return date.fromisoformat(under), UUID(key)
        number = int(under)
        return (number, UUID(key)) if abs(number) <= _LARGEST else None
    except ValueError:
        return None
