"""What others hear of complaints: while one is open, care of the customer rests (Q3)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from regulars.complaints.models import Case, Entry
from regulars.complaints.way import End
from regulars.outbox import services as outbox

OPENED: Final = "complaint.opened"
CLOSED: Final = "complaint.closed"
DRAWN_IN: Final = "complaint.drawn-in"
BY_NUMBER: Final = "complaint.by-number"
ERASED: Final = "complaint.erased"


def opened(case: Case, *, at: datetime) -> None:
    """Announce a complaint of somebody we know, when it is raised, opened again or attached."""
    if case.customer_id is not None:
        payload = _payload(case, at)
        outbox.enqueue(handler=OPENED, payload=payload, key=f"{OPENED}:{case.pk}:{case.version}")


def closed(case: Case, *, at: datetime) -> None:
    """Announce that it is over, and whether the customer is satisfied."""
    if case.customer_id is not None:
        payload = {**_payload(case, at), "satisfied": case.ended == End.SATISFIED}
        outbox.enqueue(handler=CLOSED, payload=payload, key=f"{CLOSED}:{case.pk}:{case.version}")


def erased(cases: Sequence[Case], *, at: datetime) -> None:
    """Announce that words went, so that nothing made of them is kept any longer."""
    if cases:
        key = f"{ERASED}:{cases[0].pk}:{at.isoformat()}"
        outbox.enqueue(handler=ERASED, payload={}, key=key)


def drawn_in(
    case: Case, entry: Entry, *, clocks: Sequence[str], level: int, to: Sequence[str]
) -> None:
    """Announce who is drawn in, or at level 0 warned: to each person once for each step."""
    for staff_id in to:
        payload = {
            "complaint": str(case.pk), "clocks": list(clocks), "level": level, "staff": staff_id
        }  # fmt: skip
        outbox.enqueue(handler=DRAWN_IN, payload=payload, key=f"{DRAWN_IN}:{entry.pk}:{staff_id}")


def by_number(case: Case, entry: Entry, *, why: Sequence[str], to: Sequence[str]) -> None:
    """Announce that a store has nobody who could be drawn in; each person hears the number once."""
    for staff_id in to:
        outbox.enqueue(
            handler=BY_NUMBER,
            payload={"complaint": str(case.pk), "why": list(why), "staff": staff_id},
            key=f"{BY_NUMBER}:{entry.pk}:{staff_id}",
        )


def _payload(case: Case, at: datetime) -> dict[str, str | bool]:
    return {
        "customer": str(case.customer_id), "complaint": str(case.pk), "at": at.isoformat()
    }  # fmt: skip
