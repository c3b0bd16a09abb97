"""The complaints behind a figure."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from regulars import moments
from regulars.insights.effects import BEFORE
from regulars.insights.periods import Days
from regulars.insights.places import Map, Place
from regulars.insights.selectors import complaints_lesson, complaints_rows, mapping
from regulars.insights.selectors.complaints_asking import BY_LIST, Asked
from regulars.insights.selectors.complaints_rows import Row
from regulars.insights.services import learning
from regulars.staff import permissions
from regulars.web.headoffice import people
from regulars.web.headoffice.looks import Look
from regulars.web.learning import asking, words

_SIZE: Final = 50


@require_GET
@permissions.needs("insights.view")
def rows(request: HttpRequest) -> HttpResponse:
    """Show the complaints behind a figure, of stores whose customers one may see."""
    look = Look.of(request, default="90d")
    shops = mapping.map_of(look.actor.scope)
    place = look.place(shops)
    asked = narrowed(look, place)
    found: list[Row] = []
    if asked is not None:
        after = _mark(request.GET.get("after", ""))
        found = complaints_rows.page(asked=asked, after=after, limit=_SIZE + 1)
    more, found = len(found) > _SIZE, found[:_SIZE]
    kept = {
        key: text for key, text in look.narrowed_query.items()
        if key not in ("mark", "topic", "customer")
    }  # fmt: skip
    context = {
        **asking.frame(look, shops, place, name="insights_complaint_rows"),
        "rows": told(look, found, shops),
        "is_waiting": asked is None,
        "total": complaints_rows.count(asked=asked) if asked is not None else 0,
        "most": complaints_rows.MOST_COUNTED,
        "back": look.address("complaint_learning", **kept),
        "files": look.files("complaint-rows"),
    }
    if more:
        at, key = found[-1].mark
        query = {**look.narrowed_query, "after": f"{at.isoformat()}~{key}"}
        context["next_url"] = look.address("insights_complaint_rows", **query)
    return render(request, "learning/rows.html", context)


def narrowed(look: Look, place: Place) -> Asked | None:
    """Return the complaints a look asks for one by one; None while a lesson is worked out."""
    mark, word = asking.mark_of(look), look.narrowed.get("topic", "")
    asked = replace(asking.asked_of(look, place), customer_id=asking.customer_of(look))
    seen = asking.readable(look, place)
    if mark in asking.FOLLOWED:
        return _followed(complaints_lesson.within(asked, seen), mark, look)
    if word or mark in BY_LIST:
        lesson = learning.lesson(asked=replace(asked, customer_id=None), readable=seen)
        if lesson is None:
            return None
        chosen = complaints_lesson.chosen(lesson, mark=mark, word=word)
        asked = replace(asked, chosen=chosen)
    return replace(complaints_lesson.within(asked, seen), mark="" if mark in BY_LIST else mark)


def _followed(asked: Asked, mark: str, look: Look) -> Asked | None:
    """Return the complaints of a comparison of later purchases, whenever they were raised."""
    kept = learning.followed(now=look.now)
    if kept is None:
        return None
    found, _at = kept
    group = found.effect.satisfied if mark == asking.FOLLOWED[0] else found.effect.unsatisfied
    days = Days(found.days.first - timedelta(days=BEFORE), found.days.last)
    chosen = group.cases if look.actor.scope.everything else ()
    return replace(asked, days=days, chosen=chosen)


def told(look: Look, found: list[Row], shops: Map) -> list[dict[str, Any]]:
    """Return rows with their names. Two statements."""
    names = people.customers(look.actor, (each.customer_id for each in found))
    guides = people.guides(who for each in found for who in (each.owner_id, each.seller_id))
    may_open = permissions.allows(look.actor, "complaints.view")
    return [
        {
            "row": each,
            "shop": shops.by_id.get(each.store_id),
            "customer": names.get(each.customer_id) if each.customer_id else None,
            "owner": guides.get(each.owner_id, "") if each.owner_id else "",
            "seller": guides.get(each.seller_id, "") if each.seller_id else "",
            "kind": words.kind(each.template),
            "cause": words.cause(each.cause),
            "state": words.state(each),
            "href": reverse("complaint", args=[each.id]) if may_open else "",
        }
        for each in found
    ]


def _mark(text: str) -> complaints_rows.Mark | None:
    """Read where a page begins; one that somebody made up begins at the front."""
    at, tilde, key = text.partition("~")
    try:
        return (moments.read(at), UUID(key)) if tilde else None
    except ValueError:
        return None
