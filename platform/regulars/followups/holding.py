"""What this domain holds of a customer moves in a merge, goes in an erasure, and is disclosed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from regulars.followups.models import Gift, Handover, Occasion
from regulars.followups.plans import holding as plans
from regulars.outbox import services as outbox


def reassign(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
    """Move the absorbed customer's gifts, checklists, tasks, occasions of things. JSON-able.

    What the file itself is to be is known after this: its dates are worked out again on commit.
    """
    Occasion.objects.filter(customer=absorbed_id, source=absorbed_id).delete()
    Occasion.objects.filter(customer=absorbed_id).update(customer=kept_id)
    gifts = Gift.objects.filter(customer=absorbed_id)
    moved = [str(pk) for pk in gifts.values_list("pk", flat=True)]
    gifts.update(customer=kept_id)
    handed = Handover.objects.filter(customer=absorbed_id)
    goods = [str(pk) for pk in handed.values_list("pk", flat=True)]
    handed.update(customer=kept_id)
    tasks = plans.move(kept_id=kept_id, absorbed_id=absorbed_id, now=now)
    _look_again(kept_id, absorbed_id)
    return {"gifts": moved, "handovers": goods, "tasks": tasks}


def give_back(*, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime) -> None:
    """Move back exactly those gifts; the occasions follow the files and things on commit."""
    gifts = Gift.objects.filter(pk__in=moved.get("gifts", []), customer=kept_id)
    gifts.update(customer=absorbed_id)
    handed = Handover.objects.filter(pk__in=moved.get("handovers", []), customer=kept_id)
    handed.update(customer=absorbed_id)
    plans.give_back(moved.get("tasks", []), kept_id=kept_id, absorbed_id=absorbed_id)
    _look_again(kept_id, absorbed_id)


def erase(*, customer_id: UUID, now: datetime) -> None:
    """Forget occasions and what was to be done; a gift stays as what it cost, of nobody."""
    Occasion.objects.filter(customer=customer_id).delete()
    plans.erase(customer_id)


def disclose(*, customer_id: UUID) -> dict[str, Any]:
    """Return gifts, checklists and tasks, JSON-able; occasions only repeat what the file says."""
    return {
        "follow_ups": plans.disclose(customer_id),
        "gifts": [
            {
                "title": row.title,
                "for": row.kind,
                "occasion_on": row.occasion_on.isoformat(),
                "given_at": row.given_at.isoformat(),
            }
            for row in Gift.objects.filter(customer=customer_id).order_by("pk")
        ],
        "handovers": [
            {"purchase": str(row.purchase_id), "done": row.done, "at": row.at.isoformat()}
            for row in Handover.objects.filter(customer=customer_id).order_by("pk")
        ],
    }


def _look_again(*customer_ids: UUID) -> None:
    ids = [str(each) for each in customer_ids]
    outbox.enqueue(handler="customer.dates-changed", payload={"customers": ids})
