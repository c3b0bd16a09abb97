"""Handing a gift to a customer for a day of theirs, and what they were given before."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars.audit import Actor
from regulars.customers.models import Customer
from regulars.errors import RegularsError
from regulars.followups.models import Gift as Given
from regulars.followups.occasions import gifts, given, giving
from regulars.followups.occasions.gifts import Gift
from regulars.staff import permissions
from regulars.stores.models import Store
from regulars.tenancy.context import current
from regulars.web import toasts
from regulars.web.counter import place
from regulars.web.customers import heading
from regulars.web.handing.gift_forms import GivingForm
from regulars.web.headoffice import people
from regulars.web.today import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """An occasion with what may be given for it; `meant` for this customer, closest first."""

    near: giving.Near
    words: str
    meant: tuple[Gift, ...]
    others: tuple[Gift, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Had:
    """A gift that was handed over."""

    gift: Given
    occasion: str
    store: str
    guide: str


@require_http_methods(["GET", "POST"])
@permissions.needs("customers.edit")
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand over a gift for a day that is near; what was given before stands below."""
    actor, customer = heading.opened(request, pk)
    faults: list[str] = []
    if request.method == "POST":
        form = GivingForm(request.POST)
        if form.is_valid():
            faults = _given(request, actor, customer, form)
            if not faults:
                toasts.show(request, _("Handed over. Its cost is booked."))
                return HttpResponseRedirect(reverse("customer_gifts", args=[customer.pk]))
        else:
            faults = [str(each) for each in form.errors.get("gift", ())]
            faults = faults or [_("Choose the day and the gift again.")]
    language = get_language() or ""
    context = {
        **heading.shown(customer),
        "days": _days(customer, language),
        "had": _had(customer, language),
        "has_rules": bool(gifts.rules()),
        "may_set": permissions.allows(actor, "rules.manage"),
        "sees_cost": permissions.allows(actor, "insights.view"),
        "faults": faults,
        "currency": current().currency,
    }
    return render(request, "handing/giving.html", context, status=422 if faults else 200)


def _given(request: HttpRequest, actor: Actor, customer: Customer, form: GivingForm) -> list[str]:
    """Hand it over; returns the sentences of a refusal."""
    kind, source, on = form.occasion
    try:
        giving.hand_over_gift(
            actor=actor,
            customer_id=customer.pk,
            kind=kind,
            source=source,
            occasion_on=on,
            gift_key=form.cleaned_data["gift"],
            store_id=place.of(request, actor).store.pk,
            now=timezone.now(),
        )
    except RegularsError as fault:
        fault.settle()
        return [str(fault)]
    return []


def _days(customer: Customer, language: str) -> list[Day]:
    now = timezone.now()
    near = giving.near(customer=customer, now=now)
    kinds = {each.kind for each in near if each.given is None}
    offers = gifts.offers(customer_id=customer.pk, kinds=kinds, now=now)
    return [
        Day(
            near=each,
            words=words.occasion(each.kind, label=each.label, title="", language=language),
            meant=offers[each.kind].meant if each.kind in offers else (),
            others=offers[each.kind].others if each.kind in offers else (),
        )
        for each in near
        if each.given is not None or each.kind in offers
    ]


def _had(customer: Customer, language: str) -> list[Had]:
    rows = given.of_customer(customer.pk)
    stores = Store.objects.in_bulk([row.store_id for row in rows]) if rows else {}
    guides = people.guides(row.guide_id for row in rows)
    return [
        Had(
            gift=row,
            occasion=words.occasion(row.kind, label="", title="", language=language),
            store=stores[row.store_id].name if row.store_id in stores else "",
            guide=guides.get(row.guide_id, "") if row.guide_id else "",
        )
        for row in rows
    ]
