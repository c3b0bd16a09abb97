"""Forgetting a person on request (P5): every domain empties what is personal."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.customers.services import erasing
from regulars.usecases.holders import HOLDERS


@transaction.atomic
def erase(*, actor: Actor, customer_id: UUID, reason: str, now: datetime) -> None:
    """Erase a customer, and every record merged into theirs. It cannot be undone.

    Purchases, points and figures stay, and belong to nobody. Raises Forbidden, NotFound.
    """
    for row in erasing.lock_whole(actor=actor, customer_id=customer_id):
        for holder in HOLDERS.values():
            holder.erase(customer_id=row.pk, now=now)
        audit.record(
            actor=actor,
            action="customer.erased",
            object_kind="customer",
            object_id=row.pk,
            store_id=row.home_store_id,
            data={"reason": reason[:200]},
        )
