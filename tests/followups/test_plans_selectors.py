"""Whose tasks somebody sees: by day, within a scope, page by page, at a fixed cost."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import NONE, Actor, ActorKind
from regulars.customers.models import Customer
from regulars.customers.selectors import visibility
from regulars.errors import Forbidden, NotFound
from regulars.followups.models import Task
from regulars.followups.plans import behind, pausing, selectors
from regulars.followups.plans.selectors import Counts, Wanted
from tests.factories import customers, followups, people
from tests.factories.followups import NOW, TODAY
from tests.followups.conftest import Cast

DAY = timedelta(days=1)


def listed(actor: Actor, wanted: Wanted = Wanted(), limit: int = 50) -> list[str]:  # noqa: B008
    found = selectors.page(actor=actor, wanted=wanted, now=NOW, limit=limit).items
    return [f"{each.due_on:%m-%d} {each.customer.name}" for each in found]


def crowd(cast: Cast) -> tuple[Customer, Customer, Customer]:
    """Write tasks of Bob's in the north, Charlie's in the south, and of nobody abroad."""
    one = customers.customer(name="王一", store=cast.north, owner=cast.bob_)
    two = customers.customer(name="李二", store=cast.south, owner=cast.charlie_)
    three = customers.customer(name="Wong", store=cast.abroad)
    followups.task(one, due_on=TODAY)
    followups.task(one, due_on=TODAY + DAY, plan="other")
    followups.task(two, due_on=TODAY - DAY, escalated_at=NOW)
    followups.task(three, due_on=TODAY)
    followups.task(two, state="done", done_at=NOW, done_by_id=cast.charlie_.pk)
    return one, two, three


def test_everybody_sees_the_tasks_that_are_theirs_to_see(cast: Cast) -> None:
    crowd(cast)

    assert listed(cast.alice) == ["11-20 李二", "11-21 王一", "11-21 Wong", "11-22 王一"]
    assert listed(cast.bob) == ["11-21 王一", "11-22 王一"]
    assert listed(cast.carol) == ["11-21 王一", "11-22 王一"]
    assert listed(cast.charlie) == ["11-20 李二"]


def test_lists_are_narrowed(cast: Cast) -> None:
    one, *_ = crowd(cast)

    assert listed(cast.alice, Wanted(owner_id=cast.bob_.pk, plan="other")) == ["11-22 王一"]
    assert listed(cast.alice, Wanted(store_ids=[cast.south.pk])) == ["11-20 李二"]
    assert listed(cast.alice, Wanted(customer_id=one.pk, last=TODAY)) == ["11-21 王一"]
    assert listed(cast.alice, Wanted(first=TODAY + DAY)) == ["11-22 王一"]
    assert listed(cast.alice, Wanted(escalated=True)) == ["11-20 李二"]
    assert listed(cast.alice, Wanted(states=("done",))) == ["11-21 李二"]


def test_what_is_overdue_is_so_in_its_own_store(cast: Cast) -> None:
    crowd(cast)
    early = NOW.replace(hour=1)  # still yesterday in New York, and nine in Shanghai
    wanted = Wanted(overdue=True)

    found = selectors.page(actor=cast.alice, wanted=wanted, now=early + DAY).items

    assert [each.customer.name for each in found] == ["李二", "王一"]
    assert all(each.is_overdue for each in found)


def test_pages_go_on_where_the_last_ended(cast: Cast) -> None:
    one = customers.customer(store=cast.north, owner=cast.bob_)
    for number in range(7):
        followups.task(one, due_on=TODAY + timedelta(days=number // 3))

    found, after = [], None
    for _ in range(4):
        page = selectors.page(actor=cast.bob, wanted=Wanted(), now=NOW, after=after, limit=2)
        found += [each.id for each in page.items]
        after = page.after

    assert (len(found), len(set(found)), after) == (7, 7, None)


def test_a_task_says_that_care_rests(cast: Cast) -> None:
    one, *_ = crowd(cast)
    pausing.pause(one.pk, "complaint:1", NOW)

    rests = [
        each.is_paused
        for each in selectors.of_customer(actor=cast.bob, customer_id=one.pk, now=NOW)
    ]

    assert rests == [True, True]
    assert selectors.counts(actor=cast.bob, wanted=Wanted(), now=NOW).due == 0
    later = NOW + 5 * DAY
    assert selectors.page(actor=cast.bob, wanted=Wanted(overdue=True), now=later).items == []


def test_counts_say_what_there_is_to_do(cast: Cast) -> None:
    crowd(cast)

    def counted(actor: Actor) -> Counts:
        return selectors.counts(actor=actor, wanted=Wanted(), now=NOW)

    assert counted(cast.alice) == Counts(due=1, overdue=1, done=1, escalated=1)
    assert counted(cast.bob) == Counts(due=1, overdue=0, done=0, escalated=0)
    assert counted(cast.charlie) == Counts(due=0, overdue=1, done=1, escalated=1)


def test_one_task_is_found_by_who_may_see_it(cast: Cast) -> None:
    one, *_ = crowd(cast)
    dora = people.staff(name="Dora", stores=(cast.north,))
    task = followups.task(one, owner_id=dora.pk)

    for actor in (cast.alice, cast.bob, cast.carol, people.actor(dora)):
        item = selectors.get(actor=actor, task_id=task.pk, now=NOW)
        assert (item.id, item.owner_name, item.customer.name) == (task.pk, "Dora", "王一")
    for task_id in (task.pk, uuid4()):
        with pytest.raises(NotFound):
            selectors.get(actor=cast.charlie, task_id=task_id, now=NOW)


def test_who_was_asked_to_help_may_see_the_customer_for_it(cast: Cast) -> None:
    one, two, _three = crowd(cast)
    dora = people.actor(people.staff(name="Dora", stores=(cast.north, cast.south)))
    task = followups.task(one, owner_id=dora.id)
    item = selectors.get(actor=dora, task_id=task.pk, now=NOW)

    helping = selectors.helping(dora, item)

    assert visibility.get(actor=helping, customer_id=one.pk).pk == one.pk
    assert selectors.helping(cast.bob, item) is cast.bob
    for customer, actor in ((two, helping), (one, dora)):
        with pytest.raises(NotFound):
            visibility.get(actor=actor, customer_id=customer.pk)


@pytest.mark.parametrize("state", ["done", "stopped", "skipped"])
def test_a_task_that_is_over_is_no_key_to_somebody_elses_customer(cast: Cast, state: str) -> None:
    one, *_ = crowd(cast)
    dora = people.actor(people.staff(name="Dora", stores=(cast.north,)))
    task = followups.task(one, owner_id=dora.id)
    item = selectors.get(actor=dora, task_id=task.pk, now=NOW)
    Task.objects.filter(pk=task.pk).update(state=state, done_at=NOW, done_by=dora.id)

    assert selectors.helping(dora, replace(item, state=state)) is dora
    with pytest.raises(NotFound):
        selectors.get(actor=dora, task_id=task.pk, now=NOW)
    assert listed(dora, Wanted(states=selectors.TASKS)) == []
    assert selectors.of_customer(actor=dora, customer_id=one.pk, now=NOW) == []
    assert selectors.get(actor=cast.bob, task_id=task.pk, now=NOW).id == task.pk


def test_a_task_with_a_customer_of_another_store_reaches_nobody_there(cast: Cast) -> None:
    one, *_ = crowd(cast)
    task = followups.task(one, owner_id=cast.charlie_.pk)
    item = selectors.get(actor=cast.bob, task_id=task.pk, now=NOW)

    assert selectors.helping(cast.charlie, item) is cast.charlie
    assert listed(cast.charlie) == ["11-20 李二"]
    with pytest.raises(NotFound):
        selectors.get(actor=cast.charlie, task_id=task.pk, now=NOW)


def test_what_a_franchise_withholds_stays_so_for_who_is_asked_to_help(cast: Cast) -> None:
    one, *_ = crowd(cast)
    dora = people.actor(people.staff(name="Dora", stores=(cast.north, cast.south)))
    task = followups.task(one, owner_id=dora.id)
    item = selectors.get(actor=dora, task_id=task.pk, now=NOW)
    held = replace(dora, scope=replace(dora.scope, withheld_customers=frozenset([cast.north.pk])))

    assert selectors.helping(held, item) is held
    assert selectors.helping(dora, item).scope.store_ids == {cast.north.pk}


def test_what_belongs_to_nobody_is_found(cast: Cast) -> None:
    crowd(cast)
    stray = customers.customer(name="Stray")
    followups.task(stray, due_on=TODAY)

    assert listed(cast.alice, Wanted(owner_id=selectors.NOBODY)) == ["11-21 Wong", "11-21 Stray"]
    assert listed(cast.alice, Wanted(store_ids=[selectors.NOBODY])) == ["11-21 Stray"]
    assert listed(cast.carol, Wanted(owner_id=selectors.NOBODY)) == []
    found = behind.by_guide(actor=cast.alice, store_id=selectors.NOBODY, now=NOW)
    assert [(each.id, each.due) for each in found] == [(None, 1)]


def test_done_today_is_since_midnight_of_the_store(cast: Cast) -> None:
    one, _two, three = crowd(cast)
    early = NOW.replace(hour=1)  # nine in Shanghai; still the day before in New York
    followups.task(one, state="done", done_at=early.replace(hour=0))
    followups.task(three, state="done", done_at=early - timedelta(hours=20))  # five there, today
    followups.task(one, state="done", done_at=early - timedelta(hours=20))  # yesterday here

    found = selectors.counts(actor=cast.alice, wanted=Wanted(), now=early)

    assert found.done == 3  # with the one of Charlie's


def test_the_days_to_come_are_left_out_before_each_stores_day_is_asked_for(cast: Cast) -> None:
    crowd(cast)
    line = people.store(code="LINE", time_zone="Pacific/Kiritimati")  # nowhere is further ahead
    followups.task(customers.customer(store=line), due_on=TODAY + DAY)

    with CaptureQueriesContext(connection) as asked:
        found = behind.by_store(actor=cast.alice, now=NOW + timedelta(hours=9))

    assert "t.due_on <= $3 AND" in asked[0]["sql"]
    assert [each.due for each in found if each.id == line.pk] == [1]


def test_the_tasks_of_a_customer_come_newest_first(cast: Cast) -> None:
    _one, two, _three = crowd(cast)

    found = selectors.of_customer(actor=cast.charlie, customer_id=two.pk, now=NOW)

    assert [(each.due_on, each.state) for each in found] == [
        (date(2026, 11, 21), "done"),
        (date(2026, 11, 20), "open"),
    ]
    assert selectors.of_customer(actor=cast.bob, customer_id=two.pk, now=NOW) == []


def test_an_outsider_sees_nothing(cast: Cast) -> None:
    crowd(cast)
    nobody = Actor(kind=ActorKind.STAFF, scope=NONE, may=frozenset({"care.view"}))

    assert listed(nobody) == []
    with pytest.raises(Forbidden):
        listed(replace(cast.bob, may=frozenset({"customers.view"})))


def test_lists_cost_the_same_however_long_they_are(cast: Cast) -> None:
    def statements(count: int) -> list[int]:
        for _ in range(count):
            one = customers.customer(store=cast.north, owner=cast.bob_)
            followups.task(one)
            followups.task(one, due_on=TODAY - DAY)
        costs = []
        for ask in (
            lambda: selectors.page(actor=cast.bob, wanted=Wanted(overdue=True), now=NOW),
            lambda: selectors.counts(actor=cast.alice, wanted=Wanted(), now=NOW),
            lambda: selectors.of_customer(actor=cast.bob, customer_id=one.pk, now=NOW),
        ):
            with CaptureQueriesContext(connection) as asked:
                ask()
            costs.append(len(asked))
        return costs

    assert statements(1) == statements(9) == [2, 3, 2]
