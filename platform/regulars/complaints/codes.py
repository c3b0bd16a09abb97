"""What stands in the code on a poster or on a receipt, and where the page it opens is.

A shop's place is its own key in another script: what it opens is no secret, and a poster hangs for
years. A purchase shows what somebody bought, so its place is signed and holds in this chain only.
"""

import base64
import binascii
from typing import Final, Literal
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from regulars.tenancy import context, hosts

PAGE: Final = "complain"
_SALT: Final = "regulars.complaining.place"
_OF_STORE: Final = "s"
_OF_PURCHASE: Final = "p"


def of_store(store_id: UUID) -> str:
    """Return the place of a shop."""
    return _OF_STORE + _short(store_id)


def of_purchase(purchase_id: UUID) -> str:
    """Return the place of a purchase."""
    return _signer().sign(_OF_PURCHASE + _short(purchase_id))


def link(place: str) -> str:
    """Return the absolute address that a code holds."""
    return hosts.address(reverse(PAGE, args=[place], urlconf=settings.CHAIN_URLCONF))


def read(token: str) -> tuple[Literal["store", "purchase"], UUID] | None:
    """Return what a place names; None for what is none of ours."""
    if token.startswith(_OF_STORE):
        store_id = _long(token[1:])
        return ("store", store_id) if store_id else None
    try:
        known = _signer().unsign(token)
    except signing.BadSignature:
        return None
    purchase_id = _long(known[1:])
    return ("purchase", purchase_id) if purchase_id else None


def _signer() -> signing.Signer:
    return signing.Signer(salt=f"{_SALT}:{context.current().id}")


def _short(key: UUID) -> str:
    return base64.b32encode(key.bytes).decode().rstrip("=").lower()


def _long(text: str) -> UUID | None:
    try:
        return UUID(bytes=base64.b32decode(f"{text.upper()}======"))
    except (binascii.Error, ValueError):
        return None
