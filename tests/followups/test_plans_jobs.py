"""The work by itself: in few statements, by several workers, and after a death in the middle."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.customers.services import bulk
from regulars.followups import tasks
from regulars.followups.models import Task
from regulars.followups.plans import starting, sweeping
from regulars.outbox import handlers, schedule
from regulars.outbox.models import Job
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests import counts, mortals
from tests.counts import Note
from tests.factories import customers, followups, people
from tests.factories.followups import EVER, NOW, plan
from tests.followups import dying
from tests.followups.conftest import Cast, Declare

MANY = counts.of(4_000, proof=20_000)
_FILL = """
WITH made AS (
  INSERT INTO customers_customer (state, name, pinyin, initials, tokens, gender, age_band, email,
    address, language, time_zone, profile, extra, home_store_id)
  SELECT 'active', 'C' || n, '', '', '{}', '', '', '', '{}', '', '', '{}', '{}', %(store)s
  FROM generate_series(1, %(count)s) n RETURNING id)
INSERT INTO purchases_purchase (kind, customer_id, store_id, source, number, occurred_at,
  business_day, gross_minor, discount_minor, rounding_minor, paid_minor, units, payments, extra)
SELECT 'sale', id, %(store)s, 'till', id::text, %(now)s, %(day)s, 100, 0, 0, 100, 1, '[]', '{}'
FROM made"""


def fill(count: int) -> None:
    """Let as many customers have bought something today."""
    values: dict[str, Any] = {
        "store": people.first_store().pk,
        "count": count,
        "now": NOW,
        "day": NOW.date(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FILL, values)


@pytest.mark.proof("that many purchases are taken in by one sweep, and the statements are counted")
def test_a_sweep_asks_and_writes_by_the_thousand(
    cast: Cast, declare: Declare, record_property: Note
) -> None:
    declare(plan())

    def cost(count: int) -> int:
        fill(count)
        with CaptureQueriesContext(connection) as asked:
            sweeping.sweep(now=NOW, since=EVER)
        return len(asked)

    few, many = cost(10), cost(MANY)

    assert Task.objects.count() == MANY + 10
    batches = MANY // 2_000 + 1
    assert many - few <= 12 * batches
    record_property("purchases", MANY)
    record_property("found", f"{many} statements")


def test_the_last_finished_run_says_where_the_next_begins(inside_aurum: ChainInfo) -> None:
    now = timezone.now()
    name, zone = "followups.sweep-plans", inside_aurum.zone
    within = timedelta(days=3)
    slot = int(now.timestamp() // 60) // 10

    def ran(back: int, *, done: bool) -> None:
        at = now - timedelta(minutes=10 * back)
        job = Job(handler=name, key=f"{name}:{slot - back}", created_at=at)
        job.done_at = at if done else None
        job.save(force_insert=True)

    assert schedule.last(name, zone=zone, now=now, within=within) is None
    ran(6, done=True)
    ran(3, done=True)
    ran(0, done=False)
    found = schedule.last(name, zone=zone, now=now, within=within)
    assert found == now - timedelta(minutes=30)
    assert schedule.last(name, zone=zone, now=now, within=timedelta(minutes=20)) is None


def test_the_jobs_of_the_chain_begin_plans(cast: Cast, declare: Declare) -> None:
    declare(plan())
    fill(3)

    tasks.sweep_plans(now=NOW + timedelta(minutes=1))
    tasks.plans_of_the_day(now=NOW + timedelta(minutes=2))

    assert Task.objects.count() == 3


@pytest.fixture
def chain(own_database: str, declare: Declare) -> Iterator[ChainInfo]:
    """Aurum with real commits, and a plan."""
    declare(plan())
    found = directory.find("aurum")
    assert found is not None
    with context.inside(found):
        fill(40)
        yield found


def runs() -> Counter[int]:
    """Return how many customers have how many tasks."""
    per_customer = Counter(Task.objects.values_list("customer_id", flat=True))
    return Counter(per_customer.values())


@pytest.mark.usefixtures("chain")
def test_a_sweep_that_was_killed_is_made_up_for_by_the_next() -> None:
    with mortals.at_work(dying.sweep) as worker:
        assert worker.hear() == 10
        assert worker.hear() == 10

    assert runs() == Counter({1: 10})  # a portion that was over stays
    assert sweeping.sweep(now=NOW, since=EVER) == 30
    assert runs() == Counter({1: 40})


@pytest.mark.parametrize("work", ["sweep", "night"])
def test_between_two_portions_nobody_waits_for_a_sweep(
    chain: ChainInfo, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    monkeypatch.setattr(starting, "_AT_ONCE", 10)
    begin = starting._start
    seen: list[int] = []

    def elsewhere() -> None:
        with context.inside(chain):
            seen.append(Task.objects.count())
        connections.close_all()

    def spoken(*given: Any, **named: Any) -> Any:
        looker = threading.Thread(target=elsewhere)
        looker.start()
        looker.join()
        return begin(*given, **named)

    monkeypatch.setattr(starting, "_start", spoken)

    if work == "sweep":
        sweeping.sweep(now=NOW, since=EVER)
    else:
        sweeping.night(now=NOW)

    assert seen[:4] == [0, 10, 20, 30]


@pytest.mark.parametrize(
    "name", ["followups.sweep-plans", "followups.plans-of-the-day", "followups.plan-silences"]
)
def test_what_works_in_portions_is_not_in_the_transaction_of_its_job(name: str) -> None:
    found = handlers.find(name)

    assert found is not None
    assert found.lease is not None


def test_two_workers_at_once_begin_each_plan_once(chain: ChainInfo) -> None:
    begun: list[int] = []

    def work() -> None:
        with context.inside(chain):
            begun.append(sweeping.sweep(now=NOW, since=EVER))
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(begun) == [0, 0, 40]
    assert runs() == Counter({1: 40})


def test_who_is_gone_has_nothing_to_be_done(cast: Cast) -> None:
    one = customers.customer(store=cast.north)
    followups.task(one)
    bulk.remove(ids=[one.pk])

    sweeping.night(now=NOW)

    assert Task.objects.count() == 0
