"""Whose profiles somebody may open, and whose phone numbers they may read."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from regulars.audit import Actor, ActorKind, Scope
from regulars.audit.decisions import require
from regulars.customers.models import Customer
from regulars.errors import NotFound
from regulars.stores import selectors as stores


def within(scope: Scope, field: str = "") -> Q:
    """Return the condition that keeps a scope's customers; `field` leads to them (`customer__`).

    A guide's are the customers they own, a manager's those whose home store is theirs; head office
    sees all but what franchises withhold (H4).
    """
    if scope.own_customers_of is not None:
        return Q(**{f"{field}owner": scope.own_customers_of})
    return stores.within(scope, f"{field}home_store")


def within_sql(scope: Scope) -> tuple[str, list[object]]:
    """Return what `visible` keeps as SQL over the customer ``c``, with its values.

    It says what `within` says, which a test holds it to.
    """
    where = "c.state = 'active'"
    if scope.own_customers_of is not None:
        return f"{where} AND c.owner_id = %s", [scope.own_customers_of]
    if not scope.everything:
        stores_seen = sorted(scope.store_ids - scope.withheld_customers)
        return f"{where} AND c.home_store_id = ANY(%s)", [stores_seen]
    if scope.withheld_customers:
        where += " AND (c.home_store_id IS NULL OR c.home_store_id <> ALL(%s))"
        return where, [sorted(scope.withheld_customers)]
    return where, []


def reaches(scope: Scope) -> Callable[[UUID | None, UUID | None], bool]:
    """Return the same rule for rows at hand: a function of (owner, home store)."""

    def reach(owner_id: UUID | None, home_store_id: UUID | None) -> bool:
        if scope.own_customers_of is not None:
            return owner_id == scope.own_customers_of
        return scope.covers(home_store_id)

    return reach


def is_withheld(scope: Scope, home_store_id: UUID | None) -> bool:
    """Say whether even the name of this store's customers is kept from somebody (H4).

    For rows that are another store's, such as a complaint: who works in that store may know who
    stands before them, though the customer is not on their list.
    """
    return home_store_id in scope.withheld_customers


def visible(actor: Actor) -> QuerySet[Customer]:
    """Return the customers whose profiles this person or key may open. Raises Forbidden."""
    require(actor, "customers.view")
    return Customer.objects.filter(within(actor.scope), state=Customer.State.ACTIVE)


def get(*, actor: Actor, customer_id: UUID) -> Customer:
    """Return a profile with owner and home store; a merged one's is the survivor's.

    Raises NotFound alike for what does not exist and what lies outside the scope.
    """
    rows = visible(actor).select_related("owner", "home_store")
    found = rows.filter(pk=Subquery(survivor_of(customer_id)[:1])).first()
    if found is None:
        raise NotFound
    return found


def survivor_of(customer_id: UUID) -> QuerySet[Customer, UUID]:
    """Return the key of the customer this one became part of, its own if it was never merged."""
    rows = Customer.objects.filter(pk=customer_id)
    return rows.values_list(Coalesce("merged_into", "pk"), flat=True)


def owned_count(owner_id: UUID) -> int:
    """Return how many customers a guide looks after."""
    return Customer.objects.filter(owner=owner_id, state=Customer.State.ACTIVE).count()


def may_read_phone(actor: Actor, owner_id: UUID | None) -> bool:
    """Say whether the phone of this guide's customer is shown without asking.

    It is on one's own list, and to programs (what a key may read is decided by its permissions);
    everybody else reveals a number, and that is written down.
    """
    if actor.kind in (ActorKind.KEY, ActorKind.SYSTEM):
        return True
    return actor.id is not None and owner_id == actor.id
