"""Another plan, leaving, and taking either back.

Every form carries the state it was shown in (`views.seen_of`): one that was sent twice, or from a
page that the back button brought back, changes nothing any more.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from regulars.billing import gateway, plans, preview, services
from regulars.billing.models import Subscription
from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.tenancy.context import current
from regulars.usecases import paying
from regulars.web import toasts
from regulars.web.billing import forms, offers, saying, using, views

GOOD_FOR: Final = timedelta(hours=1)
"""How long what a change costs stays as it was shown."""


@require_http_methods(["GET", "POST"])
@never_cache
@permissions.needs("billing.manage")
def change(request: HttpRequest) -> HttpResponse:
    """Show what a change costs and what no longer fits, and make it once somebody agrees."""
    now, row = timezone.now(), views.row_of(current().id)
    asked = request.POST if request.method == "POST" else request.GET
    plan, interval = asked.get("plan", ""), asked.get("interval", "")
    is_known = plan in plans.PLANS and interval in Subscription.Interval
    way = offers.way(row, plan=plan, interval=interval) if is_known else ""
    if way not in {"now", "later"}:
        return _as_it_is(request, reached=way in {"current", "next"})
    if request.method == "GET":
        return _shown(request, row, plan=plan, interval=interval, way=way, now=now)
    at = _moment(asked.get("at", ""))
    if asked.get("seen") != views.seen_of(row):
        return _as_it_is(request)
    if at is None or not now - GOOD_FOR <= at <= now:
        toasts.show(request, _("That was some time ago. This is what it costs now."), tone="info")
        return HttpResponseRedirect(f"{request.path}?plan={plan}&interval={interval}")
    try:
        after = paying.change(
            actor=permissions.acting(request),
            plan=plan,
            interval=interval,
            now=now,
            prorated_at=at,
        )
    except RegularsError as fault:
        return views.shown(request, now=now, fault=fault)
    toasts.show(request, _changed(after))
    return HttpResponseRedirect(reverse("billing"))


def _shown(
    request: HttpRequest,
    row: Subscription,
    *,
    plan: str,
    interval: str,
    way: str,
    now: datetime,
) -> HttpResponse:
    """Return the page that asks for consent, with Stripe's own reckoning of what is paid now."""
    at = now.replace(microsecond=0)
    context: dict[str, Any] = {
        "place": "settings",
        "row": row,
        "plan": plans.of(plan),
        "interval": interval,
        "rhythm": saying.rhythm(interval),
        "way": way,
        "seen": views.seen_of(row),
        "at": int(at.timestamp()),
        "stores": saying.stores(row.quantity),
        "total": offers.price(plans.of(plan), interval, row.currency) * row.quantity,
        "ends": saying.day(row.period_ends_at),
        "lacks": offers.lacks(plan, using.of_chain(now).usage),
    }
    if way == "now":
        try:
            found = _reckoned(plan=plan, interval=interval, at=at)
        except RegularsError as fault:
            return views.shown(request, now=now, fault=fault)
        context["next"] = views.asked(found)
    return render(request, "billing/change.html", context)


def _reckoned(*, plan: str, interval: str, at: datetime) -> preview.Preview | None:
    seen = gateway.read(views.row_of(current().id).customer).subscription
    if seen is None:
        raise services.NotSubscribed
    wish = services.at_once(seen, plan=plan, interval=interval, prorated_at=at)
    return preview.of_change(seen, wish)


@require_http_methods(["GET", "POST"])
@never_cache
@permissions.needs("billing.manage")
def cancel(request: HttpRequest) -> HttpResponse:
    """Say until when it goes on, ask why, and end it with what is paid."""
    now, row = timezone.now(), views.row_of(current().id)
    if row.status not in gateway.LIVE or row.cancels_at is not None:
        return _as_it_is(request, reached=row.cancels_at is not None)
    form = forms.LeavingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("seen") != views.seen_of(row):
        return _as_it_is(request)
    if request.method == "GET" or not form.is_valid():
        context = {
            "place": "settings",
            "form": form,
            "ends": saying.day(row.period_ends_at),
            "seen": views.seen_of(row),
        }
        status = 422 if form.is_bound else 200
        return render(request, "billing/cancel.html", context, status=status)
    try:
        after = paying.cancel(
            actor=permissions.acting(request),
            now=now,
            feedback=form.cleaned_data["feedback"],
            comment=form.cleaned_data["comment"],
        )
    except RegularsError as fault:
        return views.shown(request, now=now, fault=fault)
    text = _("Cancelled. Everything goes on until %(day)s.")
    toasts.show(request, text % {"day": saying.day(after.cancels_at or after.period_ends_at)})
    return HttpResponseRedirect(reverse("billing"))


@require_POST
@permissions.needs("billing.manage")
def take_back(request: HttpRequest) -> HttpResponse:
    """Let a cancelled subscription go on, or drop the change that waits."""
    now, row = timezone.now(), views.row_of(current().id)
    of_change = request.POST.get("what") == "change"
    if not (row.next_plan if of_change else row.cancels_at):
        return _as_it_is(request, reached=True)
    if request.POST.get("seen") != views.seen_of(row):
        return _as_it_is(request)
    actor = permissions.acting(request)
    try:
        if of_change:
            paying.change(actor=actor, plan=row.plan, interval=row.interval, now=now)
        else:
            paying.take_back(actor=actor, now=now)
    except RegularsError as fault:
        return views.shown(request, now=now, fault=fault)
    toasts.show(request, _("Taken back. It goes on as it is."))
    return HttpResponseRedirect(reverse("billing"))


def _as_it_is(request: HttpRequest, *, reached: bool = False) -> HttpResponse:
    """Change nothing, and show how things stand."""
    if request.method == "POST" and not reached:
        text = _("This has changed meanwhile. See how it stands now, and choose again.")
        toasts.show(request, text, tone="warning")
    return HttpResponseRedirect(reverse("billing"))


def _changed(row: Subscription) -> str:
    if row.next_plan:
        return saying.planned(row)
    told = {"plan": saying.name(row.plan), "rhythm": saying.rhythm(row.interval)}
    return _("You have %(plan)s now, %(rhythm)s.") % told


def _moment(text: str) -> datetime | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= 11
    return datetime.fromtimestamp(int(text), UTC) if is_number else None
