"""A chain signs up: a wish, a confirmed e-mail address, a workspace (S1)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.errors import Conflict, NotFound
from regulars.tenancy import membership, names, provisioning, tasks
from regulars.tenancy.models import Chain, Domain, Signup

VALID_FOR: Final = timedelta(days=2)


class ConfirmationUnknown(NotFound):
    """The link is not one of ours, or was already cleaned up."""

    code = "confirmation-unknown"
    sentence = _("This link is not known. Please copy it whole from the e-mail, or sign up again.")


class ConfirmationExpired(Conflict):
    """The link is too old."""

    code = "confirmation-expired"
    sentence = _("This link was valid for two days. Please sign up again; it takes a minute.")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the sign-up form asks for; the password as typed."""

    company: str
    subdomain: str
    vertical: str
    owner_name: str
    owner_email: str
    password: str
    language: str
    currency: str
    time_zone: str


def check_subdomain(*, wish: str) -> str:
    """Return the canonical sub-domain if it can be had right now.

    Raises SubdomainRefused or NameTaken. Only confirming it makes it yours.
    """
    name = names.checked_subdomain(wish)
    if Domain.objects.filter(domain=name).exists():
        raise provisioning.NameTaken(_("This address is taken. Please choose another one."))
    return name


def start(*, wish: Wish, now: datetime) -> tuple[Signup, str]:
    """Keep the wish and return it with the secret of its confirmation link.

    Nothing of a chain exists yet. Raises SubdomainRefused or NameTaken.
    """
    token = secrets.token_urlsafe(32)
    signup = Signup(
        token_hash=_hashed(token),
        company=wish.company.strip(),
        subdomain=check_subdomain(wish=wish.subdomain),
        vertical=wish.vertical,
        owner_name=wish.owner_name.strip(),
        owner_email=wish.owner_email.strip(),
        password=make_password(wish.password),
        language=wish.language,
        currency=wish.currency,
        time_zone=wish.time_zone,
        created_at=now,
        expires_at=now + VALID_FOR,
    )
    signup.save(force_insert=True)
    return signup, token


def find(*, token: str, now: datetime, is_locked: bool = False) -> Signup:
    """Return the sign-up behind a link; raises ConfirmationUnknown or ConfirmationExpired."""
    wishes = Signup.objects.filter(token_hash=_hashed(token))
    wishes = wishes.select_for_update() if is_locked else wishes.select_related("chain")
    signup = wishes.first()
    if signup is None:
        raise ConfirmationUnknown
    if signup.expires_at < now:
        raise ConfirmationExpired
    return signup


def choose_another(*, token: str, subdomain: str, now: datetime) -> Signup:
    """Change the wished sub-domain of a sign-up that lost its first one."""
    name = check_subdomain(wish=subdomain)
    signup = find(token=token, now=now)
    Signup.objects.filter(pk=signup.pk, chain=None).update(subdomain=name)
    signup.refresh_from_db()
    return signup


def confirm(*, token: str, now: datetime) -> Chain:
    """Turn a confirmed wish into a chain; opening the link twice gives the same chain.

    Raises NameTaken when somebody else was faster, NotReadyYet while the worker makes a schema.
    """
    with transaction.atomic():
        signup = find(token=token, now=now, is_locked=True)
        chain = signup.chain or provisioning.open_at_once(wish=signup, now=now)
        if chain is None:
            chain = provisioning.reserve(signup=signup, confirmed_at=now)
            membership.remember(email=signup.owner_email, chain_id=chain.id)
    try:
        if chain.state != Chain.State.ACTIVE:
            chain = provisioning.provision(chain_id=chain.id, now=now)
    except provisioning.NotReadyYet:
        transaction.on_commit(lambda: tasks.wake(tasks.resume_signups))
        raise
    transaction.on_commit(lambda: tasks.wake(tasks.fill_spares))
    return chain


def clean_up(*, now: datetime) -> int:
    """Forget wishes that were never confirmed, with the personal data in them."""
    old = Signup.objects.filter(chain=None, expires_at__lt=now - timedelta(days=7))
    removed, _rows = old.delete()
    return removed


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
