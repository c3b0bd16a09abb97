"""Work written with a change is done exactly when the change is, once, and not forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections, transaction

from regulars.outbox import handlers, schedule, services, tasks
from regulars.outbox.models import Job
from regulars.stores.models import Region
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo


@pytest.fixture(autouse=True)
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note for whom the bell was rung instead of ringing it."""
    rung: list[str] = []
    monkeypatch.setattr(services, "ring", rung.append)
    return rung


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Register handlers for one test and note what they were called with."""
    calls: list[Any] = []
    monkeypatch.setattr(handlers, "_handlers", dict(handlers._handlers))

    def note(*, word: str, now: datetime) -> None:
        calls.append(word)

    def fail(*, word: str, now: datetime) -> None:
        Region.objects.create(code=word, name="written by a handler that then fails")
        raise ValueError(word)

    handlers.handler("tests.note")(note)
    handlers.handler("tests.fail")(fail)
    handlers.handler("tests.leased", lease=timedelta(minutes=1))(note)
    handlers.handler("tests.leased-fail", lease=timedelta(minutes=1))(fail)
    return calls


def test_work_of_a_rolled_back_change_is_never_done(
    inside_aurum: ChainInfo, handled: list[Any]
) -> None:
    with transaction.atomic():
        services.enqueue(handler="tests.note", payload={"word": "lost"})
        transaction.set_rollback(True)

    assert services.work_off() == 0
    assert handled == []


def test_committed_work_is_done_once(inside_aurum: ChainInfo, handled: list[Any]) -> None:
    services.enqueue(handler="tests.note", payload={"word": "hello"})

    assert services.work_off() == 1
    assert services.work_off() == 0
    assert handled == ["hello"]


def test_the_same_key_is_the_same_work(inside_aurum: ChainInfo, handled: list[Any]) -> None:
    for _ in range(3):
        services.enqueue(handler="tests.note", payload={"word": "once"}, key="k")

    services.work_off()

    assert handled == ["once"]


def test_a_failing_handler_leaves_nothing_half_written_and_is_tried_later(
    inside_aurum: ChainInfo, handled: list[Any]
) -> None:
    services.enqueue(handler="tests.fail", payload={"word": "half"})

    services.work_off()

    job = Job.objects.get()
    assert not Region.objects.filter(code="half").exists()
    assert (job.attempts, job.done_at, job.failed_at) == (1, None, None)
    assert "half" in job.fault
    assert job.due_at > job.created_at


def test_work_that_always_fails_is_given_up_and_kept(
    inside_aurum: ChainInfo, handled: list[Any]
) -> None:
    services.enqueue(handler="tests.fail", payload={"word": "never"})
    for _ in range(services.MOST_ATTEMPTS):
        Job.objects.update(due_at=datetime(2020, 1, 1, tzinfo=UTC))
        services.work_off()

    assert Job.objects.get().failed_at is not None
    Job.objects.update(due_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert services.work_off() == 0


def test_leased_work_whose_worker_died_is_taken_up_again(
    inside_aurum: ChainInfo, handled: list[Any]
) -> None:
    services.enqueue(handler="tests.leased", payload={"word": "long"}, key="import-1")
    Job.objects.update(attempts=1, due_at=datetime.now(UTC) + timedelta(seconds=60))
    assert services.work_off() == 0

    Job.objects.update(due_at=datetime.now(UTC) - timedelta(seconds=1))

    assert services.work_off() == 1
    assert handled == ["long"]


def test_extending_a_lease_keeps_other_workers_away(
    inside_aurum: ChainInfo, handled: list[Any]
) -> None:
    services.enqueue(handler="tests.leased", payload={"word": "long"}, key="import-1")

    services.extend(
        handler="tests.leased", key="import-1", lease=timedelta(minutes=5), now=datetime.now(UTC)
    )

    assert services.work_off() == 0


def test_work_without_a_handler_waits_for_code_that_has_one(inside_aurum: ChainInfo) -> None:
    services.enqueue(handler="tests.unknown", payload={})

    services.work_off()

    assert "tests.unknown" in Job.objects.get().fault


def test_many_workers_do_each_piece_of_work_once(
    own_database: str, aurum_info: ChainInfo, handled: list[Any]
) -> None:
    with context.inside(aurum_info):
        for number in range(40):
            services.enqueue(handler="tests.note", payload={"word": str(number)})

    def work(_number: int) -> int:
        try:
            with context.inside(aurum_info):
                return services.work_off()
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 40
    assert sorted(handled) == sorted(str(number) for number in range(40))


def test_the_sweeper_finds_work_whose_bell_was_lost(
    own_database: str, aurum_info: ChainInfo, rings: list[str], handled: list[Any]
) -> None:
    with context.inside(aurum_info):
        services.enqueue(handler="tests.note", payload={"word": "lost bell"})
    rings.clear()

    tasks.sweep()

    assert rings == [str(aurum_info.id)]


def test_what_recurs_is_written_down_once_a_night_by_the_clock_of_the_chain(
    inside_aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_nightly", ["tests.night"])
    monkeypatch.setattr(schedule, "_regular", {"tests.often": 10})
    zone = ZoneInfo("Asia/Shanghai")
    evening = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)  # 02:30 in Shanghai
    night = evening + timedelta(hours=1)

    schedule.write_down(zone=zone, now=evening)
    assert set(Job.objects.values_list("handler", flat=True)) == {"tests.often"}
    schedule.write_down(zone=zone, now=night)
    schedule.write_down(zone=zone, now=night)

    assert list(Job.objects.filter(handler="tests.night").values_list("key", flat=True)) == [
        "tests.night:2026-11-21"
    ]


@pytest.fixture
def aurum_info(own_database: str) -> ChainInfo:
    """The chain `aurum` of the test's own database."""
    from regulars.tenancy import directory

    chain = directory.find("aurum")
    assert chain is not None
    return chain


def test_work_that_never_gives_up_is_tried_every_hour(
    inside_aurum: ChainInfo, handled: list[Any], now: datetime
) -> None:
    found = handlers.known()["tests.fail"]
    handlers.handler("tests.patient", gives_up=False)(found.work)
    services.enqueue(handler="tests.patient", payload={"word": "again"})
    Job.objects.update(attempts=500)

    services.work_off()

    job = Job.objects.get()
    assert (job.attempts, job.failed_at) == (501, None)
    assert timedelta(minutes=59) < job.due_at - datetime.now(UTC) <= timedelta(hours=1)


def test_operators_read_which_work_was_given_up_in_which_chain(
    aurum: ChainInfo, bloom: ChainInfo
) -> None:
    with context.inside(aurum):
        services.enqueue(handler="tests.fail", payload={})
        Job.objects.update(failed_at=datetime.now(UTC), fault="the reason")
    with context.inside(bloom):
        services.enqueue(handler="tests.fail", payload={})

    with context.public():
        found = services.given_up([(each.id, each.schema_name) for each in (aurum, bloom)])

    assert found == [(aurum.id, 1, "tests.fail: the reason")]


def test_done_work_is_forgotten_after_a_week(inside_aurum: ChainInfo, now: datetime) -> None:
    for days in (6, 8):
        services.enqueue(handler="tests.note", key=f"{days}")
        Job.objects.filter(key=f"{days}").update(done_at=now - timedelta(days=days))

    tasks.clean_up(now=now)

    assert [job.key for job in Job.objects.all()] == ["6"]
    assert "outbox.clean-up" in handlers.known()
