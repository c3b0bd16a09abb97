"""Handing goods over at the counter: the checklist, and the card the customer takes home (C11)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.usecases import hand_over_goods
from regulars.usecases.hand_over_goods import Checklist
from regulars.web import qr, toasts
from regulars.web.complaining import places
from regulars.web.counter import place

PAPERS: Final = ("a6", "receipt")


@require_http_methods(["GET", "POST"])
@permissions.needs("purchases.record")
def checklist(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go through what is to be seen to when the goods of a receipt are handed over."""
    purchase = hand_over_goods.opened(pk)
    lists = hand_over_goods.checklists(purchase, language=get_language() or "")
    fault = ""
    if request.method == "POST":
        actor = permissions.acting(request)
        try:
            hand_over_goods.hand_over(
                actor=actor,
                purchase_id=purchase.pk,
                store_id=place.of(request, actor).store.pk,
                done=_ticked(request.POST, lists),
                now=timezone.now(),
            )
        except RegularsError as refusal:
            refusal.settle()
            fault = str(refusal)
        else:
            toasts.show(request, _("Kept. Print the card for the customer."))
            return HttpResponseRedirect(reverse("counter_handover", args=[purchase.pk]))
    context = {"place": "counter", "purchase": purchase, "lists": lists, "fault": fault}
    return render(request, "handing/checklist.html", context, status=422 if fault else 200)


@require_GET
@permissions.needs("purchases.record")
def card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the card for printing, as small as a postcard or as wide as a receipt."""
    purchase = hand_over_goods.opened(pk)
    made = hand_over_goods.card_of(purchase)
    paper = request.GET.get("paper", "")
    context = {
        "purchase": purchase,
        "card": made,
        "code": _code(made.phone),
        "complain": qr.drawn(places.link(places.of_purchase(purchase.pk))),
        "paper": paper if paper in PAPERS else PAPERS[0],
    }
    return render(request, "handing/card.html", context)


def _ticked(sent: QueryDict, lists: Sequence[Checklist]) -> dict[str, list[str]]:
    """Return the items ticked of each checklist that stood on the page."""
    shown = set(sent.getlist("list"))
    return {each.key: sent.getlist(f"done-{each.key}") for each in lists if each.key in shown}


def _code(phone: str) -> str:
    """Return a drawing that a phone's camera reads as a number to ring; empty without one."""
    return qr.drawn(f"tel:{phone}") if phone else ""
