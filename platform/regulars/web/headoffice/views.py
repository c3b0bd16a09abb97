"""Head office's page: figures, charts, stores, customers, and the rows behind each figure."""

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.insights import tasks
from regulars.insights.models import CHAIN
from regulars.insights.places import Map, Place
from regulars.insights.selectors import attention, figures, mapping, portraits, rows
from regulars.insights.selectors.overviews import Overview, overview
from regulars.purchases.models import Purchase
from regulars.staff import permissions
from regulars.tenancy import context as chains
from regulars.web import money
from regulars.web.headoffice import people, showing, tables
from regulars.web.headoffice.looks import Look

_STALE_AFTER: Final = timedelta(minutes=10)


@require_GET
@permissions.needs("insights.view")
def page(request: HttpRequest) -> HttpResponse:
    """Show the figures of everything one sees, of a region or of a store."""
    look = Look.of(request)
    found = overview(
        actor=look.actor,
        days=look.days,
        compare=look.compare,
        region_id=look.region_id,
        store_id=look.store_id,
    )
    tasks.noticed(periods=found.not_kept, fresh=found.fresh, now=look.now)
    currency = chains.current().currency
    is_empty = not any(found.figures.now) and not _ever_sold()
    context = {
        "place": "insights",
        "look": look,
        "found": found,
        "trail": _trail(found, look),
        "figures": [] if is_empty else showing.shown(found, look, currency=currency),
        "sales_chart": showing.sales_chart(found),
        "buyers_chart": showing.buyers_chart(found),
        "step_name": showing.step_name(found.step),
        "definitions": showing.DEFINITIONS,
        "stores": tables.stores(found, look),
        "regions": tables.regions(found, look),
        "alerts": _alerts(found, look),
        "customers_url": look.address("insights_customers"),
        "all_url": look.address("insights", all="1", **look.hidden),
        "files": {what: look.files(what) for what in ("stores", "series")},
        "is_empty": is_empty,
        "may_export": permissions.allows(look.actor, "insights.export"),
        "may_import": permissions.allows(look.actor, "imports.run"),
    }
    return render(request, "headoffice/page.html", context)


@require_GET
@permissions.needs("insights.view")
def customers(request: HttpRequest) -> HttpResponse:
    """Show how sales spread over customers: a part of the page that comes after it."""
    look = Look.of(request)
    shops = mapping.map_of(look.actor.scope)
    place = mapping.place_of(shops, region_id=look.region_id, store_id=look.store_id)
    portrait, as_of = _portrait(place, look)
    context: dict[str, Any] = {"place": "insights", "look": look, "portrait": portrait}
    if portrait is not None:
        context |= {
            "as_of": as_of,
            "most_count": money.count(portrait.most_of_sales),
            "most_share": money.percent(portrait.most_of_sales, portrait.buyers),
            "fifth_share": money.percent(portrait.by_top_fifth_minor, portrait.total_minor),
            "shared_share": money.percent(portrait.shared, portrait.buyers),
            "several_stores": len(place.store_ids) > 1,
            "curve": _curve(portrait),
            "top": _top(portrait, look),
            "pairs": [
                (shops.by_id[each.store_id], shops.by_id[each.other_id], each.customers)
                for each in portrait.pairs
                if each.store_id in shops.by_id and each.other_id in shops.by_id
            ],
            "may_export": permissions.allows(look.actor, "insights.export"),
            "top_url": look.address("insights_rows", "buyers"),
        }
    context["retry_url"] = look.address("insights_customers")
    context["back"] = look.address("insights")
    is_part = bool(request.headers.get("HX-Request"))
    template = "headoffice/customers.html#part" if is_part else "headoffice/customers.html"
    return render(request, template, context)


@require_GET
@permissions.needs("insights.view")
def behind(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the rows behind a figure, a page at a time."""
    look = Look.of(request)
    shops = mapping.map_of(look.actor.scope)
    place = mapping.place_of(shops, region_id=look.region_id, store_id=look.store_id)
    after = _mark(request.GET.get("after", ""))
    context: dict[str, Any] = {
        "place": "insights",
        "look": look,
        "kind": kind,
        "title": titles()[kind],
        "definition": showing.DEFINITIONS[kind],
        "where": place.name or _("All stores"),
        "shops": shops.by_id,
        "back": look.address("insights"),
        "files": look.files(kind),
        "may_export": permissions.allows(look.actor, "insights.export"),
        "is_buyers": kind in rows.BUYERS,
    }
    size = 50
    found: list[Any]
    if kind in rows.BUYERS:
        found = rows.buyers(place=place, days=look.days, kind=kind, after=after, limit=size + 1)  # type: ignore[arg-type]
    else:
        found = rows.facts(place=place, days=look.days, kind=kind, after=after, limit=size + 1)  # type: ignore[arg-type]
    if len(found) > size:
        found = found[:size]
        on, key = found[-1].mark
        context["next_url"] = look.address("insights_rows", kind, after=f"{on}~{key}")
    names = people.customers(look.actor, (each.customer_id for each in found))
    guides = people.guides(getattr(each, "guide_id", None) for each in found)
    context["rows"] = [_row(each, names, guides, shops) for each in found]
    return render(request, "headoffice/rows.html", context)


def _row(
    each: Any, names: dict[UUID, people.Named], guides: dict[UUID, str], shops: Map
) -> dict[str, Any]:
    shown: dict[str, Any] = {"row": each}
    if each.customer_id:
        shown["customer"] = names.get(each.customer_id)
    if isinstance(each, rows.FactRow):
        shown["shop"] = shops.by_id.get(each.store_id)
        shown["guide"] = guides.get(each.guide_id, "") if each.guide_id else ""
    return shown


def titles() -> dict[str, str]:
    """Return what the rows behind each figure are called."""
    return {
        "sales": _("Purchases and returns"),
        "purchases": _("Purchases"),
        "returns": _("Returns"),
        "buyers": _("Buyers"),
        "new": _("New buyers"),
        "returning": _("Returning buyers"),
        "repeat": _("Buyers with two or more purchases"),
    }


def _ever_sold() -> bool:
    return Purchase.objects.exists()


def _trail(found: Overview, look: Look) -> list[tuple[str, str]]:
    """Return where one is, as links from the whole down; the last is here."""
    trail = [(_("All stores"), look.elsewhere())]
    region = found.place.id if found.place.kind == "region" else None
    if found.place.kind == "store" and found.place.id is not None:
        region = found.map.by_id[found.place.id].region_id
    if region in found.map.regions and (len(found.map.regions) > 1 or found.place.kind == "region"):
        trail.append((found.map.regions[region], look.elsewhere(region=region)))
    if found.place.kind == "store":
        trail.append((found.place.name, look.elsewhere(store=found.place.id)))
    return trail


def _alerts(found: Overview, look: Look) -> list[dict[str, Any]]:
    return [
        {
            "kind": each.kind,
            "name": each.row.shop.name,
            "href": look.elsewhere(store=each.row.shop.id),
            "value": each.value,
            "usual": each.usual,
        }
        for each in attention.alerts(found)
    ]


def _portrait(place: Place, look: Look) -> tuple[portraits.Portrait | None, Any]:
    """Return the portrait now, or the kept one of a big period and when it was made."""
    if place.group_id is None or place.group_id in figures.regrouped():
        return portraits.portrait(place=place, days=look.days), None
    answer = figures.read(group_ids=[place.group_id], periods=[look.days], group_id=CHAIN)
    known = answer.of(look.days, place.group_id).known_purchases
    if known <= portraits.AT_ONCE:
        return portraits.portrait(place=place, days=look.days), None
    kept = portraits.kept(place=place, days=look.days)
    if kept is None or kept[1] < look.now - _STALE_AFTER:
        tasks.missed(days=look.days, group_id=place.group_id, now=look.now)
    return kept or (None, None)


def _curve(found: portraits.Portrait) -> dict[str, Any]:
    points = [(0.0, 0.0), *found.curve]
    return {
        "kind": "curve",
        "labels": [f"{share * 100:.0f}%" for share, _part in points],
        "series": [
            {"name": _("Share of sales"), "values": [round(part, 4) for _share, part in points]},
            {
                "name": _("If all spent the same"),
                "values": [round(share, 4) for share, _part in points],
                "muted": True,
            },
        ],
    }


def _top(found: portraits.Portrait, look: Look) -> list[dict[str, Any]]:
    names = people.customers(look.actor, (each.customer_id for each in found.top))
    return [
        {
            "customer": names.get(each.customer_id),
            "id": each.customer_id,
            "paid_minor": each.paid_minor,
            "share": each.paid_minor / found.total_minor if found.total_minor else None,
            "purchases": each.purchases,
            "stores": each.stores,
            "last_day": date.fromisoformat(each.last_day),
        }
        for each in found.top
    ]


def _mark(text: str) -> rows.Mark | None:
    """Read where a page begins; one that somebody made up begins at the front."""
    if not text:
        return None
    try:
        on, key = text.split("~")
        return date.fromisoformat(on), UUID(key)
    except ValueError:
        return None
