"""Two records turn out to be one person (H2): merging them, and undoing it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.customers.models import Customer
from regulars.customers.services import merging
from regulars.insights.services import folding as insights
from regulars.usecases.holders import HOLDERS


@transaction.atomic
def merge(
    *,
    actor: Actor,
    kept_id: UUID,
    absorbed_id: UUID,
    now: datetime,
    take: Collection[str] = (),
    reason: str = "",
) -> Customer:
    """Make one customer of two and return it; every domain's rows move.

    The kept record's values stand, empty ones are filled, and those named in `take` (of
    merging.VALUES) come from the absorbed one. It can be undone by `unmerge`. Raises Forbidden,
    NotFound, merging.SamePerson. Locks both records first, lower key first.
    """
    kept, absorbed = merging.lock_pair(actor=actor, kept_id=kept_id, absorbed_id=absorbed_id)
    with insights.recounted([kept.pk, absorbed.pk]):
        moved = {
            name: holder.reassign(kept_id=kept.pk, absorbed_id=absorbed.pk, now=now)
            for name, holder in HOLDERS.items()
        }
    changes = merging.absorb(kept=kept, absorbed=absorbed, take=take, now=now)
    merging.close(
        kept=kept,
        absorbed=absorbed,
        moved=moved,
        changes=changes,
        actor=actor,
        reason=reason,
        now=now,
    )
    _record(actor, "customer.merged", kept, absorbed)
    return kept


@transaction.atomic
def unmerge(*, actor: Actor, absorbed_id: UUID, now: datetime) -> Customer:
    """Undo a merge and return the customer who is their own again.

    What moved goes back; what happened since stays with the survivor. Raises Forbidden, NotFound,
    merging.NotMerged, merging.LaterMergeFirst.
    """
    kept, absorbed = merging.lock_merged(actor=actor, absorbed_id=absorbed_id)
    moved = (absorbed.merge or {})["moved"]
    merging.release(kept=kept, absorbed=absorbed, now=now)
    with insights.recounted([kept.pk, absorbed.pk]):
        for name, holder in reversed(list(HOLDERS.items())):
            if name in moved:
                holder.give_back(
                    moved=moved[name], kept_id=kept.pk, absorbed_id=absorbed.pk, now=now
                )
    _record(actor, "customer.unmerged", kept, absorbed)
    return absorbed


def _record(actor: Actor, action: str, kept: Customer, absorbed: Customer) -> None:
    for customer, other in ((kept, absorbed), (absorbed, kept)):
        audit.record(
            actor=actor,
            action=action,
            object_kind="customer",
            object_id=customer.pk,
            store_id=kept.home_store_id,
            data={"with": str(other.pk), "kept": str(kept.pk)},
        )
