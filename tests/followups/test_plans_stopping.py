"""What ends a plan, what lets it rest, and that the order of news does not matter."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.audit import SYSTEM
from regulars.customers import services as customer_services
from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.followups.plans import escalating, pausing, starting, stopping, sweeping
from regulars.followups.plans.news import Start
from regulars.usecases import plan_complaints
from tests import counts
from tests.factories import customers, followups, purchases
from tests.factories.followups import EVER, NOW, plan, step, told
from tests.followups.conftest import Cast, Declare

HOUR = timedelta(hours=1)


def sweep(now: Any = NOW) -> int:
    return sweeping.sweep(now=now, since=EVER)


def sold(customer: Customer, **facts: Any) -> Any:
    return purchases.sale(customer=customer, **facts)


def refuse(customer: Customer, **facts: Any) -> None:
    values = {"purpose": "care", "given": False, "how": "spoken", "now": NOW, **facts}
    customer_services.consent(actor=SYSTEM, customer_id=customer.pk, **values)


def test_another_purchase_begins_anew_what_stops_by_purchases(cast: Cast, declare: Declare) -> None:
    declare(plan(stops=("purchase.recorded",)))
    one = customers.customer(store=cast.north)
    sold(one, occurred_at=NOW - timedelta(days=2))
    sweep()

    sold(one)
    sweep()

    assert told(one) == [
        "11-26 after/call stopped purchase.recorded",
        "11-28 after/call open",
    ]


def test_a_sale_that_was_made_before_and_told_later_stops_nothing_after_it(
    cast: Cast, declare: Declare
) -> None:
    declare(plan(stops=("purchase.recorded",)))
    one = customers.customer(store=cast.north)
    sold(one)
    sweep()

    sold(one, occurred_at=NOW - timedelta(days=2))
    sweep()

    assert told(one) == [
        "11-26 after/call stopped purchase.recorded",
        "11-28 after/call open",
    ]


def test_the_return_of_the_goods_stops_the_plan_of_their_purchase_alone(
    cast: Cast, declare: Declare
) -> None:
    declare(plan(stops=("purchase.returned",)))
    one = customers.customer(store=cast.north)
    first = sold(one, occurred_at=NOW - timedelta(days=1))
    sold(one)
    sweep()

    purchases.returned(first)
    sweep()

    assert told(one) == [
        "11-27 after/call stopped purchase.returned",
        "11-28 after/call open",
    ]


def test_a_return_starts_a_plan_of_its_own(cast: Cast, declare: Declare) -> None:
    declare(plan("sorry", starts="purchase.returned", steps=(step(after=2),)))
    one = customers.customer(store=cast.north)
    purchases.returned(sold(one))

    sweep()

    assert told(one) == ["11-23 sorry/call open"]


@pytest.mark.parametrize(
    ("refused", "stopped"),
    [
        ({}, ["talk", "text", "visit"]),  # every way of contact
        ({"channel": "call"}, ["talk"]),
        ({"channel": "sms"}, []),  # WeChat is left
        ({"purpose": "selling"}, []),
    ],
)
def test_who_asks_to_stop_is_not_talked_to(
    cast: Cast, declare: Declare, refused: dict[str, Any], stopped: list[str]
) -> None:
    steps = (
        step("talk"),
        step("text", do="message", send="hello"),
        step("visit", do="visit"),
        step("prepare", do="task"),
    )
    declare(plan(steps=steps))
    one = customers.customer(store=cast.north)
    sold(one)
    sweep()

    refuse(one, **refused)
    sweep()

    rows = Task.objects.filter(state="stopped", why="customer.asked-to-stop")
    assert sorted(rows.values_list("step", flat=True)) == stopped


def test_a_plan_may_stop_everything_by_a_wish_but_service_goes_on(
    cast: Cast, declare: Declare
) -> None:
    silent = step("prepare", do="task")
    stops = ("customer.asked-to-stop",)
    declare(
        plan("care", steps=(silent,), stops=stops),
        plan("fitting", steps=(silent,), stops=stops, purpose="service"),
    )
    one = customers.customer(store=cast.north)
    refuse(one)
    sold(one)

    sweep()

    assert told(one) == [
        "11-28 care/prepare stopped customer.asked-to-stop",
        "11-28 fitting/prepare open",
    ]


def complain(customer: Customer, complaint: UUID, at: Any = NOW) -> None:
    plan_complaints.opened(
        customer=str(customer.pk), complaint=str(complaint), at=at.isoformat(), now=at
    )


def settle_complaint(
    customer: Customer, complaint: UUID, at: Any = NOW, *, satisfied: bool = True
) -> None:
    plan_complaints.closed(
        customer=str(customer.pk),
        complaint=str(complaint),
        at=at.isoformat(),
        satisfied=satisfied,
        now=at,
    )


def test_care_rests_while_a_complaint_is_open(cast: Cast, declare: Declare) -> None:
    declare(plan("care", steps=(step(after=1),)), plan("sorry", starts="complaint.closed"))
    one = customers.customer(store=cast.north)
    task = followups.task(one, plan="care", due_on=date(2026, 11, 22))
    service = followups.task(one, plan="fit", purpose="service", due_on=date(2026, 11, 22))
    first, second = uuid4(), uuid4()

    complain(one, first)
    complain(one, first)
    complain(one, second)
    later = NOW + timedelta(days=30)
    escalating.expire(now=later)
    escalating.escalate(now=later)

    assert pausing.is_paused(one.pk)
    task.refresh_from_db()
    assert (task.state, task.escalated_at) == ("open", None)
    service.refresh_from_db()
    assert service.state == "skipped"
    settle_complaint(one, first, later)
    assert pausing.is_paused(one.pk)
    settle_complaint(one, second, later)
    assert not pausing.is_paused(one.pk)
    task.refresh_from_db()
    assert (task.state, task.due_on, task.expires_on) == (
        "open",
        date(2026, 12, 21),
        date(2027, 1, 4),
    )
    assert [each for each in told(one) if "sorry" in each] == ["12-28 sorry/call open"] * 2


def test_a_complaint_stops_the_plans_that_say_so(cast: Cast, declare: Declare) -> None:
    declare(
        plan(stops=("complaint.opened",)),
        plan("sorry", starts="complaint.closed", stops=("complaint.opened",)),
    )
    one = customers.customer(store=cast.north)
    sold(one)
    complaint = uuid4()
    complain(one, complaint, NOW + HOUR)
    sweep()  # hears of the purchase after the complaint
    settle_complaint(one, complaint, NOW + 2 * HOUR)
    sweep()

    assert told(one) == [
        "11-21 /pause resumed",
        "11-28 after/call stopped complaint.opened",
        "11-28 sorry/call open",
    ]


def test_a_complaint_that_ended_otherwise_starts_no_care(cast: Cast, declare: Declare) -> None:
    declare(plan("sorry", starts="complaint.closed"))
    one = customers.customer(store=cast.north)
    complaint = uuid4()
    complain(one, complaint)

    settle_complaint(one, complaint, NOW + HOUR, satisfied=False)

    assert not pausing.is_paused(one.pk)
    assert told(one) == ["11-21 /pause resumed"]


def test_closing_twice_starts_once(cast: Cast, declare: Declare) -> None:
    declare(plan("sorry", starts="complaint.closed"))
    one = customers.customer(store=cast.north)
    complaint = uuid4()
    complain(one, complaint)

    for _ in range(2):
        settle_complaint(one, complaint, NOW + HOUR)

    assert [each for each in told(one) if "sorry" in each] == ["11-28 sorry/call open"]


def test_a_step_that_nobody_did_is_left_out_when_the_next_is_due(
    cast: Cast, declare: Declare
) -> None:
    declare(plan(steps=(step("first", after=1), step("second", after=4))))
    one = customers.customer(store=cast.north)
    sold(one)
    sweep()

    left_out = []
    for days in (3, 4, 17, 18):
        escalating.expire(now=NOW + timedelta(days=days))
        left_out.append(Task.objects.filter(state="skipped", why="expired").count())

    assert left_out == [0, 1, 1, 2]


def test_what_is_overdue_is_shown_to_the_manager(
    cast: Cast, declare: Declare, policies: dict[str, object]
) -> None:
    policies["followups.escalate-days"] = 3
    one = customers.customer(store=cast.north)
    task = followups.task(one)

    shown = [escalating.escalate(now=NOW + timedelta(days=days)) for days in (0, 2, 3, 4)]

    assert shown == [0, 0, 1, 0]
    task.refresh_from_db()
    assert task.escalated_at == NOW + timedelta(days=3)


def test_what_is_late_is_late_in_its_own_store(cast: Cast, declare: Declare) -> None:
    evening = NOW.replace(hour=17)  # tomorrow in Shanghai, still today in New York
    here = followups.task(customers.customer(store=cast.north), expires_on=date(2026, 11, 22))
    there = followups.task(customers.customer(store=cast.abroad), expires_on=date(2026, 11, 22))

    escalating.expire(now=evening)

    states = []
    for task in (here, there):
        task.refresh_from_db()
        states.append(task.state)
    assert states == ["skipped", "open"]


PLANS = (
    plan("after", stops=("purchase.recorded", "purchase.returned")),
    plan("again", stops=("customer.asked-to-stop", "complaint.opened")),
    plan("quiet", starts="customer.silent", stops=("purchase.recorded",)),
)
type News = Callable[[], None]


def void(_answer: object) -> None:
    """Say nothing of an answer."""


def news_of(one: Customer) -> list[News]:
    """Return what happened with a customer, in the order in which it did, to be told in any."""
    sales = [sold(one, occurred_at=NOW + number * HOUR) for number in (-20, -1)]
    purchases.returned(sales[1], occurred_at=NOW)
    silence = Start(
        trigger="customer.silent",
        customer_id=one.pk,
        key="customer.silent:test",
        on=NOW.date(),
        since=NOW - 30 * HOUR,
    )
    complaint = UUID(int=7)
    return [
        lambda: void(sweep()),
        lambda: void(sweeping.take([silence], now=NOW)),
        lambda: complain(one, complaint, NOW - 10 * HOUR),
        lambda: void(sweeping.night(now=NOW)),
        lambda: refuse(one, channel="call"),
    ]


def outcome(one: Customer) -> list[tuple[Any, ...]]:
    rows = Task.objects.filter(customer=one).exclude(plan="").order_by("plan", "since")
    return [(row.plan, row.since, row.due_on, row.state) for row in rows]


@pytest.mark.proof("what happened with a customer is told in any order, parts of it several times")
@settings(max_examples=counts.of(6, proof=300), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_news_in_any_order_and_any_number_come_to_the_same(
    cast: Cast, declare: Declare, data: st.DataObject
) -> None:
    declare(*PLANS)
    plain, mixed = (customers.customer(store=cast.north) for _ in range(2))
    for each in news_of(plain):
        each()
    told_ = news_of(mixed)

    order = data.draw(st.lists(st.sampled_from(range(len(told_))), max_size=8))
    for place in [*order, *data.draw(st.permutations(range(len(told_))))]:
        told_[place]()
    stopping.settle([plain.pk, mixed.pk], now=NOW)

    assert outcome(mixed) == outcome(plain)
    assert {row[3] for row in outcome(mixed)} == {"stopped"}


def test_positive_control_what_is_stopped_only_when_it_is_heard_of_depends_on_the_order(
    cast: Cast, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(*PLANS)
    plain, mixed = (customers.customer(store=cast.north) for _ in range(2))
    for each in news_of(plain):
        each()
    swept, silence, *_rest = news_of(mixed)

    swept()
    monkeypatch.setattr(stopping, "settle", lambda ids, *, now: 0)
    silence()

    quiet = [[row for row in outcome(one) if row[0] == "quiet"] for one in (plain, mixed)]
    assert [rows[0][3] for rows in quiet] == ["stopped", "open"]


def test_the_database_itself_keeps_a_plan_from_starting_twice(
    cast: Cast, declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(plan())
    one = customers.customer(store=cast.north)
    sold(one)
    monkeypatch.setattr(starting, "_known", lambda pairs: set())
    sweep()

    assert sweep() == 0
    assert told(one) == ["11-28 after/call open"]
    guard = starting._WRITE.partition("ON CONFLICT")[0] + "RETURNING customer_id"
    monkeypatch.setattr(starting, "_WRITE", guard)  # the positive control
    with pytest.raises(IntegrityError):
        sweep()
