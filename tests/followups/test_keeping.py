"""Occasions computed ahead: at once after a change, every night, and after merges and erasures."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars import registry
from regulars.audit import SYSTEM
from regulars.customers import services
from regulars.customers.models import Customer, LifeEvent, Possession
from regulars.followups import tasks
from regulars.followups.models import Occasion
from regulars.followups.occasions import keeping
from regulars.outbox import schedule
from regulars.outbox import services as outbox
from regulars.registry import services as rules
from regulars.usecases.erase import erase
from regulars.usecases.merge import merge, unmerge
from tests.factories import customers
from tests.followups.conftest import Cast, keep, own, tell, work_off

NOW = customers.NOW  # Saturday 21 November 2026, ten in the morning in Shanghai
SUNDAY = NOW + timedelta(days=1)


def found(customer: Customer | None = None) -> dict[str, date]:
    """Return what is computed, by kind."""
    rows = Occasion.objects.filter(customer=customer) if customer else Occasion.objects.all()
    return dict(rows.values_list("kind", "next_on"))


def test_a_thing_s_dates_are_computed_as_soon_as_it_is_written_down(cast: Cast) -> None:
    person = customers.customer()

    own(person, acquired_on=date(2026, 6, 1), until="2027-01-31")
    work_off()

    assert found(person) == {
        "possession.ring.clean": date(2026, 12, 1),
        "possession.ring.until": date(2027, 1, 31),
        "possession.ring.ends": date(2027, 1, 1),
    }


def test_changing_and_ending_a_thing_changes_its_occasions(cast: Cast) -> None:
    person = customers.customer()
    ring = own(person, acquired_on=date(2026, 6, 1))
    facts: dict[str, Any] = {"actor": SYSTEM, "customer_id": person.pk, "possession_id": ring.pk}

    services.update_possession(**facts, values={}, acquired_on=date(2026, 7, 1), now=NOW)
    work_off()
    assert found() == {"possession.ring.clean": date(2027, 1, 1)}
    services.end_possession(**facts, ended_on=date(2026, 11, 1), now=NOW)
    work_off()
    assert found() == {}
    services.end_possession(**facts, ended_on=None, now=NOW)
    work_off()
    assert found() == {"possession.ring.clean": date(2027, 1, 1)}


def test_dates_of_the_file_come_once_or_every_year(cast: Cast) -> None:
    person = customers.customer()

    tell(person, move_in="2026-12-24", engaged="2020-05-20")
    work_off()

    assert found() == {
        "customer.move-in": date(2026, 12, 24),
        "customer.engaged": date(2027, 5, 20),
    }
    tell(person, move_in=None, engaged=None)
    work_off()
    assert found() == {}


def test_a_field_that_is_no_date_asks_for_nothing(cast: Cast) -> None:
    person = customers.customer()

    with CaptureQueriesContext(connection) as asked:
        tell(person, style="modern")

    assert not [query for query in asked if "outbox_job" in query["sql"]]


def test_a_state_is_due_from_the_day_it_holds_until_it_holds_no_more(cast: Cast) -> None:
    person = customers.customer()
    course = own(person, "course", left=5)
    facts: dict[str, Any] = {"actor": SYSTEM, "customer_id": person.pk, "possession_id": course.pk}
    work_off()
    assert found() == {}

    services.update_possession(**facts, values={"left": 1}, now=NOW)
    keeping.refresh(customer_ids=[person.pk], now=NOW)
    keeping.refresh(customer_ids=[person.pk], now=NOW + timedelta(days=3))
    keeping.refresh_all(now=NOW + timedelta(days=3))
    assert found() == {"possession.course.low": date(2026, 11, 21)}
    services.update_possession(**facts, values={"left": 4}, now=NOW)
    keeping.refresh(customer_ids=[person.pk], now=NOW)
    assert found() == {}


def test_every_night_dates_move_on_and_those_that_came_once_are_dropped(cast: Cast) -> None:
    person = customers.customer()
    own(person, acquired_on=date(2026, 6, 1))
    tell(person, move_in="2026-12-01")
    keeping.refresh_all(now=NOW)

    wednesday = datetime(2026, 12, 2, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
    changed = keeping.advance(now=wednesday)

    assert changed == 1
    assert found() == {
        "possession.ring.clean": date(2027, 6, 1),
        "customer.move-in": date(2026, 12, 1),  # care after it may still begin
    }
    tasks.refresh_occasions(now=datetime(2027, 1, 2, 3, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert "customer.move-in" not in found()
    assert keeping.advance(now=wednesday) == 0


def test_the_night_makes_up_for_what_came_by_file_and_for_nights_that_were_missed(
    cast: Cast,
) -> None:
    person = Customer(name="韩梅", extra={"engaged": "2019-02-14"})
    person.save(force_insert=True)
    Occasion.objects.create(
        customer=person, kind="customer.gone", source=person.pk, next_on=date(2026, 1, 1)
    )

    tasks.refresh_occasions(now=SUNDAY)

    assert found() == {"customer.engaged": date(2027, 2, 14)}
    assert keeping.refresh_all(now=NOW) == 0
    assert keeping.refresh_all(now=NOW + timedelta(days=400)) == 1
    assert "followups.refresh-occasions" in schedule._nightly


def test_a_night_is_two_statements_however_many_there_are(cast: Cast) -> None:
    Customer.objects.bulk_create(
        Customer(name=str(n), extra={"engaged": f"2019-{1 + n % 12:02}-14"}) for n in range(60)
    )
    Possession.objects.bulk_create(
        Possession(customer=person, kind="ring", acquired_on=date(2026, 1, 1 + n % 28))
        for n, person in enumerate(Customer.objects.all())
    )

    def statements(work: Any) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            work()
        about = ("followups_occasion", "stores_store", "customers_")
        return [each["sql"] for each in asked if any(name in each["sql"] for name in about)]

    assert len(statements(lambda: keeping.refresh_all(now=NOW))) == 2
    later = NOW + timedelta(days=200)
    assert len(statements(lambda: keeping.advance(now=later))) == 3
    assert Occasion.objects.count() == 120
    everybody = list(Customer.objects.values_list("pk", flat=True))
    assert len(statements(lambda: keeping.refresh(customer_ids=everybody, now=NOW))) == 4
    assert len(statements(lambda: keeping.refresh(customer_ids=everybody[:1], now=NOW))) == 4


def test_the_day_is_that_of_the_customer_s_home_store(cast: Cast) -> None:
    """Three at night in Shanghai, when it is still the day before in New York."""
    at_night = datetime(2026, 11, 22, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
    here, there = (customers.customer(name=n, store=s) for n, s in
                   (("王", cast.north), ("Wong", cast.abroad)))  # fmt: skip
    for person in (here, there):
        keep(person, month=11, day=21, now=at_night - timedelta(days=1))
        tell(person, engaged="2020-11-21")
    keeping.refresh_all(now=NOW)

    services.advance_occasions(now=at_night)
    keeping.refresh_all(now=at_night)

    events = dict(LifeEvent.objects.values_list("customer", "next_on"))
    assert events == {here.pk: date(2027, 11, 21), there.pk: date(2026, 11, 21)}
    assert found(here) == {"customer.engaged": date(2027, 11, 21)}
    assert found(there) == {"customer.engaged": date(2026, 11, 21)}
    next_night = at_night + timedelta(days=1)
    services.advance_occasions(now=next_night)
    keeping.refresh_all(now=next_night)
    assert LifeEvent.objects.get(customer=there).next_on == date(2027, 11, 21)
    assert found(there) == {"customer.engaged": date(2027, 11, 21)}


def test_the_first_night_after_an_upgrade_looks_at_everybody(cast: Cast) -> None:
    person = Customer(name="韩梅", extra={"engaged": "2019-02-14"})
    person.save(force_insert=True)

    tasks.refresh_occasions(now=NOW)  # a Saturday
    Customer.objects.update(extra={"engaged": "2019-02-15"})
    tasks.refresh_occasions(now=NOW)
    assert found() == {"customer.engaged": date(2027, 2, 14)}  # by no service: it waits for Sunday
    tasks.refresh_occasions(now=SUNDAY)

    assert found() == {"customer.engaged": date(2027, 2, 15)}


def test_a_file_of_customers_has_its_dates_taken_in(cast: Cast) -> None:
    person = Customer(name="韩梅", extra={"engaged": "2019-02-14"})
    person.save(force_insert=True)

    outbox.enqueue(handler="customers.imported")
    work_off()

    assert found(person) == {"customer.engaged": date(2027, 2, 14)}


@pytest.mark.parametrize(("hour", "expected"), [(0, "2026-03-08"), (23, "2026-03-08")])
def test_a_day_with_23_hours_is_one_day(cast: Cast, hour: int, expected: str) -> None:
    """New York puts its clocks forward at two in the night of 8 March 2026."""
    person = customers.customer(store=cast.abroad)
    now = datetime(2026, 3, 8, hour, 30, tzinfo=ZoneInfo("America/New_York"))

    assert str(keep(person, month=3, day=8, now=now).next_on) == expected
    services.advance_occasions(now=now)
    assert str(LifeEvent.objects.get().next_on) == expected
    services.advance_occasions(now=now + timedelta(hours=24))
    assert LifeEvent.objects.get().next_on == date(2027, 3, 8)


def test_another_policy_for_29_february_holds_at_once(
    cast: Cast, policies: dict[str, object]
) -> None:
    person = customers.customer()
    keep(person, month=2, day=29)
    tell(person, engaged="2024-02-29")
    work_off()
    assert {*found().values(), LifeEvent.objects.get().next_on} == {date(2027, 2, 28)}

    rules.set_policy(actor=SYSTEM, key="customers.leap-day-birthday", value="03-01", now=NOW)
    policies["customers.leap-day-birthday"] = "03-01"
    work_off()

    assert {*found().values(), LifeEvent.objects.get().next_on} == {date(2027, 3, 1)}


def test_a_reminder_taken_out_takes_its_occasions_with_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    own(customers.customer(), acquired_on=date(2026, 6, 1))
    work_off()
    bare = customers.vertical(possessions=())
    monkeypatch.setattr(registry, "vertical", lambda: bare)

    tasks.refresh_occasions(now=SUNDAY)

    assert found() == {}


def test_a_merge_moves_occasions_and_undoing_it_gives_them_back(cast: Cast) -> None:
    kept, absorbed = customers.customer(name="甲"), customers.customer(name="乙")
    own(absorbed, acquired_on=date(2026, 6, 1))
    own(absorbed, "course", left=1)
    tell(absorbed, engaged="2020-05-20")
    work_off()
    of_absorbed = found(absorbed)
    assert len(of_absorbed) == 3

    merge(actor=cast.alice, kept_id=kept.pk, absorbed_id=absorbed.pk, now=NOW)
    work_off()
    assert (found(kept), found(absorbed)) == (of_absorbed, {})

    unmerge(actor=cast.alice, absorbed_id=absorbed.pk, now=NOW)
    work_off()
    assert (found(kept), found(absorbed)) == ({}, of_absorbed)


def test_somebody_erased_has_no_occasions_ever_again(cast: Cast) -> None:
    person = customers.customer()
    own(person, acquired_on=date(2026, 6, 1))
    own(person, "course", left=1)
    work_off()

    erase(actor=cast.alice, customer_id=person.pk, reason="asked", now=NOW)
    keeping.refresh(customer_ids=[person.pk], now=NOW)
    keeping.refresh_all(now=NOW, states=True)

    assert found() == {}


def test_changed_declarations_are_worked_in_for_everybody_states_too(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_AT_ONCE", 2)
    people = [customers.customer(name=str(n)) for n in range(5)]
    Possession.objects.bulk_create(
        Possession(customer=each, kind="course", extra={"left": n}) for n, each in enumerate(people)
    )

    changed = keeping.refresh_all(now=NOW, states=True)

    assert changed == 2
    holders = set(Occasion.objects.values_list("customer", flat=True))
    assert holders == {people[0].pk, people[1].pk}
    assert keeping.refresh_all(now=NOW, states=True) == 0
