"""The way of a complaint (Q3), one verb each; every one is a step that nothing takes back.

All take the complaint under its lock; a `key` is the request's, and the same again changes
nothing. All raise Forbidden, NotFound, NotNow, WordsMissing, TooLong, and what each says.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.complaints import access, timing, way
from regulars.complaints.models import Case, Remedy
from regulars.complaints.services import writing
from regulars.complaints.way import Move
from regulars.errors import Conflict


class RemediesOpen(Conflict):
    """Something that was promised waits for approval or has not been carried out."""

    code = "complaint-remedies-open"
    sentence = _("What was agreed has to be approved and carried out first.")


def apologise(*, actor: Actor, case_id: UUID, text: str, now: datetime, key: str) -> Case:
    """Tell the customer that we are sorry, in words they read."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        return move(case, Move.APOLOGISE, actor=actor, text=text, now=now, key=key)


def investigate(
    *, actor: Actor, case_id: UUID, text: str, promised_at: datetime, now: datetime, key: str
) -> Case:
    """Say back what it means to the customer, and by when they hear from us."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        data = {"promised": promised_at.isoformat()}
        return move(case, Move.INVESTIGATE, actor=actor, text=text, now=now, key=key, data=data)


def find(
    *, actor: Actor, case_id: UUID, text: str, cause: str, since: str, now: datetime, key: str
) -> Case:
    """Write down the facts: what happened, its cause, and since when we know. Not public."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        case.cause = cause.strip()[:60]
        data = {"cause": case.cause, "since": since.strip()[:60]}
        return move(case, Move.FIND, actor=actor, text=text, now=now, key=key, data=data)


def propose(
    *,
    actor: Actor,
    case_id: UUID,
    text: str,
    cause_told: bool,
    remedies: Sequence[UUID],
    now: datetime,
    key: str,
) -> Case:
    """Restate the problem and propose what makes good; `remedies` were asked for before."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        asked = Remedy.objects.filter(case=case, round=case.round, pk__in=list(remedies))
        known = asked.exclude(state=Remedy.State.REFUSED).order_by("pk")
        data = {"cause_told": cause_told, "remedies": [str(each.pk) for each in known]}
        return move(case, Move.PROPOSE, actor=actor, text=text, now=now, key=key, data=data)


def refuse(*, actor: Actor, case_id: UUID, text: str, now: datetime, key: str) -> Case:
    """Note that the customer wants something else, in their words."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        return move(case, Move.REFUSE, actor=actor, text=text, now=now, key=key)


def agree(*, actor: Actor, case_id: UUID, how: str, text: str, now: datetime, key: str) -> Case:
    """Note that the customer agreed, and how we talked it over: "counter", "phone", "link"."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        return move(
            case, Move.AGREE, actor=actor, text=text, now=now, key=key, data={"how": how},
            needs_words=False,
        )  # fmt: skip


def do(*, actor: Actor, case_id: UUID, text: str, now: datetime, key: str) -> Case:
    """Note that everything agreed was done; the matter counts as settled. Raises RemediesOpen."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        if writing.repeated(case, key) is None:
            unfinished = [Remedy.State.ASKED, Remedy.State.APPROVED]
            if Remedy.objects.filter(case=case, state__in=unfinished).exists():
                raise RemediesOpen
        return move(case, Move.DO, actor=actor, text=text, now=now, key=key)


def move(
    case: Case,
    made: Move,
    *,
    actor: Actor,
    now: datetime,
    key: str,
    text: str = "",
    needs_words: bool = True,
    data: Mapping[str, Any] | None = None,
) -> Case:
    """Make a move with a complaint that the caller holds."""
    if writing.repeated(case, key) is not None:
        case.refresh_from_db()
        return case
    writing.check(case, made)
    kept = writing.words(text, needed=needs_words)
    step, before = way.WAY[made], case.state
    case.state = step.ends or case.state
    timing.resume(case, store=case.store, now=now)
    if step.is_public:
        writing.first_response(case, actor=actor, now=now, how=made)
    if made is Move.DO:
        timing.settled(case, now=now)
    told = {**(data or {}), "from": before, "to": case.state, "round": case.round}
    writing.write(
        case, made, actor=actor, now=now, text=kept, public=step.is_public, data=told, key=key
    )
    return case
