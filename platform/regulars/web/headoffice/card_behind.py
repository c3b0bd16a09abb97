"""The rows behind the figures of a scorecard: follow-ups, regulars, contacts, complaints."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars import moments
from regulars.complaints.models import Case
from regulars.insights.selectors import mapping, scorecard_events, scorecard_rows
from regulars.insights.selectors.scorecard import Whose
from regulars.insights.selectors.scorecard_events import Event
from regulars.insights.selectors.scorecard_rows import Kind
from regulars.messages.models import Channel
from regulars.staff import permissions
from regulars.web.headoffice import cards, durations, people
from regulars.web.headoffice import care_words as words
from regulars.web.headoffice.cards import own_address, whose
from regulars.web.headoffice.looks import Look

_SIZE: Final = 50
_TOGETHER: Final = (
    ("done", "missed"), ("kept", "lost"), ("contacts", "flagged"),
    ("messages", "replies", "slow"), ("complaints", "resolved", "unresolved"),
)  # fmt: skip


@require_GET
@permissions.needs("insights.view")
def behind(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the follow-ups behind a figure of a scorecard."""
    look = Look.of(request, default="90d")
    shops = mapping.map_of(look.actor.scope)
    names = people.guides([look.guide_id]) if look.guide_id else {}
    return _behind(
        request,
        look,
        kind,
        whose(look, shops),
        title=names.get(look.guide_id, "") if look.guide_id else look.place(shops).name,
        back=look.address("insights_scorecard"),
        address=lambda each, **query: look.address(
            "insights_card_rows", each, **look.narrowed_query, **query
        ),
    )


@require_GET
@permissions.needs("care.view")
def mine_behind(request: HttpRequest, kind: str) -> HttpResponse:
    """Show somebody the follow-ups behind a figure of their own card."""
    look = Look.of(request, default="90d")
    return _behind(
        request,
        look,
        kind,
        Whose(guide_id=look.actor.id),
        title=look.actor.name,
        back=own_address(look, "my_card"),
        address=lambda each, **query: own_address(look, "my_card_rows", each, **query),
    )


def _behind(
    request: HttpRequest,
    look: Look,
    kind: str,
    asked: Whose,
    *,
    title: str,
    back: str,
    address: Callable[..., str],
) -> HttpResponse:
    """Show what is behind a figure; `address` gives that of a kind of rows, and of a page of it."""
    given: dict[str, Any] = {
        "whose": asked,
        "days": look.days,
        "now": look.now,
        "limit": _SIZE + 1,
    }
    found = _found(kind, given, request.GET.get("after", ""))
    more, found = len(found) > _SIZE, found[:_SIZE]
    context = {
        "place": "insights" if back.startswith(reverse("insights")) else "today",
        "look": look,
        "title": f"{cards.TITLES[kind]} · {title}" if title else str(cards.TITLES[kind]),
        "definition": cards.definition(kind),
        "shape": _shape(kind),
        "tabs": _pairs(kind, address),
        "rows": _SHOWN[_shape(kind)](look, found),
        "back": back,
    }
    if more:
        under, key = found[-1].mark
        context["next_url"] = address(kind, after=f"{under.isoformat()}~{key}")
    return render(request, "headoffice/card_rows.html", context)


def _pairs(kind: str, address: Callable[..., str]) -> list[dict[str, Any]]:
    """Return the way to what belongs together: done and not done, came and did not come."""
    together = next((each for each in _TOGETHER if kind in each), ())
    return [
        {
            "label": str(cards.TITLES[each]),
            "url": address(each),
            "current": each == kind,
            "count": "",
        }
        for each in together
    ]


def _regulars(look: Look, found: Sequence[scorecard_rows.Regular]) -> list[dict[str, Any]]:
    names = people.customers(look.actor, (each.customer_id for each in found))
    return [{"row": each, "customer": names.get(each.customer_id)} for each in found]


def _told(look: Look, found: Sequence[scorecard_rows.Row]) -> list[dict[str, Any]]:
    names = people.customers(look.actor, (each.customer_id for each in found))
    guides = people.guides(each.guide_id for each in found)
    return [
        {
            "row": each,
            "customer": names.get(each.customer_id),
            "guide": guides.get(each.guide_id, "") if each.guide_id else "",
            "about": words.follow_up(each.plan, each.step, title=each.title),
            "state": each.state,
            "is_late": each.done_on is not None and each.done_on > each.due_on,
            "outcome": words.OUTCOMES.get(each.outcome, each.outcome),
        }
        for each in found
    ]


def _contacts(look: Look, found: Sequence[Event]) -> list[dict[str, Any]]:
    return [
        {**each, "channel": Channel(each["row"].told).label if each["row"].told else ""}
        for each in _events(look, found)
    ]


def _complaints(look: Look, found: Sequence[Event]) -> list[dict[str, Any]]:
    scope = look.actor.scope
    return [
        {
            **each,
            "state": _state(each["row"].state),
            "href": reverse("complaint", args=[each["row"].id])
            if scope.covers(each["row"].store_id) or each["row"].guide_id == look.actor.id
            else "",
        }
        for each in _events(look, found)
    ]


def _state(state: str) -> str:
    """Return how far a complaint is; stores that are closed have the word for themselves."""
    closed = state == Case.State.CLOSED
    return _("Closed complaint") if closed else str(Case.State(state).label)


def _events(look: Look, found: Sequence[Event]) -> list[dict[str, Any]]:
    names = people.customers(look.actor, (each.customer_id for each in found))
    guides = people.guides(each.guide_id for each in found)
    return [
        {
            "row": each,
            "customer": names.get(each.customer_id) if each.customer_id else None,
            "guide": guides.get(each.guide_id, "") if each.guide_id else "",
            "taken": durations.told(each.taken.total_seconds()) if each.taken else "",
        }
        for each in found
    ]


_SHOWN: Final[dict[str, Callable[[Look, Any], list[dict[str, Any]]]]] = {
    "regulars": _regulars,
    "follow-ups": _told,
    "contacts": _contacts,
    "messages": _contacts,
    "complaints": _complaints,
}


def _shape(kind: str) -> str:
    """Return which table shows the rows of a kind."""
    if kind in cards.OF_REGULARS:
        return "regulars"
    if kind in scorecard_events.OF_COMPLAINTS:
        return "complaints"
    if kind in scorecard_events.KINDS:
        return "contacts" if kind in ("contacts", "flagged") else "messages"
    return "follow-ups"


def _found(kind: str, given: dict[str, Any], after: str) -> list[Any]:
    under, tilde, key = after.partition("~")
    try:
        mark = (under, UUID(key)) if tilde else None
        if kind in scorecard_events.KINDS:
            at = (moments.read(under), mark[1]) if mark else None
            return [*scorecard_events.page(kind=kind, after=at, **given)]
        on = (date.fromisoformat(under), mark[1]) if mark else None
    except ValueError:
        return _found(kind, given, "")
    if kind in cards.OF_REGULARS:
        return [*scorecard_rows.regulars(came=cards.OF_REGULARS[kind], after=on, **given)]
    return [*scorecard_rows.page(kind=cast(Kind, kind), after=on, **given)]
