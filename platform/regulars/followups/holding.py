"""What this domain holds of a customer moves in a merge, goes in an erasure, and is disclosed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from regulars.followups.models import Gift, Occasion
from regulars.outbox import services as outbox


def reassign(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
    """Move the absorbed customer's gifts, and the occasions of their things. JSON-able.

    What the file itself is to be is known after this: its dates are worked out again on commit.
    """
    Occasion.objects.filter(customer=absorbed_id, source=absorbed_id).delete()
    Occasion.objects.filter(customer=absorbed_id).update(customer=kept_id)
    gifts = Gift.objects.filter(customer=absorbed_id)
    moved = [str(pk) for pk in gifts.values_list("pk", flat=True)]
    gifts.update(customer=kept_id)
    _look_again(kept_id, absorbed_id)
    return {"gifts": moved}


def give_back(*, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime) -> None:
    """Move back exactly those gifts; the occasions follow the files and things on commit."""
    gifts = Gift.objects.filter(pk__in=moved.get("gifts", []), customer=kept_id)
    gifts.update(customer=absorbed_id)
    _look_again(kept_id, absorbed_id)


def erase(*, customer_id: UUID, now: datetime) -> None:
    """Forget the occasions; a gift stays as what it cost, of nobody."""
    Occasion.objects.filter(customer=customer_id).delete()


def disclose(*, customer_id: UUID) -> dict[str, Any]:
    """Return the gifts, as JSON-able data; occasions only repeat what the file says."""
    return {
        "gifts": [
            {
                "title": row.title,
                "for": row.kind,
                "occasion_on": row.occasion_on.isoformat(),
                "given_at": row.given_at.isoformat(),
            }
            for row in Gift.objects.filter(customer=customer_id).order_by("pk")
        ]
    }


def _look_again(*customer_ids: UUID) -> None:
    ids = [str(each) for each in customer_ids]
    outbox.enqueue(handler="customer.dates-changed", payload={"customers": ids})
