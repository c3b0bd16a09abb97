"""The counter: find the customer, see who they are, record what was sold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.customers import selectors as customers
from regulars.customers import services as customer_services
from regulars.customers.selectors import Card, Listed
from regulars.errors import RegularsError
from regulars.points import selectors as balances
from regulars.points import tiers
from regulars.staff import permissions
from regulars.tenancy.context import current
from regulars.usecases import preview as previewing
from regulars.usecases import record_purchase
from regulars.web import toasts
from regulars.web.counter import once, place
from regulars.web.counter.forms import NewCustomerForm, SaleForm


@require_GET
@permissions.needs("purchases.record")
def counter(request: HttpRequest) -> HttpResponse:
    """Find a customer; a code that means one person only leads straight to their sale."""
    actor = permissions.acting(request)
    text = request.GET.get("q", "").strip()[:80]
    known = customers.anything(actor=actor, text=text, region=current().country) if text else []
    is_htmx = request.headers.get("HX-Request")
    if len(known) == 1 and not is_htmx:
        return HttpResponseRedirect(_sale_url(known[0].id))
    found = []
    if text and allows(actor, "customers.view"):
        exact = {card.id for card in known}
        hits = customers.search(actor=actor, text=text, limit=12).customers
        found = [hit for hit in hits if hit.id not in exact]
    context = {
        "place": "counter",
        "text": text,
        "known": _hits(actor, known),
        "found": _hits(actor, found),
        "form": NewCustomerForm(initial=_guess(text)),
    }
    return render(request, "counter/find.html#hits" if is_htmx else "counter/find.html", context)


@require_POST
@permissions.needs("purchases.record")
def new_customer(request: HttpRequest) -> HttpResponse:
    """Make a customer of a name and a phone, and go on to their sale."""
    actor = permissions.acting(request)
    form = NewCustomerForm(request.POST)
    known: list[Card] = []
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = customer_services.create(
                actor=actor,
                now=timezone.now(),
                values={key: data[key] for key in ("name", "phone") if data[key]},
                same_phone_is_fine=data["anyway"],
                language=get_language() or "",
            )
        except customer_services.PhoneKnown as fault:
            known = customers.same_phone(actor=actor, phone=data["phone"])
            form.refuse(fault)  # which takes the refused values out of the form's data
        except RegularsError as fault:
            form.refuse(fault)
        else:
            return HttpResponseRedirect(_sale_url(made.pk))
    context = {
        "place": "counter",
        "form": form,
        "known": _hits(actor, known),
        "is_new": True,
    }
    return render(request, "counter/find.html", context, status=422)


@require_http_methods(["GET", "POST"])
@permissions.needs("purchases.record")
def sale(request: HttpRequest) -> HttpResponse:
    """Show the basket for a customer or for nobody, and record it."""
    actor = permissions.acting(request)
    card = _card(request, actor)
    form = _form(request, actor, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            draft = form.draft(customer_id=card.id if card else None, now=now)
            recorded = once.recorded(
                lambda at: record_purchase.record(
                    draft=replace(draft, occurred_at=at), actor=actor, now=now
                ),
                number=draft.number,
                now=now,
            )
        except RegularsError as fault:
            _refuse(form, fault)
        else:
            toasts.show(request, _("Recorded."))
            return HttpResponseRedirect(reverse("counter_receipt", args=[recorded.purchase_id]))
    now = timezone.now()
    tier = tiers.of(card.id, now=now) if card else None
    context = {
        "place": "counter",
        "form": form,
        "counter": form.counter,
        "card": card,
        "balance": balances.balance(customer_id=card.id, now=now) if card else None,
        "tier": tier,
        "tier_label": tier.label.text(get_language() or "") if tier else "",
    }
    return render(request, "counter/sale.html", context, status=422 if form.errors else 200)


@require_GET
@permissions.needs("purchases.record")
def preview(request: HttpRequest) -> HttpResponse:
    """Say what the basket comes to and earns, as it is typed; nothing is written."""
    actor = permissions.acting(request)
    card = _card(request, actor)
    form = _form(request, actor, request.GET)
    answer, fault = None, ""
    if form.is_valid() and form.lines():
        now = timezone.now()
        try:
            draft = form.draft(customer_id=card.id if card else None, now=now)
            answer = previewing.preview(draft=draft, actor=actor, now=now)
        except RegularsError as refusal:
            fault = " ".join(_sentences(refusal))
    context = {"answer": answer, "fault": fault, "form": form, "card": card}
    return render(request, "counter/preview.html", context)


def _form(request: HttpRequest, actor: Actor, data: Any) -> SaleForm:
    return SaleForm(
        data,
        counter=place.of(request, actor),
        currency=current().currency,
        language=get_language() or "",
    )


def _card(request: HttpRequest, actor: Actor) -> Card | None:
    """Return the customer the sale is for, if the address names one."""
    asked = request.GET.get("customer", "")
    try:
        customer_id = UUID(asked)
    except ValueError:
        return None
    return customers.card(actor=actor, customer_id=customer_id)


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody found, with their balance; the phone is masked unless it may be read."""

    person: Card | Listed
    points: int | None
    phone_open: bool


def _hits(actor: Actor, people: Sequence[Card | Listed]) -> list[Hit]:
    held = balances.balances_of_many([each.id for each in people], now=timezone.now())
    return [
        Hit(each, held.get(each.id), customers.may_read_phone(actor, each.owner_id))
        for each in people
    ]


def _sale_url(customer_id: UUID) -> str:
    return f"{reverse('counter_sale')}?customer={customer_id}"


def _guess(text: str) -> dict[str, str]:
    """Put what was searched for where it belongs in the form of a new customer."""
    is_number = text and sum(sign.isdigit() for sign in text) >= len(text) / 2
    return {"phone": text} if is_number else {"name": text}


def _refuse(form: SaleForm, fault: RegularsError) -> None:
    """Show every sentence of a refusal; the places of a draft are not those of the form."""
    for sentence in _sentences(fault):
        form.add_error(None, sentence)


def _sentences(fault: RegularsError) -> list[str]:
    return [str(each) for faults in fault.fields.values() for each in faults] or [str(fault)]
