"""What placeholders are called for readers, and what kind of value stands in each."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars import registry
from regulars.kit import Vertical

# The order in which they are offered: whom, from whom, what it is about.
NAMES: Final[Mapping[str, str | Promise]] = {
    "customer.salutation": _("Salutation"),
    "customer.name": _("Customer's name"),
    "guide.name": _("Guide's name"),
    "guide.phone": _("Guide's phone"),
    "store.name": _("Store"),
    "store.phone": _("Store's phone"),
    "store.address": _("Store's address"),
    "store.opens": _("When the store opens next (automatic words only)"),
    "chain.name": _("Name of the chain"),
    "purchase.product": _("What they bought"),
    "purchase.day": _("Day of the purchase"),
    "purchase.amount": _("Amount paid"),
    "purchase.points": _("Points of the purchase"),
    "possession.name": _("What they own"),
    "customer.points": _("Points they have"),
    "customer.points-expiring": _("Points that run out soon"),
    "customer.tier": _("Level of membership"),
    "link": _("Link"),
}
# In the words of `gateways.places.KINDS`, which providers ask for.
_KINDS: Final[Mapping[str, str]] = {
    "customer.salutation": "person", "customer.name": "person", "guide.name": "person",
    "guide.phone": "phone", "store.phone": "phone", "store.address": "address",
    "store.name": "company", "chain.name": "company",
    "purchase.day": "time",
    "store.opens": "time",
    "purchase.amount": "money", "purchase.points": "number", "customer.points": "number",
    "customer.points-expiring": "number",
}  # fmt: skip


def named(language: str) -> dict[str, str]:
    """Return every placeholder of the current chain with what a reader calls it, as offered.

    Those of the industry's own fields follow the common ones; sensitive fields are never told.
    """
    return {key: str(label) for key, label in NAMES.items()} | _own(registry.vertical(), language)


def _own(vertical: Vertical, language: str) -> dict[str, str]:
    names = {
        f"{on}.{each.key}": each.label.text(language)
        for on in ("customer", "purchase")
        for each in vertical.fields_on(on)
        if not each.sensitive
    }
    for kind in vertical.possessions:
        for each in kind.fields:
            if not (kind.retired or each.retired or each.sensitive):
                names[f"possession.{each.key}"] = (
                    f"{kind.label.text(language)} · {each.label.text(language)}"
                )
    return names


def kind_of(name: str) -> str:
    """Return what stands in a place, in the words of `gateways.places.KINDS`."""
    return _KINDS.get(name, "other")
