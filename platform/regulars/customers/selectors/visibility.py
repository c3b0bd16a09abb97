"""Whose profiles somebody may open, and whose phone numbers they may read."""

from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from regulars.audit import Actor, ActorKind, Scope
from regulars.audit.decisions import require
from regulars.customers.models import Customer
from regulars.errors import NotFound
from regulars.stores import selectors as stores

LONG: Final = ("profile", "extra", "address", "tokens", "merge")


def within(scope: Scope, field: str = "") -> Q:
    """Return the condition that keeps a scope's customers; `field` leads to them (`customer__`).

    A guide's are the customers they own, a manager's those whose home store is theirs; head office
    sees all but what franchises withhold (H4).
    """
    if scope.own_customers_of is not None:
        return Q(**{f"{field}owner": scope.own_customers_of})
    return stores.within(scope, f"{field}home_store")


def visible(actor: Actor) -> QuerySet[Customer]:
    """Return the customers whose profiles this person or key may open. Raises Forbidden."""
    require(actor, "customers.view")
    return Customer.objects.filter(within(actor.scope), state=Customer.State.ACTIVE)


def shortened(people: QuerySet[Customer]) -> QuerySet[Customer]:
    """Leave out the long columns that no list shows, and take owners and stores along."""
    return people.defer(*LONG).select_related("owner", "home_store")


def get(*, actor: Actor, customer_id: UUID) -> Customer:
    """Return a profile with owner and home store; a merged one's is the survivor's.

    Raises NotFound alike for what does not exist and what lies outside the scope.
    """
    with_people = visible(actor).select_related("owner", "home_store")
    found = list(with_people.filter(Q(pk=customer_id) | Q(absorbed=customer_id))[:1])
    if not found:
        raise NotFound
    return found[0]


def is_own(actor: Actor, customer: Customer) -> bool:
    """Say whether the customer is on this person's own list."""
    return actor.id is not None and customer.owner_id == actor.id


def may_read_phone(actor: Actor, customer: Customer) -> bool:
    """Say whether the number is shown without asking: on one's own list, and to programs.

    What a key may read is decided by its permissions; everybody else reveals a number, audited.
    """
    return actor.kind in (ActorKind.KEY, ActorKind.SYSTEM) or is_own(actor, customer)
