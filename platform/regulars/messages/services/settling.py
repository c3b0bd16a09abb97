"""What became of messages: receipts, the provider's own word, and a person's."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.customers.selectors import visibility
from regulars.errors import NotFound
from regulars.messages import suppression
from regulars.messages.gateways import chosen
from regulars.messages.gateways.contract import Absent, NotDone, Receipt
from regulars.messages.models import Contact
from regulars.messages.refusals import NotLikeThis
from regulars.messages.services import suppressing
from regulars.messages.services.sending import Means, outgoing

STALE: Final = timedelta(minutes=15)  # longer than any provider is waited for
_ASKED_FOR: Final = timedelta(days=3)
_AT_ONCE: Final = 200
_LONGEST_FAULT: Final = 200
_State = Contact.State
# Which states a receipt may end; anything else it repeats or comes too late for.
_BEFORE: Final = {
    "accepted": (_State.SENDING, _State.UNKNOWN),
    "delivered": (_State.SENDING, _State.UNKNOWN, _State.ACCEPTED, _State.FAILED),
    "failed": (_State.SENDING, _State.UNKNOWN, _State.ACCEPTED),
}


def take_receipts(*, provider: str, receipts: Iterable[Receipt], now: datetime) -> int:
    """Write down what a provider says of our messages; return how many it told us anything new of.

    The same receipt may come any number of times and in any order. An address that is gone is not
    used again.
    """
    return sum(_take(provider, receipt, now=now) for receipt in receipts)


@transaction.atomic
def _take(provider: str, receipt: Receipt, *, now: datetime) -> bool:
    known = Q(provider_id=receipt.provider_id) if receipt.provider_id else Q()
    if receipt.key:
        known |= Q(pk=_id(receipt.key))
    if not known:
        return False
    rows = Contact.objects.select_for_update().filter(known, provider=provider, direction="out")
    row = rows.order_by("pk").first()
    if row is None:
        return False
    if receipt.gone:
        suppressing.suppress(
            channel=row.channel,
            address=row.address or receipt.to,
            reason=suppression.BOUNCED,
            now=now,
        )
    if row.state not in _BEFORE[receipt.state]:
        return False
    row.state = receipt.state
    row.provider_id = receipt.provider_id or row.provider_id
    row.fault = f"{receipt.reason}: {receipt.detail}".strip(": ")[:_LONGEST_FAULT]
    if receipt.state != "accepted":
        row.settled_at = receipt.at
    row.save(update_fields=["state", "provider_id", "fault", "settled_at"])
    return True


def _id(key: str) -> UUID | None:
    try:
        return UUID(hex=key)
    except ValueError:
        return None


def is_anything_unknown(*, now: datetime) -> bool:
    """Say whether `find_out` would have anything to do."""
    return Contact.objects.filter(_unknown(now) | _left(now)).exists()


def _unknown(now: datetime) -> Q:
    return Q(state=_State.UNKNOWN, at__gt=now - _ASKED_FOR)


def _left(now: datetime) -> Q:
    return Q(state=_State.SENDING, sent_at__lt=now - STALE)


def find_out(*, now: datetime, means: Means | None = None) -> int:
    """Ask providers about messages of which nobody knows; return how many are known now.

    What has been `sending` for longer than a provider is waited for was left by a crash. What the
    provider surely never took is refused: it is not sent again by itself.
    """
    Contact.objects.filter(_left(now)).update(state=_State.UNKNOWN, fault="crash")
    rows = Contact.objects.filter(_unknown(now)).order_by("at")
    means = means or Means()
    return sum(_find_out(row, means, now=now) for row in rows[:_AT_ONCE])


def _find_out(row: Contact, means: Means, *, now: datetime) -> bool:
    if row.sent_at is None:
        return False
    message = outgoing(row)
    try:
        gateway = means.opened(chosen.slot_of(message.channel, row.address))
        answer = gateway.resolve(
            message, since=row.sent_at, now=now, provider_id=row.provider_id or ""
        )
    except (NotDone, chosen.NotChosen):
        return False  # asked again at the next turn
    if isinstance(answer, Absent):
        Contact.objects.filter(pk=row.pk, state=_State.UNKNOWN).update(
            state=_State.REFUSED, fault="never-arrived", settled_at=now
        )
        return True
    return answer is not None and _take(row.provider, answer, now=now)


@transaction.atomic
def resolve(*, actor: Actor, contact_id: UUID, arrived: bool, now: datetime) -> None:
    """Let a person say what became of an unknown message: it arrived, or was surely never sent.

    Raises Forbidden, NotFound, NotLikeThis.
    """
    require(actor, "customers.edit")
    rows = Contact.objects.select_for_update(of=("self",)).filter(
        visibility.within(actor.scope, "customer__"), pk=contact_id
    )
    row = rows.first()
    if row is None:
        raise NotFound
    if row.state != _State.UNKNOWN:
        raise NotLikeThis
    row.state = _State.DELIVERED if arrived else _State.REFUSED
    row.fault, row.settled_at = "by-hand", now
    row.save(update_fields=["state", "fault", "settled_at"])
    audit.record(
        actor=actor,
        action="contact.resolved",
        object_kind="customer",
        object_id=row.customer_id,
        store_id=row.store_id,
        data={"contact": str(row.pk), "arrived": arrived},
    )
