"""Messages to many, with progress and a stop button."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Min, Q
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.billing import resting
from regulars.errors import Conflict, NotFound
from regulars.messages.gateways import chosen
from regulars.messages.models import Batch, Contact, PassedOver
from regulars.messages.refusals import Refusal
from regulars.messages.services import alike, reserving, sending
from regulars.messages.services.allowance import Allowance
from regulars.messages.services.reserving import Draft, Outcome
from regulars.messages.services.sending import Halt, Means
from regulars.outbox import services as outbox

PERMISSION: Final = "rules.manage"
AT_ONCE: Final = 50
WORDS: Final = "words"  # passed over: a place of the words would be empty, or the lint refuses
NOT_APPROVED: Final = "template"  # passed over: the provider has not approved these words
_NOT_BEFORE: Final = timedelta(seconds=10)
_State = Batch.State


class BatchClosed(Conflict):
    """The batch is being sent, stopped or done already."""

    code = "batch-closed"


class NotPutTogether(Conflict):
    """It is not known yet who would get it."""

    code = "batch-not-put-together"
    sentence = _("This batch is still being put together. Please wait until it is complete.")


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
    audience: Mapping[str, Any] | None = None,
) -> Batch:
    """Begin a batch; it is filled by `fill` and sent by `begin`. Raises Forbidden, NotChosen.

    One with an `audience` (JSON) is begun only once `complete` has said that nobody is missing.
    """
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
        audience=None if audience is None else dict(audience),
    )
    batch.save(force_insert=True)
    _record(actor, "batch.opened", batch)
    return batch


@transaction.atomic
def fill(
    *,
    actor: Actor,
    batch_id: UUID,
    drafts: Sequence[Draft],
    now: datetime,
    passed: Mapping[UUID, str] | None = None,
    looked_at: int = 0,
) -> list[Outcome]:
    """Reserve some thousand messages of a batch; the counts of the batch grow by the outcomes.

    A draft without a key is one message of the batch to that customer, however often it is filled
    in. Care that reads the same for too many is refused (see `alike`). One that would fall into
    quiet hours is planned for their end. Whom it passes over is written down, those in `passed`
    included, for whom there are no words. `looked_at` is how many customers were looked at for
    it. Raises BatchClosed unless the batch is still being filled.
    """
    batch = _locked(batch_id)
    if batch.state != _State.FILLING or batch.filled_at is not None:
        raise BatchClosed
    keyed, too_many = alike.sort_out(batch, [_in_batch(each, batch) for each in drafts])
    unlike = [each for place, each in enumerate(keyed) if place not in too_many]
    made = iter(reserving.reserve_many(actor=actor, drafts=unlike, now=now, batch_id=batch.pk))
    outcomes = [
        Outcome(refusal=Refusal(why="alike")) if place in too_many else next(made)
        for place in range(len(keyed))
    ]
    later = {
        place: replace(keyed[place], at=outcome.refusal.possible_at)
        for place, outcome in enumerate(outcomes)
        if outcome.refusal is not None and _can_wait(keyed[place], outcome.refusal)
    }
    if later:
        again = reserving.reserve_many(
            actor=actor, drafts=list(later.values()), now=now, batch_id=batch.pk
        )
        for place, outcome in zip(later, again, strict=True):
            outcomes[place] = outcome
    missed = {
        draft.customer_id: outcome.refusal
        for draft, outcome in zip(drafts, outcomes, strict=True)
        if outcome.refusal is not None
    }
    why = _pass_over(batch, missed, passed or {})
    counts: dict[str, int] = dict(batch.counts)
    reserved = sum(not each.repeated and each.refusal is None for each in outcomes)
    for name in ["reserved"] * reserved + why:
        counts[name] = counts.get(name, 0) + 1
        counts["asked"] = counts.get("asked", 0) + 1
    if looked_at:
        counts["looked-at"] = counts.get("looked-at", 0) + looked_at
    batch.counts = counts
    alike.remember(batch, keyed, outcomes)
    batch.save(update_fields=["counts", "alike"])
    return outcomes


def _pass_over(
    batch: Batch, refused: Mapping[UUID, Refusal], unsaid: Mapping[UUID, str]
) -> list[str]:
    """Write down whom a batch does not reach, each once; return why, of those that are new."""
    rows = {
        pk: PassedOver(batch=batch, customer_id=pk, why=each.why, possible_at=each.possible_at)
        for pk, each in refused.items()
    }
    rows |= {pk: PassedOver(batch=batch, customer_id=pk, why=why) for pk, why in unsaid.items()}
    known = PassedOver.objects.filter(batch=batch, customer_id__in=list(rows))
    for pk in known.values_list("customer_id", flat=True):
        del rows[pk]
    PassedOver.objects.bulk_create(rows.values())
    return [each.why for each in rows.values()]


def _can_wait(draft: Draft, refusal: Refusal) -> bool:
    """Say whether a message may be planned for the end of quiet hours."""
    at = refusal.possible_at
    is_in_time = at is not None and (draft.not_after is None or at <= draft.not_after)
    return refusal.why == "quiet" and is_in_time


@transaction.atomic
def complete(*, batch_id: UUID, now: datetime) -> None:
    """Say that nobody is missing in a batch any more; idempotent."""
    Batch.objects.filter(pk=batch_id, state=_State.FILLING, filled_at=None).update(
        filled_at=now, alike=None
    )


@transaction.atomic
def begin(*, actor: Actor, batch_id: UUID, now: datetime) -> None:
    """Let workers send a batch that is filled.

    Raises Forbidden, NotFound, BatchClosed, NotPutTogether.
    """
    require(actor, PERMISSION)
    batch = _locked(batch_id)
    if batch.state != _State.FILLING:
        raise BatchClosed
    if batch.audience is not None and batch.filled_at is None:
        raise NotPutTogether
    batch.state, batch.alike = _State.SENDING, None
    batch.save(update_fields=["state", "alike"])
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
        batch.state, batch.finished_at, batch.alike = _State.STOPPED, now, None
        batch.save(update_fields=["state", "finished_at", "alike"])
        _cancel(batch.pk, now=now)
        _record(actor, "batch.stopped", batch)


@transaction.atomic
def give_up(*, batch_id: UUID, fault: str, now: datetime) -> None:
    """Stop a batch that cannot be put together any more."""
    batch = _locked(batch_id)
    batch.state, batch.finished_at, batch.fault = _State.STOPPED, now, fault
    batch.alike = None
    batch.save(update_fields=["state", "finished_at", "fault", "alike"])
    _cancel(batch.pk, now=now)


def drive(
    *, batch_id: UUID, means: Means | None = None, alive: Callable[[], None] = lambda: None
) -> None:
    """Send a batch from wherever it is; the work of `begin`, resumed after a crash.

    What the crash left as being sent becomes unknown. It waits while the subscription is not paid,
    and while the messages of the month are used up.
    """
    means = means or Means()
    purpose = Batch.objects.filter(pk=batch_id).values_list("purpose", flat=True).first()
    left = Allowance(purpose or "")
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
        now = means.clock()
        halt = _held_back(batch_id, now=now)
        room = 0 if halt else left.room(len(ids), now=now)
        if halt is None and not room:
            halt = left.halt(now=now)
        if halt is None:
            Batch.objects.filter(pk=batch_id).exclude(fault="").update(fault="")
            halt = sending.deliver(ids[:room], means=guarded)
            left.use(room)
        if halt is not None:
            Batch.objects.filter(pk=batch_id).update(fault=halt.code)
            _enqueue(batch_id, due_at=halt.until)
            return
        if not means.goes_on():
            return


def _held_back(batch_id: UUID, *, now: datetime) -> Halt | None:
    """Return what of the subscription holds a batch back; drops what waits for too long."""
    hold = resting.of_batches(now=now)
    if hold is None:
        return None
    if hold.is_too_late(None, now=now):
        rows = Contact.objects.filter(batch=batch_id, state=Contact.State.RESERVED)
        rows.filter(Q(due_at=None) | Q(due_at__lt=now - resting.WORTH)).update(
            state=Contact.State.CANCELLED, fault=sending.TOO_LATE, settled_at=now
        )
    return Halt(hold.code, hold.until)


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
