"""Which guide and which store a customer belongs to (C7), and handing them over."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.audit.models import Entry
from regulars.customers.models import Customer
from regulars.customers.selectors import visibility
from regulars.customers.services.writing import ValuesRefused, locked
from regulars.outbox import services as outbox
from regulars.staff.models import Staff
from regulars.stores import selectors as stores
from regulars.stores.models import Store

_AT_ONCE: Final = 2000
_LONGEST_REASON: Final = 200
# Whoever locks several customers does so by their keys, as merging does.
_HOLD: Final = """
SELECT id FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"""
_MOVE: Final = """
UPDATE customers_customer c SET owner_id = m.owner, changed_at = %s
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS m(id, before, owner)
WHERE c.id = m.id AND c.owner_id = m.before AND c.state = 'active'
RETURNING c.id"""


class Move(NamedTuple):
    """A customer who goes from one guide to another, or to nobody; the home store stays."""

    customer_id: UUID
    home_store_id: UUID | None
    from_owner_id: UUID
    to_owner_id: UUID | None


def claim(*, customer_id: UUID, owner_id: UUID | None, home_store_id: UUID, now: datetime) -> None:
    """Set owner and home store at the first purchase, where nobody has been set (C7).

    One statement, inside the caller's transaction, which holds the customer's row.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer SET owner_id = COALESCE(owner_id, %s), "
            "home_store_id = COALESCE(home_store_id, %s), changed_at = %s "
            "WHERE id = %s AND (owner_id IS NULL OR home_store_id IS NULL)",
            [owner_id, home_store_id, now, customer_id],
        )


def unclaimed(*, customer_ids: Iterable[UUID], owners: bool = True) -> list[UUID]:
    """Return those of some customers who lack a home store or, with `owners`, an owner."""
    rows = Customer.objects.filter(pk__in=list(customer_ids), state=Customer.State.ACTIVE)
    lacking = rows.filter(Q(owner=None) | Q(home_store=None) if owners else Q(home_store=None))
    return list(lacking.order_by("pk").values_list("pk", flat=True))


def claim_many(*, rows: Sequence[tuple[UUID, UUID, UUID | None]], now: datetime) -> int:
    """Do what `claim` does for (customer, home store, owner) of many; returns how many changed.

    One statement, inside the caller's transaction, which holds the customers' rows.
    """
    customers, homes, owners = zip(*rows, strict=True) if rows else ((), (), ())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer c SET owner_id = COALESCE(c.owner_id, f.owner), "
            "home_store_id = COALESCE(c.home_store_id, f.home), changed_at = %s "
            "FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS f(id, home, owner) "
            "WHERE c.id = f.id "
            "AND (c.home_store_id IS NULL OR (c.owner_id IS NULL AND f.owner IS NOT NULL))",
            [now, list(customers), list(homes), list(owners)],
        )
        return int(cursor.rowcount)


@transaction.atomic
def assign(
    *,
    actor: Actor,
    customer_id: UUID,
    owner_id: UUID | None,
    home_store_id: UUID | None,
    now: datetime,
    reason: str = "",
) -> Customer:
    """Give a customer another guide or home store, with the reason in the history.

    Raises Forbidden, NotFound, ValuesRefused for somebody who does not work here.
    """
    customer = locked(actor=actor, customer_id=customer_id, permission="customers.hand-over")
    if owner_id is not None:
        _check_staff([owner_id])
    if home_store_id is not None:
        known = Store.objects.filter(stores.still_open(), pk=home_store_id)
        if not actor.scope.covers(home_store_id) or not known.exists():
            raise ValuesRefused(fields={"home_store": [_("Choose one of your open stores.")]})
    before = (customer.owner_id, customer.home_store_id)
    if before == (owner_id, home_store_id):
        return customer
    customer.owner_id, customer.home_store_id = owner_id, home_store_id
    customer.changed_at = now
    customer.save(update_fields=["owner", "home_store", "changed_at"])
    Entry.objects.bulk_create(
        [_moved(actor, customer.pk, before, (owner_id, home_store_id), reason)]
    )
    if before[0] != owner_id:
        _announce([(customer.pk, before[0])])
    return customer


@transaction.atomic
def hand_over(
    *,
    actor: Actor,
    from_owner_id: UUID,
    to_owner_id: UUID | Sequence[UUID] | None,
    now: datetime,
    store_id: UUID | None = None,
    reason: str = "",
) -> int:
    """Hand one guide's customers to another, spread them evenly over several, or free them (None).

    Those in the actor's scope move (of one store, if given), and all of somebody who has left.
    Each keeps the change in its history. Returns how many moved; doing it again moves none.
    Raises Forbidden, ValuesRefused for a successor who does not work here.
    """
    require(actor, "customers.hand-over")
    several = to_owner_id if isinstance(to_owner_id, Sequence) else [to_owner_id]
    successors = list(dict.fromkeys(several))
    if not successors or from_owner_id in successors:
        raise ValuesRefused(fields={"to": [_("Choose who takes the customers on.")]})
    _check_staff([each for each in successors if each is not None])
    mine = Customer.objects.filter(owner=from_owner_id, state=Customer.State.ACTIVE)
    if not Staff.objects.filter(pk=from_owner_id, state=Staff.State.LEFT).exists():
        mine = mine.filter(visibility.within(actor.scope))
    if store_id is not None:
        mine = mine.filter(home_store=store_id)
    rows = mine.order_by("pk").select_for_update(no_key=True)
    homes = rows.values_list("pk", "home_store_id")
    moves = [(pk, home, successors[at % len(successors)]) for at, (pk, home) in enumerate(homes)]
    moved = [Move(pk, home, from_owner_id, to) for pk, home, to in moves]
    move(actor=actor, moves=moved, reason=reason, now=now)
    if moves:
        audit.record(
            actor=actor,
            action="customers.handed-over",
            object_kind="staff",
            object_id=from_owner_id,
            store_id=store_id,
            data={
                "to": [str(each) if each else None for each in successors],
                "count": len(moves),
                "reason": reason[:_LONGEST_REASON],
            },
        )
    return len(moves)


def move(
    *,
    actor: Actor,
    moves: Sequence[Move],
    now: datetime,
    reason: str = "",
    told: Mapping[str, Any] | None = None,
) -> int:
    """Move customers whose guide is still the one named; returns how many that were.

    Five statements for two thousand, inside the caller's transaction: each keeps the change in its
    history, with what is `told` besides. For stories that have decided; no permission is asked for.
    """
    count = 0
    ordered = sorted(moves, key=lambda each: each.customer_id)
    for some in batched(ordered, _AT_ONCE, strict=False):
        ids, _homes, befores, owners = zip(*some, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [list(ids)])
            cursor.execute(_MOVE, [now, list(ids), list(befores), list(owners)])
            gone = {pk for (pk,) in cursor.fetchall()}
        done = [each for each in some if each.customer_id in gone]
        Entry.objects.bulk_create(
            [
                _moved(
                    actor,
                    each.customer_id,
                    (each.from_owner_id, each.home_store_id),
                    (each.to_owner_id, each.home_store_id),
                    reason,
                    told,
                )
                for each in done
            ]
        )
        _announce([(each.customer_id, each.from_owner_id) for each in done])
        count += len(done)
    return count


def _announce(moved: Sequence[tuple[UUID, UUID | None]]) -> None:
    """Have what is planned with customers follow them; with each goes who had them before."""
    if moved:
        payload = {"moved": [[str(pk), str(before) if before else None] for pk, before in moved]}
        outbox.enqueue(handler="customers.moved", payload=payload)


def _check_staff(ids: Sequence[UUID]) -> None:
    known = Staff.objects.filter(pk__in=ids, state=Staff.State.ACTIVE).count()
    if known != len(set(ids)):
        raise ValuesRefused(fields={"owner": [_("Choose somebody who works here.")]})


def _moved(
    actor: Actor,
    customer_id: UUID,
    before: tuple[UUID | None, UUID | None],
    after: tuple[UUID | None, UUID | None],
    reason: str,
    told: Mapping[str, Any] | None = None,
) -> Entry:
    def plain(place: tuple[UUID | None, UUID | None]) -> dict[str, str | None]:
        owner, store = (str(each) if each else None for each in place)
        return {"owner": owner, "home_store": store}

    return Entry(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        address=actor.address,
        action="customer.moved",
        object_kind="customer",
        object_id=customer_id,
        store_id=after[1],
        data={
            "from": plain(before),
            "to": plain(after),
            "reason": reason[:_LONGEST_REASON],
            **(told or {}),
        },
    )
