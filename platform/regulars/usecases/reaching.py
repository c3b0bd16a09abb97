"""Reaching one customer: calling, writing, and writing down what happened elsewhere (C1, C7).

A call is reserved before anybody dials, a message before it leaves, so the budget is asked once
and for all. Every act takes a `key` made where the button is: the same key is the same contact.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import allows, require
from regulars.complaints import selectors as complaints
from regulars.customers import selectors as customers
from regulars.customers.models import Customer
from regulars.errors import Invalid, NotFound
from regulars.kit import labels, lint
from regulars.kit.lint import Finding
from regulars.messages import services, wording
from regulars.messages.gateways import chosen
from regulars.messages.models import BY_HAND, Channel, Contact, Purpose
from regulars.messages.refusals import NoAddress, NotLikeThis
from regulars.messages.selectors import facts, rendering, templates
from regulars.messages.selectors.rendering import Rendered
from regulars.messages.services import Draft
from regulars.messages.services.by_hand import OWN_PHONE
from regulars.tenancy import context
from regulars.usecases import contacting, phrasing, reachable
from regulars.usecases.phrasing import About
from regulars.usecases.reachable import Way, ways

__all__ = [
    "About",
    "Way",
    "by_hand",
    "call",
    "conclude",
    "log",
    "send",
    "suggested",
    "ways",
]

PERMISSION: Final = "customers.edit"
OF_OTHERS: Final = "care.manage"  # say what became of a call that a colleague began
CARE: Final = Purpose.CARE
FOLLOW_UP: Final = "followup"  # what `Contact.source` says of a step of a plan
COMPLAINT: Final = "complaint"  # what `Contact.source` says of an answer to an open complaint
ANSWERS: Final = "answers"  # in `Contact.facts`: they wrote on this channel a short while ago
_ROOM: Final = 2_000  # characters of one message
_OFFERS: Final = frozenset({"sells-discount", "sells-hurry", "chain-word"})

suggested = phrasing.suggested


class WordsRefused(Invalid):
    """The words sell where they must not, say no name, or leave a place empty."""

    code = "words-refused-here"
    sentence = _("These words cannot be sent like this. Please look at what is marked.")

    def __init__(self, found: tuple[Finding, ...]) -> None:
        """Take what the lint found in the text."""
        language = get_language() or "en"
        super().__init__(fields={"text": [each.reason.text(language) for each in found]})
        self.findings = found


class NothingToSay(Invalid):
    """There are no words to send."""

    code = "words-missing"
    sentence = _("Write something first.")


class ApprovedOnly(Invalid):
    """The provider sends texts it has approved, and these are none of them."""

    code = "words-not-approved"
    sentence = _(
        "This provider sends approved texts only. Choose a prepared text it has approved, "
        "unchanged, or another way."
    )


class NoSuchComplaint(Invalid):
    """It was said to be about a complaint that is closed, or another customer's."""

    code = "no-such-complaint"
    sentence = _("This complaint is closed, or another customer's. Please look again.")


class NoSuchWay(Invalid):
    """The chain has no provider for this way, or it is none that is sent."""

    code = "no-such-way"
    sentence = _("Nothing can be sent this way. Choose another.")


def call(
    *,
    actor: Actor,
    customer_id: UUID,
    now: datetime,
    key: str,
    purpose: str = Purpose.CARE,
    occasion: str = "",
    task_id: UUID | None = None,
    complaint_id: UUID | None = None,
) -> UUID:
    """Reserve a call before dialling and return its contact; `conclude` it afterwards.

    `complaint_id` says that it is about this open complaint, and so service: everything else rests
    while one is open. Raises Forbidden, NotFound, NoSuchComplaint,
    ContactRefused with the moment it will be possible, and NotLikeThis if the call of this key is
    over: another call is another key, and asks the budget again.
    """
    about = About(occasion=occasion, task_id=task_id, complaint_id=complaint_id)
    draft = _draft(actor, customer_id, Channel.CALL, purpose, about, key=key)
    if not reachable.person_of(actor, draft.customer_id, purpose=draft.purpose).phone:
        raise NoAddress(NoAddress.at_no_time)
    return _begun(contacting.reserve(actor=actor, draft=draft, now=now))


def by_hand(
    *,
    actor: Actor,
    customer_id: UUID,
    channel: str,
    text: str,
    now: datetime,
    key: str,
    purpose: str = Purpose.CARE,
    about: About | None = None,
) -> UUID:
    """Reserve words that go from the guide's own phone; `conclude` it when they are sent.

    Raises as `call`, and NoSuchWay, NothingToSay, WordsRefused.
    """
    if channel not in BY_HAND or channel == Channel.CALL:
        raise NoSuchWay
    draft = _draft(actor, customer_id, channel, purpose, about or About(), key=key)
    words = _checked(actor, text, draft)
    told = {OWN_PHONE: True}
    return _begun(
        contacting.reserve(actor=actor, draft=replace(draft, text=words, facts=told), now=now)
    )


@transaction.atomic
def send(
    *,
    actor: Actor,
    customer_id: UUID,
    channel: str,
    now: datetime,
    key: str,
    purpose: str = Purpose.CARE,
    text: str = "",
    subject: str = "",
    about: About | None = None,
    source: str = "",
) -> UUID:
    """Reserve a message and have it sent; return its contact.

    `text` is what was typed, or what a template came to; empty: the template of `about` says it.
    Raises as `call`, and NoSuchWay, NothingToSay, WordsRefused, ApprovedOnly, and SaidOtherwise if
    the same key came with other words before.
    """
    about = about or About()
    draft = _draft(actor, customer_id, channel, purpose, about, key=key)
    if channel not in chosen.channels():
        raise NoSuchWay
    if not text and about.template:
        filled = phrasing.one(
            actor=actor, customer_id=draft.customer_id, about=about, channel=channel, now=now
        )
        text, subject = filled.text, filled.subject
    words = _checked(actor, text, draft, subject=subject)
    draft = replace(draft, text=words, subject=subject.strip(), source=draft.source or source)
    return deliver(actor=actor, draft=draft, about=about, now=now)


def deliver(
    *, actor: Actor, draft: Draft, about: About, now: datetime, rendered: Rendered | None = None
) -> UUID:
    """Reserve words that were judged already and have them sent, in the caller's transaction.

    `rendered` is what the template of `about` came to, for providers of approved texts, where it
    says more than is known of the customer. Raises ContactRefused, ApprovedOnly.
    """
    told = _told(actor, draft, about, rendered, now=now)
    contact_id = contacting.reserve(actor=actor, draft=replace(draft, facts=told), now=now)
    services.dispatch(contact_id=contact_id)
    return contact_id


def conclude(
    *, actor: Actor, contact_id: UUID, reached: bool | None, now: datetime, text: str = ""
) -> None:
    """Say what became of a call or of words sent by hand; None: it was not even tried.

    Whoever began it says so, or who sees to the care of a store; nobody of what a batch or a
    provider sends. The same word twice is no fault. Raises Forbidden, NotFound, and NotLikeThis
    if it was settled otherwise meanwhile.
    """
    require(actor, PERMISSION)
    row = _by_people().filter(pk=contact_id).first()
    is_theirs = row is not None and (row.staff_id == actor.id or allows(actor, OF_OTHERS))
    if row is None or not is_theirs or not _goes_by_hand(row):
        raise NotFound
    if reached is None:
        services.cancel(actor=actor, contact_id=contact_id, now=now)
    else:
        services.conclude(
            actor=actor, contact_id=contact_id, reached=reached, now=now, text=text.strip()
        )


def log(
    *,
    actor: Actor,
    customer_id: UUID,
    channel: str,
    now: datetime,
    key: str,
    at: datetime | None = None,
    purpose: str = Purpose.CARE,
    text: str = "",
    about: About | None = None,
) -> UUID:
    """Write down a contact made elsewhere: flagged if the budget did not allow it, never refused.

    Raises Forbidden, NotFound, NotByHand.
    """
    draft = _draft(actor, customer_id, channel, purpose, about or About(), key=key)
    return contacting.log(
        actor=actor, draft=replace(draft, text=text.strip()[:_ROOM], at=at or now), now=now
    )


def open_by(*, actor: Actor, customer_id: UUID, task_id: UUID | None = None) -> list[Contact]:
    """Return the calls and messages by hand this person reserved for a customer and left open."""
    rows = _by_people().filter(customer=customer_id, state=Contact.State.RESERVED, staff=actor.id)
    if task_id is not None:
        rows = rows.filter(source=FOLLOW_UP, source_id=task_id)
    return [row for row in rows.order_by("at") if _goes_by_hand(row)]


def _begun(contact_id: UUID) -> UUID:
    """Return the contact if it is open. Raises NotLikeThis for a key whose call is over."""
    if not Contact.objects.filter(pk=contact_id, state=Contact.State.RESERVED).exists():
        raise NotLikeThis
    return contact_id


def _by_people() -> QuerySet[Contact]:
    """Return the contacts that a person begins and ends, and maybe some that workers send."""
    return Contact.objects.filter(
        direction=Contact.Direction.OUT, channel__in=BY_HAND, batch=None, due_at=None
    )


def _goes_by_hand(row: Contact) -> bool:
    """Say whether no worker sends it: a message by WeChat may be either's."""
    return row.channel not in reachable.ON_OWN_PHONE or bool(row.facts.get(OWN_PHONE))


def _told(
    actor: Actor, draft: Draft, about: About, rendered: Rendered | None, *, now: datetime
) -> dict[str, Any]:
    """Return what the provider is told besides the words. Raises ApprovedOnly, NoAddress."""
    address = draft.address or reachable.person_of(
        actor, draft.customer_id, purpose=draft.purpose
    ).address(draft.channel)
    if not address:
        raise NoAddress(NoAddress.at_no_time)
    provider = reachable.provider_at(Channel(draft.channel), address)
    if not reachable.takes_approved_only(provider, answers=bool(draft.facts.get(ANSWERS))):
        return draft.facts
    message = templates.find(about.template) if about.template else None
    if message is None:
        raise ApprovedOnly
    if rendered is None:
        rendered = phrasing.one(
            actor=actor,
            customer_id=draft.customer_id,
            about=about,
            channel=draft.channel,
            now=now,
        )
    approved = rendering.at_provider(message.key, rendered, provider=provider)
    if approved is None or rendered.text != draft.text:
        raise ApprovedOnly
    return {**draft.facts, **approved}


def _draft(
    actor: Actor, customer_id: UUID, channel: str, purpose: str, about: About, *, key: str
) -> Draft:
    """Return a draft for somebody this actor may contact; a merged record's is the survivor's."""
    require(actor, PERMISSION)
    if purpose not in Purpose or channel not in Channel:
        raise NoSuchWay
    customer = customers.get(actor=actor, customer_id=customer_id)
    draft = Draft(
        customer_id=customer.pk,
        purpose=purpose,
        channel=channel,
        store_id=customer.home_store_id,
        occasion=about.occasion,
        template=about.template,
        source=FOLLOW_UP if about.task_id else "",
        source_id=about.task_id,
        key=key,
        language=language_of(customer),
    )
    return _about_complaint(draft, about.complaint_id) if about.complaint_id else draft


def _about_complaint(draft: Draft, complaint_id: UUID) -> Draft:
    """Return a draft that answers an open complaint: service, whatever it was meant to be (C1)."""
    standing = complaints.open_of([draft.customer_id]).get(draft.customer_id, ())
    if complaint_id not in {each.case_id for each in standing}:
        raise NoSuchComplaint
    return replace(draft, purpose=Purpose.SERVICE, source=COMPLAINT, source_id=complaint_id)


def language_of(customer: Customer) -> str:
    """Return the language a customer is written to in."""
    return customer.language or context.current().language


def check_no_offer(actor: Actor, draft: Draft) -> None:
    """Raise WordsRefused if an answer makes an offer nobody asked to be made (C2).

    Judged as service, and of that only what offers less for more, hurries, or is a word the chain
    refuses: whoever asks for a price, for goods or for how to order is told.
    """
    found = [each for each in _found(actor, draft) if each.code in _OFFERS]
    if lint.is_refused(found):
        raise WordsRefused(tuple(each for each in found if each.severity == "refuse"))


def _checked(actor: Actor, text: str, draft: Draft, *, subject: str = "") -> str:
    """Return words that may go for this purpose (C2, C3). Raises NothingToSay, WordsRefused."""
    words = text.strip()
    if not words:
        raise NothingToSay(fields={"text": [NothingToSay.sentence]})
    found = _found(actor, replace(draft, text=words[:_ROOM], subject=subject))
    if lint.is_refused(found):
        raise WordsRefused(tuple(each for each in found if each.severity == "refuse"))
    return words[:_ROOM]


def _found(actor: Actor, draft: Draft) -> tuple[Finding, ...]:
    known_by = phrasing.subject(actor, draft.customer_id, About(), language=draft.language)
    (known,) = facts.of_many([known_by])
    return wording.of_text(
        text=draft.text,
        subject=draft.subject,
        purpose=draft.purpose,
        channel=draft.channel,
        language=labels.language_of(draft.language),
        values=known.values,
    )
