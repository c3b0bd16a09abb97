"""What each role may do. The names are for ever: API keys, pages and services ask for them.

| permission | owner | head office | region | store | guide | analyst |
|---|---|---|---|---|---|---|
| customers.view | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ |
| customers.edit | ✓ | ✓ | ✓ | ✓ | ✓ | |
| customers.reveal-phone | ✓ | ✓ | ✓ | ✓ | ✓ | |
| customers.hand-over | ✓ | ✓ | ✓ | ✓ | | |
| customers.merge | ✓ | ✓ | ✓ | ✓ | | |
| customers.export | ✓ | ✓ | ✓ | | | |
| customers.erase | ✓ | ✓ | | | | |
| purchases.record | ✓ | ✓ | ✓ | ✓ | ✓ | |
| purchases.return-without-original | ✓ | ✓ | ✓ | ✓ | | |
| care.view (own follow-ups) | ✓ | ✓ | ✓ | ✓ | ✓ | |
| care.manage (the store's: see, hand on) | ✓ | ✓ | ✓ | ✓ | | |
| complaints.view | ✓ | ✓ | ✓ | ✓ | ✓ | ✓ |
| complaints.handle (raise, own, see to) | ✓ | ✓ | ✓ | ✓ | ✓ | |
| complaints.manage (hand on, end otherwise) | ✓ | ✓ | ✓ | ✓ | | |
| points.adjust | ✓ | ✓ | ✓ | ✓ | | |
| insights.view | ✓ | ✓ | ✓ | ✓ | | ✓ |
| insights.export | ✓ | ✓ | ✓ | ✓ | | ✓ |
| team.manage | ✓ | ✓ | ✓ | ✓ | | |
| stores.edit (own places: address, hours, shared devices) | ✓ | ✓ | ✓ | ✓ | | |
| stores.manage (add, close, regions, ownership) | ✓ | ✓ | | | | |
| rules.manage | ✓ | ✓ | | | | |
| chain.manage (name and colour) | ✓ | ✓ | | | | |
| imports.run | ✓ | ✓ | | | | |
| keys.manage | ✓ | ✓ | | | | |
| audit.view | ✓ | ✓ | | | | |
| billing.manage | ✓ | | | | | |

Which rows a permission reaches is the scope's business (`staff.selectors.actor_of`), not the
role's. `customers.view` is about lists and files; recognising a customer by full phone, code or
card is open to everybody who may record a purchase.
"""

from collections.abc import Mapping
from typing import Final

from regulars.staff.models import Role

_GUIDE: Final = frozenset(
    {
        "customers.view",
        "customers.edit",
        "customers.reveal-phone",
        "purchases.record",
        "care.view",
        "complaints.view",
        "complaints.handle",
    }
)
_STORE: Final = _GUIDE | {
    "customers.hand-over",
    "customers.merge",
    "purchases.return-without-original",
    "care.manage",
    "complaints.manage",
    "points.adjust",
    "insights.view",
    "insights.export",
    "team.manage",
    "stores.edit",
}
_REGION: Final = _STORE | {"customers.export"}
_HEAD_OFFICE: Final = _REGION | {
    "customers.erase",
    "stores.manage",
    "rules.manage",
    "chain.manage",
    "imports.run",
    "keys.manage",
    "audit.view",
}
_OWNER: Final = _HEAD_OFFICE | {"billing.manage"}
_ANALYST: Final = frozenset(
    {"customers.view", "insights.view", "insights.export", "complaints.view"}
)

PERMISSIONS: Final[Mapping[str, frozenset[str]]] = {
    Role.OWNER: _OWNER,
    Role.HEAD_OFFICE: _HEAD_OFFICE,
    Role.REGION_MANAGER: _REGION,
    Role.STORE_MANAGER: _STORE,
    Role.GUIDE: _GUIDE,
    Role.ANALYST: _ANALYST,
}
EVERY_PERMISSION: Final = _OWNER

# A PIN is four digits that a neighbour may have seen: it opens the counter, not the office.
BY_PIN: Final = _GUIDE | {
    "customers.hand-over",
    "purchases.return-without-original",
    "insights.view",
}

# Who works for the whole chain, for regions, and in stores.
CHAIN_WIDE: Final = frozenset({Role.OWNER, Role.HEAD_OFFICE, Role.ANALYST})


def may(role: str) -> frozenset[str]:
    """Return the permissions of a role; nothing for a role nobody knows."""
    return PERMISSIONS.get(role, frozenset())
