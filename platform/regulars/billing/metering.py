"""Messages beyond the month's allowance, told to Stripe's meter: each once (S3).

*What counts into which month.* The allowance is of a calendar month in the chain's time zone,
whenever its subscription renews: that is what the plan says, what the page shows, and the same for
chains that pay by the year. A message counts into the month in which it was handed over. What is
beyond the allowance is stamped with the moment of telling and so falls into the subscription's
period that runs then, and is paid with that period's invoice, by the month or by the year. It is
counted every night; what is sent in the last hours of a subscription that ends is a gift.

*Fair.* The allowance of a month is the highest the chain had in it, so a smaller plan takes nothing
back. What was sent while nobody paid, on a trial above all, is forgiven as it was counted in the
last night of that time, and not asked for later; what goes between that night and the first payment
counts as paid for. A message the provider says did not arrive costs nothing.

*Once.* What is to be told is written down as a slice of the month's row and committed before the
call; the event's identifier is made from row and slice. For a day Stripe refuses a second one of
the same identifier, so it is simply told again. After that, or when the period of its stamp is
over, or when Stripe refused it, Stripe is asked what it counted in the minute of the stamp, which
no other slice of the chain shares, as soon as it has surely counted the last try: if it is there it
is done, and if not the slice is told anew with another identifier and the stamp of now. No stamp
that is told is older than a day, far from the 35 that Stripe takes.
"""

import logging
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from regulars.billing import gateway, lifetime, meters, plans
from regulars.billing.models import Reported, Subscription
from regulars.tenancy.context import ChainInfo

BILLED: Final = frozenset({"active", "past_due", "unpaid"})
"""Stripe's words for subscriptions whose messages are billed; a trial is not."""
REMEMBERED: Final = timedelta(hours=23)
"""Stripe refuses a second event of an identifier for a day."""
COUNTED: Final = timedelta(hours=3)
"""After which Stripe has surely counted what it was told; it needs minutes."""
LEFT_ALONE: Final = timedelta(minutes=2)
"""How long a slice is left to whoever tells it."""
_APART: Final = timedelta(minutes=1)
_AHEAD: Final = timedelta(minutes=4)
"""How far a stamp may run ahead; Stripe takes five minutes."""
_PATIENCE: Final = 20
"""How often a slice is tried between two nights."""
_LOG = logging.getLogger(__name__)


def tell(*, chain: ChainInfo, month: date, sent: int, now: datetime) -> Reported:
    """Take in how many messages a chain sent in a month, and tell the meter what is beyond.

    `month` is its first day in the chain's time zone. Can be repeated. Must not run inside a
    transaction. When Stripe is away or refuses nothing is raised: the slice is told later.
    """
    lifetime.begin(chain_id=chain.id, now=now)
    with transaction.atomic(durable=True):
        subscription = Subscription.objects.select_for_update().get(chain_id=chain.id)
        Reported.objects.bulk_create(
            [Reported(chain_id=chain.id, month=month)], ignore_conflicts=True
        )
        row = Reported.objects.select_for_update().get(chain_id=chain.id, month=month)
        _count(row, subscription, sent)
        is_new = not row.asking and _ask(row, subscription, now)
        row.save()
    if is_new:
        _perform(row, subscription.customer, now=now)
    elif row.asking:
        finish(row_id=row.pk, now=now)
    row.refresh_from_db()
    return row


def _count(row: Reported, subscription: Subscription, sent: int) -> None:
    allowance = plans.of(subscription.plan).messages
    row.sent = sent
    row.allowance = max(row.allowance, sent if allowance is None else allowance)
    if subscription.status not in BILLED:
        row.forgiven = max(row.forgiven, _beyond(row) - row.told - row.asking)


def _beyond(row: Reported) -> int:
    return max(0, row.sent - row.allowance)


def _ask(row: Reported, subscription: Subscription, now: datetime) -> bool:
    """Begin a slice of what was not told yet; False if there is nothing, or no way to bill it."""
    due = _beyond(row) - row.forgiven - row.told
    if due <= 0 or subscription.status not in BILLED or not subscription.messages_item:
        return False
    return _stamp(row, due, now)


def _stamp(row: Reported, messages: int, now: datetime) -> bool:
    """Number and stamp a slice; no two of a chain share a minute. The subscription is locked."""
    rows = Reported.objects.filter(chain_id=row.chain_id)
    last = rows.aggregate(at=Max("stamp"))["at"]
    stamp = max(now.replace(microsecond=0), last + _APART) if last else now.replace(microsecond=0)
    if stamp > now + _AHEAD:
        return False
    row.asking, row.slice, row.stamp, row.asked_at = messages, row.slice + 1, stamp, now
    row.tried_at, row.attempts, row.fault = None, 0, ""
    return True


def finish(*, row_id: UUID, now: datetime) -> bool:
    """Tell again what was left half-way, unless Stripe counted it; says whether it is done."""
    row = Reported.objects.get(pk=row_id)
    if not row.asking or row.stamp is None or row.asked_at is None:
        return True
    subscription = Subscription.objects.filter(chain_id=row.chain_id).first()
    customer = subscription.customer if subscription else ""
    is_fresh = now - row.asked_at < REMEMBERED and not _is_period_over(row, subscription, now)
    if is_fresh and not row.fault:
        return _perform(row, customer, now=now)
    if now - (row.tried_at or row.asked_at) < COUNTED:
        return False
    Reported.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1)
    try:
        if meters.counted(customer=customer, stamp=row.stamp) >= row.asking:
            _done(row, now=now)
            return True
    except (gateway.Away, gateway.Refused) as error:
        _note(row, error)
        return False
    return _anew(row, now=now)


def _is_period_over(row: Reported, subscription: Subscription | None, now: datetime) -> bool:
    """Say whether what is stamped so may come too late for its invoice."""
    if subscription is None or subscription.period_ends_at is None or row.stamp is None:
        return True
    starts = subscription.period_starts_at
    return now >= subscription.period_ends_at or (starts is not None and row.stamp < starts)


def _anew(row: Reported, *, now: datetime) -> bool:
    """Tell a slice that Stripe surely has not, with another identifier; or forgive it."""
    with transaction.atomic(durable=True):
        subscription = (
            Subscription.objects.select_for_update().filter(chain_id=row.chain_id).first()
        )
        locked = Reported.objects.select_for_update().get(pk=row.pk)
        if _state(locked) != _state(row) or locked.tried_at != row.tried_at:
            return False  # somebody else is at it
        if subscription is None or subscription.status not in BILLED:
            locked.forgiven, locked.asking = locked.forgiven + locked.asking, 0
            locked.save()
            _LOG.warning("Messages of %s are forgiven: nobody pays for them any more.", locked)
            return True
        if not subscription.messages_item or not _stamp(locked, locked.asking, now):
            return False
        locked.save()
    return _perform(locked, subscription.customer, now=now)


def _perform(row: Reported, customer: str, *, now: datetime) -> bool:
    """Tell the meter, the first time or again with the same identifier; says whether it did.

    That it is tried is written down first: nobody tells it under another name for a while.
    """
    mine = Reported.objects.filter(pk=row.pk, slice=row.slice, asking=row.asking)
    if row.stamp is None or not mine.update(attempts=F("attempts") + 1, tried_at=now):
        return False
    given = {
        "event_name": meters.EVENT,
        "payload": {"stripe_customer_id": customer, "value": str(row.asking)},
        "timestamp": int(row.stamp.timestamp()),
    }
    try:
        gateway.perform("messages", given, key=identifier(row))
    except gateway.Away as error:
        _LOG.warning("Messages of %s wait: %r", row, error)
        return False
    except gateway.Refused as error:
        _note(row, error)
        return False
    _done(row, now=now)
    return True


def _state(row: Reported) -> tuple[int, int]:
    return row.slice, row.asking


def identifier(row: Reported) -> str:
    """Return the name of a row's slice at Stripe."""
    return f"messages-{row.pk}-{row.slice}"


def _note(row: Reported, error: Exception) -> None:
    fault = repr(error.__cause__ or error)[:2000]
    Reported.objects.filter(pk=row.pk).update(fault=fault)


def _done(row: Reported, *, now: datetime) -> None:
    with transaction.atomic(durable=True):
        locked = Reported.objects.select_for_update().get(pk=row.pk)
        if _state(locked) != _state(row) or locked.stamp is None:
            return  # somebody else was quicker
        told = {
            "slice": locked.slice,
            "messages": locked.asking,
            "stamp": locked.stamp.isoformat(),
            "told_at": now.isoformat(),
        }
        locked.told, locked.asking = locked.told + locked.asking, 0
        locked.slices, locked.fault = [*locked.slices, told], ""
        locked.save()


def finish_left(*, now: datetime, is_anew: bool = False) -> int:
    """Finish slices that a crash or an absence of Stripe left open; returns how many are done.

    One that was tried `_PATIENCE` times rests until the night, which begins anew with `is_anew`.
    """
    waiting = Reported.objects.filter(asking__gt=0)
    if is_anew:
        waiting.update(attempts=0)
    left = waiting.filter(asked_at__lte=now - LEFT_ALONE, attempts__lt=_PATIENCE)
    return sum(finish(row_id=pk, now=now) for pk in list(left.values_list("pk", flat=True)))
