"""Asking whether the customer is satisfied, the second round, and every way a complaint is over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.complaints import access, checklist, people, pictures, templates, timing
from regulars.complaints.models import Case, Entry
from regulars.complaints.services import announcing, moving, writing
from regulars.complaints.services.writing import NotNow
from regulars.complaints.way import (
    ATTEMPTS,
    LAST_ROUND,
    OTHER_ENDS,
    End,
    Move,
    still_unsatisfied,
)
from regulars.errors import Conflict, Invalid

ATTEMPT: Final = "not-reached"
REVIEW: Final = "review"  # what is missing: somebody who looks at it afresh


class ListOpen(Conflict):
    """Not everything on the checklist was seen to."""

    code = "complaint-list-open"
    sentence = _("The complaint cannot be closed yet. Still open: %(items)s")


class EndRefused(Invalid):
    """A complaint cannot end like this."""

    code = "complaint-end-refused"


def ask(*, actor: Actor, case_id: UUID, text: str, now: datetime, key: str) -> Case:
    """Ask the customer whether they are satisfied; until they answer the clocks stand still."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        if writing.repeated(case, key) is not None:
            return case
        moving.move(case, Move.ASK, actor=actor, text=text, now=now, key=key)
        case.satisfied = None  # what they said of an earlier round is no answer to this
        timing.pause(case, now=now)
        case.save()
        return case


def answer(
    case: Case, *, actor: Actor, satisfied: bool, text: str, now: datetime, key: str
) -> Case:
    """Take the customer's answer to a complaint that the caller holds, by link or through us.

    Not satisfied: the second round begins by itself, and a reviewer joins. After the second round
    it waits for a manager. Satisfied, and nothing open on the list: closed. Raises NotNow.
    """
    if writing.repeated(case, key) is not None:
        return case
    writing.check(case, Move.SATISFIED)
    case.satisfied = satisfied
    kept = writing.words(text, needed=False)
    timing.resume(case, store=case.store, now=now)
    if satisfied:
        writing.write(
            case, Move.SATISFIED, actor=actor, now=now, text=kept, public=True, key=key,
            data={"round": case.round},
        )  # fmt: skip
        if case.open_items == 0:
            _close(case, actor=actor, now=now, key=f"{key}:closed")
        return case
    if case.round < LAST_ROUND:
        case.round += 1
        case.state = Case.State.INVESTIGATING
        case.reviewer_id = people.reviewer(case)
        timing.go_on(case, store=case.store, now=now)
    entry = writing.write(
        case, Move.UNSATISFIED, actor=actor, now=now, text=kept, public=True, key=key,
        data={"round": case.round, "reviewer": str(case.reviewer_id or "")},
    )  # fmt: skip
    _tell_without_reviewer(case, entry)
    return case


def answered(
    *, actor: Actor, case_id: UUID, satisfied: bool, text: str, now: datetime, key: str
) -> Case:
    """Write down what the customer told an employee when asked."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        return answer(case, actor=actor, satisfied=satisfied, text=text, now=now, key=key)


def close(*, actor: Actor, case_id: UUID, now: datetime, key: str) -> Case:
    """Close a complaint whose customer is satisfied. Raises ListOpen."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        if writing.repeated(case, key) is not None:
            return case
        if case.state != Case.State.ASKED or not case.satisfied:
            raise NotNow
        _close(case, actor=actor, now=now, key=key)
        return case


def end(
    *,
    actor: Actor,
    case_id: UUID,
    how: str,
    reason: str,
    now: datetime,
    key: str,
    duplicate_of: UUID | None = None,
) -> Case:
    """End a complaint otherwise, with a manager's reason. Raises EndRefused."""
    with transaction.atomic():
        case = access.locked(actor=actor, case_id=case_id, permission=access.MANAGE)
        if writing.repeated(case, key) is not None:
            return case
        if case.state == Case.State.CLOSED:
            raise NotNow
        kept = writing.words(reason)
        _check_end(actor, case, how, duplicate_of)
        case.duplicate_of = duplicate_of if how == End.DUPLICATE else None
        shut(case, how, actor=actor, now=now, text=kept, key=key)
        audit.record(
            actor=actor, action="complaint.ended", object_kind="complaint", object_id=case.pk,
            store_id=case.store_id, data={"how": how},
        )  # fmt: skip
        return case


def reopen(
    case: Case,
    *,
    actor: Actor,
    text: str,
    now: datetime,
    key: str,
    files: Sequence[str] = (),
    sent: Sequence[str] = (),
) -> Case:
    """Open a closed complaint again, which the caller holds; its clocks go on. Raises NotNow."""
    if writing.repeated(case, key) is not None:
        pictures.drop_unnamed(case.pk, files)
        return case
    writing.check(case, Move.REOPEN)
    kept = writing.words(text)
    case.state, case.ended = Case.State.INVESTIGATING, ""
    case.closed_at = case.satisfied = case.duplicate_of = None
    case.round = LAST_ROUND
    case.reviewer_id = case.reviewer_id or people.reviewer(case)
    timing.go_on(case, store=case.store, now=now)
    entry = writing.write(
        case, Move.REOPEN, actor=actor, now=now, text=kept, public=True, key=key,
        data=pictures.shown(files, sent),
    )  # fmt: skip
    _tell_without_reviewer(case, entry)
    announcing.opened(case, at=now)
    return case


def reopen_for(*, actor: Actor, case_id: UUID, text: str, now: datetime, key: str) -> Case:
    """Open a closed complaint again because the customer told an employee so."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        return reopen(case, actor=actor, text=text, now=now, key=key)


def _tell_without_reviewer(case: Case, entry: Entry) -> None:
    """Tell head office the number, where the store has nobody who looks at it afresh."""
    if case.reviewer_id is None:
        to = [str(each.pk) for each in people.by_number(case)]
        announcing.by_number(case, entry, why=[REVIEW], to=to)


def _close(case: Case, *, actor: Actor, now: datetime, key: str) -> None:
    items = templates.items(case)
    left = checklist.open_items(items, writing.past(case.pk))
    if left:
        raise ListOpen(items=", ".join(str(each.label) for each in left))
    shut(case, End.SATISFIED, actor=actor, now=now, text="", key=key)


def shut(case: Case, how: str, *, actor: Actor, now: datetime, text: str, key: str) -> None:
    """Close a complaint that the caller holds, however it ended; the caller has checked that."""
    case.state, case.ended, case.closed_at = Case.State.CLOSED, how, now
    timing.pause(case, now=now)
    writing.write(
        case, Move.CLOSE, actor=actor, now=now, text=text, key=key,
        public=how in (End.SATISFIED, End.WITHDRAWN), data={"how": how, "round": case.round},
    )  # fmt: skip
    announcing.closed(case, at=now)


def _check_end(actor: Actor, case: Case, how: str, duplicate_of: UUID | None) -> None:
    if how not in OTHER_ENDS:
        raise EndRefused(fields={"how": [_("Choose how it ended.")]})
    if how == End.DUPLICATE:
        others = access.visible(actor).exclude(pk=case.pk)
        if duplicate_of is None or not others.filter(pk=duplicate_of).exists():
            raise EndRefused(fields={"duplicate_of": [_("Choose the other complaint.")]})
    if how == End.NO_ANSWER:
        tried = Entry.objects.filter(case=case, kind=ATTEMPT).count()
        if tried < ATTEMPTS:
            sentence = _("First try to reach the customer three times; so far it was %(count)s.")
            raise EndRefused(fields={"how": [sentence % {"count": tried}]})
    if how == End.UNSATISFIED and not still_unsatisfied(case.round, case.state, case.satisfied):
        sentence = _("Only after a second round that did not satisfy the customer either.")
        raise EndRefused(fields={"how": [sentence]})
