"""Trying the budget: what would happen if somebody contacted this customer now."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.http import HttpRequest

from regulars.audit import Actor
from regulars.customers import selectors as customers
from regulars.customers.models import Customer
from regulars.customers.selectors import Listed
from regulars.errors import NotFound
from regulars.messages.models import Channel, Purpose
from regulars.messages.selectors import asking, history
from regulars.messages.selectors.asking import Question
from regulars.points import tiers
from regulars.tenancy import context

_CHANNELS: Final = (Channel.CALL, Channel.SMS, Channel.WECHAT, Channel.EMAIL)
_PURPOSES: Final = (Purpose.CARE, Purpose.SELLING, Purpose.SERVICE)
_HITS: Final = 8
_BACK: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One cell: the sentence of a refusal, or nothing where it may be."""

    channel: str
    refusal: str = ""
    possible_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was asked for and what came of it."""

    text: str = ""
    hits: list[Listed] = field(default_factory=list)
    customer: Customer | None = None
    tier: str = ""
    channels: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[Answer]]] = field(default_factory=list)
    counted: list[datetime] = field(default_factory=list)


def trial(request: HttpRequest, actor: Actor, *, now: datetime) -> Trial:
    """Answer for the customer in the address, or offer those whom the typed text finds."""
    text = request.GET.get("q", "").strip()[:80]
    customer = _named(request, actor)
    if customer is None and text:
        hits = list(customers.search(actor=actor, text=text, limit=_HITS).customers)
        if len(hits) != 1:
            return Trial(text=text, hits=hits)
        customer = customers.get(actor=actor, customer_id=hits[0].id)
    if customer is None:
        return Trial(text=text)
    held = tiers.of(customer.pk, now=now)
    questions = [
        Question(
            customer_id=customer.pk,
            purpose=purpose,
            channel=channel,
            at=now,
            tier=held.key if held else "",
        )
        for purpose in _PURPOSES
        for channel in _CHANNELS
    ]
    found = asking.possible(actor=actor, questions=questions)
    answers = [
        Answer(channel=str(Channel(question.channel).label))
        if refusal is None
        else Answer(
            channel=str(Channel(question.channel).label),
            refusal=str(refusal.error(zone=context.current().zone, now=now)),
            possible_at=refusal.possible_at,
        )
        for question, refusal in zip(questions, found, strict=True)
    ]
    width = len(_CHANNELS)
    return Trial(
        text=text,
        customer=customer,
        tier=held.label.text(request.LANGUAGE_CODE) if held else "",
        channels=[str(each.label) for each in _CHANNELS],
        rows=[
            (str(purpose.label), answers[number * width : (number + 1) * width])
            for number, purpose in enumerate(_PURPOSES)
        ],
        counted=_counted(customer.pk, now=now),
    )


def _counted(customer_id: UUID, *, now: datetime) -> list[datetime]:
    found = history.counted([customer_id], since=now - _BACK)
    return sorted(each.at for each in found[customer_id])


def _named(request: HttpRequest, actor: Actor) -> Customer | None:
    try:
        return customers.get(actor=actor, customer_id=UUID(request.GET.get("customer", "")))
    except (ValueError, NotFound):
        return None
