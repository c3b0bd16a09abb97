"""Changing one's own e-mail address: asked for with the password, done by a link read there.

The wish stands in the person's row, so only the latest one counts and it can be withdrawn. The link
is a signed text that names the chain, the person and the new address. It is bound to the password
as it was: whoever finds the notice at their old address ends it by changing the password. Allauth
has links of its own for this, but theirs name a row by its number alone, and every chain counts
from one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor, ActorKind
from regulars.audit.decisions import PasswordNeeded
from regulars.errors import Conflict, Forbidden, Invalid, NotFound
from regulars.staff import granting, invitations, services
from regulars.staff.models import Staff
from regulars.tenancy import context, membership

VALID_FOR: Final = timedelta(days=1)
_SALT: Final = "regulars.staff.addresses"


class AddressTaken(Conflict):
    """Somebody of this chain has the address; people who left keep theirs."""

    code = "address-taken"
    sentence = _("A colleague has this e-mail address, or had it. Please use another one.")


class AddressLinkUnknown(NotFound):
    """The link is not one of this chain's, was withdrawn, or the password changed since."""

    code = "address-link-unknown"
    sentence = _("This link no longer counts. Sign in and ask for a new one in your account.")


class AddressLinkExpired(Conflict):
    """The link is older than a day."""

    code = "address-link-expired"
    sentence = _("This link was valid for one day. Sign in and ask for a new one in your account.")


class NoPassword(Forbidden):
    """Somebody who signs in by PIN alone has no address to change."""

    code = "no-password"
    sentence = _("You sign in by PIN. Ask your manager to invite you by e-mail.")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One person's way from an address to another; `is_done` once it is the person's own."""

    staff: Staff
    old: str
    new: str
    is_done: bool = False


@transaction.atomic
def wish(*, actor: Actor, email: str, password: str, now: datetime) -> tuple[Change, str]:
    """Note the address somebody wants and return the change with the secret of its link.

    Nothing changes until the link is confirmed. A new wish takes the place of an earlier one.
    Raises Invalid at `email` or `password`, AddressTaken, PasswordNeeded and NoPassword.
    """
    staff = _themselves(actor)
    if not staff.check_password(password):
        raise Invalid(fields={"password": [_("This is not your password.")]})
    new = invitations.checked_email(email)
    if new == staff.email:
        raise Invalid(fields={"email": [_("This is your e-mail address already.")]})
    _check_free(new)
    staff.wished_email = new
    staff.save(update_fields=["wished_email"])
    services.note(actor, staff, "staff.email-wished", wished=new)
    return Change(staff=staff, old=str(staff.email), new=new), _token(staff, now=now)


@transaction.atomic
def withdraw(*, actor: Actor) -> None:
    """Forget the address somebody wanted; its link no longer counts. Idempotent."""
    staff = _themselves(actor)
    if staff.wished_email is None:
        return
    staff.wished_email = None
    staff.save(update_fields=["wished_email"])
    services.note(actor, staff, "staff.email-wish-withdrawn")


def find(*, token: str, now: datetime) -> Change:
    """Return the change a link stands for; raises AddressLinkUnknown or AddressLinkExpired."""
    try:
        content: dict[str, Any] = signing.Signer(salt=_SALT).unsign_object(token)
    except signing.BadSignature:
        raise AddressLinkUnknown from None
    if content["chain"] != str(context.current().id):
        raise AddressLinkUnknown
    people = Staff.objects.filter(pk=content["staff"], state=Staff.State.ACTIVE)
    staff, new = people.first(), str(content["new"])
    if staff is None:
        raise AddressLinkUnknown
    if staff.email == new:
        return Change(staff=staff, old=str(content["old"]), new=new, is_done=True)
    if staff.wished_email != new or not constant_time_compare(content["mark"], _mark(staff)):
        raise AddressLinkUnknown
    if datetime.fromtimestamp(content["until"], UTC) <= now:
        raise AddressLinkExpired
    return Change(staff=staff, old=str(staff.email), new=new)


@transaction.atomic
def confirm(*, token: str, now: datetime) -> Change:
    """Give a person the address their link was sent to; doing it twice is doing it once.

    The address of the chains' directory follows. Raises what `find` raises, and AddressTaken when
    a colleague came by the address in the meantime.
    """
    granting.one_at_a_time()
    services.locked(find(token=token, now=now).staff.id)
    change = find(token=token, now=now)  # again, as things stand behind the lock
    if change.is_done:
        return change
    staff = change.staff
    _check_free(change.new)
    staff.email, staff.wished_email = change.new, None
    staff.save(update_fields=["email", "wished_email"])
    EmailAddress.objects.filter(user=staff).delete()
    EmailAddress.objects.filter(email=change.new).delete()
    EmailAddress(user=staff, email=change.new, verified=True, primary=True).save(force_insert=True)
    membership.move(old=change.old, new=change.new, chain_id=context.current().id)
    themselves = Actor(kind=ActorKind.STAFF, id=staff.id, name=staff.name, role=staff.role)
    services.note(themselves, staff, "staff.email-changed", old=change.old, new=change.new)
    return Change(staff=staff, old=change.old, new=change.new, is_done=True)


def _themselves(actor: Actor) -> Staff:
    if actor.with_password:
        raise PasswordNeeded
    if actor.kind != ActorKind.STAFF or actor.id is None:
        raise NotFound
    granting.one_at_a_time()
    staff = services.locked(actor.id)
    if not staff.email or not staff.has_usable_password():
        raise NoPassword
    return staff


def _check_free(email: str) -> None:
    if Staff.objects.filter(email=email).exists():
        raise AddressTaken(fields={"email": [AddressTaken.sentence]})


def _token(staff: Staff, *, now: datetime) -> str:
    content = {
        "chain": str(context.current().id),
        "staff": str(staff.id),
        "old": staff.email,
        "new": staff.wished_email,
        "until": int((now + VALID_FOR).timestamp()),
        "mark": _mark(staff),
    }
    return signing.Signer(salt=_SALT).sign_object(content)


def _mark(staff: Staff) -> str:
    """Return what changes with the person's password and address, and tells neither."""
    return salted_hmac(_SALT, f"{staff.password} {staff.email}", algorithm="sha256").hexdigest()
