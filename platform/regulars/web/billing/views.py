"""The page of the subscription, and the two parts of it that ask Stripe."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from regulars.billing import gateway, lifetime, plans, preview, settling
from regulars.billing.models import Subscription
from regulars.billing.standing import OWING
from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.tenancy.context import current
from regulars.web.billing import offers, saying, using


@require_GET
@never_cache
@permissions.needs("billing.manage")
def start(request: HttpRequest) -> HttpResponse:
    """Show the subscription: from what we hold, so that it is there while Stripe is away."""
    return shown(request, now=timezone.now())


def shown(
    request: HttpRequest, *, now: datetime, fault: RegularsError | None = None
) -> HttpResponse:
    """Return the page, with the sentence of what was refused and its status."""
    if fault is not None:
        fault.settle()
    chain, row = current(), row_of(current().id)
    stands = settling.stand(row, now=now)
    used = using.of_chain(now)
    wish = request.POST if request.method == "POST" else request.GET
    interval = _interval(str(wish.get("pay") or wish.get("interval", "")), row)
    currency = offers.currency_of(chain, row, str(wish.get("currency", "")))
    is_live = row.status in gateway.LIVE
    context = {
        "place": "settings",
        "fault": fault,
        "wants_card": isinstance(fault, gateway.CardRefused),
        "row": row,
        "access": chain.access,
        "words": saying.standing(row, stands, is_demo=chain.is_demo),
        "planned": saying.planned(row),
        "is_live": is_live,
        "owes": row.status in OWING,
        "seen": seen_of(row),
        "used": used,
        "offers": offers.all_of(row, used.usage, interval=interval, currency=currency),
        "interval": interval,
        "shown_currency": currency,
        "currencies": _currencies(row, chain.currency),
        "stores": saying.stores(max(1, used.usage.stores)),
        "next": _held(row),
        "asks": is_live and row.cancels_at is None,
        "now": now,
    }
    return render(request, "billing/start.html", context, status=fault.status if fault else 200)


@require_GET
@never_cache
@permissions.needs("billing.manage")
def next_payment(request: HttpRequest) -> HttpResponse:
    """Show what is paid next and why, by Stripe; by what we hold where it does not answer."""
    row = row_of(current().id)
    try:
        found = preview.upcoming(row)
        owed = _owed(row) if row.status in OWING else 0
    except (gateway.Away, gateway.Refused) as fault:
        shown = _held(row) | {"fault": fault}
    else:
        shown = asked(found) | {"owed": owed, "in": row.currency}
    return render(request, "billing/next.html", {"next": shown, "row": row})


@require_GET
@never_cache
@permissions.needs("billing.manage")
def invoices(request: HttpRequest) -> HttpResponse:
    """Show the last invoices, by Stripe, which alone has them."""
    customer = row_of(current().id).customer
    context: dict[str, Any] = {"invoices": [], "most": preview.MOST}
    try:
        found = preview.invoices(customer) if customer else []
    except (gateway.Away, gateway.Refused) as fault:
        context["fault"] = fault
    else:
        context["invoices"] = [
            (each, saying.day(each.at), *_state_of(each.status)) for each in found
        ]
    return render(request, "billing/invoices.html", context)


def _owed(row: Subscription) -> int:
    """Return what is open of invoices, in minor units."""
    found = preview.invoices(row.customer)
    return sum(each.open_minor for each in found if each.status == "open")


def _state_of(status: str) -> tuple[str, str]:
    words, tone = saying.INVOICE_STATES.get(status, (status, "quiet"))
    return str(words), tone


def row_of(chain_id: UUID) -> Subscription:
    """Return what we hold of a chain's subscription; a trial from now where there is nothing."""
    return lifetime.begin(chain_id=chain_id, now=timezone.now())


def seen_of(row: Subscription) -> str:
    """Name the state a page was shown in: what is sent from it later is for this state alone."""
    names = ("subscription", "status", "plan", "interval", "quantity", "next_plan", "cancels_at")
    return gateway.fingerprint({name: getattr(row, name) for name in names})


def _interval(wish: str, row: Subscription) -> str:
    known = {"yearly": "year", "monthly": "month", "year": "year", "month": "month"}
    return known.get(wish) or row.interval or Subscription.Interval.YEAR


def _currencies(row: Subscription, own: str) -> tuple[str, ...]:
    """Return what can be chosen between: nothing, unless we have no price in the chain's own."""
    possible = plans.currencies_of(own, row.currency)
    return possible if len(possible) > 1 else ()


def _held(row: Subscription) -> dict[str, Any]:
    found = offers.held(row)
    if found is None:
        return {"by": "none"}
    total, at = found
    return {"by": "held", "total": total, "currency": row.currency, "day": saying.day(at)}


def asked(found: preview.Preview | None) -> dict[str, Any]:
    """Return an invoice to come as pages show it."""
    if found is None:
        return {"by": "none"}
    return {
        "by": "stripe",
        "total": found.due_minor,
        "currency": found.currency,
        "day": saying.day(found.at),
        "lines": [
            {"says": saying.line(each), "amount": each.amount_minor}
            for each in found.lines
            if each.amount_minor or each.kind is not preview.Kind.MESSAGES
        ],
        "discount": -found.discount_minor,
        "tax": found.tax_minor,
        "credit": -found.credit_minor,
        "kept": -found.total_minor if found.total_minor < 0 else 0,
    }
