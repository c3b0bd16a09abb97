"""A conversation as a page shows it: bubbles by day, ways to answer, prepared phrases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from regulars.complaints import selectors as complaints
from regulars.messages.gateways import chosen
from regulars.messages.models import Channel, Contact, Purpose
from regulars.messages.selectors import templates
from regulars.usecases import contact_words, phrasing, reaching, talking
from regulars.usecases.contact_words import Told
from regulars.usecases.phrasing import About, Words
from regulars.usecases.talking import Conversation
from regulars.web.contacts import panel
from regulars.web.texts import words as texts

REPLY: Final = "reply"
_OTHER: Final = ("thanks", "appointment", "delivery", "reminder", "complaint", "invitation")
_SPOKEN: Final = frozenset({Channel.CALL, Channel.VISIT, Channel.POST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """One message, or a line about a call."""

    row: Contact
    told: Told
    is_in: bool
    is_line: bool

    @property
    def who(self) -> str:
        """Return who of us wrote it."""
        if self.told.is_automatic:
            return _("automatic")
        return self.row.staff.name if self.row.staff else ""

    @property
    def waits(self) -> bool:
        """Say whether it waits for an answer."""
        return self.row.state == Contact.State.RECEIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The messages of one day."""

    on: date
    bubbles: tuple[Bubble, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A channel to answer on; `reason` says why not now, `possible_at` from when on."""

    key: str
    label: str | Promise
    icon: str
    reason: str | Promise = ""
    possible_at: datetime | None = None
    approved_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """Prepared words of one occasion."""

    label: str | Promise
    words: tuple[Words, ...]


def thread(talk: Conversation, others: Sequence[tuple[str, bool]]) -> dict[str, Any]:
    """Return what the messages of a conversation need to be shown; asks nothing more."""
    bubbles = [_bubble(each) for each in talk.messages]
    days = groupby(bubbles, key=lambda each: timezone.localtime(each.row.at).date())
    return {
        "talk": talk,
        "customer": talk.customer,
        "days": [Day(on=on, bubbles=tuple(each)) for on, each in days],
        "others": others,
        "mark": mark(talk.mark, others),
        "looked_at": timezone.now().isoformat(),
    }


def mark(said: str, others: Sequence[tuple[str, bool]]) -> str:
    """Return what changes when anything in the thread would look different.

    `said` is the mark of the conversation, see `talking.mark_of`.
    """
    people = ",".join(f"{name}{'+' if writing else ''}" for name, writing in others)
    return f"{said}|{people}"[:300]


def box(talk: Conversation, *, now: datetime) -> dict[str, Any]:
    """Return what the box to answer in needs: ways, phrases, open complaints, and a fresh key.

    What is no answer to fresh words says which of the open complaints it is about: care rests.
    """
    pk = talk.customer.pk
    standing = complaints.open_of([pk], actor=talk.actor).get(pk, ())
    ways = ways_of(talk, rests=bool(standing), now=now)
    usable = [each for each in ways if not each.reason]
    return {
        "ways": ways,
        "way": usable[0].key if usable else "",
        "phrases": phrases_of(talk, now=now),
        "complaints": standing,
        "once": str(uuid4()),
    }


def ways_of(talk: Conversation, *, now: datetime, rests: bool = False) -> list[Way]:
    """Return the channels an answer can go by, the one they wrote on first.

    `rests` says that a complaint is open: then all that goes is service.
    """
    purpose = Purpose.SERVICE if talk.is_fresh or rests else Purpose.CARE
    found = [
        Way(
            key=each.channel,
            label=panel.LABELS[each.channel, False],
            icon=contact_words.ICONS[each.channel],
            reason=panel.refused(each.refusal) if each.refusal else "",
            possible_at=each.refusal.possible_at if each.refusal else None,
            approved_only=each.approved_only,
        )
        for each in reaching.ways(
            actor=talk.actor,
            customer_id=talk.customer.pk,
            purpose=purpose,
            now=now,
            answers=talk.last_in.channel if talk.is_fresh and talk.last_in else "",
        )
        if not each.by_hand
    ]
    last = talk.last_in
    if last is None:
        return found
    channel = Channel(last.channel)
    if talk.is_fresh and channel not in {each.key for each in found} and _may_send(channel):
        # They wrote from an address that is not in their file.
        label = panel.LABELS[channel, False]
        found.append(Way(key=channel, label=label, icon=contact_words.ICONS[channel]))
    return sorted(found, key=lambda each: each.key != channel)


def phrases_of(talk: Conversation, *, now: datetime) -> list[Phrases]:
    """Return the prepared words, answers first, then by occasion; what cannot be filled is out."""
    wanted = [
        each
        for each in templates.library()
        if each.occasion == REPLY or (each.occasion in _OTHER and each.purpose != "selling")
    ]
    filled = phrasing.filled(
        actor=talk.actor,
        customer_id=talk.customer.pk,
        messages=wanted,
        about=About(),
        now=now,
        language=reaching.language_of(talk.customer),
    )
    ready = [each for each in filled if not each.missing]
    groups = []
    for occasion in (REPLY, *_OTHER):
        words = tuple(each for each in ready if each.occasion == occasion)
        if words:
            groups.append(Phrases(label=texts.OCCASIONS.get(occasion, occasion), words=words))
    return groups


def uuid_of(text: str) -> UUID | None:
    """Return a key out of a form, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _may_send(channel: Channel) -> bool:
    return channel in talking.WRITTEN and channel.value in {*chosen.channels()}


def _bubble(row: Contact) -> Bubble:
    return Bubble(
        row=row,
        told=contact_words.told(row),
        is_in=row.direction == Contact.Direction.IN,
        is_line=row.channel in _SPOKEN,
    )
