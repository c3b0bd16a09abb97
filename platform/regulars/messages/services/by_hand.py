"""What people do themselves: calls, visits, messages on their own phone, letters."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor, ActorKind
from regulars.customers.selectors import visibility
from regulars.errors import Invalid, NotFound
from regulars.messages import keys, refusals
from regulars.messages.models import BY_HAND, Contact
from regulars.messages.refusals import NotLikeThis
from regulars.messages.services import reserving
from regulars.messages.services.reserving import Draft

LONGEST_AGO: Final = timedelta(days=366)  # what is older is history, and nobody's to write down
OWN_PHONE: Final = "by-hand"  # in `Contact.facts`: nobody but a person sends it
_LONGEST_FAULT: Final = 200


class NotByHand(Invalid):
    """Only what a person does can be written down afterwards."""

    code = "contact-not-by-hand"
    sentence = _("Only calls, visits, letters and messages by hand can be written down afterwards.")


class TooLongAgo(Invalid):
    """What happened more than a year ago is not written down any more."""

    code = "contact-too-long-ago"
    sentence = _("This was more than a year ago. Write down what happened since.")


@transaction.atomic
def log(*, actor: Actor, draft: Draft, now: datetime) -> Contact:
    """Write down a contact that has happened already, at `draft.at`; it is never refused.

    If the budget did not allow it, it is `flagged`. A merged record's is the survivor's. The same
    key is the same contact. Raises NotByHand, TooLongAgo, NotFound, SaidOtherwise.
    """
    if draft.channel not in BY_HAND:
        raise NotByHand
    if draft.at is not None and draft.at < now - LONGEST_AGO:
        raise TooLongAgo(fields={"at": [TooLongAgo.sentence]})
    key = keys.hashed(draft.key)
    if key and (kept := Contact.objects.filter(key=key).first()):
        reserving.check_same(kept, draft)
        return kept
    customer = visibility.get(actor=actor, customer_id=draft.customer_id)
    row = Contact(
        customer=customer,
        purpose=draft.purpose,
        channel=draft.channel,
        state=Contact.State.LOGGED,
        at=min(draft.at or now, now),
        tier=draft.tier,
        store_id=draft.store_id,
        staff_id=draft.staff_id or (actor.id if actor.kind is ActorKind.STAFF else None),
        occasion=draft.occasion,
        template=draft.template,
        source=draft.source,
        source_id=draft.source_id,
        key=key,
        address=draft.address,
        subject=draft.subject,
        text=draft.text,
        language=draft.language,
        facts=draft.facts,
        settled_at=now,
    )
    row.save(force_insert=True)
    row.refresh_from_db(fields=["flagged"])
    return row


def cancel(*, actor: Actor, contact_id: UUID, now: datetime) -> None:
    """Give up a contact that was reserved and not begun; its allowance is free again.

    Raises NotFound, NotLikeThis. Cancelled twice is cancelled once.
    """
    _settle(actor, contact_id, Contact.State.CANCELLED, fault="", now=now)


def conclude(
    *, actor: Actor, contact_id: UUID, reached: bool, now: datetime, text: str = ""
) -> None:
    """Say whether a reserved call or visit reached the customer; if not, it uses no allowance.

    `text` is what was said, or sent by hand. Raises NotFound, NotLikeThis. The same word twice is
    no fault.
    """
    state = Contact.State.DELIVERED if reached else Contact.State.FAILED
    _settle(actor, contact_id, state, fault="" if reached else "not-reached", now=now, text=text)


@transaction.atomic
def _settle(
    actor: Actor, contact_id: UUID, state: str, *, fault: str, now: datetime, text: str = ""
) -> None:
    rows = Contact.objects.select_for_update(of=("self",)).filter(
        visibility.within(actor.scope, "customer__"), pk=contact_id
    )
    row = rows.first()
    if row is None:
        raise NotFound
    if row.state == state:
        return
    if row.state != Contact.State.RESERVED:
        raise NotLikeThis
    row.state, row.fault, row.settled_at = state, fault[:_LONGEST_FAULT], now
    row.text = text or row.text
    try:
        with transaction.atomic():
            row.save(update_fields=["state", "fault", "settled_at", "text"])
    except DatabaseError as error:
        if refusals.sqlstate(error) == refusals.NOT_LIKE_THIS:
            raise NotLikeThis from error
        raise
