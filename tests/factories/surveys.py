"""Surveys: questions that were asked, answers as they are kept, made inside the active chain."""

from datetime import UTC, datetime, timedelta
from typing import Any

from regulars.customers.models import Customer
from regulars.surveys.models import Invitation
from regulars.tenancy.identifiers import new_id

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
AFTER_PURCHASE = "after-purchase"  # the jeweller's: recommend, piece, advice, price, words


def asked(*, customer: Customer | None = None, at: datetime = NOW, **facts: Any) -> Invitation:
    """Write down that somebody was asked by message."""
    values = {
        "survey": "complaint-settled",
        "trigger": "complaint.closed",
        "source": new_id(),
        "key": new_id(),
        "way": Invitation.Way.MESSAGE,
        "state": Invitation.State.ASKED,
        "happened_at": at,
        "asked_at": at,
        "expires_at": at + timedelta(days=14),
        **facts,
    }
    made = Invitation(id=new_id(), customer=customer, **values)
    made.save(force_insert=True)
    return made


def answered(
    *,
    customer: Customer | None = None,
    at: datetime = NOW,
    answers: dict[str, Any] | None = None,
    **facts: Any,
) -> Invitation:
    """Write down an answer to the jeweller's survey after a purchase."""
    values = {
        "survey": AFTER_PURCHASE,
        "trigger": "purchase.recorded",
        "state": Invitation.State.ANSWERED,
        "answers": {"recommend": 9} if answers is None else answers,
        "answered_at": at,
        **facts,
    }
    return asked(customer=customer, at=at, **values)
