"""Joining by invitation: a link by e-mail, valid for seven days and for one use."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor, ActorKind
from regulars.audit.services import record
from regulars.errors import Conflict, Invalid, NotFound
from regulars.staff import granting, services
from regulars.staff.granting import Place
from regulars.staff.models import Staff
from regulars.tenancy import context, membership

VALID_FOR: Final = timedelta(days=7)
_LONGEST_EMAIL: Final = 254


class AlreadyHere(Conflict):
    """Somebody with this address works here."""

    code = "already-here"
    sentence = _("Somebody with this e-mail address already works here.")


class InvitationUnknown(NotFound):
    """The link is not one of this chain's, was used, or was withdrawn."""

    code = "invitation-unknown"
    sentence = _(
        "This invitation was used or withdrawn. Sign in, or ask for a new one where you work."
    )


class InvitationExpired(Conflict):
    """The link is older than seven days."""

    code = "invitation-expired"
    sentence = _("This invitation was valid for seven days. Ask for a new one where you work.")


@transaction.atomic
def invite(
    *, actor: Actor, email: str, name: str, place: Place, language: str = "", now: datetime
) -> tuple[Staff, str]:
    """Invite somebody to a role and places; returns them with the secret of their link.

    Inviting an address again replaces the earlier invitation; somebody who left comes back as the
    same person. Raises Invalid, AlreadyHere and what `granting.check` raises.
    """
    granting.one_at_a_time()
    granting.check(actor=actor, place=place)
    address = checked_email(email)
    staff = Staff.objects.select_for_update().filter(email=address).first()
    if staff is None:
        staff = Staff(email=address, name="")
        staff.set_unusable_password()
    elif staff.state == Staff.State.ACTIVE:
        raise AlreadyHere(fields={"email": [AlreadyHere.sentence]})
    elif staff.state == Staff.State.INVITED:
        granting.check_reaches(actor=actor, staff=staff)
    staff.name = services.checked_name(name or address.partition("@")[0][: services.LONGEST_NAME])
    staff.state = Staff.State.INVITED
    staff.language = language if language in dict(settings.LANGUAGES) else ""
    token = _new_token(staff, now=now)
    staff.save()
    granting.settle(staff, place)
    _record(actor, staff, "staff.invited")
    return staff, token


@transaction.atomic
def renew(*, actor: Actor, staff_id: UUID, now: datetime) -> tuple[Staff, str]:
    """Make a new link for somebody invited; the earlier one ends. Raises NotFound."""
    staff = _invited(actor, staff_id)
    token = _new_token(staff, now=now)
    staff.save(update_fields=["invite_hash", "invite_expires_at"])
    _record(actor, staff, "staff.invited-again")
    return staff, token


@transaction.atomic
def withdraw(*, actor: Actor, staff_id: UUID, now: datetime) -> None:
    """Take an invitation back; the address of somebody who never joined is forgotten.

    Raises NotFound. The row stays: deleting it would make the database look through every
    customer for it.
    """
    staff = _invited(actor, staff_id)
    if staff.left_at is None:
        staff.email = None
        staff.left_at = now
    staff.state = Staff.State.LEFT
    staff.invite_hash = None
    staff.save(update_fields=["email", "left_at", "state", "invite_hash"])
    _record(actor, staff, "staff.invitation-withdrawn")


def find(*, token: str, now: datetime) -> Staff:
    """Return who a link invites; raises InvitationUnknown or InvitationExpired."""
    staff = Staff.objects.filter(invite_hash=_digest(token), state=Staff.State.INVITED).first()
    if staff is None:
        raise InvitationUnknown
    if staff.invite_expires_at is None or staff.invite_expires_at <= now:
        raise InvitationExpired
    return staff


@transaction.atomic
def accept(*, token: str, name: str, password: str, language: str, now: datetime) -> Staff:
    """Join with a name, a password and a language; the link is used up.

    The address counts as confirmed, since the link was read there. Raises InvitationUnknown,
    InvitationExpired, or Invalid with faults at `name` and `password`.
    """
    staff = services.locked(find(token=token, now=now).id)
    if staff.invite_hash != _digest(token):  # somebody was faster with the same link
        raise InvitationUnknown
    staff.name = services.checked_name(name)
    try:
        validate_password(password, staff)
    except ValidationError as fault:
        raise Invalid(fields={"password": fault.messages}) from None
    staff.set_password(password)
    staff.language = language if language in dict(settings.LANGUAGES) else ""
    staff.state = Staff.State.ACTIVE
    staff.left_at = None
    staff.invite_hash = None
    staff.save()
    email = str(staff.email)
    EmailAddress.objects.filter(email=email).delete()
    EmailAddress(user=staff, email=email, verified=True, primary=True).save(force_insert=True)
    membership.remember(email=email, chain_id=context.current().id)
    themselves = Actor(kind=ActorKind.STAFF, id=staff.id, name=staff.name, role=staff.role)
    _record(themselves, staff, "staff.joined")
    return staff


def checked_email(email: str) -> str:
    """Return the address as we keep it: trimmed and in lower case. Raises Invalid."""
    address = email.strip().lower()
    try:
        validate_email(address)
        if len(address) > _LONGEST_EMAIL:
            raise ValidationError(address)
    except ValidationError:
        raise Invalid(fields={"email": [_("This is not an e-mail address.")]}) from None
    return address


def _invited(actor: Actor, staff_id: UUID) -> Staff:
    staff = services.locked(staff_id)
    granting.check_reaches(actor=actor, staff=staff)
    if staff.state != Staff.State.INVITED:
        raise InvitationUnknown
    return staff


def _new_token(staff: Staff, *, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    staff.invite_hash = _digest(token)
    staff.invite_expires_at = now + VALID_FOR
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record(actor: Actor, staff: Staff, action: str) -> None:
    record(
        actor=actor,
        action=action,
        object_kind="staff",
        object_id=staff.id,
        store_id=staff.home_store_id,
        data={"role": staff.role},
    )
