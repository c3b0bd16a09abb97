"""Somebody leaves: their sessions end, and what was theirs goes to somebody else (C7, H2, Q2)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.complaints.services import leaving as complaints
from regulars.customers import services as customers
from regulars.errors import Invalid
from regulars.followups import owners
from regulars.staff import services as staff
from regulars.staff.models import Staff


@transaction.atomic
def leave(
    *, actor: Actor, staff_id: UUID, successor_id: UUID | None, now: datetime
) -> tuple[Staff, int]:
    """End somebody's work and hand their customers over; returns them and how many customers.

    Open tasks go along, those handed on to them too; a conversation is whose customer it is. Open
    complaints go to the successor where they work in the store, else to its manager. Without a
    successor the customers have no owning guide until a manager gives them one. Raises what
    `staff.services.leave` raises, and Invalid for a successor who does not work here.
    """
    if successor_id is not None:
        works_here = Staff.objects.filter(pk=successor_id, state=Staff.State.ACTIVE)
        if successor_id == staff_id or not works_here.exists():
            raise Invalid(fields={"successor": [_("Choose somebody who works here.")]})
    leaver = staff.leave(actor=actor, staff_id=staff_id, now=now)
    handed = customers.hand_over(
        actor=actor, from_owner_id=staff_id, to_owner_id=successor_id, now=now
    )
    owners.take_over(from_id=staff_id, to_id=successor_id)
    complaints.take_over(actor=actor, leaver=leaver, successor_id=successor_id, now=now)
    return leaver, handed
