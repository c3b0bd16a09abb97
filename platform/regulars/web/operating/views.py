"""The operators' page. It reads; the one thing it does is to work an event of Stripe again."""

import json
import logging
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from regulars.billing import events, overview
from regulars.billing.models import Event
from regulars.errors import RegularsError
from regulars.staff.selectors import network_of
from regulars.tenancy import limits
from regulars.web import toasts
from regulars.web.operating import access, shown
from regulars.web.operating.access import Operator, operators_only

_ROWS: Final = 50
_FIRST: Final = 15
"""How much of a list stands on the first page."""
_LOG = logging.getLogger(__name__)


@require_http_methods(["GET", "POST"])
@never_cache
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for one more press, so that no preview of a link uses it up; then let in."""
    if request.method == "GET":
        status = 200 if access.is_open(token) else 410
        context = {"is_open": status == 200, "minutes": access.LINK_SECONDS // 60}
        return access.hidden(render(request, "operating/enter.html", context, status=status))
    limits.hit(what="operator-link", who=network_of(request), most=20, seconds=600)
    session = access.enter(token)
    if session is None:
        context = {"is_open": False, "minutes": access.LINK_SECONDS // 60}
        return access.hidden(render(request, "operating/enter.html", context, status=410))
    response = HttpResponseRedirect(reverse("operator"))
    access.remember(response, session)
    return access.hidden(response)


@require_POST
@operators_only
def leave(request: HttpRequest, operator: Operator) -> HttpResponse:
    """End the session."""
    access.leave(request)
    response = HttpResponseRedirect(reverse("home"))
    response.delete_cookie(access.cookie_name(), samesite="Strict")
    return response


@require_safe
@operators_only
def front(request: HttpRequest, operator: Operator) -> HttpResponse:
    """Show what recurs, who is about to go or owes, and what failed."""
    now = timezone.now()
    calls = overview.failed_calls(now=now, limit=_FIRST)
    late = overview.late(now=now)
    trials = overview.trials_ending(now=now, limit=_FIRST + 1)
    context = {
        **_shell(operator, "operator", _("Subscriptions and payments")),
        "recurring": overview.recurring(),
        "states": shown.states(overview.by_state()),
        "charts": shown.charts(overview.recurring_by_month(now=now)),
        "twice": shown.rows(overview.twice(now=now)),
        "late": shown.rows(late[:_FIRST]),
        "more_late": len(late) > _FIRST,
        "trials": shown.rows(trials[:_FIRST]),
        "more_trials": len(trials) > _FIRST,
        "events": shown.events(overview.latest_events(is_all=False, limit=10)),
        "calls": shown.calls(calls, overview.chain_names(each.chain_id for each in calls)),
        "nights": shown.nights(overview.nights(limit=7)),
    }
    return render(request, "operating/front.html", context)


@require_safe
@operators_only
def subscriptions(request: HttpRequest, operator: Operator) -> HttpResponse:
    """List subscriptions by state, found by name, sub-domain or customer."""
    state, search = request.GET.get("state", ""), request.GET.get("q", "").strip()[:100]
    state = state if state in shown.STATE_KEYS else ""
    found = overview.page(
        now=timezone.now(),
        state=state,
        search=search,
        before=_id(request.GET.get("before", "")),
        limit=_ROWS + 1,
    )
    kept = {"state": state, "q": search}
    context = {
        **_shell(operator, "operator_subscriptions", _("Subscriptions")),
        "rows": shown.rows(found[:_ROWS]),
        "search": search,
        "state": state,
        "tabs": shown.tabs(overview.by_state(), current=state, search=search),
        "next_url": _next(kept, before=found[_ROWS - 1].id) if len(found) > _ROWS else "",
    }
    return render(request, "operating/subscriptions.html", context)


@require_safe
@operators_only
def event_list(request: HttpRequest, operator: Operator) -> HttpResponse:
    """List what Stripe told, the newest first: what needs somebody, or all."""
    is_all = request.GET.get("all") == "1"
    found = overview.latest_events(
        is_all=is_all, limit=_ROWS + 1, before=_moment(request.GET.get("before", ""))
    )
    kept = {"all": "1"} if is_all else {}
    names = overview.chain_names(each.chain_id for each in found)
    context = {
        **_shell(operator, "operator_events", _("Events of Stripe")),
        "events": shown.events(found[:_ROWS], names),
        "is_all": is_all,
        "next_url": _next(kept, before=found[_ROWS - 1].received_at.isoformat())
        if len(found) > _ROWS
        else "",
    }
    return render(request, "operating/events.html", context)


@require_safe
@operators_only
def event(request: HttpRequest, operator: Operator, event_id: str) -> HttpResponse:
    """Show one event, what became of it, and what it carried without its secrets."""
    found = Event.objects.filter(pk=event_id).first()
    if found is None:
        raise Http404
    (row,) = shown.events([found], overview.chain_names([found.chain_id]))
    payload = json.dumps(overview.shown(found.payload), ensure_ascii=False, indent=2)
    shell = _shell(operator, "operator_events", found.kind)
    context = {**shell, "row": row, "payload": payload}
    return render(request, "operating/event.html", context)


@require_POST
@operators_only
def replay(request: HttpRequest, operator: Operator, event_id: str) -> HttpResponse:
    """Work an event again, whatever became of it."""
    _LOG.warning("Operator %s has event %s worked again.", operator.name, event_id)
    try:
        events.replay(event_id=event_id, now=timezone.now())
    except events.OfNoChain:
        toasts.show(request, _("No chain of ours is named in it. It stays here."), tone="warning")
    except RegularsError as error:
        if error.status == 404:
            raise Http404 from error
        toasts.show(request, str(error), tone="bad")
    else:
        toasts.show(request, _("Done: the subscription was read again."))
    return HttpResponseRedirect(reverse("operator_event", args=[event_id]))


def _shell(operator: Operator, place: str, heading: str) -> dict[str, Any]:
    return {"operator": operator, "places": shown.places(place), "heading": heading}


def _next(kept: dict[str, str], *, before: UUID | str) -> str:
    return "?" + urlencode({**kept, "before": str(before)})


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
