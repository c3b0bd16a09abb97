"""What complaints teach, against a slow count in Python over generated histories."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from statistics import quantiles
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import audit
from regulars.complaints import clocks, templates, timing
from regulars.complaints.models import Case, Entry
from regulars.insights import quantiles as spreads
from regulars.insights.opening_time import Meter
from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.insights.rates import Rate
from regulars.insights.selectors import (
    complaints,
    complaints_repeats,
    complaints_rows,
    complaints_times,
    mapping,
)
from regulars.insights.selectors.complaints import Counted
from regulars.insights.selectors.complaints_asking import MARKS, NOTHING, Asked
from regulars.stores.models import Store
from tests import counts
from tests.factories import customers, people, purchases
from tests.factories import insights as facts
from tests.insights import complaining
from tests.insights.conftest import World

NOW = datetime(2026, 10, 20, 4, 0, tzinfo=UTC)
DAYS = Days(date(2026, 10, 1), date(2026, 10, 31))
FIRST = datetime(2026, 9, 28, 15, 30, tzinfo=UTC)
CASES = st.lists(
    st.fixed_dictionaries(
        {
            "store": st.integers(0, 3),
            "opened": st.integers(0, 24 * 60 * 22),  # minutes since FIRST
            "replied": st.one_of(st.none(), st.integers(1, 60 * 80)),
            "resolved": st.one_of(st.none(), st.integers(1, 60 * 200)),
            "due": st.one_of(st.none(), st.integers(1, 60 * 200)),
            "paused": st.one_of(st.none(), st.integers(1, 60 * 200)),
            "template": st.sampled_from(["", "loose-stone", "service"]),
            "cause": st.sampled_from(["", "Setting", " setting", "glue"]),
            "product": st.sampled_from(["", "R1", "R2"]),
            "batch": st.sampled_from(["", "b7"]),
            "satisfied": st.sampled_from([None, True, False]),
            "ended": st.sampled_from(["", "", "", "spam", "duplicate", "withdrawn"]),
            "cost": st.sampled_from([0, 0, 5_000]),
            "round": st.sampled_from(["", "", "reopened", "second"]),
            "customer": st.integers(0, 3),
            "severity": st.sampled_from(["low", "medium", "urgent"]),
            "by_wall": st.booleans(),
        }
    ),
    max_size=25,
)


def place() -> Place:
    return mapping.map_of(audit.ALL).everything()


def asked(where: Place | None = None, **narrowed: Any) -> Asked:
    return Asked(place=where or place(), days=DAYS, now=NOW, **narrowed)


def written(world: World, given_: list[dict[str, Any]]) -> list[Case]:
    made = []
    for each in given_:
        at = FIRST + timedelta(minutes=each["opened"])

        def later(name: str, each: dict[str, Any] = each, at: datetime = at) -> datetime | None:
            return None if each[name] is None else at + timedelta(minutes=each[name])

        is_over = bool(each["ended"])
        made.append(
            complaining.case(
                store_id=world.stores[each["store"]].id,
                at=at,
                template=each["template"],
                cause=each["cause"],
                product_code=each["product"],
                product_name=each["product"] and f"Ring {each['product']}",
                batch=each["batch"],
                satisfied=each["satisfied"],
                ended=each["ended"],
                state="closed" if is_over else "heard",
                closed_at=at if is_over else None,
                replied_at=later("replied"),
                resolved_at=later("resolved"),
                resolve_due_at=later("due"),
                paused_at=later("paused"),
                cost_minor=each["cost"],
                severity=each["severity"],
                wall_clock=each["by_wall"],
                customer_id=world.customers[each["customer"]] if each["customer"] else None,
                reopened=each["round"] == "reopened",
                second=each["round"] == "second",
            )
        )
    return complaining.write(made)


@pytest.mark.proof("against a slow count of random ones in Python")
@settings(
    max_examples=counts.of(10, proof=300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given_=CASES)
def test_every_split_is_what_a_slow_count_finds(world: World, given_: list[Any]) -> None:
    Case.objects.update(opened_at=datetime(2020, 1, 1, tzinfo=UTC))  # those of another example
    cases = written(world, given_)
    Store.objects.filter(pk=world.stores[1].pk).update(time_zone="America/New_York")
    zones = dict(Store.objects.values_list("pk", "time_zone"))
    steps = list(Entry.objects.all())

    def slow(key: Any = lambda _each: "") -> dict[Any, Counted]:
        return complaining.slow(
            cases, steps, stores=place().store_ids, zones=zones, days=DAYS, now=NOW, key=key
        )

    found = complaints.of_place(asked=asked())

    assert found.total == slow().get("", Counted())
    for by, key in {
        "store": lambda each: (str(each.store_id),),
        "kind": lambda each: (each.template,),
        "cause": lambda each: (each.cause.strip().lower(),),
        "product": lambda each: (each.product_code,),
        "severity": lambda each: (each.severity,),
        "store-cause": lambda each: (str(each.store_id), each.cause.strip().lower()),
    }.items():
        assert {each.keys: each.counted for each in found.of(by)} == slow(key), by  # type: ignore[arg-type]
    by_batch = {each.keys: each.counted for each in found.of("batch")}
    expected = slow(lambda each: (each.product_code, each.batch))
    assert by_batch == {keys: counted for keys, counted in expected.items() if keys[1]}
    assert sum(each.counted.cases for each in found.of("time")) == found.total.cases
    for mark in MARKS:  # what a figure says is how many rows there are behind it
        behind = complaints_rows.page(asked=asked(mark=mark), limit=100)
        assert len(behind) == complaints_rows.count(asked=asked(mark=mark))
        figure = {
            "settled": found.total.settled, "late": found.total.late,
            "reopened": found.total.reopened, "second-round": found.total.second_rounds,
            "judged": found.total.judged, "satisfied": found.total.satisfied,
            "cost": found.total.costly,
        }.get(mark, len(behind))  # fmt: skip
        assert len(behind) == figure, mark


@pytest.mark.proof("against the clocks of complaints, case by case")
@settings(
    max_examples=counts.of(8, proof=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given_=CASES)
def test_times_are_those_of_the_clocks(world: World, given_: list[Any]) -> None:
    Case.objects.update(opened_at=datetime(2020, 1, 1, tzinfo=UTC))
    cases = [
        each for each in written(world, given_)
        if complaining.counts(each) and each.opened_at >= datetime(2026, 9, 30, 16, tzinfo=UTC)
    ]  # fmt: skip
    stores = {each.pk: each for each in Store.objects.all()}

    found = complaints_times.of_place(asked=asked())

    def ran(each: Case, end: datetime) -> float:
        runs = None if each.wall_clock else clocks.while_open(stores[each.store_id])
        return clocks.ran(each.opened_at, end, runs).total_seconds()

    replies = [ran(each, each.replied_at) for each in cases if each.replied_at]
    settled = [ran(each, each.resolved_at) for each in cases if each.resolved_at]
    assert found.total.reply.n == len(replies)
    for spread, values in ((found.total.reply, replies), (found.total.resolve, settled)):
        if len(values) >= 10:
            tenths = quantiles(values, n=10, method="inclusive")
            assert spread.half == pytest.approx(tenths[4], abs=1)
            assert spread.most == pytest.approx(tenths[8], abs=1)
        else:
            assert spread.half is None
    late = {
        each.pk for each in cases
        if (each.replied_at or each.state != "closed")
        and ran(each, each.replied_at or NOW) > _allowed(each)
    }  # fmt: skip
    assert set(found.late) == late
    assert found.total.late_replies == len(late)


def _allowed(each: Case) -> float:
    return timing.allowed(each.severity, templates.of(each)).reply.total_seconds()


def test_a_meter_runs_as_the_clock_does_over_years_and_nights(world: World) -> None:
    store = world.stores[0]
    store.hours = {
        "week": {"mon": [["18:00", "02:00"]], "tue": [["09:00", "12:00"], ["12:00", "17:00"]]},
        "dates": {"2026-03-29": [["00:00", "24:00"]]},
    }
    store.time_zone = "Europe/Berlin"
    start = datetime(2023, 1, 1, tzinfo=UTC)
    meter = Meter(store, start=start, end=NOW)

    for days, hours in ((0, 1), (40, 30), (1183, 24 * 10), (5, 24 * 1200), (1000, 0)):
        since = start + timedelta(days=days, minutes=7)
        until = min(NOW, since + timedelta(hours=hours))
        expected = timedelta()
        step = since
        while step < until:  # what one clock follows is shorter than all of it
            end = min(until, step + timedelta(days=300))
            expected += clocks.ran(step, end, clocks.while_open(store))
            step = end
        measured = meter.seconds(since.timestamp(), until.timestamp())
        assert measured == pytest.approx(expected.total_seconds(), abs=0.01)


def test_rates_are_held_against_the_purchases_of_the_same_stores_and_days(world: World) -> None:
    mei = people.staff(name="Mei", stores=())
    on = date(2026, 10, 5)
    sold = [
        facts.sale(store=world.stores[n % 2].id, customer=None, day=on, guide=mei.id)
        for n in range(5)
    ]
    world.write(*sold, facts.voided(sold[4]))
    world.write(facts.sale(store=world.stores[0].id, customer=None, day=date(2026, 9, 1)))
    complaining.write([
        complaining.case(store_id=world.stores[0].id, at=NOW, purchase_id=sold[0].id),
        complaining.case(store_id=world.stores[0].id, at=NOW),
    ])  # fmt: skip

    found = complaints.of_place(asked=asked())

    assert found.rate == Rate(2, 4)
    assert [(each.keys, each.rate) for each in found.of("store")] == [
        ((str(world.stores[0].id),), Rate(2, 2))
    ]
    assert {each.keys[0]: each.rate for each in found.of("seller")} == {
        str(mei.id): Rate(1, 4), "": None
    }  # fmt: skip
    assert [each.rate for each in found.of("time") if each.counted.cases] == [Rate(2, 0)]
    assert sum(each.sold or 0 for each in found.of("time")) == 4


def test_a_product_is_held_against_the_purchases_it_was_sold_in(
    inside_aurum: Any, now: datetime
) -> None:
    carol = customers.customer()
    ring = purchases.line(10_000, product_code="R1", product_name="Ring")
    chain = purchases.line(10_000, product_code="K1", product_name="Chain")
    purchases.sale(ring, chain, customer=carol)
    purchases.sale(ring, ring, customer=carol)
    purchases.sale(chain, customer=carol)
    today = purchases.sale(ring, customer=carol).business_day
    named: list[dict[str, str]] = [{"product_code": "R1"}, {"product_name": "Chain"}, {}]
    at = datetime.combine(today, NOW.time(), UTC)
    complaining.write(
        complaining.case(store_id=people.first_store().pk, at=at, **each) for each in named
    )
    days = Days(today - timedelta(days=2), today)

    found = complaints.of_place(asked=Asked(place=place(), days=days, now=now))

    assert {each.keys[0]: each.rate for each in found.of("product")} == {
        "R1": Rate(1, 3), "Chain": Rate(1, 2), "": None
    }  # fmt: skip


def test_what_comes_back_is_told_with_its_product_and_its_people(world: World) -> None:
    one, other = world.customers[:2]
    made: list[dict[str, Any]] = [
        {"customer_id": one, "product_code": "R1", "cause": "Setting", "batch": "b1"},
        {"customer_id": one, "product_code": "R1", "cause": " setting", "batch": "b2"},
        {"customer_id": other, "product_code": "R2", "cause": "setting"},
        {"customer_id": other, "product_code": "R2", "cause": "glue"},
        {"customer_id": other, "product_code": "R2", "cause": "glue", "ended": "spam",
         "state": "closed", "closed_at": NOW},
        {"product_code": "R3", "cause": ""},
        {"product_code": "R3", "cause": ""},
    ]  # fmt: skip
    complaining.write(
        complaining.case(store_id=world.stores[n % 2].id, at=NOW, **each)
        for n, each in enumerate(made)
    )

    found = complaints_repeats.of_place(asked=asked())

    assert [(each.product, each.cause, each.cases, each.stores, each.batches)
            for each in found.causes] == [("R1", "setting", 2, 2, 2)]  # fmt: skip
    assert {each.customer_id: (each.cases, each.same) for each in found.persons} == {
        one: (2, 2), other: (2, 0)
    }  # fmt: skip
    assert (found.people, found.again) == (2, 2)


def test_rows_are_narrowed_and_come_a_page_at_a_time(world: World) -> None:
    sold = facts.sale(store=world.stores[0].id, customer=None, day=DAYS.first, guide=UUID(int=7))
    world.write(sold)
    cases = complaining.write(
        complaining.case(
            store_id=world.stores[0].id,
            at=NOW - timedelta(hours=n),
            cause="Glue" if n % 2 else "",
            purchase_id=sold.id if n == 3 else None,
            customer_id=world.customers[n % 3],
        )
        for n in range(7)
    )

    found, after = [], None
    while page := complaints_rows.page(asked=asked(), after=after, limit=2):
        found += page
        after = page[-1].mark
    assert [each.id for each in found] == [each.pk for each in cases]
    assert len(list(complaints_rows.every(asked=asked(cause="GLUE")))) == 3
    assert len(list(complaints_rows.every(asked=asked(cause=NOTHING)))) == 4
    assert [each.id for each in complaints_rows.page(asked=asked(seller_id=UUID(int=7)))] == [
        cases[3].pk
    ]
    again = Counter(each.customer_id for each in complaints_rows.page(asked=asked(mark="again")))
    assert again == Counter({world.customers[0]: 2, world.customers[1]: 1, world.customers[2]: 1})
    chosen = asked(chosen=(cases[1].pk, cases[2].pk))
    assert complaints_rows.count(asked=chosen) == 2


@pytest.mark.parametrize("number", [1, 40])
def test_splits_times_and_repeats_ask_the_same_however_much_there_is(
    world: World, number: int, django_assert_num_queries: Any
) -> None:
    complaining.write(
        complaining.case(
            store_id=world.stores[n % 4].id, at=NOW, product_code=f"R{n}", cause="glue"
        )
        for n in range(number)
    )
    question = asked()

    with django_assert_num_queries(3):
        complaints.of_place(asked=question)
    with django_assert_num_queries(2):
        complaints_times.of_place(asked=question)
    with django_assert_num_queries(1):
        complaints_repeats.of_place(asked=question)


def test_of_few_no_middle_is_told() -> None:
    assert spreads.spread([1.0] * 9) == (9, None, None)
    assert spreads.spread([float(n) for n in range(11)]) == (11, 5.0, 9.0)
