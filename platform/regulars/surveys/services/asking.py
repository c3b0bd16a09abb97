"""Taking an invitation from waiting to asked, put off or left out, by whoever sends messages.

The customer's row is locked first, then the invitation, as merging does: two askings of one
customer come one after the other, and the second sees the first.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from regulars.kit import Survey
from regulars.surveys import declared
from regulars.surveys.models import Invitation
from regulars.tenancy import statements

OPEN: Final = timedelta(days=14)
"""How long a question waits for its answer."""
PATIENCE: Final = timedelta(days=14)
"""How long a question may be put off before nobody would know what it is about."""
# Why somebody was not asked, besides what `messages` refuses by.
SWITCHED_OFF: Final = "switched-off"
LATELY: Final = "lately"
TOO_LATE: Final = "too-late"
GONE: Final = "gone"
COMPLAINS: Final = "complains"
FAULT: Final = "fault"
_HOLD: Final = """
SELECT state FROM customers_customer WHERE id = %s FOR NO KEY UPDATE"""


def due(*, now: datetime, limit: int) -> list[UUID]:
    """Return what is to be asked by now, the longest due first."""
    rows = Invitation.objects.filter(state=Invitation.State.WAITING, due_at__lte=now)
    return list(rows.order_by("due_at").values_list("pk", flat=True)[:limit])


def held(invitation_id: UUID, *, now: datetime) -> Invitation | None:
    """Lock the customer, then the invitation; None if there is nothing to ask any more.

    What cannot be asked for a reason of its own is left out here. Call it in a transaction.
    """
    waiting = Invitation.objects.filter(pk=invitation_id, state=Invitation.State.WAITING)
    customer_id = waiting.values_list("customer_id", flat=True).first()
    if customer_id is None:
        return None
    found = statements.one(_HOLD, (customer_id,))
    row = waiting.select_for_update(of=("self",)).filter(due_at__lte=now).first()
    if row is None or row.customer_id != customer_id:  # answered, asked or merged meanwhile
        return None
    why = _against(row, declared.find(row.survey), is_active=found == ("active",), now=now)
    if why:
        leave_out(row, why)
        return None
    return row


def _against(row: Invitation, survey: Survey | None, *, is_active: bool, now: datetime) -> str:
    if not is_active:
        return GONE
    if survey is None or survey.retired or not survey.sends:
        return SWITCHED_OFF
    if now > row.happened_at + timedelta(days=survey.days) + PATIENCE:
        return TOO_LATE
    return LATELY if _was_asked_lately(row, survey, now=now) else ""


def _was_asked_lately(row: Invitation, survey: Survey, *, now: datetime) -> bool:
    """Say whether the customer was asked anything; the question after a complaint is its own."""
    asked = Invitation.objects.filter(
        customer=row.customer_id, asked_at__gt=now - timedelta(days=survey.every)
    )
    if declared.is_service(survey):
        asked = asked.filter(survey=survey.key)
    return asked.exists()


def asked(row: Invitation, *, contact_id: UUID, language: str, now: datetime) -> None:
    """Write down that a held invitation was sent."""
    row.state = Invitation.State.ASKED
    row.asked_at, row.expires_at = now, now + OPEN
    row.contact_id, row.language = contact_id, language
    row.save(update_fields=["state", "asked_at", "expires_at", "contact_id", "language"])


def put_off(row: Invitation, *, until: datetime, why: str) -> None:
    """Let a held invitation wait; `why` says what for."""
    row.due_at, row.why = until, why[:20]
    row.save(update_fields=["due_at", "why"])


def try_later(invitation_id: UUID, *, until: datetime) -> None:
    """Let an invitation wait that could not be asked for a fault of ours."""
    rows = Invitation.objects.filter(pk=invitation_id, state=Invitation.State.WAITING)
    rows.update(due_at=until, why=FAULT)


def forget(*, before: datetime) -> int:
    """Ask nothing that was due before a moment; returns how many questions that were."""
    rows = Invitation.objects.filter(state=Invitation.State.WAITING, due_at__lt=before)
    return rows.update(state=Invitation.State.LEFT_OUT, why=TOO_LATE)


def leave_out(row: Invitation, why: str) -> None:
    """Ask nothing after all."""
    row.state, row.why = Invitation.State.LEFT_OUT, why[:20]
    row.save(update_fields=["state", "why"])
