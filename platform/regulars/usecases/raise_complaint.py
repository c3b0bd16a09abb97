"""A complaint is raised about something: a purchase, one line of it, a possession, a message (Q1).

What is named is looked up and must be the customer's, or of a store the actor works for; from it
come the goods and the day that the complaint keeps for what is learned later (Q8).
"""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from regulars import registry
from regulars.audit import Actor
from regulars.complaints import services
from regulars.complaints.models import Case
from regulars.complaints.services.opening import ComplaintRefused, Draft
from regulars.customers.models import Possession
from regulars.customers.selectors import visibility
from regulars.messages.models import Channel, Contact
from regulars.purchases.models import Line, Purchase
from regulars.tenancy import context

_PHONES: Final = frozenset({Channel.SMS, Channel.CALL})
_BATCH: Final = ("batch-number", "batch")  # fields of a line, where a vertical has them


def raised(*, actor: Actor, draft: Draft, now: datetime, key: str) -> Case:
    """Complete a draft and open the complaint; the same key is the same complaint.

    Raises Forbidden, NotFound, ComplaintRefused, WordsMissing.
    """
    return services.open_case(actor=actor, draft=complete(actor, draft), now=now, key=key)


def complete(actor: Actor, draft: Draft) -> Draft:
    """Return the draft with what follows from the ids it names. Raises ComplaintRefused."""
    if draft.customer_id is not None:  # merged meanwhile: whoever they are one with now
        kept = visibility.survivor_of(draft.customer_id).first()
        draft = replace(draft, customer_id=kept or draft.customer_id)
    if draft.contact_id is not None:
        draft = _by_contact(actor, draft, draft.contact_id)
    if draft.possession_id is not None:
        draft = _by_possession(draft, draft.possession_id)
    if draft.purchase_id is not None:
        draft = _by_purchase(actor, draft, draft.purchase_id)
    elif draft.line_id is not None:
        raise _wrong("line", _("Choose the purchase it belongs to."))
    return draft


def _by_contact(actor: Actor, draft: Draft, contact_id: UUID) -> Draft:
    """Take whom a message is from; one nobody knows leaves its number or address."""
    found = Contact.objects.filter(pk=contact_id, direction=Contact.Direction.IN).first()
    if found is None:
        raise _wrong("contact", _("This message is not there."))
    if found.customer_id is not None:
        if draft.customer_id not in (None, found.customer_id):
            raise _wrong("contact", _("This message is from another customer."))
        return replace(draft, customer_id=found.customer_id)
    if found.store_id is not None and not actor.scope.covers(found.store_id):
        raise _wrong("contact", _("This message is not there."))
    if draft.customer_id is not None:
        return draft
    phone = found.address if found.channel in _PHONES else ""
    email = found.address if found.channel == Channel.EMAIL else ""
    return replace(draft, phone=draft.phone or phone, email=draft.email or email)


def _by_possession(draft: Draft, possession_id: UUID) -> Draft:
    found = Possession.objects.filter(pk=possession_id, customer=draft.customer_id).first()
    if found is None:
        raise _wrong("possession", _("This is not one of the customer's things."))
    bought = Line.objects.filter(pk=found.line_id).first() if found.line_id else None
    name = found.title or _kind(found.kind)
    draft = replace(draft, product_name=draft.product_name or name)
    if bought is None or draft.purchase_id is not None:
        return draft
    return replace(draft, purchase_id=bought.purchase_id, line_id=bought.pk)


def _by_purchase(actor: Actor, draft: Draft, purchase_id: UUID) -> Draft:
    """Take the goods and the day of a purchase, and whose it was."""
    about = Q(pk=purchase_id) & ~Q(kind=Purchase.Kind.VOID)
    found = Purchase.objects.filter(about).prefetch_related("lines").first()
    theirs = found.customer_id if found else None
    if found is None or (theirs is None and not actor.scope.covers(found.store_id)):
        raise _wrong("purchase", _("This purchase is not there."))
    if theirs is not None and draft.customer_id not in (None, theirs):
        raise _wrong("purchase", _("This purchase is another customer's."))
    lines = list(found.lines.all())
    line = next((each for each in lines if each.pk == draft.line_id), None)
    if line is None and draft.line_id is not None:
        raise _wrong("line", _("This line is not of that purchase."))
    only = lines[0] if line is None and len(lines) == 1 else line
    draft = replace(
        draft,
        customer_id=draft.customer_id or theirs,
        bought_on=draft.bought_on or found.business_day,
    )
    if only is None:
        return draft
    return replace(
        draft,
        line_id=only.pk,
        product_code=draft.product_code or only.product_code,
        product_name=draft.product_name or only.product_name,
        batch=draft.batch
        or next((str(only.extra[key]) for key in _BATCH if key in only.extra), ""),
    )


def _kind(key: str) -> str:
    kind = registry.vertical().possession(key)
    return kind.label.text(context.current().language) if kind else ""


def _wrong(field: str, sentence: str) -> ComplaintRefused:
    return ComplaintRefused(fields={field: [sentence]})
