"""The worker's side of sending."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from regulars.messages.services import batches, sending, settling, tracking
from regulars.outbox import handler, schedule
from regulars.outbox import services as outbox

_BATCH = "messages.send-batch"


@handler(sending.HANDLER, lease=sending.LEASE, gives_up=False)
def send(*, contact_id: str, now: datetime) -> None:
    """Send one message."""
    sending.send(contact_id=UUID(contact_id))


@handler(_BATCH, lease=sending.LEASE, gives_up=False)
def send_batch(*, batch_id: str, key: str, now: datetime) -> None:
    """Send a batch; says before each message that it is alive."""
    told = now

    def alive() -> None:
        nonlocal told
        moment = timezone.now()
        if moment - told > sending.LEASE / 5:
            outbox.extend(handler=_BATCH, key=key, lease=sending.LEASE, now=moment)
            told = moment

    batches.drive(batch_id=UUID(batch_id), alive=alive)


@handler("messages.ask", lease=sending.LEASE)
def ask(*, now: datetime) -> None:
    """Ask providers what became of messages nobody knows of."""
    settling.find_out(now=now)


@schedule.every("messages.find-out", minutes=10)
def find_out(*, now: datetime) -> None:
    """Have providers asked where there is something to ask, outside this transaction."""
    if settling.is_anything_unknown(now=now):
        outbox.enqueue(handler="messages.ask", key=f"messages.ask:{now.isoformat()}")


@handler("messages.track", lease=sending.LEASE)
def track(*, now: datetime) -> None:
    """Ask providers how far they are with the texts that were handed in."""
    for _state in tracking.track_all(now=now):
        pass  # kept by now


@schedule.every("messages.track-texts", minutes=30)
def track_texts(*, now: datetime) -> None:
    """Have providers asked where a text waits, outside this transaction."""
    if tracking.waiting():
        outbox.enqueue(handler="messages.track", key=f"messages.track:{now.isoformat()}")
