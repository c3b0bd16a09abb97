"""Asking at the counter: the code on the receipt, and the tablet beside the till."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.audit import Actor
from regulars.purchases.models import Purchase
from regulars.staff import permissions
from regulars.surveys import links
from regulars.surveys.services import (
    BoughtElsewhere,
    LinkOver,
    NoSuchLink,
    hand_tablet,
    opened_purchase,
)
from regulars.usecases import ask_customers
from regulars.web import qr, toasts
from regulars.web.counter import place


@dataclass(frozen=True, slots=True)
class OnReceipt:
    """What a receipt shows of its survey."""

    is_answered: bool
    is_over: bool
    code: SafeString
    may_hand: bool  # to the tablet: what was bought in a store of one's own


def on_receipt(actor: Actor, purchase: Purchase, *, now: datetime) -> OnReceipt | None:
    """Return what is asked about a purchase; None where no survey follows one. Two statements."""
    try:
        found = opened_purchase(purchase.pk, now=now)
    except NoSuchLink:
        return None
    code = qr.drawn(ask_customers.address(links.token("purchase", purchase.pk)))
    may_hand = actor.scope.covers(purchase.store_id)
    return OnReceipt(found.is_answered, found.is_over, code, may_hand)


@require_POST
@permissions.needs("purchases.record")
def hand(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the tablet of this counter ask about a purchase. Raises NoSuchLink."""
    actor = permissions.acting(request)
    try:
        hand_tablet(
            actor=actor,
            purchase_id=pk,
            store_id=place.of(request, actor).store.pk,
            now=timezone.now(),
        )
    except (LinkOver, BoughtElsewhere) as fault:
        fault.settle()
        toasts.show(request, str(fault), tone="bad")
    else:
        toasts.show(request, _("The tablet asks about this purchase for the next five minutes."))
    return HttpResponseRedirect(reverse("counter_receipt", args=[pk]))
