"""What a colleague was asked to do: theirs while it is open, and no longer."""

from typing import Any

import pytest

from regulars.customers.models import Customer
from regulars.errors import NotFound
from regulars.followups.models import Task
from regulars.followups.plans import services, sweeping
from tests.factories import customers, followups, people
from tests.factories.followups import EVER, NOW, plan, told
from tests.followups.conftest import Cast, Declare


@pytest.fixture(autouse=True)
def _plans(declare: Declare) -> None:
    declare(plan())


def a_task(cast: Cast, **facts: Any) -> Task:
    return followups.task(customers.customer(store=cast.north, owner=cast.bob_), **facts)


def test_what_was_called_off_is_finished_only_by_whose_customer_it_is(cast: Cast) -> None:
    dora = people.staff(name="Dora", stores=(cast.north,))
    task = a_task(cast, owner_id=dora.pk, state="skipped", why="expired", done_at=NOW)

    with pytest.raises(NotFound):
        services.finish(actor=people.actor(dora), task_id=task.pk, outcome="sent", now=NOW, key="k")
    assert told() == ["11-21 after/call skipped expired"]


def test_a_result_sent_again_is_known_though_the_customer_is_a_colleagues(cast: Cast) -> None:
    dora = people.staff(name="Dora", stores=(cast.north,))
    task = a_task(cast, owner_id=dora.pk)
    actor = people.actor(dora)

    for _time in range(2):
        services.finish(actor=actor, task_id=task.pk, outcome="sent", now=NOW, key="k")

    assert services.is_taken(actor=actor, task_id=task.pk, key="k")
    assert not services.is_taken(actor=actor, task_id=task.pk, key="other")
    assert not services.is_taken(actor=cast.charlie, task_id=task.pk, key="k")
    with pytest.raises(NotFound):
        services.finish(actor=actor, task_id=task.pk, outcome="sent", now=NOW, key="other")


def test_what_a_colleague_was_asked_to_do_leaves_them_with_the_customer_who_moves(
    cast: Cast,
) -> None:
    dora = people.staff(name="Dora", stores=(cast.north,))
    task = a_task(cast, owner_id=dora.pk, facts={"handed": {}})
    Customer.objects.filter(pk=task.customer_id).update(
        owner=cast.charlie_, home_store=cast.south, changed_at=NOW
    )

    sweeping.sweep(now=NOW, since=EVER)

    task.refresh_from_db()
    assert (task.owner_id, task.store_id, task.facts) == (cast.charlie_.pk, cast.south.pk, {})
