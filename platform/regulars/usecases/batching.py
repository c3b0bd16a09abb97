"""Messages to many: whom a batch is for, and putting it together in the background (C4, C10).

Each slice of a thousand customers is one piece of work in one transaction, which writes the next
piece down: whatever is killed, a batch is put together exactly once. Nothing goes before a person
has seen how many would get it, and lets it begin (`messages.services.batches.begin`).
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from regulars import moments, registry
from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.customers.models import Customer, LifeEvent
from regulars.customers.selectors import visibility
from regulars.errors import Forbidden, Invalid
from regulars.followups.plans import knowing
from regulars.kit import Message
from regulars.kit.conditions import Where, holds
from regulars.kit.labels import language_of
from regulars.messages.gateways import catalog, chosen
from regulars.messages.gateways.contract import Channel
from regulars.messages.models import Batch
from regulars.messages.selectors import rendering, templates
from regulars.messages.selectors.facts import Subject
from regulars.messages.selectors.rendering import Rendered
from regulars.messages.services import batches
from regulars.messages.services.reserving import Draft
from regulars.outbox import handler
from regulars.outbox import services as outbox
from regulars.staff import selectors as staff
from regulars.staff.models import Staff
from regulars.tenancy import context
from regulars.usecases import contacting

HANDLER: Final = "messages.fill-batch"
SLICE: Final = 1_000
MOST_DAYS_AHEAD: Final = 60
GIVEN_UP: Final = "given-up"  # who asked has left, or the segment is gone
ASKED: Final = "asked"  # source of a batch with an idempotency key, which is its `source_id`
_JUST_NOW: Final = timedelta(days=1)  # a form that lay open for a while goes at once
_FARTHEST: Final = timedelta(days=366)
_TIER: Final = "customer.tier"
_COLUMNS: Final = ("pk", "owner_id", "home_store_id", "language", "phone")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom a batch is for: all of it holds together, and nothing given means everybody.

    `tier` and `segment` are keys of the vertical, `occasion` a kind of life event that comes
    within `days` from the day on which the batch is put together.
    """

    store_id: UUID | None = None
    region_id: UUID | None = None
    tier: str = ""
    segment: str = ""
    occasion: str = ""
    days: int = 0

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept with the batch."""
        return {key: str(value) for key, value in asdict(self).items() if value}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Audience":
        """Return it from how it is kept."""
        return cls(
            store_id=UUID(plain["store_id"]) if "store_id" in plain else None,
            region_id=UUID(plain["region_id"]) if "region_id" in plain else None,
            tier=plain.get("tier", ""),
            segment=plain.get("segment", ""),
            occasion=plain.get("occasion", ""),
            days=int(plain.get("days", 0)),
        )


class _Person(NamedTuple):
    """What is read of a customer to write to them."""

    id: UUID
    owner_id: UUID | None
    home_store_id: UUID | None
    language: str
    phone: str | None


class NotThen(Invalid):
    """A batch goes now, or at a moment of the next year."""

    code = "batch-not-then"
    sentence = _("Choose a moment between now and a year from now.")


class NotSendable(Invalid):
    """The message is not in use, or does not go by this channel."""

    code = "batch-not-sendable"
    sentence = _("This text does not go by this channel. Choose another one.")


@transaction.atomic
def prepare(
    *,
    actor: Actor,
    title: str,
    template: str,
    channel: str,
    audience: Audience,
    now: datetime,
    at: datetime | None = None,
    not_after: datetime | None = None,
    once: UUID | None = None,
) -> UUID:
    """Open a batch and have it put together; returns its key.

    `at` is when it is to be sent (None: at once), what could only go later than `not_after` stays
    at home. The same `once` again is the batch that was opened with it. Raises Forbidden,
    NotChosen, NotSendable, NotThen.
    """
    check_at(at, now=now)
    if once is not None:
        require(actor, batches.PERMISSION)
        with outbox.in_order(f"batch:{once}"):
            known = Batch.objects.filter(source=ASKED, source_id=once, actor_id=actor.id).first()
        if known is not None:
            return known.pk
    message = templates.find(template)
    if message is None or channel not in message.channels:
        raise NotSendable
    body = {
        "who": audience.plain(),
        "of": customers_of(actor, audience, now=now).count(),
        "at": at.isoformat() if at else None,
        "not_after": not_after.isoformat() if not_after else None,
    }
    batch = batches.open_batch(
        actor=actor,
        title=title,
        purpose=message.purpose,
        channel=channel,
        template=template,
        source=ASKED if once else "",
        source_id=once,
        audience=body,
        now=now,
    )
    _enqueue(batch.pk, after=None)
    return batch.pk


def check_at(at: datetime | None, *, now: datetime) -> None:
    """Raise NotThen for a moment that is long over, or further away than anybody plans."""
    if at is not None and not now - _JUST_NOW <= at <= now + _FARTHEST:
        raise NotThen(fields={"at": [NotThen.sentence]})


def customers_of(actor: Actor, audience: Audience, *, now: datetime) -> QuerySet[Customer]:
    """Return the customers that the database can tell by itself; tier and segment come after."""
    people = visibility.visible(actor)
    if audience.store_id is not None:
        people = people.filter(home_store=audience.store_id)
    if audience.region_id is not None:
        people = people.filter(home_store__region=audience.region_id)
    if audience.occasion:
        today = now.astimezone(context.current().zone).date()
        near = LifeEvent.objects.filter(
            customer=OuterRef("pk"),
            kind=audience.occasion,
            next_on__range=(today, today + timedelta(days=audience.days)),
        )
        people = people.filter(Exists(near))
    return people


@handler(HANDLER, gives_up=False)
def fill(*, batch_id: str, after: str | None, now: datetime) -> None:
    """Put the next thousand customers into a batch, and write the next piece of work down."""
    batch = Batch.objects.filter(pk=UUID(batch_id)).first()
    if batch is None or batch.state != Batch.State.FILLING or batch.audience is None:
        return
    audience = Audience.of(batch.audience["who"])
    try:
        actor = _who_asked(batch)
        segment = _segment(audience.segment)
        people = customers_of(actor, audience, now=now).order_by("pk")
    except (Forbidden, LookupError) as error:
        _LOG.warning("Batch %s is given up: %r", batch.pk, error)
        batches.give_up(batch_id=batch.pk, fault=GIVEN_UP, now=now)
        return
    if after is not None:
        people = people.filter(pk__gt=UUID(after))
    rows = [_Person(*row) for row in people.values_list(*_COLUMNS)[:SLICE]]
    others = _left_out([each.id for each in rows], audience, segment, now=now)
    drafts, unsaid = _drafts(batch, [each for each in rows if each.id not in others], now=now)
    contacting.fill(
        actor=actor,
        batch_id=batch.pk,
        drafts=drafts,
        passed=unsaid,
        looked_at=len(rows),
        now=now,
    )
    if len(rows) < SLICE:
        batches.complete(batch_id=batch.pk, now=now)
    else:
        _enqueue(batch.pk, after=rows[-1][0])


def _left_out(
    ids: Sequence[UUID], audience: Audience, segment: Sequence[Where], *, now: datetime
) -> set[UUID]:
    """Return those whose tier or segment is another."""
    names = {each.fact for each in segment} | ({_TIER} if audience.tier else set())
    if not ids or not names:
        return set()
    facts = knowing.of_customers(ids, names=names, now=now)
    return {
        pk
        for pk in ids
        if (audience.tier and facts[pk].get(_TIER) != audience.tier)
        or not all(holds(where, facts[pk].get(where.fact)) for where in segment)
    }


def _segment(key: str) -> Sequence[Where]:
    """Return the conditions of a segment; LookupError if the vertical has it no more."""
    if not key:
        return ()
    for each in registry.vertical().segments:
        if each.key == key:
            where: Sequence[Where] = each.where
            return where
    raise LookupError(key)


def _drafts(
    batch: Batch, people: Sequence[_Person], *, now: datetime
) -> tuple[list[Draft], dict[UUID, str]]:
    """Return the messages of some customers, and why there is none for the others."""
    message = templates.find(batch.template)
    if message is None:
        return [], {each.id: batches.WORDS for each in people}
    plan = batch.audience or {}
    due, last = (moments.read(plan[key]) if plan.get(key) else None for key in ("at", "not_after"))
    drafts, unsaid = [], {}
    for one, words in _said(message, people, channel=batch.channel, now=now):
        facts = _told_provider(message.key, words, cast(Channel, batch.channel), one)
        if not words.may_be_sent:
            unsaid[one.id] = batches.WORDS
        elif facts is None:
            unsaid[one.id] = batches.NOT_APPROVED
        else:
            drafts.append(
                Draft(
                    customer_id=one.id,
                    purpose=message.purpose,
                    channel=batch.channel,
                    at=due,
                    not_after=last,
                    store_id=one.home_store_id,
                    staff_id=one.owner_id,
                    occasion=message.occasion,
                    template=message.key,
                    source="batch",
                    source_id=batch.pk,
                    subject=words.subject if batch.channel == "email" else "",
                    text=words.text,
                    language=words.language,
                    facts=facts,
                )
            )
    return drafts, unsaid


def _said(
    message: Message, people: Sequence[_Person], *, channel: str, now: datetime
) -> list[tuple[_Person, Rendered]]:
    """Fill the words for each, in their language; a few statements for each language."""
    by_language: dict[str, list[_Person]] = defaultdict(list)
    for each in people:
        by_language[language_of(each.language or context.current().language)].append(each)
    said: list[tuple[_Person, Rendered]] = []
    for language, some in by_language.items():
        subjects = contacting.with_points(
            [Subject(customer_id=each.id, language=language) for each in some],
            language=language,
            now=now,
        )
        said += zip(some, rendering.render(message, subjects, channel=channel), strict=True)
    return said


def _told_provider(
    key: str, words: Rendered, channel: Channel, person: _Person
) -> dict[str, Any] | None:
    """Return what the provider needs besides the words; None if it has not approved them."""
    provider = catalog.PROVIDERS.get(
        chosen.provider_of(chosen.slot_of(channel, person.phone or ""))
    )
    if provider is None or not (provider.approves or provider.key == "wechat"):
        return {}
    return rendering.at_provider(key, words, provider=provider.key)


def _who_asked(batch: Batch) -> Actor:
    """Return the person who opened the batch, with what they may do and see now."""
    person = Staff.objects.filter(pk=batch.actor_id).first() if batch.actor_id else None
    if person is None:
        raise LookupError(batch.actor_id)
    return staff.actor_of(person)


def _enqueue(batch_id: UUID, *, after: UUID | None) -> None:
    outbox.enqueue(
        handler=HANDLER,
        payload={"batch_id": str(batch_id), "after": str(after) if after else None},
        key=f"fill:{batch_id}:{after or ''}",
    )
