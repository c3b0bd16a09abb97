"""Writing calls to Stripe, each written down and committed before it is made (S3).

A crash between the call and our commit leaves an open row; whoever comes next makes the same call
again, with the row's key and parameters, and gets the same answer. Nothing is made or charged
twice.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import models, transaction
from django.db.models import F

from regulars.billing import gateway
from regulars.billing.models import Call, Subscription

REPEATABLE: Final = timedelta(hours=23)
"""Stripe keeps a key for a day; after this a call is looked up and not repeated."""
LEFT_ALONE: Final = timedelta(minutes=2)
"""How long an open call is left to whoever made it."""
NEVER_MADE: Final = "It was not finished within a day, and nothing of it is found."
_LOG = logging.getLogger(__name__)


def make(
    *,
    chain_id: UUID | None,
    verb: str,
    subject: str = "",
    parameters: Mapping[str, Any],
    now: datetime,
) -> gateway.Answer:
    """Write a call down, make it, and keep its answer. Must not run inside a transaction.

    One that was left open for the same verb and subject is finished first; if it is the same in
    its parameters, its answer is the answer. Raises gateway.Refused or gateway.Away.
    """
    for _ in range(5):
        with transaction.atomic(durable=True):
            call = write_down(
                chain_id=chain_id, verb=verb, subject=subject, parameters=parameters, now=now
            )
        if call.parameters == parameters:
            return finish(call, now=now)
        try:
            finish(call, now=now)
        except gateway.Refused:
            _LOG.info("An older call %s was refused; the new one follows.", call.id)
    raise gateway.Away


def write_down(
    *, chain_id: UUID | None, verb: str, subject: str, parameters: Mapping[str, Any], now: datetime
) -> Call:
    """Return the open call of a verb and subject: a new one, or the one that stands there already.

    The caller's transaction must be committed before the call is made.
    """
    made = Call(
        chain_id=chain_id, verb=verb, subject=subject, parameters=dict(parameters), asked_at=now
    )
    Call.objects.bulk_create([made], ignore_conflicts=True)
    call = opened(chain_id=chain_id, verb=verb, subject=subject)
    if call is None:  # somebody finished theirs between the two statements
        raise gateway.Away
    return call


def opened(*, chain_id: UUID | None, verb: str, subject: str = "") -> Call | None:
    """Return the call of a verb and subject that is not answered yet."""
    open_ones = Call.objects.filter(verb=verb, subject=subject, state=Call.State.OPEN)
    ours = models.Q(chain_id__isnull=True)
    return open_ones.filter(models.Q(chain_id=chain_id) if chain_id else ours).first()


def finish(call: Call, *, now: datetime) -> gateway.Answer:
    """Make an open call, the first time or again, and keep what came of it.

    Raises gateway.Refused, then it is over, or gateway.Away, then it stays open.
    """
    Call.objects.filter(pk=call.pk).update(attempts=F("attempts") + 1)
    try:
        if now - call.asked_at < REPEATABLE:
            answer: gateway.Answer | None = gateway.perform(
                call.verb, call.parameters, key=str(call.pk)
            )
        else:
            answer = gateway.made(call.verb, call.parameters, key=str(call.pk))
    except gateway.Refused as error:
        _over(call, Call.State.REFUSED, None, repr(error.__cause__ or error), now)
        raise
    if answer is None:
        _over(call, Call.State.REFUSED, None, NEVER_MADE, now)
        raise gateway.Refused
    _over(call, Call.State.DONE, answer, "", now)
    return answer


def _over(call: Call, state: str, answer: gateway.Answer | None, fault: str, now: datetime) -> None:
    with transaction.atomic(durable=True):
        Call.objects.filter(pk=call.pk, state=Call.State.OPEN).update(
            state=state, answer=answer, fault=fault[:2000], done_at=now
        )
        if call.verb == "customer" and call.chain_id is not None and answer is not None:
            rows = Subscription.objects.filter(chain_id=call.chain_id, customer="")
            rows.update(customer=answer["id"])  # known as soon as it exists


def finish_left(*, now: datetime, chain_id: UUID | None = None) -> list[tuple[UUID | None, str]]:
    """Finish calls that a crash or an absence of Stripe left open; returns chain and verb of each.

    One that is still not answered, or meets a fault of ours, stays for the next time.
    """
    found = Call.objects.filter(state=Call.State.OPEN, asked_at__lte=now - LEFT_ALONE)
    if chain_id is not None:
        found = found.filter(chain_id=chain_id)
    finished = []
    for call in found.order_by("asked_at"):
        try:
            finish(call, now=now)
        except gateway.Away:
            continue
        except gateway.Refused:
            _LOG.warning("A call left open was refused: %s", call)
        except Exception:  # noqa: BLE001  (whatever it is, the others are finished)
            _LOG.exception("A call left open could not be finished: %s", call)
            continue
        finished.append((call.chain_id, call.verb))
    return finished
