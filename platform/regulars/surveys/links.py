"""Links that cannot be guessed: to an invitation, to the receipt of a purchase, of a tablet.

Short enough for a text message: a letter for the kind and the key in base64, then 96 bits of an
HMAC under a name of the chain's own, so that a link holds nowhere else. The tablet's also holds
the store's `device_epoch`: whoever forgets the store's devices ends it.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from regulars.tenancy import context

type Kind = Literal["invitation", "purchase", "tablet"]

_SALT: Final = "regulars.surveys.link"
_MARKS: Final[dict[Kind, bytes]] = {"invitation": b"i", "purchase": b"p", "tablet": b"t"}
_MAC_BYTES: Final = 12
_LENGTH: Final = 1 + 16 + _MAC_BYTES


@dataclass(frozen=True, slots=True)
class Link:
    """What a token names; whether there is such a thing is another matter."""

    kind: Kind
    id: UUID


def token(kind: Kind, key: UUID, *, epoch: int = 0) -> str:
    """Return what a link carries."""
    body = _MARKS[kind] + key.bytes
    whole = body + _mac(body, epoch, settings.SECRET_KEY)
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()


def read(text: str) -> Link | None:
    """Return what a token of invitation or purchase names; None for one that is not ours."""
    found = named(text)
    return found if found is not None and found.kind != "tablet" and holds(text) else None


def named(text: str) -> Link | None:
    """Return what a token says it names, before it is believed; see `holds`."""
    whole = _whole(text)
    if whole is None:
        return None
    for kind, mark in _MARKS.items():
        if whole[:1] == mark:
            return Link(kind, UUID(bytes=whole[1:17]))
    return None


def holds(text: str, *, epoch: int = 0) -> bool:
    """Say whether a token is ours."""
    whole = _whole(text)
    if whole is None:
        return False
    body, mac = whole[:17], whole[17:]
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_mac(body, epoch, each), mac) for each in secrets)


def _whole(text: str) -> bytes | None:
    try:
        whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return whole if len(whole) == _LENGTH else None


def _mac(body: bytes, epoch: int, secret: str) -> bytes:
    salt = f"{_SALT}:{context.current().id}:{epoch}"
    made = salted_hmac(salt, body, secret=secret, algorithm="sha256")
    return made.digest()[:_MAC_BYTES]
