"""What a complaint does to care: it rests while the complaint is open, and goes on afterwards.

Whoever keeps complaints announces them: ``complaint.opened`` and ``complaint.closed``, with the
customer and the complaint, in the transaction that opens or closes it.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from regulars.customers import today
from regulars.customers.models import Customer
from regulars.followups.plans import pausing, stopping, sweeping
from regulars.followups.plans.news import Start
from regulars.outbox import handler
from regulars.outbox import services as outbox

OPENED: Final = pausing.COMPLAINT
CLOSED: Final = "complaint.closed"


@handler(OPENED)
@transaction.atomic
def opened(*, customer: str, complaint: str, at: str, now: datetime) -> None:
    """Let care rest since then, and stop the plans that a complaint stops. Idempotent."""
    customer_id = pausing.held(UUID(customer))
    pausing.pause(
        customer_id,
        _why(complaint),
        datetime.fromisoformat(at),
        source=UUID(complaint),
    )
    stopping.settle([customer_id], now=now)


@handler(CLOSED)
@transaction.atomic
def closed(*, customer: str, complaint: str, at: str, satisfied: bool, now: datetime) -> None:
    """Let care go on when no other complaint is open; a satisfied customer is cared for (Q3)."""
    if not satisfied:
        pausing.resume(UUID(customer), _why(complaint), now)
        return
    # In the order of every sweep: first the turn, then the customer, then their tasks.
    with outbox.in_order(sweeping.TURN):
        _go_on(customer, complaint, at, now=now)


def _go_on(customer: str, complaint: str, at: str, *, now: datetime) -> None:
    customer_id, moment = pausing.held(UUID(customer)), datetime.fromisoformat(at)
    pausing.resume(customer_id, _why(complaint), now)
    home = Customer.objects.filter(pk=customer_id).values_list("home_store_id", flat=True).first()
    start = Start(
        trigger=CLOSED,
        customer_id=customer_id,
        key=f"{CLOSED}:{complaint}:{at}",
        on=today.of_store(home, now=moment),
        since=moment,
        source=UUID(complaint),
        recorded_at=moment,
    )
    sweeping.take([start], now=now)


def _why(complaint: str) -> str:
    return f"complaint:{complaint}"
