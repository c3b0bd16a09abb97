"""One customer's page: who they are, what happened, and the one thing worth asking."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from regulars import registry
from regulars.audit.decisions import allows
from regulars.complaints import selectors as complaints
from regulars.customers import selectors as customers
from regulars.customers import services
from regulars.followups.occasions import gifts
from regulars.points import selectors as points
from regulars.points import tiers
from regulars.purchases import selectors as purchases
from regulars.staff import permissions
from regulars.usecases import timeline
from regulars.web.contacts import serving
from regulars.web.customers import file, heading, questioning
from regulars.web.customers.forms import NoteForm

_PERMISSIONS = ("edit", "merge", "erase", "export", "hand-over", "reveal-phone")


@require_GET
@permissions.needs("customers.view")
def profile(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show everything about one customer that this person may see."""
    actor, customer = heading.opened(request, pk)
    now, language = timezone.now(), get_language() or ""
    standing = purchases.standing_of(customer.pk)
    tier = tiers.of(customer.pk, now=now)
    events = list(customers.life_events(customer.pk))
    standing_consents = customers.consents_of(customer.pk)
    story = timeline.page(customer_id=customer.pk, actor=actor, limit=15, language=language)
    context: dict[str, Any] = {
        **heading.shown(customer),
        "may": {
            name.replace("-", "_"): allows(actor, f"customers.{name}") for name in _PERMISSIONS
        },
        "may_sell": allows(actor, "purchases.record"),
        "may_complain": allows(actor, "complaints.handle"),
        "may_care": allows(actor, "care.view"),
        "phone_open": customers.may_read_phone(actor, customer.owner_id),
        "standing": standing,
        "balance": points.balance(customer_id=customer.pk, now=now),
        "tier": tier.label.text(language) if tier else "",
        "warnings": list(customers.notes(customer.pk).filter(is_warning=True)),
        "days": file.days(events, language),
        "things": file.things(customers.possessions(customer.pk), language),
        "facts": file.of(customer, language),
        "consents": file.consents(standing_consents),
        "has_kinds": any(not each.retired for each in registry.vertical().possessions),
        "numbers": customers.identities(customer.pk),
        "absorbed": customers.absorbed(customer.pk),
        "story": story,
        "tabs": serving.tabs(customer.pk, current="file"),
        "note_form": NoteForm(),
        "has_gifts": bool(gifts.rules()),
        "complaints": complaints.open_of([customer.pk], actor=actor).get(customer.pk, ()),
    }
    if context["may"]["edit"]:
        kinds = {event.kind for event in events}
        context["asked"] = questioning.next_for(
            customer, purchases=standing.purchases, kinds=kinds, consents=standing_consents
        )
    return render(request, "customers/profile.html", context)


@require_GET
@permissions.needs("customers.view")
def story(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with earlier events of the timeline."""
    actor, customer = heading.opened(request, pk)
    page = timeline.page(
        customer_id=customer.pk,
        actor=actor,
        before=request.GET.get("before", ""),
        limit=30,
        language=get_language() or "",
    )
    context = {
        "customer": customer,
        "story": page,
        "may_sell": allows(actor, "purchases.record"),
        "may_complain": allows(actor, "complaints.handle"),
    }
    return render(request, "customers/story.html", context)


@require_POST
@permissions.needs("customers.reveal-phone")
def reveal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the phone this once; that somebody looked is written down."""
    actor = permissions.acting(request)
    phone = services.reveal_phone(actor=actor, customer_id=pk, now=timezone.now())
    context = {"phone": phone, "back": heading.address(pk), "place": "customers"}
    template = (
        "customers/phone.html"
        if request.headers.get("HX-Request")
        else ("customers/phone_page.html")
    )
    return render(request, template, context)
