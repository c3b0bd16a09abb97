"""Eight tills send the same receipts again and again: each is recorded once and answered alike."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections

from regulars import registry
from regulars.api import auth, idempotency
from regulars.points import verification
from regulars.points.models import Posting
from regulars.purchases.models import Purchase
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests import counts
from tests.api.conftest import Till
from tests.counts import Note
from tests.factories import customers, people, purchases

TILLS = 8
ROUNDS = counts.of(6, proof=40)
# In place of the look at the lock and the answers kept: nothing is known, go ahead.
FORGETFUL = "SELECT true, NULL, NULL, NULL WHERE %s <> '' AND %s IS NOT NULL AND %s <> ''"
FORGOTTEN = "SELECT %s::uuid, %s::text, %s::text, %s::int, %s::bytea"
type Build = Callable[..., dict[str, Any]]


@pytest.fixture
def aurum(own_database: str, monkeypatch: pytest.MonkeyPatch) -> ChainInfo:
    """Aurum, with commits that are real and one plain rule."""
    made = purchases.vertical()
    monkeypatch.setattr(registry, "vertical", lambda: made)
    monkeypatch.setattr(auth, "PER_KEY_MINUTE", 10**9)
    found = directory.find("aurum")
    assert found is not None
    return found


@pytest.fixture
def tills(aurum: ChainInfo, make_till: Callable[..., Till]) -> list[Till]:
    """Eight tills that share one key, as a chain's own server in front of them does."""
    first = make_till(aurum)
    return [first, *(Till("aurum.localhost", first.secret) for _ in range(TILLS - 1))]


@pytest.fixture
def body(aurum: ChainInfo, sale: Build) -> Build:
    """Build receipts of one customer, who is therefore hot."""
    with context.inside(aurum):
        carol = str(customers.customer(name="Carol", store=people.first_store()).id)
    return lambda: sale(customer={"id": carol})


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Do all at the same time, each with its own connection."""

    def run(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            for each in connections.all():
                each.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def keyed(till: Till, bodies: list[dict[str, Any]], seed: int) -> list[tuple[str, int, bytes]]:
    """Send each receipt twice under its key, in an order of one's own; (key, status, answer)."""
    told = []
    for body in random.Random(seed).sample(bodies * 2, len(bodies) * 2):
        answer = till.post("purchases", body, key=f"key {body['number']}")
        told.append((body["number"], answer.status_code, bytes(answer.content)))
    return told


def recorded(aurum: ChainInfo) -> tuple[int, int, Any]:
    """Return how many purchases and postings there are, and what is wrong with the books."""
    with context.inside(aurum):
        return Purchase.objects.count(), Posting.objects.count(), verification.findings()


@pytest.mark.proof("8 tills send the same purchases, each twice, under the same Idempotency-Keys")
def test_a_key_records_once_and_every_answer_is_the_same(
    aurum: ChainInfo, tills: list[Till], body: Build, record_property: Note
) -> None:
    statuses: Counter[int] = Counter()
    for turn in range(ROUNDS):
        bodies = [body() for _ in range(5)]
        told = at_once(
            [partial(keyed, till, bodies, number + turn) for number, till in enumerate(tills)]
        )
        flat = [each for part in told for each in part]
        statuses.update(status for _number, status, _answer in flat)
        done = {(number, answer) for number, status, answer in flat if status == 201}
        assert len(done) == len(bodies)

    assert set(statuses) <= {201, 409}, "409: the first call under this key is still running"
    assert recorded(aurum) == (ROUNDS * 5, ROUNDS * 5, [])
    record_property("calls", statuses.total())
    record_property("told to wait", statuses[409])


@pytest.mark.proof("8 tills send the same offline batch of sales and returns at the same moment")
def test_a_batch_sent_by_every_till_is_recorded_once(
    aurum: ChainInfo, tills: list[Till], body: Build, record_property: Note
) -> None:
    for _ in range(ROUNDS):
        sales = [{"kind": "purchase", **body()} for _ in range(5)]
        answers = at_once(
            [partial(till.post, "purchases/batch", {"entries": sales}) for till in tills]
        )
        assert {answer.status_code for answer in answers} == {200}
        results = [answer.json()["results"] for answer in answers]
        for told in zip(*results, strict=True):
            assert {each["status"] for each in told} == {201}
            assert len({each["body"]["id"] for each in told}) == 1
            assert sum(not each["body"]["repeated"] for each in told) == 1

    assert recorded(aurum) == (ROUNDS * 5, ROUNDS * 5, [])
    record_property("batches", ROUNDS * TILLS)
    record_property("entries", ROUNDS * TILLS * 5)


def test_a_call_that_looked_just_before_the_first_one_ended_is_told_to_ask_again(
    aurum: ChainInfo, tills: list[Till], body: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = body()
    first = tills[0].post("purchases", receipt, key="close")
    monkeypatch.setattr(idempotency, "_LOOK", FORGETFUL)

    second = tills[1].post("purchases", receipt, key="close")
    monkeypatch.undo()
    third = tills[1].post("purchases", receipt, key="close")

    assert (second.status_code, second["Retry-After"]) == (409, "1")
    assert third.content == first.content


@pytest.mark.proof("the same keys, with numbers that differ and without the key's lock and memory")
def test_positive_control_without_the_key_a_repeated_call_records_again(
    aurum: ChainInfo,
    tills: list[Till],
    body: Build,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Note,
) -> None:
    monkeypatch.setattr(idempotency, "_LOOK", FORGETFUL)
    monkeypatch.setattr(idempotency, "_KEEP", FORGOTTEN)

    def send(till: Till, number: int) -> int:
        answer = till.post("purchases", body() | {"number": f"N-{number}"}, key="one key")
        return int(answer.status_code)

    at_once([partial(send, till, number) for number, till in enumerate(tills)])

    found, _postings, _findings = recorded(aurum)
    assert found > 1
    connection.close()
    record_property("found", f"recorded {found} times")
