"""What makes good: asked for, approved by role and amount, carried out (Q6).

The template says what may be offered, by whom and up to how much; all that is given of a kind for
one complaint counts together. Beyond the limit, or past the period of 三包, the next higher role
decides, and about what the template does not name head office; where a complaint comes to more than
the chain's limit two people do (`weighing`). Whoever may decide it alone has decided it by asking.
Nobody compensates themselves, nor lets others carry out what they asked for (`own`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.complaints import access, own, templates
from regulars.complaints.models import Case, Remedy
from regulars.complaints.services import weighing, writing
from regulars.complaints.services.writing import NotNow
from regulars.complaints.way import State
from regulars.errors import Conflict, Forbidden, Invalid, NotFound
from regulars.kit import complaints as kit
from regulars.stores import hours
from regulars.tenancy import context

ROLES: Final = access.ROLES
_LEVEL: Final = access.LEVEL
_OTHERWISE: Final = "store-manager"  # where no template says anything
_UNNAMED: Final = "head-office"  # what a template that says something does not name
_OWN: Final = _("Nobody decides about their own compensation.")


class RemedyRefused(Invalid):
    """A remedy that cannot be asked for like this."""

    code = "remedy-refused"


class NotYours(Forbidden):
    """The remedy is somebody else's to decide."""

    code = "remedy-not-yours"
    sentence = _("This needs the approval of somebody else.")


class AlreadyDecided(Conflict):
    """The remedy was decided by somebody else a moment ago."""

    code = "remedy-decided"
    sentence = _("This was decided meanwhile. Please look again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for: a kind of the kit, what it costs us in minor units, points if any."""

    kind: str
    label: str = ""
    amount_minor: int = 0
    points: int = 0
    goodwill: bool = False


def ask(*, actor: Actor, case_id: UUID, wish: Wish, now: datetime, key: str) -> Remedy:
    """Ask for a remedy; approved at once where the actor may decide it. Raises RemedyRefused."""
    with transaction.atomic():
        case = access.worked(actor=actor, case_id=case_id)
        if actor.id is None:
            raise NotYours
        known = writing.repeated(case, key)
        if known is not None:
            return Remedy.objects.get(pk=UUID(known.data["remedy"]))
        if case.state in (State.CLOSED, State.DONE, State.ASKED):
            raise NotNow
        _check(actor, case, wish)
        offered = grants(case, wish.kind, goodwill=wish.goodwill)
        remedy = Remedy(
            case=case,
            store_id=case.store_id,
            kind=wish.kind,
            label=(wish.label.strip() or _named(offered))[:120],
            goodwill=wish.goodwill,
            amount_minor=wish.amount_minor,
            points=wish.points,
            approval=_needed(case, wish, now),
            round=case.round,
            asked_by_id=actor.id,
            asked_at=now,
        )
        remedy.save(force_insert=True)
        data = _told(remedy)
        writing.write(case, "remedy-asked", actor=actor, now=now, data=data, key=key)
        if _level(actor) >= _LEVEL[remedy.approval]:
            _approve(case, remedy, actor=actor, now=now)
        return remedy


def approve(*, actor: Actor, remedy_id: UUID, now: datetime) -> Remedy:
    """Approve a remedy; above the chain's limit a second person does too. Raises NotYours."""
    with transaction.atomic():
        case, remedy = held(actor, remedy_id)
        if actor.id is None or _level(actor) < _LEVEL[remedy.approval]:
            raise NotYours
        _nobodys_own(actor, case, remedy)
        if actor.id in (remedy.asked_by_id, remedy.approved_by_id):
            raise NotYours
        _approve(case, remedy, actor=actor, now=now)
        return remedy


def refuse(*, actor: Actor, remedy_id: UUID, reason: str, now: datetime) -> Remedy:
    """Refuse a remedy, with the reason. Raises NotYours, AlreadyDecided, WordsMissing.

    One that was approved already is refused only where the customer had a hand in it themselves:
    it can never be carried out.
    """
    with transaction.atomic():
        case, remedy = held(actor, remedy_id, Remedy.State.ASKED, Remedy.State.APPROVED)
        if remedy.state == Remedy.State.APPROVED and not own.among(case, deciders(remedy)):
            raise AlreadyDecided
        if _level(actor) < _LEVEL[remedy.approval] or own.among(case, [actor.id]):
            raise NotYours
        _refuse(case, remedy, actor=actor, reason=writing.words(reason), now=now)
        return remedy


def drop_own(case: Case, *, actor: Actor, now: datetime) -> None:
    """Refuse what waits or was approved by whoever turns out to be the customer.

    The caller holds the complaint, and has just written down whose it is.
    """
    undone = Remedy.objects.filter(case=case, state__in=(Remedy.State.ASKED, Remedy.State.APPROVED))
    for remedy in undone.order_by("pk"):
        if own.among(case, deciders(remedy)):
            _refuse(case, remedy, actor=actor, reason=str(_OWN), now=now)


def deciders(remedy: Remedy) -> tuple[UUID | None, ...]:
    """Return who asked for a remedy and who approved it."""
    return (remedy.asked_by_id, remedy.approved_by_id, remedy.second_by_id)


def carry_out(
    *,
    actor: Actor,
    remedy_id: UUID,
    now: datetime,
    purchase_id: UUID | None = None,
    posting_id: UUID | None = None,
) -> Remedy:
    """Note that an approved remedy was carried out, and book its cost. Raises AlreadyDecided.

    `purchase_id` is the return or exchange, `posting_id` the posting of points it was done by:
    `usecases.compensate` looks for the one and writes the other. Raises RemedyRefused for points
    that nobody posted.
    """
    with transaction.atomic():
        case, remedy = held(actor, remedy_id, Remedy.State.APPROVED)
        _nobodys_own(actor, case, remedy)
        if remedy.kind == "points" and posting_id is None:
            raise RemedyRefused(fields={"points": [_("Points are given through the ledger.")]})
        remedy.state, remedy.done_by_id, remedy.done_at = Remedy.State.DONE, actor.id, now
        remedy.purchase_id, remedy.posting_id = purchase_id, posting_id
        remedy.save()
        case.cost_minor += remedy.amount_minor
        writing.write(case, "remedy-done", actor=actor, now=now, data=_told(remedy))
        return remedy


def held(actor: Actor, remedy_id: UUID, *states: str) -> tuple[Case, Remedy]:
    """Lock the complaint, then read the remedy, which only changes under that lock.

    Raises Forbidden, NotFound, AlreadyDecided where it is in no such state (else: asked for).
    """
    case_id = Remedy.objects.filter(pk=remedy_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    case = access.locked(actor=actor, case_id=case_id)
    remedy = Remedy.objects.get(pk=remedy_id)
    if remedy.state not in (states or (Remedy.State.ASKED,)) or case.state == State.CLOSED:
        raise AlreadyDecided
    return case, remedy


def _approve(case: Case, remedy: Remedy, *, actor: Actor, now: datetime) -> None:
    if remedy.approved_by_id is None:
        remedy.approved_by_id, remedy.approved_at = actor.id, now
    else:
        remedy.second_by_id, remedy.second_at = actor.id, now
    if remedy.second_by_id is not None or not weighing.needs_two(case, remedy):
        remedy.state = Remedy.State.APPROVED
    remedy.save()
    writing.write(case, "remedy-approved", actor=actor, now=now, data=_told(remedy))
    audit.record(
        actor=actor, action="complaint.remedy-approved", object_kind="complaint",
        object_id=case.pk, store_id=case.store_id, data=_counted(remedy),
    )  # fmt: skip


def _check(actor: Actor, case: Case, wish: Wish) -> None:
    faults: dict[str, list[str | Promise]] = {}
    if wish.kind not in kit.REMEDIES:
        faults["kind"] = [_("Choose what makes good.")]
    if wish.amount_minor < 0 or wish.points < 0 or (wish.points and wish.kind != "points"):
        faults["amount"] = [_("Give what it costs, from nought.")]
    if wish.amount_minor > weighing.MOST_MINOR:
        faults["amount"] = [_("This amount is too large.")]
    if wish.points > weighing.MOST_POINTS:
        faults["points"] = [weighing.too_many()]
    if wish.kind == "points" and not wish.points:
        faults["points"] = [_("Say how many points.")]
    if faults:
        raise RemedyRefused(fields=faults)
    if own.among(case, [actor.id]):
        raise NotYours(_OWN)


def _nobodys_own(actor: Actor, case: Case, remedy: Remedy) -> None:
    """Look again at each who has a hand in it. Raises NotYours."""
    if own.among(case, [actor.id]):
        raise NotYours(_OWN)
    if own.among(case, deciders(remedy)):
        raise NotYours(
            _("It was asked for or approved by the customer themselves. Refuse it; somebody else "
              "can ask for it anew.")
        )  # fmt: skip


def _refuse(case: Case, remedy: Remedy, *, actor: Actor, reason: str, now: datetime) -> None:
    remedy.state, remedy.reason = Remedy.State.REFUSED, reason[:200]
    remedy.save()
    data = _told(remedy)
    writing.write(case, "remedy-refused", actor=actor, now=now, text=reason, data=data)


def grants(case: Case, kind: str, *, goodwill: bool) -> tuple[kit.Remedy, ...]:
    """Return what the template lets each role grant of a kind, the lowest role first."""
    template = templates.of(case)
    among = () if template is None else template.goodwill if goodwill else template.remedies
    found = (each for each in among if each.kind == kind)
    return tuple(sorted(found, key=lambda each: _LEVEL[each.approval]))


def is_named(case: Case) -> bool:
    """Say whether the complaint is of a kind that says what makes good."""
    template = templates.of(case)
    return template is not None and bool(template.remedies or template.goodwill)


def _needed(case: Case, wish: Wish, now: datetime) -> str:
    """Return the lowest role that may decide it, with what was asked of the kind before."""
    offered = grants(case, wish.kind, goodwill=wish.goodwill)
    if not offered:
        return _UNNAMED if is_named(case) else _OTHERWISE
    in_points = wish.kind == "points"
    before = Remedy.objects.filter(case=case, kind=wish.kind, goodwill=wish.goodwill)
    standing = before.exclude(state=Remedy.State.REFUSED)
    asked = standing.aggregate(sum=Sum("points" if in_points else "amount_minor"))["sum"] or 0
    given = Decimal(asked + wish.points) if in_points else weighing.major(asked + wish.amount_minor)
    for each in offered:
        if (each.limit is None or given <= each.limit) and not _is_past(case, each, now):
            return each.approval
    above = _LEVEL[offered[-1].approval] + 1
    return ROLES[min(above, len(ROLES) - 1)]


def _is_past(case: Case, offered: kit.Remedy, now: datetime) -> bool:
    """Say whether the period of the promise is over; without a purchase it cannot be judged."""
    if offered.within is None or case.bought_on is None:
        return False
    return (hours.business_day(case.store, now) - case.bought_on).days > offered.within


def _level(actor: Actor) -> int:
    return _LEVEL.get(actor.role, -1)


def _named(offered: Sequence[kit.Remedy]) -> str:
    return offered[0].label.text(context.current().language) if offered else ""


def _told(remedy: Remedy) -> dict[str, object]:
    return {**_counted(remedy), "label": remedy.label}


def _counted(remedy: Remedy) -> dict[str, object]:
    """Return what a log may keep that nothing is ever taken from: no words anybody typed."""
    return {
        "remedy": str(remedy.pk), "kind": remedy.kind, "amount_minor": remedy.amount_minor,
        "points": remedy.points, "state": remedy.state,
    }  # fmt: skip
