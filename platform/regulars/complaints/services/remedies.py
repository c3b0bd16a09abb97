"""What makes good: asked for, approved by role and amount, carried out (Q6).

The template says what may be offered, by whom and up to how much. Beyond the limit, or past the
period of 三包, the next higher role decides; above the chain's limit two people do. Whoever may
decide it alone has decided it by asking. Nobody compensates themselves.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars import registry
from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.complaints import access, templates
from regulars.complaints.models import Case, Remedy
from regulars.complaints.services import writing
from regulars.complaints.services.writing import NotNow
from regulars.complaints.way import State
from regulars.errors import Conflict, Forbidden, Invalid, NotFound
from regulars.kit import complaints as kit
from regulars.points import tiers
from regulars.staff.models import Staff
from regulars.tenancy import context

ROLES: Final = access.ROLES
_LEVEL: Final = access.LEVEL
_OTHERWISE: Final = "store-manager"  # what no template names


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
        offered = _offered(case, wish)
        remedy = Remedy(
            case=case,
            store_id=case.store_id,
            kind=wish.kind,
            label=(wish.label.strip() or (offered.label.text(_language()) if offered else ""))[
                :120
            ],
            goodwill=wish.goodwill,
            amount_minor=wish.amount_minor,
            points=wish.points,
            approval=_needed(case, offered, wish, now),
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
        if _level(actor) < _LEVEL[remedy.approval] or _is_own(actor, case):
            raise NotYours
        if actor.id in (remedy.asked_by_id, remedy.approved_by_id):
            raise NotYours
        _approve(case, remedy, actor=actor, now=now)
        return remedy


def refuse(*, actor: Actor, remedy_id: UUID, reason: str, now: datetime) -> Remedy:
    """Refuse a remedy, with the reason. Raises NotYours, AlreadyDecided, WordsMissing."""
    with transaction.atomic():
        case, remedy = held(actor, remedy_id)
        if _level(actor) < _LEVEL[remedy.approval]:
            raise NotYours
        kept = writing.words(reason)
        remedy.state, remedy.reason = Remedy.State.REFUSED, kept[:200]
        remedy.save()
        data = _told(remedy)
        writing.write(case, "remedy-refused", actor=actor, now=now, text=kept, data=data)
        return remedy


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
        case, remedy = held(actor, remedy_id, state=Remedy.State.APPROVED)
        if remedy.kind == "points" and posting_id is None:
            raise RemedyRefused(fields={"points": [_("Points are given through the ledger.")]})
        remedy.state, remedy.done_by_id, remedy.done_at = Remedy.State.DONE, actor.id, now
        remedy.purchase_id, remedy.posting_id = purchase_id, posting_id
        remedy.save()
        case.cost_minor += remedy.amount_minor
        writing.write(case, "remedy-done", actor=actor, now=now, data=_told(remedy))
        return remedy


def held(actor: Actor, remedy_id: UUID, state: str = Remedy.State.ASKED) -> tuple[Case, Remedy]:
    """Lock the complaint, then read the remedy, which only changes under that lock.

    Raises Forbidden, NotFound, AlreadyDecided where it is in another state.
    """
    case_id = Remedy.objects.filter(pk=remedy_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound
    case = access.locked(actor=actor, case_id=case_id)
    remedy = Remedy.objects.get(pk=remedy_id)
    if remedy.state != state or case.state == State.CLOSED:
        raise AlreadyDecided
    return case, remedy


def _approve(case: Case, remedy: Remedy, *, actor: Actor, now: datetime) -> None:
    if remedy.approved_by_id is None:
        remedy.approved_by_id, remedy.approved_at = actor.id, now
    else:
        remedy.second_by_id, remedy.second_at = actor.id, now
    needs_two = _is_above_limit(remedy.amount_minor)
    if not needs_two or remedy.second_by_id is not None:
        remedy.state = Remedy.State.APPROVED
    remedy.save()
    writing.write(case, "remedy-approved", actor=actor, now=now, data=_told(remedy))
    audit.record(
        actor=actor, action="complaint.remedy-approved", object_kind="complaint",
        object_id=case.pk, store_id=case.store_id, data=_told(remedy),
    )  # fmt: skip


def _check(actor: Actor, case: Case, wish: Wish) -> None:
    faults = {}
    if wish.kind not in kit.REMEDIES:
        faults["kind"] = [_("Choose what makes good.")]
    if wish.amount_minor < 0 or wish.points < 0 or (wish.points and wish.kind != "points"):
        faults["amount"] = [_("Give what it costs, from nought.")]
    if wish.kind == "points" and not wish.points:
        faults["points"] = [_("Say how many points.")]
    if faults:
        raise RemedyRefused(fields=faults)
    if _is_own(actor, case):
        raise NotYours(_("Nobody decides about their own compensation."))


def _is_own(actor: Actor, case: Case) -> bool:
    """Say whether the customer is the employee: the same phone number or e-mail address."""
    customer = case.customer
    if actor.id is None or customer is None:
        return False
    me = Staff.objects.filter(pk=actor.id).values_list("phone", "email").first()
    if me is None:
        return False
    phone, email = me
    same_phone = bool(phone) and _digits(phone) == _digits(customer.phone or "")
    return same_phone or (bool(email) and (email or "").casefold() == customer.email.casefold())


def _digits(phone: str) -> str:
    return "".join(each for each in phone if each.isdecimal())[-11:]


def _offered(case: Case, wish: Wish) -> kit.Remedy | None:
    template = templates.find(case.template)
    among = () if template is None else template.goodwill if wish.goodwill else template.remedies
    return next((each for each in among if each.kind == wish.kind), None)


def _needed(case: Case, offered: kit.Remedy | None, wish: Wish, now: datetime) -> str:
    """Return the lowest role that may decide it."""
    if offered is None:
        return _OTHERWISE
    given = Decimal(wish.points) if offered.kind == "points" else _major(wish.amount_minor)
    beyond = offered.limit is not None and given > offered.limit
    level = _LEVEL[offered.approval] + (beyond or _is_past(case, offered, now))
    return ROLES[min(level, len(ROLES) - 1)]


def _is_past(case: Case, offered: kit.Remedy, now: datetime) -> bool:
    """Say whether the period of the promise is over; without a purchase it cannot be judged."""
    if offered.within is None or case.bought_on is None:
        return False
    return (now.date() - case.bought_on).days > offered.within


def _is_above_limit(amount_minor: int) -> bool:
    most = registry.policy("complaints.two-approve-above")
    return most is not None and _major(amount_minor) > most


def _major(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-tiers.currency_exponent(context.current().currency))


def _level(actor: Actor) -> int:
    return _LEVEL.get(actor.role, -1)


def _language() -> str:
    return context.current().language


def _told(remedy: Remedy) -> dict[str, object]:
    return {
        "remedy": str(remedy.pk), "kind": remedy.kind, "label": remedy.label,
        "amount_minor": remedy.amount_minor, "points": remedy.points, "state": remedy.state,
    }  # fmt: skip
