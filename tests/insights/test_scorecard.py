"""The scorecard against a slow count of follow-ups, purchases and contacts in Python."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import audit, registry
from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.insights.periods import Days
from regulars.insights.selectors import mapping, scorecard, scorecard_rows
from regulars.insights.selectors.scorecard import Card, Scorecard, Whose
from regulars.messages.models import Contact
from regulars.purchases import services as standings
from regulars.staff.models import Staff
from tests import counts
from tests.factories import care as made
from tests.factories import contacts, customers, people
from tests.factories import insights as facts
from tests.insights.conftest import World

NOW = datetime(2026, 10, 20, 4, 0, tzinfo=UTC)
DAYS = Days(date(2026, 10, 1), date(2026, 10, 31))
TODAY = date(2026, 10, 20)
ZONE = ZoneInfo("Asia/Shanghai")
TASKS = st.lists(
    st.tuples(
        st.integers(0, 3),  # store
        st.integers(0, 2),  # guide; the last is nobody
        st.integers(-3, 34),  # due, in days of October
        st.integers(-40, 40),  # done so many hours after
        st.sampled_from(["open", "done", "done", "skipped", "stopped", "pause"]),
        st.one_of(st.none(), st.integers(1, 5)),
    ),
    max_size=25,
)


def guides() -> list[Staff | None]:
    """Return two guides and nobody."""
    found = {each.name: each for each in Staff.objects.filter(name__in=("Mei", "Lan"))}
    return [found.get(n) or people.staff(name=n, stores=()) for n in ("Mei", "Lan")] + [None]


def everything(now: datetime = NOW) -> Scorecard:
    place = mapping.map_of(audit.ALL).everything()
    return scorecard.of(whose=Whose(place=place, with_rest=True), days=DAYS, now=now)


def written(world: World, given_: Iterable[Any], owners: list[Staff | None]) -> list[Task]:
    tasks = []
    for number, (store, guide, day, hours, state, rating) in enumerate(given_):
        due = DAYS.first + timedelta(days=day)
        at = datetime.combine(due, time(4), UTC) + timedelta(hours=hours)
        owner = owners[guide]
        tasks.append(
            made.task(
                customer_id=world.customers[number % 6],
                due_on=due,
                state=state,
                satisfaction=rating if state == "done" else None,
                done_at=None if state in ("open", "pause") else at,
                owner_id=owner.id if owner else None,
                store_id=world.stores[store].id,
            )
        )
    return made.write(tasks)


def slow_card(tasks: Iterable[Task]) -> Card:
    """Count follow-ups the slow and obvious way."""
    due = done = on_time = 0
    ratings = []
    for each in tasks:
        on = each.done_at.astimezone(ZONE).date() if each.done_at else None
        counts_at_all = each.state in ("open", "done", "skipped")
        has_come = each.due_on <= TODAY or each.state == "done"
        if counts_at_all and has_come and DAYS.first <= each.due_on <= DAYS.last:
            due += 1
            done += each.state == "done"
            on_time += each.state == "done" and on is not None and on <= each.due_on
        if each.satisfaction and on is not None and DAYS.first <= on <= DAYS.last:
            ratings.append(each.satisfaction)
    return Card(
        due=due,
        done=done,
        on_time=on_time,
        rated=len(ratings),
        rating_sum=sum(ratings),
        satisfied=sum(each >= 4 for each in ratings),
    )


@pytest.mark.proof("against a slow count of random ones in Python")
@settings(
    max_examples=counts.of(12, proof=300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given_=TASKS)
def test_follow_ups_are_what_a_slow_count_finds(world: World, given_: list[Any]) -> None:
    Task.objects.all().delete()
    owners = guides()
    tasks = written(world, given_, owners)

    found = everything()

    assert found.total == slow_card(tasks)
    for owner in owners:
        own = [each for each in tasks if each.owner_id == (owner.id if owner else None)]
        key = owner.id if owner else None
        assert found.guides.get(key, Card()) == slow_card(own)
        if owner:
            alone = scorecard.of(whose=Whose(guide_id=owner.id), days=DAYS, now=NOW)
            assert alone.total == slow_card(own)
    for store in world.stores:
        here = [each for each in tasks if each.store_id == store.id]
        assert found.stores.get(store.id, Card()) == slow_card(here)
    rows = {
        kind: scorecard_rows.page(whose=Whose(), days=DAYS, kind=kind, now=NOW, limit=500)
        for kind in scorecard_rows.KINDS
    }
    total = found.total
    assert len(rows["due"]) == total.due
    assert len(rows["done"]) == total.done
    assert len(rows["on-time"]) == total.on_time
    assert len(rows["missed"]) == total.due - total.done
    assert len(rows["rated"]) == total.rated


VISITS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-420, 33), st.sampled_from(["sale", "sale", "void"])),
    max_size=40,
)


@pytest.mark.proof("against a slow count of random ones in Python")
@settings(
    max_examples=counts.of(10, proof=300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given_=VISITS)
def test_customers_kept_are_what_a_slow_count_finds(world: World, given_: list[Any]) -> None:
    Customer.objects.filter(name="Kept").update(state="merged")
    owner = guides()[0]
    assert owner is not None
    own = [
        customers.customer(name="Kept", store=world.stores[n % 2], owner=owner) for n in range(4)
    ]
    visits: dict[UUID, set[date]] = {each.id: set() for each in own}
    for who, day, kind in given_:
        on = DAYS.first + timedelta(days=day)
        sold = facts.sale(store=world.stores[3].id, customer=own[who].id, day=on)
        facts.write([sold, facts.voided(sold)] if kind == "void" else [sold])
        if kind == "sale":
            visits[own[who].id].add(on)
    standings.recount(customer_ids=visits)
    year = DAYS.first - timedelta(days=365)
    least = registry.policy("silence.visits")
    regulars = [
        days for days in visits.values() if sum(year <= on < DAYS.first for on in days) >= least
    ]
    kept = sum(any(DAYS.first <= on <= DAYS.last for on in days) for days in regulars)

    card = everything().guides.get(owner.id, Card())

    assert (card.regulars, card.kept) == (len(regulars), kept)
    for came, number in ((True, kept), (False, len(regulars) - kept)):
        whose = Whose(guide_id=owner.id)
        listed = scorecard_rows.regulars(whose=whose, days=DAYS, came=came, now=NOW)
        assert len(listed) == number


def contact(customer: Customer, **values: Any) -> None:
    """Write a contact into the table."""
    Contact(
        customer=customer,
        **{
            "purpose": "care", "channel": "call", "state": "logged", "direction": "out",
            "at": NOW, **values,
        },
    ).save(force_insert=True)  # fmt: skip


def test_contacts_and_answers_are_counted(world: World) -> None:
    mei, lan, _nobody = guides()
    assert mei is not None
    assert lan is not None
    carol = contacts.person(store=world.stores[0], owner=mei)
    here = {"store_id": world.stores[0].id, "staff_id": mei.id}
    contact(carol, **here)
    contact(carol, **{**here, "staff_id": lan.id})
    contact(carol, **here, at=NOW - timedelta(days=60))  # before the period
    contact(carol, **here, state="reserved", purpose="service")  # not made yet
    minute = timedelta(minutes=1)
    for settled, by in ((5, "staff"), (45, "staff"), (None, ""), (0, "system")):
        contact(
            carol,
            direction="in",
            purpose="service",
            channel="wechat",
            state="received" if settled is None else "answered",
            settled_at=None if settled is None else NOW + settled * minute,
            facts={"by": by},
        )

    found = everything()

    card = found.guides[mei.id]
    assert (card.contacts, found.guides[lan.id].contacts) == (1, 1)
    assert (card.messages, card.answered, card.quickly) == (3, 2, 1)
    assert found.stores[world.stores[0].id].contacts == 2


def test_a_contact_beyond_the_budget_is_counted_as_such(world: World) -> None:
    mei = guides()[0]
    assert mei is not None
    carol = contacts.person(store=world.stores[0], owner=mei)
    contacts.budget(limits=contacts.limits(most=1))
    for hour in range(3):
        contact(carol, store_id=world.stores[0].id, staff_id=mei.id, at=NOW + timedelta(hours=hour))

    card = everything().guides[mei.id]

    assert (card.contacts, card.flagged) == (3, 2)


def test_a_manager_sees_their_places_only(world: World) -> None:
    mei = guides()[0]
    assert mei is not None
    tasks = [
        made.task(
            customer_id=world.customers[0],
            due_on=TODAY,
            owner_id=mei.id,
            store_id=world.stores[n].id,
        )
        for n in (0, 1, 1)
    ]
    made.write(tasks)
    place = mapping.map_of(audit.ALL).store(world.stores[1].id)

    found = scorecard.of(whose=Whose(place=place), days=DAYS, now=NOW)

    assert found.total.due == 2
    assert set(found.stores) == {world.stores[1].id}


@pytest.mark.parametrize("number", [1, 30])
def test_a_scorecard_asks_five_questions_however_much_there_is(
    world: World, number: int, django_assert_num_queries: Any
) -> None:
    owners = guides()
    written(world, [(n % 4, n % 3, n % 30, 0, "done", 3) for n in range(number)], owners)
    place = mapping.map_of(audit.ALL).everything()
    registry.policy("silence.visits")

    with django_assert_num_queries(5):
        scorecard.of(whose=Whose(place=place, with_rest=True), days=DAYS, now=NOW)
