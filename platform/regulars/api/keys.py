"""API keys: made once, shown once, kept as a hash, revoked at any time."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars import audit
from regulars.api import scopes as scopes_of
from regulars.api.models import Key
from regulars.audit import services as audit_log
from regulars.errors import Invalid, NotFound, Unauthenticated
from regulars.staff import permissions
from regulars.stores import selectors as stores
from regulars.stores.models import Store
from regulars.tenancy import statements

_LABEL: Final = "rk"
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
_SEEN_EVERY: Final = timedelta(minutes=5)
_KEPT: Final = ("id", "name", "prefix", "secret_hash", "scopes", "store_id", "last_used_at")
_RECOGNISE: Final = statements.squeezed(
    f"SELECT {', '.join(_KEPT)}, CASE WHEN store_id IS NULL THEN {stores.KEPT_BACK} END"  # noqa: S608
    " FROM api_key WHERE prefix = %s AND revoked_at IS NULL"
)


class KeyRefused(Unauthenticated):
    """No such key, or it was revoked; the answer does not say which."""

    code = "key-refused"
    sentence = _("This API key is not valid here. Make one under Settings → API keys.")


class ScopeUnknown(Invalid):
    """A scope that does not exist, or none at all."""

    code = "scope-unknown"
    sentence = _("Choose at least one of: %(known)s.")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `secret` is what a till sends, and is not kept."""

    key: Key
    secret: str


@transaction.atomic
def create(
    *, actor: audit.Actor, name: str, scopes: list[str], store_id: UUID | None, now: datetime
) -> NewKey:
    """Make a key, for the whole chain or for one store. Raises ScopeUnknown, NotFound."""
    permissions.require(actor, "keys.manage")
    if not scopes or not set(scopes) <= scopes_of.SCOPES.keys():
        raise ScopeUnknown(known=", ".join(scopes_of.SCOPES))
    if store_id is not None and not Store.objects.filter(pk=store_id).exists():
        raise NotFound
    prefix, secret = _random(8), _random(32)
    key = Key.objects.create(
        name=name.strip(),
        prefix=prefix,
        secret_hash=_hashed(secret),
        scopes=sorted(set(scopes)),
        store_id=store_id,
        created_by_id=actor.id,
        created_at=now,
    )
    audit_log.record(
        actor=actor,
        action="key.created",
        object_kind="key",
        object_id=key.id,
        store_id=store_id,
        data={"name": key.name, "prefix": prefix, "scopes": key.scopes},
    )
    return NewKey(key, f"{_LABEL}_{prefix}_{secret}")


@transaction.atomic
def revoke(*, actor: audit.Actor, key_id: UUID, now: datetime) -> None:
    """Stop a key from working, from the next call on. Revoking twice is fine."""
    permissions.require(actor, "keys.manage")
    key = Key.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise NotFound
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        audit_log.record(actor=actor, action="key.revoked", object_kind="key", object_id=key.id)


def recognise(*, text: str, now: datetime) -> Key:
    """Return the key behind what a till sent; raises KeyRefused. Notes now and then that it lives.

    One query; a second one every five minutes.
    """
    label, _separator, rest = text.partition("_")
    prefix, _separator, secret = rest.partition("_")
    if label != _LABEL or not prefix or not secret or len(text) > 100 or not text.isascii():
        raise KeyRefused
    row = statements.one(_RECOGNISE, (prefix,))
    if row is None:
        raise KeyRefused
    key = Key(**dict(zip(_KEPT, row[:-1], strict=True)))
    if not secrets.compare_digest(key.secret_hash, _hashed(secret)):
        raise KeyRefused
    key.scopes = msgspec.json.decode(key.scopes)
    key.kept_back = row[-1]
    if key.last_used_at is None or now - key.last_used_at > _SEEN_EVERY:
        Key.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def actor_of(key: Key, *, address: str = "") -> audit.Actor:
    """Return who acts when a recognised key is used: the chain, or one store of it.

    What franchises keep from head office (H4) they keep from a key of the chain.
    """
    if key.store_id is None:
        scope = stores.whole_chain(key.kept_back)
    else:
        scope = audit.Scope(store_ids=frozenset({key.store_id}))
    return audit.Actor(
        kind=audit.ActorKind.KEY,
        id=key.id,
        name=key.name,
        role="key",
        scope=scope,
        may=scopes_of.permissions(key.scopes),
        address=address,
    )


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
