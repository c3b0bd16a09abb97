"""A worker killed in the middle of a batch sends nothing twice, and says what it does not know."""

import random
from collections import Counter
from uuid import UUID

import pytest

from regulars.audit import SYSTEM
from regulars.messages.models import Contact
from regulars.messages.services import batches
from regulars.outbox import services as outbox
from regulars.stores.models import Region
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests import counts, mortals
from tests.counts import Note
from tests.factories.contacts import budget, draft, person
from tests.factories.customers import NOW
from tests.messages import dying

KILLS = counts.of(3, proof=100)
MESSAGES = KILLS * 8


@pytest.fixture
def chain(own_database: str, monkeypatch: pytest.MonkeyPatch) -> ChainInfo:
    """Aurum, with commits that are real and no bell."""
    monkeypatch.setattr(outbox, "ring", lambda _chain: None)
    found = directory.find("aurum")
    assert found is not None
    return found


def batch(chain: ChainInfo) -> UUID:
    with context.inside(chain):
        budget()
        made = batches.open_batch(actor=SYSTEM, title="x", purpose="care", channel="sms", now=NOW)
        drafts = [draft(person()) for _ in range(MESSAGES)]
        batches.fill(actor=SYSTEM, batch_id=made.pk, drafts=drafts, now=NOW)
        batches.begin(actor=SYSTEM, batch_id=made.pk, now=NOW)
    return made.pk


def kill_workers(batch_id: UUID, *, marks: bool) -> None:
    chance = random.Random(counts.seed())
    for _ in range(KILLS):
        with mortals.at_work(dying.send, batch_id, marks) as worker:
            for _ in range(chance.randint(1, 5)):
                worker.hear()


def heard_of(chain: ChainInfo) -> Counter[str]:
    """Return how often the provider was handed each message."""
    with context.inside(chain):
        names = Region.objects.values_list("name", flat=True)
        return Counter(name for name in names if len(name) == 32)


@pytest.mark.proof("the worker is killed with -9 at random messages of a batch, then one finishes")
def test_each_message_is_sent_at_most_once_and_known_as_sent_or_unknown(
    chain: ChainInfo, record_property: Note
) -> None:
    batch_id = batch(chain)

    kill_workers(batch_id, marks=True)
    with mortals.at_work(dying.send, batch_id, True) as worker:
        while worker.hear() is not None:
            pass

    heard = heard_of(chain)
    with context.inside(chain):
        states = dict(Contact.objects.values_list("pk", "state"))
    assert set(heard.values()) == {1}
    assert set(states.values()) <= {"accepted", "unknown"}
    unknown = sum(state == "unknown" for state in states.values())
    assert unknown <= KILLS, "at most the one that was under way at each kill"
    assert {pk.hex for pk, state in states.items() if state == "accepted"} <= set(heard)
    record_property("kills", KILLS)
    record_property("messages", MESSAGES)
    record_property("found", f"{unknown} unknown")


@pytest.mark.proof("the same, without the mark that is committed before the call")
def test_positive_control_without_the_mark_messages_are_sent_twice(
    chain: ChainInfo, record_property: Note
) -> None:
    batch_id = batch(chain)

    kill_workers(batch_id, marks=False)

    twice = sum(count > 1 for count in heard_of(chain).values())
    assert twice > 0
    record_property("found", f"{twice} of {MESSAGES} sent more than once")
