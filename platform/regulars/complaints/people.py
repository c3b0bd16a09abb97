"""Who answers for a complaint above its owner: the store's manager, the region's, head office."""

from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from regulars.complaints.models import Case
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store

STORE: Final = 1
REGION: Final = 2
HEAD_OFFICE: Final = 3
_MOST_TOLD: Final = 5


def of_level(case: Case, level: int) -> QuerySet[Staff]:
    """Return the people of a level for a complaint's store, longest here first.

    Of a franchise that keeps its customers to itself (H4) they are those who work in that very
    store: nobody is drawn into what they may not open.
    """
    working = Staff.objects.filter(state=Staff.State.ACTIVE).order_by("pk")
    store = case.store
    theirs = Q(assignments__store=store) | Q(home_store=store)
    if level == STORE:
        return working.filter(theirs, role=Role.STORE_MANAGER).distinct()
    if is_withheld(store):
        working = working.filter(theirs).distinct()
    if level == REGION:
        if store.region_id is None:
            return working.none()
        return working.filter(role=Role.REGION_MANAGER, assignments__region=store.region_id)
    return working.filter(role__in=[Role.HEAD_OFFICE, Role.OWNER])


def is_withheld(store: Store) -> bool:
    """Say whether a franchise keeps its customers to itself (H4)."""
    return store.ownership == Store.Ownership.FRANCHISE and not store.shares_customers


def by_number(case: Case) -> list[Staff]:
    """Return who of head office hears a complaint's number, where nobody may be drawn into it.

    They may not open it, but can ring the store, or see to it that it has a manager.
    """
    if not is_withheld(case.store):
        return []
    working = Staff.objects.filter(state=Staff.State.ACTIVE).order_by("pk")
    found = working.filter(role=Role.HEAD_OFFICE) or working.filter(role=Role.OWNER)
    return list(found[:_MOST_TOLD])


def reviewer(case: Case) -> UUID | None:
    """Return who looks at it afresh: the nearest manager who is not its owner."""
    for level in (STORE, REGION, HEAD_OFFICE):
        for each in of_level(case, level)[:2]:
            if each.pk != case.owner_id:
                return each.pk
    return None


def first_manager(case: Case) -> Staff | None:
    """Return who answers for a complaint that nobody has opened yet."""
    for level in (STORE, REGION, HEAD_OFFICE):
        found = of_level(case, level).first()
        if found is not None:
            return found
    return None
