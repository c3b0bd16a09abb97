"""One step of a complaint: an entry, and the row that shows how it stands, in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor, ActorKind
from regulars.complaints import checklist, templates, timing, way
from regulars.complaints.models import Case, Entry
from regulars.errors import Conflict, Invalid
from regulars.messages import keys

LONGEST_TEXT = 4_000


class NotNow(Conflict):
    """The complaint is not at a point from which this step can be taken."""

    code = "complaint-not-now"
    sentence = _(
        "The complaint has gone on meanwhile, so this step does not fit. Please look again."
    )


class WordsMissing(Invalid):
    """A step that the customer reads, or that somebody answers for, needs words."""

    code = "complaint-words-missing"
    sentence = _("Please write a few words: the step cannot be taken without them.")


class TooLong(Invalid):
    """More words than one step holds."""

    code = "complaint-too-long"
    sentence = _("Please use at most %(most)s characters.")


class Erased(Conflict):
    """What was written was erased; nothing is added to it any more."""

    code = "complaint-erased"
    sentence = _("What was written here was erased as the customer wished. Nothing can be added.")


def words(text: str, *, needed: bool = True) -> str:
    """Return words as they are kept. Raises WordsMissing, TooLong."""
    kept = text.replace("\0", "").strip()
    if needed and not kept:
        raise WordsMissing(fields={"text": [WordsMissing.sentence]})
    if len(kept) > LONGEST_TEXT:
        sentence = _("Please use at most %(most)s characters.") % {"most": LONGEST_TEXT}
        raise TooLong(fields={"text": [sentence]}, most=LONGEST_TEXT)
    return kept


def repeated(case: Case, key: str) -> Entry | None:
    """Return the step that was taken under this key, if it was; the caller holds the complaint."""
    known = _key(case, key)
    return Entry.objects.filter(key=known).first() if known else None


def write(
    case: Case,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    text: str = "",
    public: bool = False,
    data: Mapping[str, Any] | None = None,
    key: str = "",
    known_as: UUID | None = None,
) -> Entry:
    """Add a step to a complaint that the caller holds, and save how the complaint stands now.

    Raises Erased.
    """
    if not case.title:
        raise Erased
    entry = Entry(
        case=case,
        kind=kind,
        at=now,
        by_id=actor.id if actor.kind is ActorKind.STAFF else None,
        by_customer=actor.kind is ActorKind.CUSTOMER,
        public=public,
        text=text,
        data=dict(data or {}),
        key=known_as or _key(case, key),
    )
    entry.save(force_insert=True)
    case.version += 1
    case.open_items = len(checklist.open_items(templates.items(case), past(case.pk)))
    timing.look(case, now=now)
    case.save()
    return entry


def _key(case: Case, key: str) -> UUID | None:
    return keys.hashed(f"{case.pk}:{key}") if key else None


def past(case_id: UUID) -> list[Entry]:
    """Return what has happened to a complaint, oldest first."""
    return list(Entry.objects.filter(case=case_id).order_by("id"))


def check(case: Case, move: way.Move) -> None:
    """Raise NotNow unless the move may follow."""
    if not way.follows(way.State(case.state), move):
        raise NotNow


def first_response(case: Case, *, actor: Actor, now: datetime, how: str) -> None:
    """Tick the first answer, the first time the customer hears from a person; clocks go on."""
    is_first = case.replied_at is None
    times = timing.allowed(case.severity, templates.of(case))
    timing.answered(case, store=case.store, times=times, now=now)
    if is_first:
        write(case, "first-response", actor=actor, now=now, data={"how": how})
