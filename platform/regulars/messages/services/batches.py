"""Messages to many, with progress and a stop button."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Min, Q

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.errors import Conflict, NotFound
from regulars.messages.gateways import chosen
from regulars.messages.models import Batch, Contact
from regulars.messages.services import reserving, sending
from regulars.messages.services.reserving import Draft, Outcome
from regulars.messages.services.sending import Means
from regulars.outbox import services as outbox

PERMISSION: Final = "rules.manage"
AT_ONCE: Final = 50
_NOT_BEFORE: Final = timedelta(seconds=10)
_State = Batch.State


class BatchClosed(Conflict):
    """The batch is being sent, stopped or done already."""

    code = "batch-closed"


@transaction.atomic
def open_batch(
    *,
    actor: Actor,
    title: str,
    purpose: str,
    channel: str,
    now: datetime,
    template: str = "",
    source: str = "",
    source_id: UUID | None = None,
) -> Batch:
    """Begin a batch; it is filled by `fill` and sent by `begin`. Raises Forbidden, NotChosen."""
    require(actor, PERMISSION)
    if channel not in chosen.channels():
        raise chosen.NotChosen
    batch = Batch(
        title=title[:120],
        purpose=purpose,
        channel=channel,
        template=template,
        source=source,
        source_id=source_id,
        actor_id=actor.id,
        created_at=now,
    )
    batch.save(force_insert=True)
    _record(actor, "batch.opened", batch)
    return batch


@transaction.atomic
def fill(*, actor: Actor, batch_id: UUID, drafts: Sequence[Draft], now: datetime) -> list[Outcome]:
    """Reserve some thousand messages of a batch; the counts of the batch grow by the outcomes.

    A draft without a key is one message of the batch to that customer, however often it is filled
    in. Raises BatchClosed unless the batch is still being filled.
    """
    batch = _locked(batch_id)
    if batch.state != _State.FILLING:
        raise BatchClosed
    keyed = [_in_batch(each, batch) for each in drafts]
    outcomes = reserving.reserve_many(actor=actor, drafts=keyed, now=now, batch_id=batch.pk)
    counts: dict[str, int] = dict(batch.counts)
    for outcome in outcomes:
        if not outcome.repeated:
            name = outcome.refusal.why if outcome.refusal else "reserved"
            counts[name] = counts.get(name, 0) + 1
            counts["asked"] = counts.get("asked", 0) + 1
    batch.counts = counts
    batch.save(update_fields=["counts"])
    return outcomes


@transaction.atomic
def begin(*, actor: Actor, batch_id: UUID, now: datetime) -> None:
    """Let workers send a batch that is filled. Raises Forbidden, NotFound, BatchClosed."""
    require(actor, PERMISSION)
    batch = _locked(batch_id)
    if batch.state != _State.FILLING:
        raise BatchClosed
    batch.state = _State.SENDING
    batch.save(update_fields=["state"])
    _record(actor, "batch.begun", batch)
    _enqueue(batch.pk)


@transaction.atomic
def stop(*, actor: Actor, batch_id: UUID, now: datetime) -> None:
    """Send nothing more of a batch: no message begins once this is committed. Idempotent.

    What waits is cancelled, and uses no allowance. Raises Forbidden, NotFound.
    """
    require(actor, PERMISSION)
    batch = _locked(batch_id)
    if batch.state in (_State.FILLING, _State.SENDING):
        batch.state, batch.finished_at = _State.STOPPED, now
        batch.save(update_fields=["state", "finished_at"])
        _cancel(batch.pk, now=now)
        _record(actor, "batch.stopped", batch)


def drive(
    *, batch_id: UUID, means: Means | None = None, alive: Callable[[], None] = lambda: None
) -> None:
    """Send a batch from wherever it is; the work of `begin`, resumed after a crash.

    What the crash left as being sent becomes unknown.
    """
    means = means or Means()
    Contact.objects.filter(batch=batch_id, state=Contact.State.SENDING).update(
        state=Contact.State.UNKNOWN, fault="crash"
    )

    def goes_on() -> bool:
        alive()
        return means.goes_on() and _is_sending(batch_id)

    guarded = Means(opened=means.opened, clock=means.clock, goes_on=goes_on)
    waiting = Contact.objects.filter(batch=batch_id, state=Contact.State.RESERVED)
    while _is_sending(batch_id):
        due = waiting.filter(Q(due_at=None) | Q(due_at__lte=means.clock()))
        ids = list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        if not ids:
            _rest(batch_id, waiting.aggregate(at=Min("due_at"))["at"], now=means.clock())
            return
        halt = sending.deliver(ids, means=guarded)
        if halt is not None:
            Batch.objects.filter(pk=batch_id).update(fault=halt.code)
            _enqueue(batch_id, due_at=halt.until)
            return
        if not means.goes_on():
            return


def _rest(batch_id: UUID, at: datetime | None, *, now: datetime) -> None:
    """Go on when the next message that waits is due; without any the batch is done."""
    if at is not None:
        _enqueue(batch_id, due_at=max(at, now + _NOT_BEFORE))
    else:
        Batch.objects.filter(pk=batch_id, state=_State.SENDING).update(
            state=_State.DONE, finished_at=now, fault=""
        )


def _is_sending(batch_id: UUID) -> bool:
    return Batch.objects.filter(pk=batch_id, state=_State.SENDING).exists()


def _cancel(batch_id: UUID, *, now: datetime) -> None:
    Contact.objects.filter(batch=batch_id, state=Contact.State.RESERVED).update(
        state=Contact.State.CANCELLED, fault="stopped", settled_at=now
    )


def _enqueue(batch_id: UUID, *, due_at: datetime | None = None) -> None:
    key = f"batch:{batch_id}:{due_at.isoformat() if due_at else ''}"
    outbox.enqueue(
        handler="messages.send-batch",
        payload={"batch_id": str(batch_id), "key": key},
        key=key,
        due_at=due_at,
    )


def _in_batch(draft: Draft, batch: Batch) -> Draft:
    return draft if draft.key else replace(draft, key=f"{batch.pk}:{draft.customer_id}")


def _locked(batch_id: UUID) -> Batch:
    batch = Batch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise NotFound
    return batch


def _record(actor: Actor, action: str, batch: Batch) -> None:
    data: dict[str, Any] = {"title": batch.title, "counts": batch.counts}
    audit.record(actor=actor, action=action, object_kind="batch", object_id=batch.pk, data=data)
