"""Which domains hold rows of a customer: they all move in a merge, and forget in an erasure.

The order is the order of writing, and the reverse of it for undoing. A domain that comes to hold
customers' rows adds its services here; tests/architecture checks that none is missing.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Protocol
from uuid import UUID

from regulars.complaints import services as complaints
from regulars.customers import services as customers
from regulars.followups import holding as followups
from regulars.insights.services import silences
from regulars.messages import services as messages
from regulars.points import services as points
from regulars.purchases import services as purchases
from regulars.surveys import services as surveys


class Holder(Protocol):
    """What the services of a domain with customers' rows offer. The caller holds the rows."""

    def reassign(self, *, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
        """Move the absorbed customer's rows to the kept one; say which, as JSON-able data."""

    def give_back(
        self, *, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime
    ) -> None:
        """Undo exactly that."""

    def erase(self, *, customer_id: UUID, now: datetime) -> None:
        """Empty what is personal; what is counted stays."""

    def disclose(self, *, customer_id: UUID) -> Any:
        """Return everything held about the customer, as JSON-able data."""


_HOLDERS: Final[dict[str, Holder]] = {
    "customers": customers,
    "purchases": purchases,
    "points": points,
    "messaging": messages,
    "followups": followups,
    "complaints": complaints,
    "surveys": surveys,
    "insights": silences,
}
HOLDERS: Final[Mapping[str, Holder]] = MappingProxyType(_HOLDERS)


def register(name: str, holder: Holder) -> None:
    """Let a domain above this layer take part; it calls this when the product starts."""
    _HOLDERS[name] = holder
