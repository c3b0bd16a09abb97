"""What this domain holds of a customer moves in a merge, goes in an erasure, and is disclosed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from regulars.complaints import pictures
from regulars.complaints.models import Case, Entry


def reassign(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
    """Move the absorbed customer's complaints to the kept one; say which."""
    rows = Case.objects.filter(customer=absorbed_id)
    moved = [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)]
    rows.update(customer=kept_id)
    return {"cases": moved}


def give_back(*, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime) -> None:
    """Undo exactly that."""
    rows = Case.objects.filter(pk__in=moved.get("cases", []), customer=kept_id)
    rows.update(customer=absorbed_id)


def erase(*, customer_id: UUID, now: datetime) -> None:
    """Empty what was said and shown; that there was a complaint, of what and when, stays."""
    rows = Case.objects.filter(customer=customer_id)
    pictures.forget(rows.values_list("pk", flat=True))
    Entry.objects.filter(case__in=rows).update(text="")
    rows.update(name="", phone="", email="", title="", answers={})


def disclose(*, customer_id: UUID) -> list[dict[str, Any]]:
    """Return the customer's complaints with each step that is theirs to read. JSON-able.

    Pictures are counted, not given.
    """
    rows = Case.objects.filter(customer=customer_id).order_by("pk")
    steps: dict[UUID, list[dict[str, Any]]] = {row.pk: [] for row in rows}
    for each in Entry.objects.filter(case__in=rows, public=True).order_by("id"):
        steps[each.case_id].append(
            {
                "at": each.at.isoformat(),
                "step": each.kind,
                "text": each.text,
                "pictures": len(each.data.get("files", [])),
            }
        )
    return [
        {
            "number": row.number,
            "about": row.title,
            "opened_at": row.opened_at.isoformat(),
            "state": row.state,
            "answers": row.answers,
            "steps": steps[row.pk],
        }
        for row in rows
    ]
