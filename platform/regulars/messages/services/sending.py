"""Handing messages to providers: each at most once, whatever happens in between.

A message is marked as `sending` in a transaction of its own before the provider is called, and
settled in another one after. What a crash leaves as `sending` becomes `unknown`, and only a
receipt, the provider's own word or a person says what became of it (see `settling`).
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import timezone

from regulars import moments
from regulars.audit import SYSTEM
from regulars.billing import resting
from regulars.messages import refusals, suppression
from regulars.messages.gateways import chosen, faults
from regulars.messages.gateways.contract import (
    Gateway,
    NotDone,
    Outgoing,
    Refused,
    TryLater,
)
from regulars.messages.models import Contact
from regulars.messages.selectors import asking
from regulars.messages.selectors.asking import Question
from regulars.messages.services import leaving, pacing, suppressing
from regulars.outbox import services as outbox
from regulars.tenancy import statements

HANDLER: Final = "messages.send"
LEASE: Final = timedelta(minutes=5)
MOST_ATTEMPTS: Final = 8
TOO_LATE: Final = "too-late"
_LONGEST_FAULT: Final = 200
_FIRST_WAIT: Final = timedelta(seconds=30)
_LONGEST_WAIT: Final = timedelta(hours=1)
_LOG = logging.getLogger(__name__)
_State = Contact.State

# Only a reserved message begins, and only once: whoever comes second updates nothing.
_BEGIN: Final = """
UPDATE messaging_contact
SET state = 'sending', at = %s, sent_at = %s, attempts = attempts + 1, provider = %s
WHERE id = %s AND state = 'reserved'"""

type Opened = Callable[[str], Gateway]


@dataclass(frozen=True, slots=True)
class Means:
    """What sending uses: providers by slot, a clock, and whether to go on."""

    opened: Opened = chosen.opened
    clock: Callable[[], datetime] = timezone.now
    goes_on: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Halt:
    """Nothing of the chain goes by this provider until somebody acts; try again at `until`."""

    code: str
    until: datetime


def dispatch(*, contact_id: UUID, due_at: datetime | None = None) -> None:
    """Let a worker send a reserved message once the caller's transaction commits. Idempotent.

    For one message; many are a batch (see `batches`).
    """
    outbox.enqueue(
        handler="messages.send",
        payload={"contact_id": str(contact_id)},
        key=f"send:{contact_id}:{due_at.isoformat() if due_at else ''}",
        due_at=due_at,
    )


def send(*, contact_id: UUID, means: Means | None = None) -> None:
    """Send one message, the work of `dispatch`; puts it off if it cannot go now.

    Called again after a crash it does not send again: the message becomes `unknown`.
    """
    Contact.objects.filter(pk=contact_id, state=_State.SENDING).update(
        state=_State.UNKNOWN, fault="crash"
    )
    halt = deliver([contact_id], means=means or Means())
    row = Contact.objects.filter(pk=contact_id, state=_State.RESERVED).first()
    if row is not None:
        times = [each for each in (row.due_at, halt and halt.until) if each]
        dispatch(contact_id=contact_id, due_at=max(times, default=None))


def deliver(ids: Sequence[UUID], *, means: Means) -> Halt | None:
    """Send those of some messages that are reserved and due, in the order of their keys.

    Wishes, addresses and clocks are asked about once more; the guard counts each one anew at the
    moment it goes. Stops where the provider takes nothing at all, or nothing goes by itself. Must
    run outside a transaction.
    """
    rows = list(Contact.objects.filter(pk__in=ids, state=_State.RESERVED).order_by("pk"))
    hold = resting.of_messages(now=means.clock())
    if hold is not None:
        return _held_back(rows, hold, now=means.clock())
    questions = {row.pk: _question(row, means.clock()) for row in rows}
    facts = asking.known(list(questions.values()), actor=SYSTEM)
    for row in rows:
        if not means.goes_on():
            break
        now = means.clock()
        if row.due_at is not None and row.due_at > now:
            continue
        refusal = facts.refusal(_question(row, now))
        if _is_late(row, now):
            _settle(row, _State.CANCELLED, TOO_LATE, now=now)
        elif refusal is not None and refusal.why == "quiet":
            (dated,) = asking.explained([_question(row, now)], [refusal], facts=facts)
            _put_off(row, until=(dated and dated.possible_at) or now + _LONGEST_WAIT, now=now)
        elif refusal is not None or not row.address:
            _settle(row, _State.CANCELLED, refusal.why if refusal else "address", now=now)
        else:
            halt = _send(row, means, now=now)
            if halt is not None:
                return halt
    return None


def _held_back(rows: Sequence[Contact], hold: resting.Hold, *, now: datetime) -> Halt:
    """Let messages wait for the payment; drop what has waited longer than it is worth."""
    for row in rows:
        if hold.is_too_late(row.due_at or row.at, now=now):
            _settle(row, _State.CANCELLED, TOO_LATE, now=now)
    return Halt(hold.code, hold.until)


def _send(row: Contact, means: Means, *, now: datetime) -> Halt | None:
    try:
        gateway = means.opened(chosen.slot_of(_channel(row), row.address))
    except chosen.NotChosen:
        _settle(row, _State.CANCELLED, chosen.NotChosen.code, now=now)
        return None
    except TryLater as error:
        return Halt(error.code, now + error.after)
    pacing.wait(gateway, clock=means.clock)
    now = means.clock()
    if not _begin(row, gateway, now=now):
        return None
    row.attempts += 1
    try:
        accepted = gateway.send(outgoing(row), now=now)
    except TryLater as error:
        return _later(row, error, now=means.clock())
    except Refused as error:
        _settle(row, _State.REFUSED, _words(error), now=means.clock())
        if error.code in faults.OF_THE_ADDRESS:
            suppressing.suppress(
                channel=row.channel, address=row.address, reason=suppression.BOUNCED, now=now
            )
    except NotDone as error:
        _settle(row, _State.UNKNOWN, _words(error), now=means.clock())
    except Exception as error:  # noqa: BLE001  (a fault of the adapter: it may have been sent)
        _LOG.exception("%s failed in a way of its own", gateway.name)
        _settle(row, _State.UNKNOWN, repr(error), now=means.clock())
    else:
        # A receipt may have been faster: then only the provider's id is still missing.
        Contact.objects.filter(pk=row.pk).update(
            provider_id=accepted.provider_id, facts={**row.facts, "parts": accepted.parts}
        )
        _settle(row, _State.ACCEPTED, "", now=means.clock())
    return None


def _begin(row: Contact, gateway: Gateway, *, now: datetime) -> bool:
    """Mark a message as being sent, committed before the provider hears of it.

    The guard counts it where it goes: what no longer fits is cancelled.
    """
    try:
        with transaction.atomic(durable=True):
            return statements.run(_BEGIN, (now, now, gateway.name, row.pk)) == 1
    except DatabaseError as error:
        state = refusals.sqlstate(error)
        if state not in (refusals.TOO_MANY, refusals.TOO_NEAR, refusals.NOBODY):
            raise
        why = "nobody" if state == refusals.NOBODY else "budget"
        _settle(row, _State.CANCELLED, why, now=now)
        return False


def _later(row: Contact, error: TryLater, *, now: datetime) -> Halt | None:
    """Take a message back that was surely not sent: it waits, each time longer, but not for ever.

    What keeps every message of the chain waiting is no fault of this one.
    """
    is_general = error.code in faults.OF_THE_ACCOUNT
    if row.attempts >= MOST_ATTEMPTS and not is_general:
        _settle(row, _State.REFUSED, f"gave-up: {_words(error)}", now=now)
        return None
    backed_off = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (row.attempts - 1))
    until = now + max(error.after, backed_off)
    if _is_late(row, until) and not is_general:
        _settle(row, _State.REFUSED, f"{TOO_LATE}: {_words(error)}", now=now)
        return None
    Contact.objects.filter(pk=row.pk, state=_State.SENDING).update(
        state=_State.RESERVED,
        due_at=until,
        sent_at=None,
        fault=_words(error),
        attempts=row.attempts - 1 if is_general else row.attempts,
    )
    return Halt(error.code, until) if is_general else None


def _put_off(row: Contact, *, until: datetime, now: datetime) -> None:
    if _is_late(row, until):
        _settle(row, _State.CANCELLED, TOO_LATE, now=now)
        return
    Contact.objects.filter(pk=row.pk, state=_State.RESERVED).update(due_at=until, fault="quiet")


def _is_late(row: Contact, at: datetime) -> bool:
    """Say whether a message makes no sense any more: a greeting two days after the birthday."""
    told = row.facts.get("not_after")
    return bool(told) and at > moments.read(told)


def _settle(row: Contact, state: str, fault: str, *, now: datetime) -> None:
    """Write down what became of a message, unless a receipt or a person said so already."""
    was = _State.RESERVED if state == _State.CANCELLED else _State.SENDING
    columns: dict[str, Any] = {"state": state, "fault": fault[:_LONGEST_FAULT]}
    if state not in (_State.ACCEPTED, _State.UNKNOWN):
        columns["settled_at"] = now
    Contact.objects.filter(pk=row.pk, state=was).update(**columns)


def outgoing(row: Contact) -> Outgoing:
    """Return a message as gateways take it; our key is the contact's, so it is never two."""
    way_out = leaving.link(row)
    return Outgoing(
        key=row.pk.hex,
        to=row.address,
        channel=_channel(row),
        text=leaving.with_way_out(row, way_out),
        subject=row.subject,
        template=row.facts.get("template", ""),
        variables=tuple((name, value) for name, value in row.facts.get("variables", ())),
        signature=row.facts.get("signature", ""),
        language=row.language or "zh-hans",
        unsubscribe=way_out,
        link=row.facts.get("link", ""),
        sender=row.facts.get("sender", ""),
        answers=bool(row.facts.get("answers")),
    )


def _channel(row: Contact) -> Any:
    return row.channel


def _question(row: Contact, now: datetime) -> Question:
    if row.customer_id is None:
        raise ValueError("A message of ours has a customer.")
    return Question(
        customer_id=row.customer_id,
        purpose=row.purpose,
        channel=row.channel,
        at=now,
        tier=row.tier,
        wish=row.facts.get("wish", ""),
        address=row.address,
    )


def _words(error: NotDone) -> str:
    return str(error)
