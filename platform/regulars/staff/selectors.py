"""Reading people: who acts, what they may do, and which places are theirs."""

from dataclasses import replace
from typing import Final, cast
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from regulars.audit import Actor, ActorKind, Scope
from regulars.staff import places, roles
from regulars.staff.models import Assignment, Role, Staff
from regulars.stores.models import Region
from regulars.tenancy import limits

BY_PIN: Final = "by_pin"  # in the session of somebody who came by the shared tablet's chooser
_KEPT: Final = "_actor"


def actor_of(staff: Staff, *, request: HttpRequest | None = None) -> Actor:
    """Return who acts, with permissions and scope resolved; once per request.

    Somebody who came by PIN keeps their scope and only the permissions of `roles.BY_PIN`.
    """
    kept = cast("Actor | None", getattr(request, _KEPT, None))
    if kept is not None and kept.id == staff.id:
        return kept
    actor = Actor(
        kind=ActorKind.STAFF,
        id=staff.id,
        name=staff.name,
        role=staff.role,
        scope=scope_of(staff),
        may=roles.may(staff.role) if staff.is_active else frozenset(),
    )
    if request is not None:
        actor = replace(actor, address=address_of(request))
        if request.session.get(BY_PIN):
            actor = replace(actor, may=actor.may & roles.BY_PIN, with_password=actor.may)
        setattr(request, _KEPT, actor)
    return actor


def address_of(request: HttpRequest) -> str:
    """Return the network address of whoever asks, also behind proxies we trust.

    Empty where the server names none: such callers are one to all limits, and not turned away.
    """
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return ""


def network_of(request: HttpRequest) -> str:
    """Return what limits count whoever asks by; see `limits.network`."""
    return limits.network(address_of(request))


def scope_of(staff: Staff) -> Scope:
    """Resolve a person's regions and stores to the scope they see, in one query at most.

    What a franchise keeps to itself is withheld from everybody but the people of that very store.
    """
    if not staff.is_active:
        return Scope()
    reached, no_customers, no_figures = set(), set(), set()
    for store in places.of(staff):
        reached.add(store.store_id)
        if store.is_franchise and not store.is_theirs:
            if not store.shares_customers:
                no_customers.add(store.store_id)
            if not store.shares_figures:
                no_figures.add(store.store_id)
    chain_wide = staff.role in roles.CHAIN_WIDE
    return Scope(
        everything=chain_wide,
        store_ids=frozenset() if chain_wide else frozenset(reached),
        own_customers_of=staff.id if staff.role == Role.GUIDE else None,
        withheld_customers=frozenset(no_customers),
        withheld_figures=frozenset(no_figures),
    )


def visible(scope: Scope) -> QuerySet[Staff]:
    """Return the people who work in the stores somebody sees, leavers included, by name."""
    people = Staff.objects.order_by("name", "pk")
    if scope.everything:
        return people
    return people.filter(_works_in(scope.store_ids))


def colleagues(*, store_ids: frozenset[UUID]) -> QuerySet[Staff]:
    """Return who works in these stores now (by assignment, region or home store), by name."""
    people = Staff.objects.filter(state=Staff.State.ACTIVE).order_by("name", "pk")
    return people.filter(_works_in(store_ids))


def _works_in(store_ids: frozenset[UUID]) -> Q:
    theirs = Assignment.objects.filter(staff=OuterRef("pk"))
    regions = Region.objects.filter(stores__in=store_ids)
    return (
        Q(home_store__in=store_ids)
        | Exists(theirs.filter(store__in=store_ids))
        | Exists(theirs.filter(region__in=regions))
    )
