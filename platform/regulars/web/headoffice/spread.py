"""How sales spread over customers: curve, top customers, customers of several stores."""

from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.insights import tasks
from regulars.insights.models import CHAIN
from regulars.insights.places import Map, Place
from regulars.insights.selectors import figures, mapping, portraits
from regulars.staff import permissions
from regulars.web import money
from regulars.web.headoffice import people
from regulars.web.headoffice.looks import Look

_STALE_AFTER: Final = timedelta(minutes=10)
_PAIRS: Final = 10


@require_GET
@permissions.needs("insights.view")
def customers(request: HttpRequest) -> HttpResponse:
    """Show how sales spread over customers: a part of the page that comes after it."""
    look = Look.of(request)
    shops = mapping.map_of(look.actor.scope)
    place = look.place(shops)
    portrait, as_of = _portrait(place, look)
    context: dict[str, Any] = {
        "place": "insights",
        "look": look,
        "portrait": portrait,
        "retry_url": look.address("insights_customers"),
        "back": look.address("insights"),
    }
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
            "top_url": look.rows("top"),
            "pairs": _pairs(portrait, shops, look),
            "shared_url": look.rows("shared"),
        }
    is_part = bool(request.headers.get("HX-Request"))
    template = "headoffice/customers.html#part" if is_part else "headoffice/customers.html"
    return render(request, template, context)


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
    """Return the curve at every hundredth of the customers, drawn straight between its points."""
    parts = [_at(step / 100, found.curve) for step in range(101)]
    return {
        "kind": "curve",
        "labels": [f"{step}%" for step in range(101)],
        "series": [
            {"name": _("Share of sales"), "values": [round(part, 4) for part in parts]},
            {
                "name": _("If all spent the same"),
                "values": [step / 100 for step in range(101)],
                "muted": True,
            },
        ],
    }


def _at(share: float, curve: tuple[tuple[float, float], ...]) -> float:
    before = (0.0, 0.0)
    for here, part in curve:
        if here >= share:
            width = here - before[0]
            return before[1] + (part - before[1]) * ((share - before[0]) / width if width else 1.0)
        before = (here, part)
    return before[1]


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


def _pairs(found: portraits.Portrait, shops: Map, look: Look) -> list[dict[str, Any]]:
    """Return the pairs of stores with the most customers of both, each with its rows."""
    return [
        {
            "shop": shops.by_id[each.store_id],
            "other": shops.by_id[each.other_id],
            "customers": each.customers,
            "href": look.rows_of("shared", store=each.store_id, other=each.other_id),
        }
        for each in found.pairs[:_PAIRS]
        if each.store_id in shops.by_id and each.other_id in shops.by_id
    ]
