"""Contacts in the life of a record: merges, erasures, and what is held about a person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from regulars.messages.models import Contact


def reassign(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
    """Join the absorbed customer's contacts to the kept one's: the budget counts them together.

    What was reserved stays so, even if the two together are more than the budget allows.
    """
    rows = Contact.objects.filter(customer=absorbed_id)
    moved = [str(pk) for pk in rows.values_list("pk", flat=True)]
    rows.update(customer=kept_id)
    return {"contacts": moved}


def give_back(*, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime) -> None:
    """Part what `reassign` joined; contacts since then stay with the survivor."""
    rows = Contact.objects.filter(pk__in=moved.get("contacts", []), customer=kept_id)
    rows.update(customer=absorbed_id)


def erase(*, customer_id: UUID, now: datetime) -> None:
    """Give up what was not sent, and empty what was said and where it went; what counts stays."""
    rows = Contact.objects.filter(customer=customer_id)
    rows.filter(direction=Contact.Direction.OUT, state=Contact.State.RESERVED).update(
        state=Contact.State.CANCELLED, fault="erased", settled_at=now
    )
    rows.update(address="", subject="", text="", facts={})


def disclose(*, customer_id: UUID) -> list[dict[str, Any]]:
    """Return every contact with a customer, as JSON-able data in plain words."""
    rows = Contact.objects.filter(customer=customer_id).select_related("staff", "store")
    return [
        {
            "at": row.at.isoformat(),
            "direction": row.direction,
            "purpose": row.purpose,
            "channel": row.channel,
            "state": row.state,
            "to": row.address or None,
            "subject": row.subject or None,
            "text": row.text or None,
            "guide": row.staff.name if row.staff else None,
            "store": row.store.name if row.store else None,
        }
        for row in rows.order_by("at", "pk")
    ]
