"""Holding back what workers would still send to a customer: care rests while they complain (Q3)."""

from collections import Counter
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from regulars.messages.models import Batch, Channel, Contact, PassedOver, Purpose
from regulars.messages.services.by_hand import OWN_PHONE

_BY_PEOPLE: Final = (Channel.CALL, Channel.VISIT, Channel.POST)
_State = Contact.State


@transaction.atomic
def withhold(*, customer_id: UUID, why: str, now: datetime) -> int:
    """Cancel care and selling to a customer that waits for a worker; return how many that were.

    A batch counts them as passed over, for the reason `why` (as in `refusals`). What a person has
    begun is theirs to end. Idempotent. Holds the batches, lower key first, then the contacts.
    """
    waiting = (
        Contact.objects.filter(
            customer=customer_id, direction=Contact.Direction.OUT, state=_State.RESERVED
        )
        .exclude(purpose=Purpose.SERVICE)
        .exclude(channel__in=_BY_PEOPLE)
        .exclude(facts__has_key=OWN_PHONE)
    )
    in_batches = {pk for pk in waiting.values_list("batch_id", flat=True) if pk is not None}
    batches = list(Batch.objects.select_for_update().filter(pk__in=in_batches).order_by("pk"))
    held = waiting.select_for_update().order_by("pk")
    rows = [row for row in held if row.batch_id is None or row.batch_id in in_batches]
    Contact.objects.filter(pk__in=[row.pk for row in rows], state=_State.RESERVED).update(
        state=_State.CANCELLED, fault=why, settled_at=now
    )
    missed = Counter(row.batch_id for row in rows)
    for batch in batches:
        _count(batch, missed[batch.pk], customer_id=customer_id, why=why)
    return len(rows)


def _count(batch: Batch, number: int, *, customer_id: UUID, why: str) -> None:
    if not number:
        return
    PassedOver.objects.bulk_create(
        [PassedOver(batch=batch, customer_id=customer_id, why=why)], ignore_conflicts=True
    )
    counts: dict[str, int] = dict(batch.counts)
    counts["reserved"] = max(0, counts.get("reserved", 0) - number)
    counts[why] = counts.get(why, 0) + number
    batch.counts = counts
    batch.save(update_fields=["counts"])
