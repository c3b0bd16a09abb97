"""Somebody nobody knows wrote in: say who it is, make a customer of them, or settle it."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from regulars.customers import selectors as customers
from regulars.errors import Invalid, RegularsError
from regulars.messages.models import Channel
from regulars.staff import permissions
from regulars.stores import selectors as stores
from regulars.usecases import answering, contact_words, talking
from regulars.web import toasts
from regulars.web.customers import listing
from regulars.web.talking import counting, showing

_HITS: Final = 8
_SEEN: Final = 300  # of these, at most, the form offers stores


class NobodyChosen(Invalid):
    """No customer was chosen."""

    code = "nobody-chosen"
    sentence = gettext_lazy("Choose the customer who wrote this.")


@require_GET
@permissions.needs(talking.OF_STRANGERS)
def stranger(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Show what they wrote, and who it might be."""
    return _page(request, contact_id)


@require_POST
@permissions.needs(talking.OF_STRANGERS)
def attach(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Say that it is this customer."""
    actor = permissions.acting(request)
    chosen = showing.uuid_of(request.POST.get("customer", ""))
    try:
        if chosen is None:
            raise NobodyChosen
        customer = answering.attach(
            actor=actor, contact_id=contact_id, customer_id=chosen, now=timezone.now()
        )
    except RegularsError as fault:
        return _refused(request, contact_id, fault)
    counting.forget(request)
    toasts.show(request, _("It is theirs now, and so will be what they write from there."))
    return HttpResponseRedirect(reverse("conversation", args=[customer.pk]))


@require_POST
@permissions.needs(talking.OF_STRANGERS)
def attach_new(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Make a customer of them."""
    actor = permissions.acting(request)
    name = request.POST.get("name", "")[:80]
    try:
        customer = answering.attach_new(
            actor=actor,
            contact_id=contact_id,
            name=name,
            home_store_id=showing.uuid_of(request.POST.get("store", "")),
            now=timezone.now(),
        )
    except RegularsError as fault:
        return _refused(request, contact_id, fault)
    counting.forget(request)
    toasts.show(request, _("They are on the list now."))
    return HttpResponseRedirect(reverse("conversation", args=[customer.pk]))


@require_POST
@permissions.needs(talking.OF_STRANGERS)
def done(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Settle it without words: nobody's business."""
    actor = permissions.acting(request)
    answering.dismiss(actor=actor, contact_id=contact_id, now=timezone.now())
    counting.forget(request)
    toasts.show(request, _("Nothing waits here any more."))
    return HttpResponseRedirect(reverse("messages"))


def _refused(request: HttpRequest, contact_id: UUID, fault: RegularsError) -> HttpResponse:
    if fault.status in (403, 404):
        raise fault
    fault.settle()
    return _page(request, contact_id, fault=fault)


def _page(
    request: HttpRequest, contact_id: UUID, *, fault: RegularsError | None = None
) -> HttpResponse:
    actor = permissions.acting(request)
    rows = talking.stranger(actor=actor, contact_id=contact_id)
    sender = rows[-1]
    channel = Channel(sender.channel)
    text = request.GET.get("q", "").strip()[:80]
    found = customers.search(actor=actor, text=text, limit=_HITS).customers if text else ()
    context = {
        "place": "messages",
        "sender": sender,
        "is_phone": channel in (Channel.SMS, Channel.CALL),
        "icon": contact_words.ICONS[channel],
        "messages_in": [(row, contact_words.told(row)) for row in rows],
        "text": text,
        "hits": listing.rows(actor, found) if found else [],
        "stores": stores.open_stores(actor.scope).values_list("pk", "name")[:_SEEN],
        "store": showing.uuid_of(request.POST.get("store", "")),
        "fault": fault,
        "typed": request.POST.get("name", "") if fault else "",
    }
    is_search = request.headers.get("HX-Request") and not fault
    name = "talking/stranger.html#hits" if is_search else "talking/stranger.html"
    return render(request, name, context, status=fault.status if fault else 200)
