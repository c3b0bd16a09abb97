"""Reserving contacts: the budget is used before anybody dials or anything is sent (C1)."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from regulars.audit import Actor, ActorKind
from regulars.messages import keys
from regulars.messages.models import Contact
from regulars.messages.refusals import ContactRefused, NotLikeThis, Refusal, SaidOtherwise
from regulars.messages.selectors import asking
from regulars.messages.selectors.asking import Question
from regulars.tenancy import context, statements
from regulars.tenancy.identifiers import new_id

# In the order of the customers' keys: the guard holds their rows, and nobody waits in a circle.
_RESERVE: Final = """
INSERT INTO messaging_contact (
  id, customer_id, direction, purpose, channel, state, at, due_at, flagged, tier, store_id,
  staff_id, batch_id, occasion, template, source, source_id, key, address, subject, text,
  language, facts, provider, attempts, fault)
SELECT g.id, g.customer_id, 'out', g.purpose, g.channel, 'if-allowed', g.at, g.due_at, false,
  g.tier, g.store_id, g.staff_id, g.batch_id, g.occasion, g.template, g.source, g.source_id,
  g.key, g.address, g.subject, g.text, g.language, g.facts, '', 0, ''
FROM json_to_recordset(%s::json) AS g(
  id uuid, customer_id uuid, purpose text, channel text, at timestamptz, due_at timestamptz,
  tier text, store_id uuid, staff_id uuid, batch_id uuid, occasion text, template text,
  source text, source_id uuid, key uuid, address text, subject text, text text, language text,
  facts jsonb)
ORDER BY g.customer_id, g.at, g.id
ON CONFLICT (key) DO NOTHING RETURNING id"""
_QUOTED: Final = 80  # characters of the words that went, in a refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A contact somebody wants to make.

    `at` is when (None: now). `tier` is the customer's level now, for the budget's exceptions.
    `wish` is what the customer was asked about if it is not the purpose: "survey". The same `key`
    is the same contact. `address` only if it is not the customer's phone or e-mail address. What
    could only go later than `not_after` is cancelled instead: a greeting must not be late.
    """

    customer_id: UUID
    purpose: str
    channel: str
    at: datetime | None = None
    not_after: datetime | None = None
    tier: str = ""
    wish: str = ""
    store_id: UUID | None = None
    staff_id: UUID | None = None
    occasion: str = ""
    template: str = ""
    source: str = ""
    source_id: UUID | None = None
    key: str = ""
    address: str = ""
    subject: str = ""
    text: str = ""
    language: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a draft: a contact, or why not. `repeated`: the key had been used before."""

    contact_id: UUID | None = None
    refusal: Refusal | None = None
    repeated: bool = False


def reserve(*, actor: Actor, draft: Draft, now: datetime) -> UUID:
    """Reserve one contact and return its key; the same key with the same words is the same one.

    A call is reserved before dialling; `by_hand.cancel` gives the allowance back, so its key opens
    nothing any more. Raises ContactRefused, NotLikeThis if the contact of this key was given up or
    failed, SaidOtherwise if it says something else (see `refusals`).
    """
    (outcome,) = reserve_many(actor=actor, drafts=[draft], now=now)
    if outcome.refusal is not None:
        raise outcome.refusal.error(zone=context.current().zone, now=now)
    if outcome.contact_id is None:
        raise ContactRefused(ContactRefused.at_no_time)
    if outcome.repeated:
        kept = Contact.objects.get(pk=outcome.contact_id)
        if kept.state in Contact.FREED:
            raise NotLikeThis
        if draft.text:  # of a call it is what was said then
            check_same(kept, draft)
    return outcome.contact_id


def check_same(kept: Contact, draft: Draft) -> None:
    """Raise SaidOtherwise if a draft says other words, or goes another way, than its key did.

    White space makes no difference: browsers and their queues write ends of lines unlike.
    """
    said, says = kept.text.split(), draft.text.replace("\0", "").split()
    if kept.channel != draft.channel or said != says:
        raise SaidOtherwise(words=kept.text[:_QUOTED])


@transaction.atomic
def reserve_many(
    *, actor: Actor, drafts: Sequence[Draft], now: datetime, batch_id: UUID | None = None
) -> list[Outcome]:
    """Reserve what the customers' wishes, clocks and budgets allow; one outcome for each draft.

    Nine statements at most, however many drafts (a thousand or so at once is a good measure).
    Holds the rows of the customers, lower key first, until the transaction ends. Who is merged,
    erased or outside the actor's scope is refused as nobody.
    """
    kept = _kept(drafts)
    questions = [_question(each, now=now) for each in drafts]
    facts = asking.known(questions, actor=actor)
    refusals = [facts.refusal(each) for each in questions]
    wanted = {
        new_id(): place
        for place, draft in enumerate(drafts)
        if refusals[place] is None and draft.key not in kept
    }
    documents = [
        _document(pk, drafts[place], questions[place], facts, actor=actor, batch_id=batch_id)
        for pk, place in wanted.items()
    ]
    made = _made(documents)
    outcomes = {place: Outcome(contact_id=pk) for pk, place in wanted.items() if pk in made}
    missing = [place for place in range(len(drafts)) if place not in outcomes]
    if missing:
        # Whoever used the key a moment ago has committed: our statement waited for them.
        kept |= _kept([drafts[place] for place in missing if drafts[place].key not in kept])
        explained = asking.explained(
            [questions[place] for place in missing],
            [refusals[place] for place in missing],
            facts=facts,
        )
        for place, refusal in zip(missing, explained, strict=True):
            known = kept.get(drafts[place].key)
            if known is not None:
                outcomes[place] = Outcome(contact_id=known, repeated=True)
            else:
                # What neither wish nor budget speaks against was merged or erased meanwhile.
                outcomes[place] = Outcome(refusal=refusal or Refusal(why="nobody"))
    return [outcomes[place] for place in range(len(drafts))]


def _made(documents: Sequence[dict[str, Any]]) -> set[UUID]:
    """Write down what the guard lets pass, in one statement, and return the keys."""
    if not documents:
        return set()
    rows = statements.every(_RESERVE, (json.dumps(documents, default=str),))
    return {row[0] for row in rows}


def _kept(drafts: Sequence[Draft]) -> dict[str, UUID]:
    """Return the contacts there are by the keys of these drafts, in one statement."""
    wanted = {keys.hashed(each.key): each.key for each in drafts if each.key}
    if not wanted:
        return {}
    rows = Contact.objects.filter(key__in=list(wanted)).values_list("key", "pk")
    return {wanted[key]: pk for key, pk in rows}


def _question(draft: Draft, *, now: datetime) -> Question:
    return Question(
        customer_id=draft.customer_id,
        purpose=draft.purpose,
        channel=draft.channel,
        at=max(draft.at or now, now),  # what has happened already is logged, not reserved
        tier=draft.tier,
        wish=draft.wish,
        address=draft.address,
    )


def _document(
    pk: UUID,
    draft: Draft,
    question: Question,
    facts: asking.Known,
    *,
    actor: Actor,
    batch_id: UUID | None,
) -> dict[str, Any]:
    staff_id = draft.staff_id or (actor.id if actor.kind is ActorKind.STAFF else None)
    texts = {
        name: value.replace("\0", "")  # PostgreSQL keeps none in a text
        for name, value in asdict(draft).items()
        if isinstance(value, str)
    }
    return {
        **asdict(draft),
        **texts,
        "id": pk,
        "at": question.at.isoformat(),
        "due_at": draft.at.isoformat() if draft.at else None,
        "staff_id": staff_id,
        "batch_id": batch_id,
        "key": keys.hashed(draft.key),
        "address": facts.address(question),
        "facts": _facts(draft),
    }


def _facts(draft: Draft) -> dict[str, Any]:
    facts = dict(draft.facts)
    if draft.wish:
        facts["wish"] = draft.wish
    if draft.not_after is not None:
        facts["not_after"] = draft.not_after.isoformat()
    return facts
