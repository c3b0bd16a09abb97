"""What a key may do. A scope is what an owner ticks; permissions follow from it."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCOPES: Final[Mapping[str, str | Promise]] = {
    "till": _("Record purchases and returns, recognise customers"),
    "customers.read": _("Read customers"),
    "customers.write": _("Create and change customers"),
    "purchases.read": _("Read purchases"),
    "care.read": _("Read follow-ups and contacts"),
    "care.write": _("Do follow-ups, reserve calls and write contacts down"),
    "messages.send": _("Send messages to customers"),
    "complaints.read": _("Read complaints"),
    "complaints.write": _("Raise complaints and take them along their way"),
    "stores.read": _("Read stores and guides"),
    "imports": _("Bring files in"),
}
_PERMISSIONS: Final[Mapping[str, frozenset[str]]] = {
    "till": frozenset({"purchases.record", "customers.view", "customers.edit"}),
    "customers.read": frozenset({"customers.view", "customers.export"}),
    "customers.write": frozenset({"customers.view", "customers.edit"}),
    "purchases.read": frozenset({"customers.view"}),
    "care.read": frozenset({"customers.view", "care.view"}),
    "care.write": frozenset({"customers.view", "customers.edit", "care.view", "care.manage"}),
    "messages.send": frozenset({"customers.view", "customers.edit", "care.view"}),
    "complaints.read": frozenset({"complaints.view"}),
    "complaints.write": frozenset({"customers.view", "complaints.view", "complaints.handle"}),
    "stores.read": frozenset(),
    "imports": frozenset({"imports.run"}),
}


def permissions(scopes: list[str]) -> frozenset[str]:
    """Return what services let somebody with these scopes do."""
    granted = [_PERMISSIONS[scope] for scope in scopes if scope in _PERMISSIONS]
    return frozenset().union(*granted)
