"""The page on which anybody complains: choose the shop, the kind, then say what happened (Q1)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, Final, cast

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from regulars.billing import selectors as billing
from regulars.complaints import numbers, templates
from regulars.complaints.held_pictures import Held
from regulars.errors import NotFound, RegularsError, TooMany
from regulars.kit import Complaint
from regulars.staff import selectors as staff
from regulars.stores import hours, selectors
from regulars.stores.models import Store
from regulars.tenancy import context, limits
from regulars.usecases import complain_alone
from regulars.web import language
from regulars.web.complaining import keeping, once, places
from regulars.web.complaining.forms import ComplaintForm
from regulars.web.complaining.once import Stamp
from regulars.web.complaining.places import Place

OTHER: Final = "other"  # what fits no kind
_MOST_STORES: Final = 60
_MOST_TRIES: Final = 60  # of one address: forms sent, and codes that are none
_SECONDS: Final = 600

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def spoken[**P](view: View[P]) -> View[P]:
    """Answer in the visitor's language; browsers may keep the page for their back button."""

    @wraps(view)
    def answered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        code = language.of_visitor(request)
        with translation.override(code):
            response = view(request, *args, **kwargs)
        response["Content-Language"] = code
        response["Cache-Control"] = "private, no-cache"
        return response

    return cast(View[P], answered)


@login_not_required
@require_GET
@spoken
def start(request: HttpRequest) -> HttpResponse:
    """Let somebody who has no code choose the shop."""
    if billing.is_over(context.current()):
        return away(request)
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())[:60]
    found = Store.objects.filter(selectors.still_open())
    if words:
        found = found.filter(
            Q(name__icontains=words) | Q(city__icontains=words) | Q(address__icontains=words)
        )
    rows = list(found.order_by("province", "city", "code")[: _MOST_STORES + 1])
    shown = {
        "words": words,
        "stores": [(each, places.of_store(each.pk)) for each in rows[:_MOST_STORES]],
        "has_more": len(rows) > _MOST_STORES,
    }
    return render(request, "complaining/start.html", shown)


@login_not_required
@require_http_methods(["GET", "POST"])
@spoken
def complain(request: HttpRequest, place: str) -> HttpResponse:
    """Choose what it is about, then say it; without an account, and without scripts as well."""
    now = timezone.now()
    try:
        found = places.find(place)
    except NotFound:
        _count_try(request)
        return render(request, "complaining/gone.html", status=404)
    if billing.is_over(context.current()):
        return away(request, found.store)
    closed_on = found.store.closed_on
    if closed_on is not None and closed_on <= hours.business_day(found.store, now):
        return render(request, "complaining/closed.html", {"store": found.store}, status=410)
    about = request.GET.get("about", "")
    kinds = templates.offered()
    kind = next((each for each in kinds if each.key == about), None)
    if request.method == "POST":  # of a kind that was taken away meanwhile: words are words
        return _sent(request, found, kind, now=now)
    if kind is None and about != OTHER:
        named = [(each.key, each.title.text(get_language() or "")) for each in kinds]
        shown = {"place": found, "kinds": [*named, (OTHER, _("Something else"))]}
        return render(request, "complaining/kinds.html", shown)
    form = _form(request, found, kind)
    return _shown(request, form, once.of_browser(request, now=now))


def away(request: HttpRequest, store: Store | None = None) -> HttpResponse:
    """Say that nobody would read it here now, and where to turn."""
    return render(request, "complaining/away.html", {"store": store}, status=403)


def _sent(
    request: HttpRequest, place: Place, kind: Complaint | None, *, now: datetime
) -> HttpResponse:
    """Take what was sent, once; or show it again with what is to be done about it."""
    stamp = once.read(request.POST.get("once", ""))
    held = keeping.of_form(request, stamp.number) if stamp else ()
    form = _form(request, place, kind, held=held)
    shown = stamp or once.of_browser(request, now=now)
    is_whole = form.is_valid()
    try:
        _count_try(request)
        if not is_whole:
            return _shown(request, form, shown)
        if stamp is None or form.is_trapped or now - stamp.shown_at < once.LEAST:
            # People pass at their second try; a program that fills in everything never does.
            form.add_error(None, _("Please look it over once more, and send it again."))
            return _shown(request, form, shown)
        case = complain_alone.raised(
            draft=form.draft(),
            uploads=form.files_sent,
            address=staff.network_of(request),
            now=now,
            is_same_browser=once.is_of_browser(request, stamp),
            shown_at=stamp.shown_at,
            key=f"web:{stamp.number}:{place.key}:{kind.key if kind else OTHER}",
        )
    except complain_alone.SentBefore as fault:
        form.refuse(fault)
        return _shown(request, form, once.anew(now=now), fault=fault)
    except RegularsError as fault:
        form.refuse(fault)
        return _shown(request, form, shown, fault=fault)
    token = numbers.token(case.pk)
    return HttpResponseRedirect(f"{reverse('followed_complaint', args=[token])}?sent=new")


def _form(
    request: HttpRequest, place: Place, kind: Complaint | None, *, held: tuple[Held, ...] = ()
) -> ComplaintForm:
    return ComplaintForm(request, place=place, kind=kind, language=get_language() or "", held=held)


def _shown(
    request: HttpRequest, form: ComplaintForm, stamp: Stamp, *, fault: RegularsError | None = None
) -> HttpResponse:
    status = fault.status if fault else 422 if form.errors else 200
    tongue = get_language() or ""
    kept = keeping.again(request, form, stamp.number)
    shown = {
        "form": form,
        "place": form.place,
        "title": form.kind.title.text(tongue) if form.kind else _("Something else"),
        "about": form.kind.key if form.kind else OTHER,
        "advice": [each.text(tongue) for each in templates.advice(form.kind)],
        "once": stamp.text,
        **kept,
    }
    response = render(request, "complaining/form.html", shown, status=status)
    if isinstance(fault, TooMany) and fault.retry_after:
        response["Retry-After"] = str(fault.retry_after)
    once.remember(response, stamp, path=reverse("complain_start"))
    return response


def _count_try(request: HttpRequest) -> None:
    """Count a form that was sent, or a code that is none. Raises TooMany."""
    who = staff.network_of(request)
    limits.hit(what="complain-try", who=who, most=_MOST_TRIES, seconds=_SECONDS)
