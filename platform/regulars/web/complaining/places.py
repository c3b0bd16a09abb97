"""What a code on a poster or on a receipt leads to: a shop, or one purchase made there.

A shop's place is its own key in another script: what it opens is no secret, and a poster hangs for
years. A purchase shows what somebody bought, so its place is signed and holds in this chain only.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from regulars.errors import NotFound
from regulars.purchases import selectors as purchases
from regulars.purchases.models import Line, Purchase
from regulars.stores.models import Store
from regulars.tenancy import context, hosts

_SALT: Final = "regulars.complaining.place"
_OF_STORE: Final = "s"
_OF_PURCHASE: Final = "p"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody complains; `lines` are what they bought, if a purchase is named."""

    token: str
    store: Store
    purchase: Purchase | None = None
    lines: tuple[Line, ...] = ()

    @property
    def key(self) -> str:
        """What it stands for, whichever token named it."""
        return str(self.purchase.pk if self.purchase else self.store.pk)


def of_store(store_id: UUID) -> str:
    """Return the place of a shop."""
    return _OF_STORE + _short(store_id)


def of_purchase(purchase_id: UUID) -> str:
    """Return the place of a purchase."""
    return _signer().sign(_OF_PURCHASE + _short(purchase_id))


def link(place: str) -> str:
    """Return the absolute address that a code holds."""
    return hosts.address(reverse("complain", args=[place], urlconf=settings.CHAIN_URLCONF))


def find(token: str) -> Place:
    """Return where a token leads, in one statement, or two for a purchase. Raises NotFound."""
    if token.startswith(_OF_STORE):
        store = Store.objects.filter(pk=_long(token[1:])).first()
        if store is not None:
            return Place(token=token, store=store)
        raise NotFound
    try:
        known = _signer().unsign(token)
    except signing.BadSignature:
        raise NotFound from None
    rows = Purchase.objects.filter(pk=_long(known[1:]), kind=Purchase.Kind.SALE)
    found = purchases.with_lines(rows).first()
    if found is None:
        raise NotFound
    return Place(token=token, store=found.store, purchase=found, lines=tuple(found.lines.all()))


def _signer() -> signing.Signer:
    return signing.Signer(salt=f"{_SALT}:{context.current().id}")


def _short(key: UUID) -> str:
    return base64.b32encode(key.bytes).decode().rstrip("=").lower()


def _long(text: str) -> UUID:
    try:
        return UUID(bytes=base64.b32decode(f"{text.upper()}======"))
    except (binascii.Error, ValueError):
        raise NotFound from None
