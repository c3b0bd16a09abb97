"""Whose customer it is (C7): set at the first purchase, moved with a history."""

import threading
import time
from dataclasses import replace

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from regulars.audit import SYSTEM
from regulars.audit.models import Entry
from regulars.customers import selectors, services
from regulars.customers.models import Customer
from regulars.errors import Forbidden, Invalid, NotFound
from regulars.staff.models import Staff
from regulars.tenancy import context, directory
from tests.customers.conftest import Cast
from tests.factories import customers, people


def test_the_first_purchase_sets_guide_and_store_and_a_later_one_does_not(cast: Cast) -> None:
    made = customers.customer()

    for store, guide in ((cast.north, cast.bob_), (cast.south, cast.charlie_)):
        services.claim(
            customer_id=made.pk, owner_id=guide.pk, home_store_id=store.pk, now=customers.NOW
        )

    row = Customer.objects.get(pk=made.pk)
    assert (row.owner_id, row.home_store_id) == (cast.bob_.pk, cast.north.pk)


def test_a_purchase_without_a_guide_sets_the_store_alone(cast: Cast) -> None:
    made = customers.customer()

    services.claim(
        customer_id=made.pk, owner_id=None, home_store_id=cast.north.pk, now=customers.NOW
    )

    row = Customer.objects.get(pk=made.pk)
    assert (row.owner_id, row.home_store_id) == (None, cast.north.pk)


def test_moving_a_customer_is_kept_in_their_history(cast: Cast) -> None:
    made = customers.customer(owner=cast.bob_, store=cast.north)

    services.assign(
        actor=cast.alice,
        customer_id=made.pk,
        owner_id=cast.charlie_.pk,
        home_store_id=cast.south.pk,
        now=customers.NOW,
        reason="搬家了",
    )

    entry = Entry.objects.get(action="customer.moved", object_id=made.pk)
    assert entry.data == {
        "from": {"owner": str(cast.bob_.pk), "home_store": str(cast.north.pk)},
        "to": {"owner": str(cast.charlie_.pk), "home_store": str(cast.south.pk)},
        "reason": "搬家了",
    }


def test_a_customer_goes_only_to_people_and_places_one_may_give_to(cast: Cast) -> None:
    made = customers.customer(owner=cast.bob_, store=cast.north)
    gone = people.staff(name="Gone", state=Staff.State.LEFT)

    def give(actor: object, owner: object, store: object) -> None:
        services.assign(
            actor=actor,  # type: ignore[arg-type]
            customer_id=made.pk,
            owner_id=owner,  # type: ignore[arg-type]
            home_store_id=store,  # type: ignore[arg-type]
            now=customers.NOW,
        )

    with pytest.raises(Invalid):
        give(cast.carol, cast.bob_.pk, cast.south.pk)
    with pytest.raises(Invalid):
        give(cast.carol, gone.pk, cast.north.pk)
    with pytest.raises(Forbidden):
        give(cast.bob, None, None)
    with pytest.raises(NotFound):
        give(replace(cast.charlie, may=cast.carol.may), cast.charlie_.pk, cast.south.pk)


def test_a_leaver_s_customers_are_spread_evenly_over_the_successors(cast: Cast) -> None:
    dora, eve = people.staff(name="Dora"), people.staff(name="Eve")
    mine = [
        customers.customer(
            name=f"王{n}", phone=customers.phone(), owner=cast.bob_, store=cast.north
        )
        for n in range(5)
    ]
    customers.customer(name="李雷", owner=cast.charlie_)

    moved = services.hand_over(
        actor=cast.alice,
        from_owner_id=cast.bob_.pk,
        to_owner_id=[dora.pk, eve.pk],
        now=customers.NOW,
        reason="离职",
    )

    assert moved == 5
    assert (selectors.owned_count(dora.pk), selectors.owned_count(eve.pk)) == (3, 2)
    assert selectors.owned_count(cast.charlie_.pk) == 1
    histories = Entry.objects.filter(action="customer.moved")
    assert {row.object_id for row in histories} == {each.pk for each in mine}
    assert Entry.objects.get(action="customers.handed-over").data["count"] == 5


def test_handing_over_twice_moves_nobody_twice(cast: Cast) -> None:
    customers.customer(owner=cast.bob_, store=cast.north)
    dora = people.staff(name="Dora")

    def hand_over() -> int:
        return services.hand_over(
            actor=cast.alice, from_owner_id=cast.bob_.pk, to_owner_id=dora.pk, now=customers.NOW
        )

    assert (hand_over(), hand_over()) == (1, 0)


def test_a_manager_hands_over_those_of_their_stores_and_all_of_somebody_who_left(
    cast: Cast,
) -> None:
    customers.customer(name="王", owner=cast.bob_, store=cast.north)
    elsewhere = customers.customer(name="李", owner=cast.bob_, store=cast.south)

    def hand_over() -> int:
        return services.hand_over(
            actor=cast.carol, from_owner_id=cast.bob_.pk, to_owner_id=None, now=customers.NOW
        )

    assert hand_over() == 1
    assert Customer.objects.get(pk=elsewhere.pk).owner_id == cast.bob_.pk
    Staff.objects.filter(pk=cast.bob_.pk).update(state=Staff.State.LEFT)
    assert hand_over() == 1
    assert selectors.owned_count(cast.bob_.pk) == 0


@pytest.mark.parametrize("to", [[], "self", "gone"])
def test_customers_are_handed_to_somebody_who_works_here(cast: Cast, to: object) -> None:
    gone = people.staff(name="Gone", state=Staff.State.LEFT)
    successors = {"self": cast.bob_.pk, "gone": gone.pk}.get(str(to), to)

    with pytest.raises(Invalid):
        services.hand_over(
            actor=cast.alice,
            from_owner_id=cast.bob_.pk,
            to_owner_id=successors,  # type: ignore[arg-type]
            now=customers.NOW,
        )


def test_a_guide_hands_nobody_over(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        services.hand_over(
            actor=cast.bob,
            from_owner_id=cast.bob_.pk,
            to_owner_id=cast.charlie_.pk,
            now=customers.NOW,
        )


def test_handing_over_takes_as_many_statements_for_many_as_for_few(cast: Cast) -> None:
    dora = people.staff(name="Dora")
    counts = []
    for size in (2, 60):
        crowd = ((f"王{n}", None) for n in range(size))
        customers.crowd(crowd, store=cast.north.pk, owner=cast.bob_.pk)
        with CaptureQueriesContext(connection) as asked:
            services.hand_over(
                actor=cast.alice,
                from_owner_id=cast.bob_.pk,
                to_owner_id=dora.pk,
                now=customers.NOW,
            )
        counts.append(len(asked))

    assert counts[0] == counts[1]


def wait_for_a_lock_that_is_not_granted() -> None:
    """Return once somebody waits for a lock of this database, at the latest after ten seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.02)
    raise AssertionError("Nobody waits.")


@pytest.mark.usefixtures("own_database")
def test_customers_who_go_elsewhere_are_locked_by_their_keys() -> None:
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        bob, dora = people.staff(name="Bob"), people.staff(name="Dora")
        first, last = sorted(
            (customers.customer(name=f"王{n}", owner=bob) for n in range(2)), key=lambda row: row.pk
        )
        moves = [services.Move(each.pk, None, bob.pk, dora.pk) for each in (last, first)]

    def move() -> None:
        with context.inside(chain), transaction.atomic():
            services.move(actor=SYSTEM, moves=moves, now=customers.NOW)
        connections.close_all()

    mover = threading.Thread(target=move)
    with context.inside(chain), transaction.atomic():
        Customer.objects.select_for_update(no_key=True).get(pk=first.pk)
        mover.start()
        wait_for_a_lock_that_is_not_granted()
        # As a merge takes the two: the second is not held by whoever waits for the first.
        Customer.objects.select_for_update(no_key=True, nowait=True).get(pk=last.pk)
    mover.join()

    with context.inside(chain):
        assert Customer.objects.filter(owner=dora).count() == 2
