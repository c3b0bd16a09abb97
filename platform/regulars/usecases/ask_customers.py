"""Asking customers how satisfied they are (Q7): what gives cause to, and the message with the link.

Causes are found by looking at what was recorded since the last time, complaints by their news.
Each asking is a transaction of its own that reserves the message and writes down that it was
asked: a worker that is killed asks nobody twice, and the next goes on. Care counts against the
contact budget; the question after a complaint is service. While a complaint is open nobody is
asked anything.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from regulars.audit import SYSTEM
from regulars.billing import resting
from regulars.complaints import selectors as complaints
from regulars.complaints.models import Case
from regulars.followups.plans import sources
from regulars.followups.plans.open_days import OpenDays
from regulars.kit import Message, Survey
from regulars.kit.labels import language_of
from regulars.messages.models import Purpose
from regulars.messages.refusals import ContactRefused, NotLikeThis, SaidOtherwise
from regulars.messages.selectors import people, rendering, templates
from regulars.messages.selectors.facts import Subject
from regulars.messages.services import Draft
from regulars.outbox import schedule
from regulars.registry import built_in
from regulars.surveys import declared, links
from regulars.surveys.models import Invitation
from regulars.surveys.services import asking, inviting
from regulars.surveys.services.inviting import News
from regulars.tenancy import context, hosts, statements
from regulars.tenancy.identifiers import first_id
from regulars.usecases import reachable, reaching
from regulars.usecases.phrasing import About

SOURCE: Final = "survey"  # what `Contact.source` says
WISH: Final = "survey"
PAGE: Final = "survey_answer"
REACH: Final = timedelta(days=3)
"""How far back it is looked for causes at most, such as after a worker that was stopped."""
_NAME: Final = "surveys.ask"
_LEASE: Final = timedelta(hours=1)
_OVERLAP: Final = timedelta(minutes=30)  # longer than the longest sale is being written
_AT_ONCE: Final = 500
_STALE: Final = timedelta(days=3)  # a message that could only go later stays at home
_TOMORROW: Final = timedelta(days=1)
_FINISHED: Final = """
SELECT id, customer_id, store_id, done_by_id, done_at, outcome,
  CASE WHEN source_kind LIKE 'purchase.%%' THEN source END
FROM followups_task WHERE state = 'done' AND done_at >= %s AND done_at <= %s
  AND outcome IN ('reached', 'came') ORDER BY done_at"""
# Keys rise with time. A visit that belongs to a follow-up is told of by that.
_VISITS: Final = """
SELECT id, customer_id, store_id, staff_id, at, created_at FROM messaging_contact
WHERE id >= %s AND channel = 'visit' AND state IN ('logged', 'delivered')
  AND source <> 'followup' AND at >= %s ORDER BY id"""
_ENDS: Final = frozenset({Case.End.SATISFIED, Case.End.UNSATISFIED})
_NOT_SENT: Final = (
    reaching.ApprovedOnly, reaching.NothingToSay, NotLikeThis, SaidOtherwise
)  # fmt: skip
_LOG = logging.getLogger(__name__)


@schedule.every(_NAME, minutes=10, lease=_LEASE)
def work(*, now: datetime) -> None:
    """Find what customers may be asked about since the last time, and ask what is due.

    While nothing goes by itself nobody is asked, and what is due is dropped after a while.
    """
    if not resting.at_this_moment().goes_by_itself:
        asking.forget(before=now - resting.WORTH)
        return
    last = schedule.last(_NAME, zone=context.current().zone, now=now, within=REACH)
    since = max(now - REACH, last - _OVERLAP) if last else now - REACH
    found, asked = find(since=since, now=now), ask_due(now=now)
    if found or asked:
        _LOG.info("%d new questions, %d asked", found, asked)


def find(*, since: datetime, now: datetime) -> int:
    """Write down what is to be asked about what was recorded since; return how much is new."""
    starts = declared.sending().keys()
    if not starts:
        return 0
    bought = starts & set(declared.AFTER_PURCHASE)
    found = 0
    if bought:
        days = OpenDays()
        news = sources.recorded(bought, since=since, now=now, days=days)
        found += inviting.invite(
            (
                News(
                    trigger=each.trigger,
                    source=each.purchase_id,
                    customer_id=each.customer_id,
                    happened_at=each.since,
                    recorded_at=each.recorded_at,
                    store_id=each.store_id,
                    purchase_id=each.purchase_id,
                )
                for each in news
                if each.purchase_id is not None and each.trigger in bought
            ),
            now=now,
        )
    return found + inviting.invite(_talks(since=since, now=now), now=now)


def _talks(*, since: datetime, now: datetime) -> Iterator[News]:
    for pk, customer_id, store_id, guide_id, at, outcome, purchase_id in statements.every(
        _FINISHED, (since, now)
    ):
        yield News(
            trigger=declared.VISITED if outcome == "came" else "followup.done",
            source=pk,
            customer_id=customer_id,
            happened_at=at,
            recorded_at=at,
            store_id=store_id,
            guide_id=guide_id,
            purchase_id=purchase_id,
        )
    for pk, customer_id, store_id, guide_id, at, recorded_at in statements.every(
        _VISITS, (first_id(since), now - REACH)
    ):
        yield News(
            trigger=declared.VISITED,
            source=pk,
            customer_id=customer_id,
            happened_at=at,
            recorded_at=recorded_at,
            store_id=store_id,
            guide_id=guide_id,
        )


def after_complaint(complaint_id: UUID, *, at: datetime, now: datetime) -> None:
    """Let somebody be asked how their complaint was settled, if it was settled at all."""
    case = Case.objects.filter(pk=complaint_id, ended__in=_ENDS).first()
    if case is not None and case.customer_id is not None:
        news = News(
            trigger=declared.AFTER_COMPLAINT,
            source=case.pk,
            customer_id=case.customer_id,
            happened_at=at,
            recorded_at=at,
            store_id=case.store_id,
            guide_id=case.owner_id,
            purchase_id=case.purchase_id,
        )
        inviting.invite([news], now=now)


def ask_due(*, now: datetime, limit: int = _AT_ONCE) -> int:
    """Ask whoever is to be asked by now; return how many were.

    One that cannot be asked for a fault of ours holds nobody else up: it is tried again tomorrow.
    """
    return sum(_tried(each, now=now) for each in asking.due(now=now, limit=limit))


def _tried(invitation_id: UUID, *, now: datetime) -> bool:
    try:
        return ask(invitation_id, now=now)
    except Exception:  # noqa: BLE001  (whatever it is, the others are asked)
        _LOG.exception("Could not ask %s", invitation_id)
    asking.try_later(invitation_id, until=now + _TOMORROW)
    return False


@transaction.atomic
def ask(invitation_id: UUID, *, now: datetime) -> bool:
    """Ask one customer, or put it off, or leave it out; say whether they were asked. Idempotent."""
    row = asking.held(invitation_id, now=now)
    survey = declared.find(row.survey) if row else None
    if row is None or survey is None or row.customer_id is None:
        return False
    if complaints.open_of([row.customer_id]):
        asking.put_off(row, until=now + _TOMORROW, why=asking.COMPLAINS)
        return False
    service = declared.is_service(survey)
    purpose = Purpose.SERVICE if service else Purpose.CARE
    key = built_in.SURVEY_OF_SERVICE if service else built_in.SURVEY_OF_CARE
    message = templates.find(key)
    if message is None:
        asking.leave_out(row, "words")
        return False
    return _sent(row, survey, message, purpose=purpose, now=now)


def _sent(
    row: Invitation, survey: Survey, message: Message, *, purpose: str, now: datetime
) -> bool:
    """Try the ways there are, in their order; what can only be later is put off."""
    assert row.customer_id is not None  # noqa: S101  (only what is somebody's waits)
    person = reachable.person_of(SYSTEM, row.customer_id, purpose=WISH)
    why, possible = "address", list[datetime]()
    for way in reachable.ways(actor=SYSTEM, customer_id=row.customer_id, purpose=purpose, now=now):
        if way.by_hand or way.channel not in message.channels:
            continue
        if person.standing.given(WISH, people.asked_as(way.channel)) is False:
            why = "wish"
            continue
        if way.refusal is None:
            try:
                _send(row, message, channel=way.channel, purpose=purpose, now=now)
            except ContactRefused as refused:
                why = refused.code[-20:]
                possible += [refused.possible_at] if refused.possible_at else []
            except _NOT_SENT as error:
                why = error.code[-20:]
            else:
                return True
        else:
            why = way.refusal.why
            possible += [way.refusal.possible_at] if way.refusal.possible_at else []
    if possible:
        asking.put_off(row, until=max(min(possible), now + timedelta(minutes=1)), why=why)
    else:
        asking.leave_out(row, why)
    return False


@transaction.atomic
def _send(row: Invitation, message: Message, *, channel: str, purpose: str, now: datetime) -> None:
    """Reserve the message and write down that they were asked. Raises as `reaching.deliver`."""
    assert row.customer_id is not None  # noqa: S101
    subject = Subject(
        customer_id=row.customer_id,
        store_id=row.store_id,
        guide_id=row.guide_id,
        purchase_id=row.purchase_id,
        language=row.language,
        further={"link": address(links.token("invitation", row.pk))},
    )
    (words,) = rendering.render(message, [subject], channel=channel)
    if not words.may_be_sent:
        raise reaching.NothingToSay
    draft = Draft(
        customer_id=row.customer_id,
        purpose=purpose,
        channel=channel,
        wish=WISH if purpose != Purpose.SERVICE else "",
        store_id=row.store_id,
        occasion=message.occasion,
        template=message.key,
        source=SOURCE,
        source_id=row.pk,
        key=f"{SOURCE}:{row.pk}:{channel}",
        subject=words.subject if channel == "email" else "",
        text=words.text,
        language=words.language,
        not_after=now + _STALE,
    )
    contact_id = reaching.deliver(
        actor=SYSTEM, draft=draft, about=About(template=message.key), rendered=words, now=now
    )
    asking.asked(row, contact_id=contact_id, language=language_of(words.language), now=now)


def address(token: str) -> str:
    """Return the whole address of a link, as it stands in a message or behind a QR code."""
    return hosts.address(reverse(PAGE, args=[token], urlconf=settings.CHAIN_URLCONF))
