"""Which complaints somebody sees and works on.

A manager's are those of their stores, head office sees all but what franchises withhold (H4). A
guide's are those they own, those of their own customers, and those of the web that nobody has
opened yet in their store.
"""

from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor, ActorKind, Scope
from regulars.audit.decisions import allows, require
from regulars.complaints.models import Case
from regulars.errors import Forbidden, NotFound
from regulars.stores import selectors as stores

VIEW: Final = "complaints.view"
HANDLE: Final = "complaints.handle"
MANAGE: Final = "complaints.manage"
ROLES: Final = ("guide", "store-manager", "region-manager", "head-office")
LEVEL: Final = {**{role: level for level, role in enumerate(ROLES)}, "owner": 3, "system": 3}


def within(scope: Scope) -> Q:
    """Return the condition that keeps a scope's complaints."""
    place = stores.within(scope, "store")
    if scope.own_customers_of is None:
        return place
    me = scope.own_customers_of
    return Q(owner=me) | Q(customer__owner=me) | (place & Q(owner=None))


def approves(actor: Actor) -> tuple[str, ...]:
    """Return the approvals of remedies (`kit.Remedy.approval`) that the actor's role can give."""
    return ROLES[: LEVEL.get(actor.role, -1) + 1]


def visible(actor: Actor, permission: str = VIEW) -> QuerySet[Case]:
    """Return the complaints the actor may see. Raises Forbidden."""
    require(actor, permission)
    return Case.objects.filter(within(actor.scope))


class NotOwner(Forbidden):
    """Somebody else owns the complaint."""

    code = "complaint-not-owner"
    sentence = _("%(name)s owns this complaint. A manager can pass it on to you.")


def worked(*, actor: Actor, case_id: UUID) -> Case:
    """Lock a complaint for whoever may take it further: its owner, its reviewer, a manager.

    Who works on one that nobody owns yet becomes its owner (Q2). Raises NotOwner besides.
    """
    case = locked(actor=actor, case_id=case_id)
    if actor.kind is not ActorKind.STAFF or actor.id in (case.owner_id, case.reviewer_id):
        return case
    if case.owner_id is None:
        case.owner_id = actor.id
    elif not allows(actor, MANAGE):
        raise NotOwner(name=case.owner.name if case.owner else "")
    return case


def locked(*, actor: Actor, case_id: UUID, permission: str = HANDLE) -> Case:
    """Lock and return a complaint with its store. Raises Forbidden, NotFound."""
    rows = visible(actor, permission).select_for_update(of=("self",), no_key=True)
    case = rows.select_related("store", "customer").filter(pk=case_id).first()
    if case is None:
        raise NotFound
    return case
