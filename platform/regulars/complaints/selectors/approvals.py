"""Remedies that wait for somebody's approval (Q6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from regulars.audit import Actor
from regulars.complaints import access
from regulars.complaints.models import Case, Remedy
from regulars.staff.models import Staff
from regulars.stores import selectors as stores

_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A remedy to decide about; its complaint, with store and customer, is read already.

    `approved_by` is empty unless it needs four eyes and two of them have looked.
    """

    remedy: Remedy
    asked_by: str
    approved_by: str


def to_approve(actor: Actor) -> list[Asked]:
    """Return the remedies the actor may decide about, the oldest first; two statements.

    Nobody decides about what they asked for or approved before.
    """
    rows = _waiting(actor).select_related("case__store", "case__customer", "case__owner")
    found = list(rows.order_by("pk")[:_MOST])
    ids = {each for row in found for each in (row.asked_by_id, row.approved_by_id) if each}
    names = dict(Staff.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        Asked(
            row,
            names.get(row.asked_by_id, ""),
            names.get(row.approved_by_id, "") if row.approved_by_id else "",
        )
        for row in found
    ]


def count_to_approve(actor: Actor) -> int:
    """Return how many they are; one statement."""
    return _waiting(actor).count()


def decidable(actor: Actor, case: Case, remedies: Iterable[Remedy]) -> frozenset[UUID]:
    """Return which remedies of one complaint the actor may decide about; no statement.

    That nobody compensates themselves is the service's to see.
    """
    approvals = access.approves(actor)
    if actor.id is None or case.state == Case.State.CLOSED:
        return frozenset()
    return frozenset(
        each.pk
        for each in remedies
        if each.state == Remedy.State.ASKED
        and each.approval in approvals
        and actor.id not in (each.asked_by_id, each.approved_by_id)
    )


def _waiting(actor: Actor) -> QuerySet[Remedy]:
    approvals = access.approves(actor)
    is_narrow = actor.scope.own_customers_of is not None
    if actor.id is None or not approvals or is_narrow:  # a guide's own need no approval
        return Remedy.objects.none()
    return (
        Remedy.objects.filter(stores.within(actor.scope, "store_id"))
        .filter(state=Remedy.State.ASKED, approval__in=approvals)
        .exclude(case__state=Case.State.CLOSED)
        .exclude(asked_by_id=actor.id)
        .exclude(Q(approved_by_id__isnull=False) & Q(approved_by_id=actor.id))
    )
