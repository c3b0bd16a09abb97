"""To Stripe and back: subscribing, cards and invoices, and the way home."""

from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from regulars.billing import gateway, preview, settling
from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.stores import selectors as stores
from regulars.tenancy.context import current
from regulars.usecases import paying
from regulars.web import toasts
from regulars.web.billing import offers, views

LOOKS: Final = 10
"""How often the way home looks, a second apart, before it says that it takes longer."""
_ASKS_FROM: Final = 3
"""From which look on it asks Stripe itself, and waits no more to be told."""


@require_POST
@permissions.needs("billing.manage")
def subscribe(request: HttpRequest) -> HttpResponse:
    """Lead to Checkout for a plan; the same wish leads to the same Checkout."""
    now, chain = timezone.now(), current()
    wish = request.POST.get("currency", "")
    try:
        link = paying.subscribe(
            actor=permissions.acting(request),
            plan=request.POST.get("plan", ""),
            interval=request.POST.get("interval", ""),
            currency=offers.currency_of(chain, views.row_of(chain.id), wish),
            stores=max(1, stores.count_open()),
            success_url=request.build_absolute_uri(reverse("billing_back")),
            cancel_url=request.build_absolute_uri(reverse("billing")),
            now=now,
        )
    except RegularsError as fault:
        return views.shown(request, now=now, fault=fault)
    return _leaving(request, link.url)


@require_POST
@permissions.needs("billing.manage")
def portal(request: HttpRequest) -> HttpResponse:
    """Lead to where cards, addresses and invoices are looked after."""
    return _to_portal(request)


def _to_portal(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    try:
        url = paying.portal(
            actor=permissions.acting(request),
            return_url=request.build_absolute_uri(f"{reverse('billing_back')}?of=portal"),
            now=now,
        )
    except RegularsError as fault:
        return views.shown(request, now=now, fault=fault)
    return _leaving(request, url)


@require_POST
@permissions.needs("billing.manage")
def pay(request: HttpRequest) -> HttpResponse:
    """Lead to the page of the oldest invoice that is to be paid; else to the portal."""
    customer = views.row_of(current().id).customer
    try:
        found = preview.invoices(customer) if customer else []
    except (gateway.Away, gateway.Refused) as fault:
        return views.shown(request, now=timezone.now(), fault=fault)
    to_pay = [each.page for each in found if each.status == "open" and each.page]
    return _leaving(request, to_pay[-1]) if to_pay else _to_portal(request)


def _leaving(request: HttpRequest, url: str) -> HttpResponse:
    """Go on to Stripe by a page of ours: a form may not lead to another host by itself."""
    response = render(request, "billing/leaving.html", {"url": url})
    response["Refresh"] = f"0; url={url}"
    return response


@require_GET
@never_cache
@permissions.needs("billing.manage")
def back(request: HttpRequest) -> HttpResponseBase:
    """Wait until what was done at Stripe is known here; after some looks say that it takes longer.

    From the portal Stripe is asked at once, since nobody knows whether anything was done there.
    """
    from_portal = request.GET.get("of") == "portal"
    looked = _number(request.GET.get("looked", ""))
    is_read = looked >= (1 if from_portal else _ASKS_FROM) and _is_read()
    is_live = views.row_of(current().id).status in gateway.LIVE
    if is_read if from_portal else is_live:
        if not from_portal:
            toasts.show(request, _("Thank you. Your subscription runs."))
        return _home(request)
    query = {"looked": looked + 1, **({"of": "portal"} if from_portal else {})}
    context = {
        "place": "settings",
        "again": f"{reverse('billing_back')}?{urlencode(query)}" if looked < LOOKS else "",
        "from_portal": from_portal,
    }
    part = "#waiting" if _is_part(request) else ""
    return render(request, f"billing/back.html{part}", context)


def _is_read() -> bool:
    """Ask Stripe itself; while it is away the page goes on waiting, and the night finds it."""
    try:
        settling.settle(chain_id=current().id, now=timezone.now())
    except (gateway.Away, gateway.Refused):
        return False
    return True


def _home(request: HttpRequest) -> HttpResponseBase:
    url = reverse("billing")
    if _is_part(request):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _is_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
