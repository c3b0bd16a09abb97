"""Answering a customer who wrote in, and saying whose a message is (C12)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.customers import selectors as customers
from regulars.customers import services as customer_services
from regulars.customers.models import Customer
from regulars.errors import Invalid, NotFound
from regulars.messages.gateways import chosen
from regulars.messages.models import Channel, Contact, Purpose
from regulars.messages.services import Draft
from regulars.staff import selectors as staff
from regulars.staff.models import Staff
from regulars.stores import selectors as stores
from regulars.usecases import reaching, talking
from regulars.usecases.phrasing import About

BY: Final = talking.BY
HOW: Final = "how"
_ROOM: Final = 2_000
_TRIES: Final = 3  # merged while we waited, and the survivor again
_State = Contact.State


class NoColleague(Invalid):
    """A conversation is handed to somebody who works in the customer's store."""

    code = "no-such-colleague"
    sentence = _("Choose a colleague who works in this customer's store.")


class NoStore(Invalid):
    """Who works for several stores must say which one is the customer's."""

    code = "no-store-chosen"
    sentence = _("Choose the store that will be theirs.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer that is on its way; `before` are colleagues' answers this person had not seen."""

    contact_id: UUID
    before: tuple[Contact, ...]


@transaction.atomic
def answer(
    *,
    actor: Actor,
    customer_id: UUID,
    channel: str,
    text: str,
    now: datetime,
    key: str,
    seen_at: datetime | None = None,
    template: str = "",
    subject: str = "",
    complaint_id: UUID | None = None,
) -> Answered:
    """Send an answer and settle what waited; the same key is the same answer.

    Within `talking.FRESH` of their last message it is service: what they asked for, so it is not
    counted, and may name a price, but it makes no offer. Later it is care like any other, or the
    answer to the open complaint `complaint_id`, without which care rests. A word that asks for no
    more is no message in this sense. What a colleague answered meanwhile (after
    `seen_at`) is told, not refused. Raises Forbidden, NotFound, and as `reaching.send`.
    """
    wider, customer = _opened(actor, customer_id, now=now)
    rows = _held(customer)
    last_in = _last_in(customer, now=now)
    before = _unseen(customer, actor, since=seen_at)
    about = About(template=template)
    if last_in is None or last_in.at <= now - talking.FRESH:
        about = replace(about, complaint_id=complaint_id)
        contact_id = reaching.send(
            actor=wider, customer_id=customer.pk, channel=channel, text=text, subject=subject,
            about=about, key=key, now=now, source=talking.SOURCE,
        )  # fmt: skip
    else:
        draft = _drafted(customer, last_in, channel, text, subject, about, key=key)
        reaching.check_no_offer(wider, draft)
        contact_id = reaching.deliver(actor=wider, draft=draft, about=about, now=now)
    _settle(rows, actor, now=now, how="words", answer=contact_id)
    return Answered(contact_id=contact_id, before=before)


@transaction.atomic
def mark(*, actor: Actor, customer_id: UUID, now: datetime) -> int:
    """Say that nothing more is to be answered; return how many messages that settles.

    Raises Forbidden, NotFound. Marked twice is marked once.
    """
    _wider, customer = _opened(actor, customer_id, now=now)
    rows = _held(customer)
    _settle(rows, actor, now=now, how="marked")
    return len(rows)


@transaction.atomic
def hand(*, actor: Actor, customer_id: UUID, staff_id: UUID, now: datetime) -> Staff:
    """Hand what waits to a colleague of the customer's store; it is theirs first from now on.

    Raises Forbidden, NotFound, NoColleague.
    """
    _wider, customer = _opened(actor, customer_id, now=now)
    colleague = colleagues(customer).filter(pk=staff_id).first()
    if colleague is None:
        raise NoColleague
    for row in _held(customer):
        row.facts |= {talking.HANDED: str(colleague.pk), talking.HANDED_AT: now.isoformat()}
        row.save(update_fields=["facts"])
    audit.record(
        actor=actor,
        action="conversation.handed",
        object_kind="customer",
        object_id=customer.pk,
        store_id=customer.home_store_id,
        data={"to": str(colleague.pk)},
    )
    return colleague


def colleagues(customer: Customer) -> QuerySet[Staff]:
    """Return who works where the customer is at home, by name."""
    home = [customer.home_store_id] if customer.home_store_id else []
    return staff.colleagues(store_ids=frozenset(home))


@transaction.atomic
def attach(*, actor: Actor, contact_id: UUID, customer_id: UUID, now: datetime) -> Customer:
    """Say which customer an unknown sender is; what they wrote is theirs, and will be.

    Raises Forbidden, NotFound, NumberTaken if the sender is known as somebody else.
    """
    rows = talking.stranger(actor=actor, contact_id=contact_id)
    customer = customers.get(actor=actor, customer_id=customer_id)
    sender = rows[0]
    if not _is_known(customer, sender):
        customer_services.add_identity(
            actor=actor,
            customer_id=customer.pk,
            source=SOURCES[Channel(sender.channel)],
            number=_number(sender),
            now=now,
        )
    talking.of_sender(sender).update(customer=customer.pk)
    audit.record(
        actor=actor,
        action="conversation.attached",
        object_kind="customer",
        object_id=customer.pk,
        store_id=customer.home_store_id,
        data={"channel": sender.channel, "messages": len(rows)},
    )
    return customer


@transaction.atomic
def attach_new(
    *,
    actor: Actor,
    contact_id: UUID,
    name: str,
    now: datetime,
    home_store_id: UUID | None = None,
) -> Customer:
    """Make a customer of an unknown sender, at home in a store of the actor's.

    Who works for several stores says in which; head office need not. Raises as `attach` and
    `customers.services.create`, and NoStore.
    """
    sender = talking.stranger(actor=actor, contact_id=contact_id)[0]
    own = stores.open_stores(actor.scope)
    if home_store_id is None and not actor.scope.everything and len(own[:2]) > 1:
        raise NoStore(fields={"store": [NoStore.sentence]})
    if home_store_id is not None and not own.filter(pk=home_store_id).exists():
        raise NoStore(fields={"store": [NoStore.sentence]})
    is_phone = sender.channel == Channel.SMS
    values = {"name": name.strip()}
    if is_phone:
        values["phone"] = sender.address
    elif sender.channel == Channel.EMAIL:
        values["email"] = sender.address
    numbers = () if is_phone else ((SOURCES[Channel(sender.channel)], _number(sender)),)
    made = customer_services.create(
        actor=actor, now=now, values=values, identities=numbers, home_store_id=home_store_id
    )
    return attach(actor=actor, contact_id=contact_id, customer_id=made.pk, now=now)


@transaction.atomic
def dismiss(*, actor: Actor, contact_id: UUID, now: datetime) -> None:
    """Settle what an unknown sender wrote without words. Raises Forbidden, NotFound."""
    sender = talking.stranger(actor=actor, contact_id=contact_id)[0]
    rows = talking.of_sender(sender).filter(state=_State.RECEIVED).select_for_update()
    _settle(list(rows.order_by("pk")), actor, now=now, how="marked")


# By which kind of number a sender on a channel is recognised from then on.
SOURCES: Final = {
    Channel.SMS: "phone",
    Channel.EMAIL: "email",
    Channel.WECHAT: "wechat",
    Channel.WECOM: "wecom",
    Channel.WEBHOOK: "webhook",
}


def _number(sender: Contact) -> str:
    is_mail = sender.channel == Channel.EMAIL
    return sender.address.lower() if is_mail else sender.address


def _is_known(customer: Customer, sender: Contact) -> bool:
    if sender.channel == Channel.SMS:
        return customer.phone == sender.address
    return sender.channel == Channel.EMAIL and customer.email.lower() == sender.address.lower()


def _opened(actor: Actor, customer_id: UUID, *, now: datetime) -> tuple[Actor, Customer]:
    """Return what `talking.opened` does, with the customer held until the transaction ends.

    Before any of their messages is: a merge holds the customer and then moves the messages, and
    reserving holds the customer too. Who was merged while we waited is the survivor.
    """
    for _try in range(_TRIES):
        wider, customer = talking.opened(actor=actor, customer_id=customer_id, now=now)
        held = Customer.objects.select_for_update(no_key=True).filter(
            pk=customer.pk, state=Customer.State.ACTIVE
        )
        if held.values_list("pk").first():
            return wider, customer
    raise NotFound


def _held(customer: Customer) -> list[Contact]:
    """Return what waits, held until the transaction ends: two who answer go one after the other."""
    rows = Contact.objects.select_for_update().filter(
        customer=customer.pk, direction=Contact.Direction.IN, state=_State.RECEIVED
    )
    return list(rows.order_by("pk"))


def _last_in(customer: Customer, *, now: datetime) -> Contact | None:
    rows = Contact.objects.filter(customer=customer.pk, direction=Contact.Direction.IN, at__lte=now)
    rows = rows.exclude(facts__contains={BY: talking.SYSTEM})
    return rows.order_by("-at", "-pk").first()


def _unseen(customer: Customer, actor: Actor, *, since: datetime | None) -> tuple[Contact, ...]:
    """Return what colleagues answered after this person looked."""
    if since is None:
        return ()
    rows = Contact.objects.filter(
        customer=customer.pk, source=talking.SOURCE, at__gt=since
    ).exclude(staff=actor.id)
    return tuple(rows.select_related("staff").order_by("at")[:3])


def _drafted(
    customer: Customer,
    last_in: Contact,
    channel: str,
    text: str,
    subject: str,
    about: About,
    *,
    key: str,
) -> Draft:
    """Return the answer to what they asked. Raises NoSuchWay, NothingToSay."""
    words = text.strip()[:_ROOM]
    if not words:
        raise reaching.NothingToSay(fields={"text": [reaching.NothingToSay.sentence]})
    if channel not in talking.WRITTEN or channel not in chosen.channels():
        raise reaching.NoSuchWay
    is_there = last_in.channel == channel
    return Draft(
        customer_id=customer.pk,
        purpose=Purpose.SERVICE,
        channel=channel,
        store_id=customer.home_store_id,
        source=talking.SOURCE,
        source_id=last_in.pk,
        template=about.template,
        key=key,
        # Where they wrote from is where they read, whatever their file says.
        address=last_in.address if is_there else "",
        facts={reaching.ANSWERS: True} if is_there else {},
        subject=subject.strip(),
        text=words,
        language=reaching.language_of(customer),
    )


def _settle(
    rows: Iterable[Contact], actor: Actor, *, now: datetime, how: str, answer: UUID | None = None
) -> None:
    told = {BY: str(actor.id), HOW: how} | ({"answer": str(answer)} if answer else {})
    for row in rows:
        row.state, row.settled_at, row.facts = _State.ANSWERED, now, {**row.facts, **told}
        row.save(update_fields=["state", "settled_at", "facts"])
