"""One answer, for whoever may see the customer; nobody's, for whoever answers for the store."""

from typing import Final
from uuid import UUID

from regulars.audit import Actor
from regulars.audit.decisions import allows, require
from regulars.customers.selectors import visibility
from regulars.errors import NotFound
from regulars.surveys.models import Invitation

VIEW: Final = "customers.view"
OF_NOBODY: Final = "insights.view"


def get(*, actor: Actor, invitation_id: UUID, for_update: bool = False) -> Invitation:
    """Return an answer the actor may see. Raises Forbidden, NotFound."""
    require(actor, VIEW)
    rows = Invitation.objects.filter(pk=invitation_id, state=Invitation.State.ANSWERED)
    if for_update:
        row = rows.select_for_update(of=("self",)).first()
    else:
        row = rows.select_related("store", "customer").first()
    if row is None or not _is_seen(actor, row):
        raise NotFound
    return row


def _is_seen(actor: Actor, row: Invitation) -> bool:
    if row.customer_id is not None:
        return visibility.visible(actor).filter(pk=row.customer_id).exists()
    return allows(actor, OF_NOBODY) and actor.scope.covers(row.store_id)
