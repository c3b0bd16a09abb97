"""Taking note of an unhappy answer, so that it stands open for nobody else."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.surveys.models import Invitation
from regulars.surveys.selectors import single


@transaction.atomic
def see(*, actor: Actor, invitation_id: UUID, now: datetime) -> Invitation:
    """Write down who looked at an answer first; the same again changes nothing.

    Raises Forbidden, NotFound.
    """
    require(actor, "customers.edit")
    row = single.get(actor=actor, invitation_id=invitation_id, for_update=True)
    if row.seen_at is None:
        row.seen_at, row.seen_by_id = now, actor.id
        row.save(update_fields=["seen_at", "seen_by_id"])
        audit.record(
            actor=actor,
            action="survey.seen",
            object_kind="customer" if row.customer_id else "survey",
            object_id=row.customer_id or row.pk,
            store_id=row.store_id,
            data={"survey": row.survey, "answer": str(row.pk)},
        )
    return row
