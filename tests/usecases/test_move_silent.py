"""Customers of silent guides: who moves, to whom, and who stays (C7)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars import registry
from regulars.audit import SYSTEM
from regulars.audit.models import Entry
from regulars.customers import services as customers
from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.messages.models import Contact
from regulars.outbox import services as outbox
from regulars.registry import services as registry_services
from regulars.staff.models import Staff
from regulars.tenancy.identifiers import new_id
from regulars.usecases import move_silent, timeline
from regulars.usecases.leave import leave
from tests.factories import people
from tests.factories.purchases import NOW, customer, sale

pytestmark = pytest.mark.usefixtures("one_point_per_unit")
MONTHS = 12
LONG_AGO = NOW - timedelta(800)
LATELY = NOW - timedelta(200)


@pytest.fixture
def bob() -> Staff:
    return people.staff(name="Bob")


@pytest.fixture
def dora() -> Staff:
    return people.staff(name="Dora")


def known(owner: Staff | None, *, since: datetime = LONG_AGO, **facts: Any) -> Customer:
    """Make a customer who has been somebody's for a long time."""
    return customer(owner=owner, created_at=since, **facts)


def night(months: int = MONTHS) -> None:
    move_silent.move(months=months, now=NOW)


def owner_of(of: Customer) -> str:
    of.refresh_from_db()
    return of.owner.name if of.owner else ""


def task(of: Customer, owner: Staff, **facts: Any) -> Task:
    """Write down something to be done with a customer."""
    values = {
        "key": str(new_id()),
        "purpose": "care",
        "do": "call",
        "source_kind": "by-hand",
        "since": LATELY,
        "started_on": LATELY.date(),
        "due_on": NOW.date(),
        "expires_on": (NOW + timedelta(30)).date(),
        **facts,
    }
    made = Task(customer=of, owner=owner, **values)
    made.save(force_insert=True)
    return made


def test_who_was_served_by_another_goes_to_them_and_others_wait_for_a_guide(
    bob: Staff, dora: Staff
) -> None:
    served, nobodys = known(bob), known(bob)
    sale(customer=served, guide_id=bob.pk, occurred_at=LONG_AGO)
    sale(customer=served, guide_id=dora.pk, occurred_at=LATELY)

    night()

    assert (owner_of(served), owner_of(nobodys)) == ("Dora", "")
    assert served.home_store == people.first_store()


def test_the_last_to_serve_must_still_work_here_and_have_served_within_the_time(
    bob: Staff, dora: Staff
) -> None:
    left = people.staff(name="Left", state=Staff.State.LEFT)
    one, two = known(bob), known(bob)
    sale(customer=one, guide_id=dora.pk, occurred_at=NOW - timedelta(300))
    sale(customer=one, guide_id=left.pk, occurred_at=LATELY)
    sale(customer=two, guide_id=dora.pk, occurred_at=LONG_AGO)

    night()

    assert (owner_of(one), owner_of(two)) == ("Dora", "")


def _sold(of: Customer, bob: Staff) -> None:
    sale(customer=of, guide_id=bob.pk, occurred_at=LATELY)


def _called(of: Customer, bob: Staff) -> None:
    Contact(customer=of, staff=bob, purpose="care", channel="call", state="logged", at=LATELY).save(
        force_insert=True
    )


def _did_a_task(of: Customer, bob: Staff) -> None:
    task(of, bob, state="done", outcome="reached", done_by=bob, done_at=LATELY)


def _was_given(of: Customer, bob: Staff) -> None:
    alice, first = people.actor(people.owner()), people.first_store()
    customers.assign(actor=alice, customer_id=of.pk, owner_id=None, home_store_id=first.pk, now=NOW)
    customers.assign(
        actor=alice, customer_id=of.pk, owner_id=bob.pk, home_store_id=first.pk, now=NOW
    )


@pytest.mark.parametrize("act", [_sold, _called, _did_a_task, _was_given])
def test_a_customer_stays_with_the_guide_who_was_not_silent(act: Any, bob: Staff) -> None:
    stays, goes = known(bob), known(bob)
    act(stays, bob)

    night()

    assert (owner_of(stays), owner_of(goes)) == ("Bob", "")


def test_what_an_import_brought_moves_nobody_before_the_time_is_over(bob: Staff) -> None:
    brought = known(bob, since=LATELY, joined_at=LONG_AGO)

    night()

    assert owner_of(brought) == "Bob"


def test_a_contact_that_was_only_reserved_is_none_and_one_of_a_colleague_is_not_the_guides(
    bob: Staff, dora: Staff
) -> None:
    person = known(bob)
    for staff, state in ((bob, "reserved"), (dora, "logged")):
        Contact(
            customer=person, staff=staff, purpose="care", channel="call", state=state, at=LATELY
        ).save(force_insert=True)

    night()

    assert owner_of(person) == ""


def test_the_preview_says_what_the_night_does(bob: Staff, dora: Staff) -> None:
    north = people.store(code="N")
    for place in (north, north, people.first_store()):
        known(bob, home_store=place)
    sale(customer=known(bob, home_store=north), guide_id=dora.pk, occurred_at=LATELY)
    known(None)

    before = move_silent.preview(months=MONTHS, now=NOW)
    night()

    assert [(each.store, each.customers, each.served, each.freed) for each in before] == [
        (north.name, 3, 1, 2),
        (people.first_store().name, 1, 0, 1),
    ]
    assert Entry.objects.filter(action="customer.moved").count() == 4
    assert move_silent.preview(months=MONTHS, now=NOW) == []


def test_nobody_moves_until_head_office_says_so(
    bob: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(move_silent, "_PORTION", 2)
    people_of_bob = [known(bob) for _ in range(5)]

    move_silent.begin(now=NOW)
    outbox.work_off()
    before = {owner_of(each) for each in people_of_bob}
    registry_services.set_policy(actor=SYSTEM, key=move_silent.POLICY, value=MONTHS, now=NOW)
    assert registry.policy(move_silent.POLICY) == MONTHS
    move_silent.begin(now=NOW)
    outbox.work_off()

    assert before == {"Bob"}
    assert {owner_of(each) for each in people_of_bob} == {""}


def test_the_story_says_why_and_the_open_tasks_go_along(bob: Staff, dora: Staff) -> None:
    person = known(bob)
    mine, handed_on = task(person, bob), task(person, people.owner())
    done = task(person, bob, state="done", done_by=dora, done_at=LATELY)
    sale(customer=person, guide_id=dora.pk, occurred_at=LATELY)

    night()
    outbox.work_off()

    alice = people.actor(people.owner())
    events = timeline.page(customer_id=person.pk, actor=alice, language="en").events
    (told,) = [each for each in events if each.kind == "moves"]
    assert told.title == "Now looked after by Dora"
    assert told.details == ("The guide before had no contact and made no sale for 12 months.",)
    for each in (mine, handed_on, done):
        each.refresh_from_db()
    assert [mine.owner, handed_on.owner, done.owner] == [dora, people.owner(), bob]


def test_a_leavers_tasks_go_to_the_successor_or_to_whose_customer_it_is(
    bob: Staff, dora: Staff
) -> None:
    own, colleagues = task(known(bob), bob), task(known(dora), bob)
    ann = people.staff(name="Ann")
    anns = task(known(dora), ann)
    alice = people.actor(people.owner())

    leave(actor=alice, staff_id=bob.pk, successor_id=None, now=NOW)
    leave(actor=alice, staff_id=ann.pk, successor_id=people.owner().pk, now=NOW)
    outbox.work_off()

    for each in (own, colleagues, anns):
        each.refresh_from_db()
    assert [own.owner, colleagues.owner, anns.owner] == [None, dora, people.owner()]


def test_whoever_was_moved_by_hand_meanwhile_stays_there(bob: Staff, dora: Staff) -> None:
    person = known(dora)

    moved = customers.move(
        actor=SYSTEM,
        moves=[customers.Move(person.pk, person.home_store_id, bob.pk, None)],
        now=NOW,
    )

    assert (moved, owner_of(person)) == (0, "Dora")


def test_a_night_takes_as_many_statements_for_many_as_for_few(bob: Staff) -> None:
    counts = []
    for number in (1, 12):
        for _ in range(number):
            known(bob)
        with CaptureQueriesContext(connection) as asked:
            night()
        counts.append(len(asked))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("guard", "act"),
    [
        ("WHERE p.customer_id = a.id\n    AND p.guide_id", _sold),
        ("WHERE m.customer_id = a.id", _called),
        ("WHERE t.customer_id = a.id", _did_a_task),
        ("WHERE e.object_id = a.id", _was_given),
    ],
)
def test_positive_control_without_its_guard_a_customer_would_move(
    guard: str, act: Any, bob: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = move_silent._PART.replace(guard, guard.replace("WHERE", "WHERE FALSE AND"))
    assert off != move_silent._PART
    person = known(bob)
    act(person, bob)

    monkeypatch.setattr(move_silent, "_PART", off)
    night()

    assert owner_of(person) == ""
