"""The word that goes by itself when nobody answers a message within a minute (C12).

In the store's opening hours it says that somebody will answer soon, outside of them when the
store opens. It goes once in a spell of messages (no pause longer than SPELL between two), as
service, on the channel they wrote on, in their language, in words a chain may change. A machine
that answers machines is never the last to speak: to automatic messages, and to senders of very
many, nothing goes by itself.
"""

import re
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from babel import dates

from regulars import registry
from regulars.audit import SYSTEM
from regulars.billing import resting
from regulars.kit.labels import Language, language_of
from regulars.messages.gateways import chosen
from regulars.messages.models import Channel, Contact, Purpose
from regulars.messages.refusals import ContactRefused, NotLikeThis, SaidOtherwise
from regulars.messages.selectors import rendering, templates
from regulars.messages.selectors.facts import Subject
from regulars.messages.services import Draft
from regulars.outbox import handler
from regulars.outbox import services as outbox
from regulars.registry.built_in import WORD_CLOSED, WORD_OPEN
from regulars.stores import hours, selectors
from regulars.stores.models import Store
from regulars.usecases import contact_words, reaching
from regulars.usecases.phrasing import About

RECEIVED: Final = "messages.received"
HANDLER: Final = "messages.automatic-word"
POLICY: Final = "messages.automatic-word"
PATIENCE: Final = timedelta(minutes=1)
SPELL: Final = timedelta(hours=4)
MOST_IN_AN_HOUR: Final = 12
_STALE: Final = timedelta(minutes=15)  # a word that comes later says nothing true any more
_LOOKED_BACK: Final = timedelta(days=3)
_AT_MOST: Final = 200  # messages of a spell that are looked at
_AUTOMATIC: Final = re.compile(
    r"自动回复|自動回覆|自动答复|自動回應|不在办公室|休假中|out of (?:the )?office|auto[\s-]?reply"
    r"|auto[\s-]?response|automatic(?:ally)? (?:reply|response|generated)|do not reply|请勿回复",
    re.IGNORECASE,
)
_NO_PERSON: Final = re.compile(
    r"^(?:no[._-]?reply|do[._-]?not[._-]?reply|mailer-daemon|postmaster|bounces?)\b", re.IGNORECASE
)
_LOCALES: Final[dict[Language, str]] = {"zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "en": "en"}
_DAYS: Final[dict[Language, tuple[str, str]]] = {
    "zh-Hans": ("今天", "明天"),
    "zh-Hant": ("今天", "明天"),
    "en": ("today at", "tomorrow at"),
}


@handler(RECEIVED)
def received(*, contact_id: str, now: datetime) -> None:
    """Look again in a minute whether somebody has answered what came in."""
    if not registry.policy(POLICY):
        return
    row = Contact.objects.filter(pk=UUID(contact_id), state=Contact.State.RECEIVED).first()
    if row is not None and row.customer_id is not None:
        outbox.enqueue(
            handler=HANDLER,
            payload={"contact_id": contact_id},
            key=f"{HANDLER}:{contact_id}",
            due_at=row.created_at + PATIENCE,
        )


@handler(HANDLER)
@resting.unless_paused
def answer(*, contact_id: str, now: datetime) -> None:
    """Send the word, if nobody has answered and none went in this spell; once however often."""
    row = Contact.objects.filter(pk=UUID(contact_id)).select_related("customer").first()
    if row is None or row.state != Contact.State.RECEIVED or not registry.policy(POLICY):
        return
    spell = _spell(row, now=now)
    if is_automatic(row) or not _is_wanted(row, spell):
        return
    store = _store(row)
    if store is None or Channel(row.channel) not in chosen.channels():
        return
    opens = None if hours.is_open(store, now) else next_opening(store, now)
    if opens is None and not hours.is_open(store, now):
        return  # a store that does not open again promises nothing
    _send(row, spell[0], store, opens=opens, now=now)


def is_automatic(row: Contact) -> bool:
    """Say whether a machine wrote a message, as far as it can be seen."""
    return bool(_AUTOMATIC.search(row.text) or _NO_PERSON.search(row.address))


def next_opening(store: Store, at: datetime) -> datetime | None:
    """Return when a store opens next; None within a year means never."""
    day = hours.business_day(store, at)
    while (found := hours.next_open_day(store, day)) is not None:
        starts = [start for start, _end in hours.spans(store, found) if start > at]
        if starts:
            return min(starts)
        day = found + timedelta(days=1)
    return None


def opening_words(opens: datetime, *, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """Return when it opens, as it is said to a customer: 明天 10:00, tomorrow at 10:00."""
    local, today = opens.astimezone(zone), now.astimezone(zone).date()
    clock = f"{time(local.hour, local.minute):%H:%M}"
    away = (local.date() - today).days
    if away in (0, 1):
        return f"{_DAYS[language][away]} {clock}"
    on = dates.format_skeleton("MMMMd", local.date(), locale=_LOCALES[language])
    return f"on {on} at {clock}" if language == "en" else f"{on} {clock}"


def _spell(row: Contact, *, now: datetime) -> list[Contact]:
    """Return the messages of the spell a message belongs to, oldest first, and those after it."""
    rows = Contact.objects.filter(
        customer=row.customer_id, at__gt=row.at - _LOOKED_BACK, at__lte=max(now, row.at)
    ).exclude(state__in=Contact.FREED)
    found = list(rows.order_by("-at", "-pk")[:_AT_MOST])[::-1]
    start = 0
    for place, (one, other) in enumerate(pairwise(found), start=1):
        if other.at - one.at > SPELL and other.at <= row.at:
            start = place
    return found[start:]


def _is_wanted(row: Contact, spell: list[Contact]) -> bool:
    """Say whether nobody spoke since, no word went in this spell, and no machine is at it."""
    ours = [each for each in spell if each.direction == Contact.Direction.OUT]
    theirs = [each for each in spell if each.direction == Contact.Direction.IN]
    is_answered = any(each.at >= row.at and each.source != contact_words.AUTOMATIC for each in ours)
    has_had_it = any(each.source == contact_words.AUTOMATIC for each in ours)
    lately = [each for each in theirs if each.at > row.at - timedelta(hours=1)]
    return not is_answered and not has_had_it and len(lately) <= MOST_IN_AN_HOUR


def _store(row: Contact) -> Store | None:
    """Return whose hours count: the customer's store; else the only one there is."""
    if row.customer is not None and row.customer.home_store_id is not None:
        return Store.objects.filter(pk=row.customer.home_store_id).first()
    stores = list(Store.objects.filter(selectors.still_open())[:2])
    return stores[0] if len(stores) == 1 else None


def _send(
    row: Contact, first: Contact, store: Store, *, opens: datetime | None, now: datetime
) -> None:
    message = templates.find(WORD_CLOSED if opens else WORD_OPEN)
    if message is None or row.customer is None:
        return  # head office left it out
    language = language_of(reaching.language_of(row.customer))
    zone = ZoneInfo(store.time_zone)
    told = opening_words(opens, now=now, zone=zone, language=language) if opens else ""
    subject = Subject(
        customer_id=row.customer.pk,
        store_id=store.pk,
        language=language,
        further={"store.opens": told},
    )
    (rendered,) = rendering.render(message, [subject], channel=row.channel)
    if rendered.missing:
        return
    draft = Draft(
        customer_id=row.customer.pk,
        purpose=Purpose.SERVICE,
        channel=row.channel,
        store_id=store.pk,
        occasion=message.occasion,
        template=message.key,
        source=contact_words.AUTOMATIC,
        source_id=row.pk,
        key=f"{HANDLER}:{row.customer.pk}:{first.pk}",  # of the spell: two messages, one word
        address=row.address,
        facts={reaching.ANSWERS: True},
        subject=rendered.subject,
        text=rendered.text,
        language=language,
        not_after=now + _STALE,
    )
    try:
        about = About(template=message.key)
        reaching.deliver(actor=SYSTEM, draft=draft, about=about, rendered=rendered, now=now)
    except (ContactRefused, reaching.ApprovedOnly):
        return  # their address came back, or the provider has not approved these words
    except (NotLikeThis, SaidOtherwise):
        return  # the word of this spell went, or could not go, already
