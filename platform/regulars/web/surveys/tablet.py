"""The tablet at the counter: one question in big letters, thanks, and the start again.

It has a link of its own and no way into the workspace: no navigation, and nobody is signed in on
it. A tablet on which somebody is signed in asks nothing until they are signed out.
"""

from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from regulars.errors import TooMany
from regulars.staff import devices
from regulars.staff import selectors as staff
from regulars.stores import selectors as stores
from regulars.stores.models import Store
from regulars.surveys import links
from regulars.surveys.services import (
    NoSuchLink,
    NotAnswered,
    at_tablet,
    tablet_survey,
    unfinished_at,
)
from regulars.tenancy import context, limits
from regulars.web import language
from regulars.web.surveys import asking

IDLE_SECONDS = 30
THANKS_SECONDS = 6
_SECONDS = 600
_MOST_WRONG = 60
# Whoever has the link may answer, so a store's tablets take no more than people can give.
_MOST_ANSWERS = 30  # begun, of one store
_MOST_OF_ADDRESS = 20  # of them from one address
_MOST_SENT = 120  # forms of one store, what was added to an answer included


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, store: str) -> HttpResponse:
    """Ask, take answers, and thank. Raises NoSuchLink, TooMany."""
    shop = _store(request, store)
    if request.user.is_authenticated:
        return _leave(request)
    spoken = _language(request)
    with translation.override(spoken):
        if request.method == "POST":
            return _taken(request, shop, spoken)
        return _shown(request, shop, spoken)


def _store(request: HttpRequest, token: str) -> Store:
    """Return whose tablet it is; a link whose store forgot its devices is none any more."""
    link = links.named(token)
    if link is not None and link.kind == "tablet":
        shop = Store.objects.filter(stores.still_open(), pk=link.id).first()
        if shop is not None and links.holds(token, epoch=shop.device_epoch):
            return shop
    who = staff.network_of(request)
    limits.hit(what="survey-tablet", who=who, most=_MOST_WRONG, seconds=_SECONDS)
    raise NoSuchLink


def _language(request: HttpRequest) -> str:
    """Return what this customer chose, for as long as they answer; else the chain's language."""
    chosen = request.GET.get("l", "")
    return chosen if language.is_offered(chosen) else context.current().language.lower()


def _leave(request: HttpRequest) -> HttpResponse:
    """Sign out whoever is signed in on this device, after asking."""
    if request.method != "POST":
        return render(request, "surveys/tablet_start.html")
    logout(request)
    response = HttpResponseRedirect(request.path)
    devices.forget(response)
    return response


def _taken(request: HttpRequest, shop: Store, spoken: str) -> HttpResponse:
    more = links.read(request.POST.get("answer", ""))
    try:
        _count(request, shop, is_new=more is None)
    except TooMany as fault:
        fault.settle()
        response = _shown(request, shop, spoken, status=fault.status)
        response["Retry-After"] = str(fault.retry_after)
        return response
    survey = tablet_survey()
    if survey is None or (more is None and "rest" in request.POST):
        raise NoSuchLink
    try:
        row = at_tablet(
            store_id=shop.pk,
            given=asking.given(survey, request.POST),
            now=timezone.now(),
            once=_once(request),  # a form without one is none of ours
            answer_id=more.id if more else None,
            language=spoken,
        )
    except NotAnswered as fault:
        fault.settle()
        return _shown(request, shop, spoken, status=422)
    query = {"l": spoken}
    query |= {"done": "1"} if "rest" in request.POST else {"a": links.token("invitation", row.pk)}
    return HttpResponseRedirect(f"{request.path}?{urlencode(query)}")


def _count(request: HttpRequest, shop: Store, *, is_new: bool) -> None:
    """Count a form. Raises TooMany; an address that is refused takes nothing of its store's."""
    where = str(shop.pk)
    if is_new:
        who = f"{where}:{staff.network_of(request)}"
        limits.hit(what="survey-begun-by", who=who, most=_MOST_OF_ADDRESS, seconds=_SECONDS)
        limits.hit(what="survey-begun", who=where, most=_MOST_ANSWERS, seconds=_SECONDS)
    limits.hit(what="survey-at-tablet", who=where, most=_MOST_SENT, seconds=_SECONDS)


def _shown(request: HttpRequest, shop: Store, spoken: str, *, status: int = 200) -> HttpResponse:
    """Show the start, or what else is asked of whoever tapped just now; words never come back."""
    survey = tablet_survey()
    if survey is None:
        return render(request, "surveys/tablet_off.html")
    token = request.GET.get("a", "")
    link = links.read(token)
    row = unfinished_at(shop.pk, link.id, now=timezone.now()) if link else None
    tapped = {k: v for k, v in row.answers.items() if not isinstance(v, str)} if row else {}
    asked = asking.questions(survey, tapped, language=spoken)
    is_done = "done" in request.GET
    is_waiting = row is not None or status == TooMany.status
    given = {
        "first": asked[0],
        "rest": asked[1:],
        "is_answered": row is not None,
        "answer": token if row else "",
        "is_done": is_done,
        "is_wrong": status == 422,
        "is_busy": status == TooMany.status,
        "once": uuid4(),
        "start": request.path,
        "spoken": spoken,
        "seconds": THANKS_SECONDS if is_done else IDLE_SECONDS if is_waiting else 0,
    }
    response = render(request, "surveys/tablet.html", given, status=status)
    response["Content-Language"] = spoken
    return response


def _once(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        raise NotAnswered from None
