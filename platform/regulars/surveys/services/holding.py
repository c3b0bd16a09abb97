"""What this domain holds of a customer moves in a merge, goes in an erasure, and is disclosed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from regulars.surveys import declared, scales
from regulars.surveys.models import Invitation

_FORGOTTEN: Final = "erased"


def reassign(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
    """Move what the absorbed customer was asked and answered to the kept one; say which."""
    rows = Invitation.objects.filter(customer=absorbed_id)
    moved = [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)]
    rows.update(customer=kept_id)
    return {"invitations": moved}


def give_back(*, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime) -> None:
    """Undo exactly that."""
    rows = Invitation.objects.filter(pk__in=moved.get("invitations", []), customer=kept_id)
    rows.update(customer=absorbed_id)


def erase(*, customer_id: UUID, now: datetime) -> None:
    """Ask nothing more and forget the words; what was counted stays, and is nobody's.

    The links end, and nothing leads from an answer to its purchase or message any more.
    """
    rows = Invitation.objects.filter(customer=customer_id)
    rows.filter(state=Invitation.State.WAITING).update(
        state=Invitation.State.LEFT_OUT, why=_FORGOTTEN
    )
    rows.filter(state=Invitation.State.ASKED).update(expires_at=now)
    for row in rows.filter(state=Invitation.State.ANSWERED).select_for_update():
        row.answers = scales.without_words(declared.find(row.survey), row.answers)
        row.save(update_fields=["answers"])
    rows.update(source=None, purchase_id=None, contact_id=None, language="", customer=None)


def disclose(*, customer_id: UUID) -> list[dict[str, Any]]:
    """Return what the customer was asked and answered. JSON-able."""
    rows = Invitation.objects.filter(customer=customer_id).exclude(
        state__in=[Invitation.State.WAITING, Invitation.State.LEFT_OUT]
    )
    return [
        {
            "survey": row.survey,
            "way": row.way,
            "asked_at": row.asked_at.isoformat() if row.asked_at else None,
            "answered_at": row.answered_at.isoformat() if row.answered_at else None,
            "answers": row.answers,
        }
        for row in rows.order_by("pk")
    ]
