"""Receipts at the counter: found by number, shown, given back or exchanged."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from regulars.audit import Actor
from regulars.errors import RegularsError
from regulars.points import selectors as balances
from regulars.purchases import selectors as purchases
from regulars.purchases.drafts import (
    MEANS,
    ExchangeDraft,
    PaymentDraft,
    PurchaseDraft,
    ReturnDraft,
)
from regulars.purchases.models import Purchase
from regulars.staff import permissions
from regulars.tenancy.context import current
from regulars.usecases import award_purchase, exchange, hand_over_goods, take_return
from regulars.usecases.returned_goods import Settle
from regulars.web import qr, toasts
from regulars.web.complaining import places
from regulars.web.counter import once, place
from regulars.web.counter.forms import SOURCE, ReturnForm, number_of
from regulars.web.counter.place import Counter
from regulars.web.customers import heading
from regulars.web.surveys.counter import on_receipt

_LATEST: Final = timedelta(days=31)


@require_GET
@permissions.needs("purchases.record")
def receipts(request: HttpRequest) -> HttpResponse:
    """Find a receipt by its full number; the latest ones of the store stand below."""
    actor = permissions.acting(request)
    number = request.GET.get("number", "").strip()[:80]
    found = purchases.found_by_number(number) if number else []
    if len(found) == 1:
        return HttpResponseRedirect(reverse("counter_receipt", args=[found[0].pk]))
    counter = place.of(request, actor)
    since = timezone.now().date() - _LATEST  # a store without sales must not search all years
    latest = Purchase.objects.filter(
        store=counter.store, kind=Purchase.Kind.SALE, business_day__gte=since
    )
    context = {
        "place": "counter",
        "number": number,
        "found": found,
        "latest": [
            (each, heading.told(actor, each.customer) if each.customer else "")
            for each in latest.select_related("customer").order_by("-business_day", "-id")[:10]
        ],
        "counter": counter,
    }
    return render(request, "counter/receipts.html", context)


@require_GET
@permissions.needs("purchases.record")
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a receipt with its points, what came back of it, and the way to give it back."""
    purchase, actor = _purchase(pk), permissions.acting(request)
    language = get_language() or ""
    of_points = purchase.original_id if purchase.kind == Purchase.Kind.RETURN else purchase.pk
    entries = balances.entries_of([of_points or purchase.pk], language=language)
    balance = None
    if purchase.customer_id is not None:
        balance = balances.balance(customer_id=purchase.customer_id, now=timezone.now())
    goods = purchases.returnable(purchase.pk) if purchase.kind == Purchase.Kind.SALE else []
    context = {
        "place": "counter",
        "purchase": purchase,
        "who": heading.told(actor, purchase.customer) if purchase.customer else "",
        "entries": entries.get(of_points or purchase.pk, []),
        "balance": balance,
        "is_pending": award_purchase.is_waiting(purchase.pk),
        "payments": [
            {"label": MEANS.get(each["means"], _("Exchange")), **each} for each in purchase.payments
        ],
        "lists": hand_over_goods.checklists(purchase, language=language),
        "can_come_back": any(each.left > 0 for each in goods),
        "returns": Purchase.objects.filter(original_id=purchase.pk).order_by("id"),
        "survey": on_receipt(actor, purchase, now=timezone.now())
        if purchase.kind == Purchase.Kind.SALE
        else None,
        "complain": _code(purchase),
    }
    return render(request, "counter/receipt.html", context)


@require_http_methods(["GET", "POST"])
@permissions.needs("purchases.record")
def give_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take goods back, and hand out others for them in the same step."""
    actor = permissions.acting(request)
    purchase = _purchase(pk)
    counter = place.of(request, actor)
    form = ReturnForm(
        request.POST or None,
        lines=purchases.returnable(purchase.pk),
        currency=current().currency,
        language=get_language() or "",
    )
    if request.method == "POST" and form.is_valid():
        if not form.returned():
            form.add_error(None, _("Write how many pieces of which goods come back."))
        else:
            try:
                done = _done(form, purchase, counter, actor)
            except RegularsError as fault:
                places = [str(each) for faults in fault.fields.values() for each in faults]
                for sentence in places or [str(fault)]:
                    form.add_error(None, sentence)
            else:
                toasts.show(request, _("Taken back."))
                return HttpResponseRedirect(reverse("counter_receipt", args=[done]))
    context = {"place": "counter", "purchase": purchase, "form": form, "counter": counter}
    return render(request, "counter/return.html", context, status=422 if form.errors else 200)


def _done(form: ReturnForm, purchase: Purchase, counter: Counter, actor: Actor) -> UUID:
    """Record the return, or the exchange when new goods were entered; return what to show."""
    now = timezone.now()
    data = form.cleaned_data
    number = number_of(data.get("once"))
    returned = ReturnDraft(
        store_id=counter.store.pk,
        source=SOURCE,
        number=f"{number}-R",
        occurred_at=now,
        original_id=purchase.pk,
        lines=form.returned(),
        guide_id=counter.guide_id,
        reason=data.get("reason") or "",
    )
    lines = form.lines()
    if not lines:
        taken = once.recorded(
            lambda at: take_return.take_return(
                draft=replace(returned, occurred_at=at),
                actor=actor,
                now=now,
                settle=_all_by(data["means"]),
            ),
            number=returned.number,
            now=now,
        )
        return taken.purchase_id
    sale = PurchaseDraft(
        store_id=counter.store.pk,
        source=SOURCE,
        number=number,
        occurred_at=now,
        lines=lines,
        customer_id=purchase.customer_id,
        guide_id=counter.guide_id,
    )
    both = once.recorded(
        lambda at: exchange.exchange(
            draft=ExchangeDraft(
                returned=replace(returned, occurred_at=at), sale=replace(sale, occurred_at=at)
            ),
            actor=actor,
            now=now,
            means=data["means"],
        ),
        number=returned.number,
        now=now,
    )
    return both.sale.purchase_id


def _all_by(means: str) -> Settle:
    return lambda given_back: (PaymentDraft(means=means, amount_minor=given_back),)


def _code(purchase: Purchase) -> str:
    """Return the code with which the customer complains about a sale."""
    if purchase.kind != Purchase.Kind.SALE:
        return ""
    return qr.drawn(places.link(places.of_purchase(purchase.pk)))


def _purchase(pk: UUID) -> Purchase:
    """Return a fact with its lines, store, guide and customer."""
    rows = purchases.with_lines(Purchase.objects.filter(pk=pk)).select_related(
        "store", "guide", "customer"
    )
    found = rows.first()
    if found is None:
        raise Http404
    return found
