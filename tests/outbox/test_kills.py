"""A worker that is killed in the middle loses nothing and does nothing twice."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from regulars.outbox import services
from regulars.outbox.models import Job
from regulars.stores.models import Region
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests import counts, mortals
from tests.counts import Note
from tests.outbox import dying

KILLS = counts.of(3, proof=25)
JOBS = KILLS * 10


@pytest.fixture
def chain(own_database: str, monkeypatch: pytest.MonkeyPatch) -> ChainInfo:
    """Aurum, with commits that are real and no bell."""
    monkeypatch.setattr(services, "ring", lambda _chain: None)
    found = directory.find("aurum")
    assert found is not None
    return found


def write_down(chain: ChainInfo) -> None:
    with context.inside(chain):
        for number in range(JOBS):
            services.enqueue(handler=dying.EFFECT, payload={"word": f"word {number}"})


def kill_workers(*, lease: timedelta | None, seed: int) -> int:
    """Let two workers begin, kill them after some effects, often; return how many were killed."""
    chance, killed = random.Random(seed), 0
    for _ in range(KILLS):
        with (
            mortals.at_work(dying.work_off, lease) as first,
            mortals.at_work(dying.work_off, lease) as second,
        ):
            for _ in range(chance.randint(1, 5)):
                first.hear()
                second.hear()
            killed += first.process.is_alive() + second.process.is_alive()
            first.kill()
    return killed


def let_one_finish(chain: ChainInfo, *, lease: timedelta | None) -> None:
    with context.inside(chain):
        Job.objects.filter(done_at=None).update(due_at=datetime(2020, 1, 1, tzinfo=UTC))
    with mortals.at_work(dying.work_off, lease) as worker:
        while worker.hear() is not None:
            pass


def effects(chain: ChainInfo) -> Counter[str]:
    with context.inside(chain):
        return Counter(
            Region.objects.filter(name__startswith="word").values_list("name", flat=True)
        )


@pytest.mark.proof(
    "two workers at a time are killed with -9 between an effect and its being marked done,"
    " then one finishes"
)
def test_work_of_killed_workers_is_done_exactly_once(
    chain: ChainInfo, record_property: Note
) -> None:
    write_down(chain)

    killed = kill_workers(lease=None, seed=7)
    let_one_finish(chain, lease=None)

    assert killed >= KILLS
    assert effects(chain) == Counter({f"word {number}": 1 for number in range(JOBS)})
    with context.inside(chain):
        assert not Job.objects.filter(done_at=None, handler=dying.EFFECT).exists()
    record_property("kills", killed)
    record_property("pieces of work", JOBS)


@pytest.mark.proof("the same, with the effect committed before it is marked done")
def test_positive_control_outside_the_marking_transaction_work_is_done_twice(
    chain: ChainInfo, record_property: Note
) -> None:
    lease = timedelta(0)
    write_down(chain)

    killed = kill_workers(lease=lease, seed=7)
    let_one_finish(chain, lease=lease)

    twice = sum(count > 1 for count in effects(chain).values())
    assert twice > 0
    record_property("kills", killed)
    record_property("found", f"{twice} of {JOBS} done more than once")
