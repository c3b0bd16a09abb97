"""Changing who works here: colleagues, roles and places, facts about a person, leaving."""

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.services import record
from regulars.errors import Conflict, Invalid, NotFound
from regulars.staff import granting, pins
from regulars.staff.granting import Place
from regulars.staff.models import Role, Staff
from regulars.tenancy import context, membership

LONGEST_NAME = 60


class NumberTaken(Conflict):
    """Another colleague has this number."""

    code = "staff-number-taken"
    sentence = _("A colleague already has this number.")


@transaction.atomic
def add_colleague(
    *, actor: Actor, name: str, place: Place, number: str = "", phone: str = "", pin: str = ""
) -> Staff:
    """Add a guide who has no e-mail address and signs in with a PIN on the shop's shared device.

    Raises Invalid, NumberTaken, PinRefused and what `granting.check` raises.
    """
    if place.role != Role.GUIDE:
        raise Invalid(fields={"role": [_("Somebody without an e-mail address can be a guide.")]})
    granting.one_at_a_time()
    granting.check(actor=actor, place=place)
    staff = Staff(
        name=checked_name(name),
        number=_checked_number(number),
        phone=phone,
        role=Role.GUIDE,
        home_store_id=place.home,
    )
    staff.set_unusable_password()
    if pin:
        staff.pin = pins.hashed(pin)
    staff.save(force_insert=True)
    granting.settle(staff, place)
    note(actor, staff, "staff.added", role=staff.role)
    return staff


@transaction.atomic
def place(*, actor: Actor, staff_id: UUID, place: Place) -> Staff:
    """Give a person a role and places; what they had before ends at once.

    Raises NotFound, Invalid, MoreThanYouHave and LastOwner.
    """
    granting.one_at_a_time()
    staff = locked(staff_id)
    granting.check_reaches(actor=actor, staff=staff)
    granting.check(actor=actor, place=place, staff=staff)
    before = staff.role
    if before == Role.OWNER and place.role != Role.OWNER:
        granting.keep_an_owner(staff)
    granting.settle(staff, place)
    note(actor, staff, "staff.placed", before=before, role=staff.role)
    return staff


@transaction.atomic
def edit(*, actor: Actor, staff_id: UUID, name: str, number: str, phone: str) -> Staff:
    """Change what a manager writes down of a colleague. Raises NotFound, Invalid, NumberTaken."""
    granting.one_at_a_time()
    staff = locked(staff_id)
    granting.check_reaches(actor=actor, staff=staff)
    staff.name = checked_name(name)
    staff.number = _checked_number(number, but=staff.id)
    staff.phone = phone
    staff.save(update_fields=["name", "number", "phone"])
    note(actor, staff, "staff.changed")
    return staff


@transaction.atomic
def edit_self(
    *, actor: Actor, name: str, phone: str, language: str, told_by_mail: bool | None = None
) -> Staff:
    """Change one's own name, phone and language (empty: the chain's), and what mail one wants.

    `told_by_mail` is about the mail of the evening before (C6); None leaves it. Raises Invalid.
    """
    if actor.id is None:
        raise NotFound
    staff = locked(actor.id)
    if language and language not in dict(settings.LANGUAGES):
        raise Invalid(fields={"language": [_("Choose a language from the list.")]})
    staff.name, staff.phone, staff.language = checked_name(name), phone, language
    if told_by_mail is not None:
        staff.told_by_mail = told_by_mail
    staff.save(update_fields=["name", "phone", "language", "told_by_mail"])
    note(actor, staff, "staff.changed")
    return staff


@transaction.atomic
def leave(*, actor: Actor, staff_id: UUID, now: datetime) -> Staff:
    """End somebody's work here: every session and PIN ends with the next request. Idempotent.

    Raises NotFound, MoreThanYouHave and LastOwner. Customers are handed over by
    `usecases.leave`, which calls this.
    """
    granting.one_at_a_time()
    staff = locked(staff_id)
    granting.check_reaches(actor=actor, staff=staff)
    if staff.state == Staff.State.LEFT:
        return staff
    if staff.role == Role.OWNER and staff.state == Staff.State.ACTIVE:
        granting.keep_an_owner(staff)
    staff.state = Staff.State.LEFT
    staff.left_at = now
    staff.pin = ""
    staff.invite_hash = staff.wished_email = None
    staff.set_unusable_password()  # sessions carry its digest, so this ends them for good
    staff.save(update_fields=["state", "left_at", "pin", "invite_hash", "wished_email", "password"])
    EmailAddress.objects.filter(user=staff).delete()
    if staff.email:
        membership.forget(email=staff.email, chain_id=context.current().id)
    note(actor, staff, "staff.left")
    return staff


def locked(staff_id: UUID) -> Staff:
    """Return the person with the row locked; raises NotFound."""
    staff = Staff.objects.select_for_update().filter(pk=staff_id).first()
    if staff is None:
        raise NotFound
    return staff


def checked_name(name: str) -> str:
    """Return a name with single spaces. Raises Invalid."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(
            fields={"name": [_("A name has 1 to %(most)s characters.") % {"most": LONGEST_NAME}]}
        )
    return name


def _checked_number(number: str, *, but: UUID | None = None) -> str | None:
    number = "".join(number.split())
    if not number:
        return None
    if len(number) > 30 or not number.isprintable():
        raise Invalid(fields={"number": [_("A number has at most 30 characters.")]})
    others = Staff.objects.exclude(pk=but) if but else Staff.objects.all()
    if others.filter(number=number).exists():
        raise NumberTaken(fields={"number": [NumberTaken.sentence]})
    return number


def note(actor: Actor, staff: Staff, action: str, **data: str) -> None:
    """Write down in the audit what was done to somebody who works here."""
    record(
        actor=actor,
        action=action,
        object_kind="staff",
        object_id=staff.id,
        store_id=staff.home_store_id,
        data=data,
    )
