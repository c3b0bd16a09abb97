"""What a complaint does to care: it rests while the complaint is open, and goes on afterwards.

Tasks of plans rest, and what workers were to send already is held back; whoever would contact the
customer anew is refused by `contacting`.

Whoever keeps complaints announces them: ``complaint.opened`` and ``complaint.closed``, with the
customer and the complaint, in the transaction that opens or closes it.
"""

from contextlib import nullcontext
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from regulars.complaints import selectors as complaints
from regulars.complaints.models import Case
from regulars.customers import today
from regulars.customers.models import Customer
from regulars.customers.selectors import visibility
from regulars.followups.plans import pausing, stopping, sweeping
from regulars.followups.plans.news import Start
from regulars.messages.refusals import COMPLAINT
from regulars.messages.services import withholding
from regulars.outbox import handler
from regulars.outbox import services as outbox
from regulars.usecases import ask_customers

OPENED: Final = pausing.COMPLAINT
CLOSED: Final = "complaint.closed"
WITHHOLD: Final = "complaint.withhold"


@handler(OPENED)
@transaction.atomic
def opened(*, customer: str, complaint: str, at: str, now: datetime) -> None:
    """Let care rest since then, and stop the plans that a complaint stops. Idempotent."""
    customer_id = pausing.held(UUID(customer))
    # In a transaction of its own: it holds batches, which are filled with the customers held last.
    outbox.enqueue(
        handler=WITHHOLD,
        payload={"customer": str(customer_id)},
        key=f"{WITHHOLD}:{complaint}:{at}",
    )
    pausing.pause(
        customer_id,
        _why(complaint),
        datetime.fromisoformat(at),
        source=UUID(complaint),
    )
    stopping.settle([customer_id], now=now)
    if _state(complaint) == Case.State.CLOSED:  # its end was heard of first
        pausing.resume(customer_id, _why(complaint), now)


@handler(WITHHOLD)
def withhold(*, customer: str, now: datetime) -> None:
    """Send nothing more of what waits for the customer, but for service. Idempotent."""
    customer_id = visibility.survivor_of(UUID(customer)).first() or UUID(customer)
    if complaints.open_of([customer_id]):
        withholding.withhold(customer_id=customer_id, why=COMPLAINT, now=now)


@handler(CLOSED)
@transaction.atomic
def closed(*, customer: str, complaint: str, at: str, satisfied: bool, now: datetime) -> None:
    """Let care go on when no other complaint is open; a satisfied customer is cared for (Q3).

    One that was opened again meanwhile is not over: whoever closes it anew says so anew.
    """
    with outbox.in_order(sweeping.TURN) if satisfied else nullcontext():
        # In the order of every sweep: first the turn, then the customer, then their tasks.
        customer_id = pausing.held(UUID(customer))
        if _state(complaint) not in (None, Case.State.CLOSED):
            return
        if satisfied:
            _go_on(customer_id, complaint, at, now=now)
        else:
            pausing.resume(customer_id, _why(complaint), now)
    ask_customers.after_complaint(UUID(complaint), at=datetime.fromisoformat(at), now=now)


def _go_on(customer_id: UUID, complaint: str, at: str, *, now: datetime) -> None:
    moment = datetime.fromisoformat(at)
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


def _state(complaint: str) -> str | None:
    """Hold a complaint and return how far it is; nobody ends it or opens it again meanwhile.

    The caller holds the customer already, as whoever merges or compensates does.
    """
    rows = Case.objects.select_for_update(no_key=True).filter(pk=complaint)
    return rows.values_list("state", flat=True).first()


def _why(complaint: str) -> str:
    return f"complaint:{complaint}"
