"""Everything that happened with a customer, in one line of time, newest first.

Each kind of event is a source: a function that returns the newest events of a customer before a
place in time. Later domains register theirs; a page costs one round of sources, however many
events there are, and goes on by key, not by offset.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars import moments
from regulars.audit import Actor
from regulars.customers import consents
from regulars.customers import selectors as customers
from regulars.customers.models import Consent, Note
from regulars.errors import Invalid
from regulars.messages.models import Contact
from regulars.points import selectors as balances
from regulars.points.models import Posting, Unit
from regulars.purchases import selectors as purchases
from regulars.purchases.models import Purchase
from regulars.staff.models import Staff
from regulars.usecases import contact_words, earning


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened.

    `kind` is the source's name and chooses icon and look; `title` and `details` are sentences.
    `amount_minor` is money paid (negative: given back), `points` the change of the balance.
    """

    kind: str
    at: datetime
    id: UUID
    title: str
    details: tuple[str, ...] = ()
    where: str = ""
    who: str = ""
    amount_minor: int | None = None
    points: int | None = None
    tone: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some events, and where the next page begins (empty: there is none)."""

    events: tuple[Event, ...]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """A place in time: events at an earlier moment, or at the same one with a smaller key."""

    at: datetime
    id: UUID

    def holds(self, field: str) -> Q:
        """Return the condition on rows whose moment is `field`."""
        return Q(**{f"{field}__lt": self.at}) | Q(**{field: self.at, "id__lt": self.id})

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.id}"


type Source = Callable[[UUID, Before | None, int, str], Iterable[Event]]
type SeenSource = Callable[[Actor, UUID, Before | None, int, str], Iterable[Event]]
_sources: dict[str, SeenSource] = {}


class NoSuchPlace(Invalid):
    """The place a page was to begin at is not one of ours."""

    code = "timeline-place-unknown"


def source(name: str) -> Callable[[Source], Source]:
    """Register a source: ``(customer_id, before, limit, language) -> events``, newest first."""

    def register(function: Source) -> Source:
        _sources[name] = lambda _actor, *place: function(*place)
        return function

    return register


def seen_source(name: str) -> Callable[[SeenSource], SeenSource]:
    """Register a source that asks who reads: the actor comes before what `source` takes."""

    def register(function: SeenSource) -> SeenSource:
        _sources[name] = function
        return function

    return register


def page(
    *,
    customer_id: UUID,
    actor: Actor,
    before: str = "",
    limit: int = 30,
    language: str | None = None,
    kinds: frozenset[str] | None = None,
) -> Page:
    """Return a page of a customer's events, for somebody who may see the customer.

    `before` is the `next` of the page before. `kinds` narrows to some sources. Raises NotFound
    and Forbidden as the customer's file does.
    """
    customer = customers.get(actor=actor, customer_id=customer_id)
    place = _place(before)
    spoken = earning.language(language)
    found = [
        list(each(actor, customer.id, place, limit + 1, spoken))
        for name, each in _sources.items()
        if kinds is None or name in kinds
    ]
    merged = heapq.merge(*found, key=lambda event: (event.at, event.id), reverse=True)
    events = tuple(islice(merged, limit + 1))
    if len(events) <= limit:
        return Page(events=events)
    last = events[limit - 1]
    return Page(events=events[:limit], next=str(Before(last.at, last.id)))


def _place(text: str) -> Before | None:
    if not text:
        return None
    try:
        at, _sep, key = text.rpartition("_")
        return Before(moments.read(at), UUID(key))
    except ValueError:
        raise NoSuchPlace from None


def _newest[M: Model](
    rows: QuerySet[M], field: str, before: Before | None, limit: int
) -> QuerySet[M]:
    if before is not None:
        rows = rows.filter(before.holds(field))
    return rows.order_by(f"-{field}", "-id")[:limit]


_TITLES: Final[dict[str, Callable[[], str]]] = {
    "sale": lambda: _("Purchase"),
    "return": lambda: _("Return"),
    "void": lambda: _("Taken out with its import"),
}


@source("purchases")
def _purchases(
    customer_id: UUID, before: Before | None, limit: int, language: str
) -> Iterable[Event]:
    rows = purchases.with_lines(Purchase.objects.filter(customer_id=customer_id))
    facts = list(_newest(rows, "occurred_at", before, limit))
    entries = balances.entries_of([fact.id for fact in facts], language=language)
    for fact in facts:
        told = entries.get(fact.id, [])
        earned = [entry for entry in told if entry.verb == Posting.Verb.AWARD]
        yield Event(
            kind="purchases",
            at=fact.occurred_at,
            id=fact.id,
            title=_("Exchange") if fact.pair_id else _TITLES[fact.kind](),
            details=tuple(sentence for entry in earned for sentence in entry.sentences),
            where=fact.store.name,
            who=fact.guide.name if fact.guide else "",
            amount_minor=fact.paid_minor,
            points=sum(entry.amount for entry in earned) if earned else None,
            data={
                "kind": fact.kind,
                "number": fact.number,
                "lines": [
                    (line.product_name or line.category or line.product_code, line.quantity)
                    for line in fact.lines.all()
                ],
                "reason": fact.reason,
            },
        )


@source("points")
def _points(customer_id: UUID, before: Before | None, limit: int, language: str) -> Iterable[Event]:
    """Tell of entries that no purchase of the line explains: spent, expired, corrected, moved."""
    rows = Posting.objects.filter(account__customer_id=customer_id, unit=Unit.POINTS)
    rows = rows.exclude(verb=Posting.Verb.AWARD, purchase_id__isnull=False).exclude(amount=0)
    for row in _newest(rows, "occurred_at", before, limit):
        entry = balances.entry(row, language)
        yield Event(
            kind="points",
            at=entry.at,
            id=entry.id,
            title=entry.label,
            details=entry.sentences,
            points=entry.amount,
        )


@source("notes")
def _notes(customer_id: UUID, before: Before | None, limit: int, language: str) -> Iterable[Event]:
    rows = Note.objects.filter(customer_id=customer_id).select_related("author")
    for row in _newest(rows, "at", before, limit):
        yield Event(
            kind="notes",
            at=row.at,
            id=row.id,
            title=_("Warning") if row.is_warning else _("Note"),
            details=(row.text,),
            who=row.author.name if row.author else "",
            tone="warning" if row.is_warning else "",
        )


@source("consents")
def _consents(
    customer_id: UUID, before: Before | None, limit: int, language: str
) -> Iterable[Event]:
    rows = list(_newest(Consent.objects.filter(customer_id=customer_id), "at", before, limit))
    people = Staff.objects.in_bulk([row.by_id for row in rows if row.by_id])
    for row in rows:
        purpose = str(consents.PURPOSES.get(row.purpose, row.purpose))
        channel = str(consents.CHANNELS.get(row.channel, row.channel))
        asked_by = people.get(row.by_id) if row.by_id else None
        yield Event(
            kind="consents",
            at=row.at,
            id=row.id,
            title=_("Agreed") if row.given else _("Refused"),
            details=(" · ".join(filter(None, (purpose, channel))),),
            who=asked_by.name if asked_by else "",
        )


@source("contacts")
def _contacts(
    customer_id: UUID, before: Before | None, limit: int, language: str
) -> Iterable[Event]:
    """Tell of every contact in either direction; what is planned for later is not yet one."""
    rows = Contact.objects.filter(customer_id=customer_id, at__lte=timezone.now())
    rows = rows.select_related("staff", "store")
    for row in _newest(rows, "at", before, limit):
        told = contact_words.told(row)
        yield Event(
            kind="contacts",
            at=row.at,
            id=row.id,
            title=told.title,
            details=tuple(filter(None, (row.subject, row.text, *told.details))),
            where=row.store.name if row.store else "",
            who=row.staff.name if row.staff else "",
            tone=told.tone,
            data={
                "icon": told.icon,
                "is_in": row.direction == Contact.Direction.IN,
                "is_automatic": told.is_automatic,
                "text": row.text,
                "subject": row.subject,
                "notes": told.details,
            },
        )
