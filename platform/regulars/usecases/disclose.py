"""Telling a person everything that is kept about them (P5)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.customers.services import erasing
from regulars.tenancy import context
from regulars.usecases.holders import HOLDERS


@transaction.atomic
def disclose(*, actor: Actor, customer_id: UUID, asked: str, now: datetime) -> dict[str, Any]:
    """Return all data of one person, JSON-able, and write down that it was handed out.

    `asked` says how the person asked for it: without being asked nobody hands it out. Raises
    Forbidden, NotFound.
    """
    rows = erasing.lock_whole(actor=actor, customer_id=customer_id, permission="customers.export")
    survivor = rows[0]
    audit.record(
        actor=actor,
        action="customer.disclosed",
        object_kind="customer",
        object_id=survivor.pk,
        store_id=survivor.home_store_id,
        data={"asked": asked[:200]},
    )
    return {
        "chain": context.current().name,
        "made_at": now.isoformat(),
        "records": [
            {
                "id": str(row.pk),
                **{name: each.disclose(customer_id=row.pk) for name, each in HOLDERS.items()},
            }
            for row in rows
        ],
    }
