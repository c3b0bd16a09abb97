"""A worker killed while a batch is put together: everybody is asked exactly once."""

import random
from uuid import UUID

import pytest

from regulars.messages.models import Batch, Contact, PassedOver
from regulars.outbox import services as outbox
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.usecases import batching
from tests import counts, mortals
from tests.counts import Note
from tests.factories import batches as factory
from tests.factories.contacts import budget, person
from tests.mortals import Says

KILLS = counts.of(3, proof=40)
AT_ONCE = 4
PEOPLE = KILLS * 10


def work(says: Says) -> None:
    """Put a batch of aurum together, a few customers at a time, and tell of each slice."""
    setattr(batching, "SLICE", AT_ONCE)  # noqa: B010  (it is Final)
    setattr(outbox, "ring", lambda _chain: None)  # noqa: B010
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        while outbox.work_off(limit=1):
            says("slice")


@pytest.fixture
def chain(own_database: str, monkeypatch: pytest.MonkeyPatch) -> ChainInfo:
    """Aurum, with commits that are real and no bell."""
    monkeypatch.setattr(outbox, "ring", lambda _chain: None)
    found = directory.find("aurum")
    assert found is not None
    return found


def is_complete(chain: ChainInfo, batch_id: UUID) -> bool:
    with context.inside(chain):
        return Batch.objects.filter(pk=batch_id, filled_at__isnull=False).exists()


@pytest.mark.proof("the worker is killed with -9 while a batch is put together, then one finishes")
def test_everybody_is_asked_once_however_often_the_worker_is_killed(
    chain: ChainInfo, record_property: Note
) -> None:
    with context.inside(chain):
        budget(limits=[])
        factory.text(purpose="service", occasion="reminder")  # greetings to so many are too alike
        factory.crowd(PEOPLE)
        for _ in range(PEOPLE // 5):
            person(phone=None)
        pk = factory.prepared()
    chance = random.Random(counts.seed())

    for _ in range(KILLS):
        with mortals.at_work(work) as worker:
            for _ in range(chance.randint(0, 2)):
                worker.hear()
    while not is_complete(chain, pk):  # what the last one held is let go of after a moment
        with mortals.at_work(work) as worker:
            while worker.hear() is not None:
                pass

    with context.inside(chain):
        batch = Batch.objects.get(pk=pk)
        asked = list(Contact.objects.filter(batch=pk).values_list("customer_id", flat=True))
        passed = PassedOver.objects.filter(batch=pk).count()
    assert batch.filled_at is not None
    assert len(asked) == len(set(asked)) == PEOPLE
    assert passed == PEOPLE // 5
    assert batch.counts["looked-at"] == PEOPLE + PEOPLE // 5
    record_property("kills", KILLS)
    record_property("customers", PEOPLE)
