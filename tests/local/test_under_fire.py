"""Four tills sell through a whole `regulars up` whose parts are killed, one after the other."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from regulars.local import processes
from tests import counts
from tests.counts import Note
from tests.local.running import Run
from tests.local.shopping import Shop, opened
from tests.local.tills import Sent, Till, at_work

KILLS = counts.of(3, proof=25)
DRAINED_WITHIN = 120.0
BACK_WITHIN = 80.0
UNDONE = """
SELECT count(*) FROM outbox_job WHERE done_at IS NULL AND failed_at IS NULL AND due_at <= now()
   OR failed_at IS NOT NULL OR handler = 'points.award' AND done_at IS NULL"""
AWARDS = """
SELECT purchase_id, count(*), sum(amount)::int FROM points_posting
WHERE verb = 'award' GROUP BY 1"""


@pytest.fixture(scope="module")
def shop(product: Run) -> Iterator[Shop]:
    """A chain in the product that others used before; after the fire nobody should."""
    yield opened(product, "kept")
    product.end()


def children(pid: int | None) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def part(*names: str) -> Callable[[Run], list[int | None]]:
    return lambda run: [run.pid_of(name) for name in names]


def child_of(name: str) -> Callable[[Run], list[int | None]]:
    return lambda run: [*children(run.pid_of(name))[-1:]]


# The first three are those of `make test`.
VICTIMS: dict[str, Callable[[Run], list[int | None]]] = {
    "web": part("web"),
    "worker": part("worker"),
    "database": part("PostgreSQL"),
    "a process of web": child_of("web"),
    "a connection of the database": child_of("PostgreSQL"),
    "Valkey": part("Valkey"),
    "a process of the worker": child_of("worker"),
    "all at once": part("web", "worker", "PostgreSQL", "Valkey", "scheduler"),
}


def kill(shop: Shop, victim: str, tills: list[Till]) -> float:
    """Kill, wait until every till sells again, and return how long the slowest receipt took."""
    assert processes.wait_until(
        lambda: all(VICTIMS[victim](shop.run) or [None]), timeout=BACK_WITHIN
    )
    before = [len(till.sent) for till in tills]
    struck = time.monotonic()
    for pid in VICTIMS[victim](shop.run):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def sells(till: Till) -> bool:
        return sum(each.answer is not None and each.began > struck for each in till.sent) > 3

    assert processes.wait_until(lambda: all(map(sells, tills)), timeout=BACK_WITHIN), (
        f"{victim} did not come back"
    )
    return max(
        each.seconds
        for till, first in zip(tills, before, strict=True)
        for each in till.sent[max(first - 1, 0) :]
    )


def is_drained(shop: Shop) -> bool:
    return shop.every(UNDONE) == [(0,)]


def faults(shop: Shop, tills: list[Till]) -> list[str]:
    """Compare what tills were told with what is written; [] when every receipt is there once."""
    sent = {(till.name, each.number): each for till in tills for each in till.sent}
    rows = shop.every(
        "SELECT source, number, id::text FROM purchases_purchase WHERE source = ANY(%s)",
        [till.name for till in tills],
    )
    found = [
        f"{source} {number} is there {times} times"
        for (source, number), times in Counter(
            (source, number) for source, number, _ in rows
        ).items()
        if times > 1
    ]
    written = {(source, number): pk for source, number, pk in rows}
    found += [f"{number} is nobody's" for number in written.keys() - sent.keys()]
    awards = {str(pk): (times, amount) for pk, times, amount in shop.every(AWARDS)}
    for number, each in sent.items():
        if each.answer is None:
            found.append(f"{number} was never answered")
        elif written.get(number) != each.answer["id"]:
            found.append(f"{number} was acknowledged and is missing")
        elif each.path == "purchases":
            found += _points(each, awards.get(each.answer["id"], (0, 0)))
    return found


def _points(sold: Sent, award: tuple[int, int]) -> list[str]:
    assert sold.answer is not None
    times, amount = award
    told = sold.answer["points"]
    if times != 1:
        return [f"{sold.number} earned {times} times"]
    if sold.answer["points_status"] == "posted" and amount != told:
        return [f"{sold.number} earned {amount}, and the till was told {told}"]
    return []


@pytest.mark.proof(
    "four tills sell and take back over HTTP through a whole `regulars up` and send again what"
    " was not answered, some hanging up before the answer, while a part is killed with -9; then"
    " what they were told is compared with the rows"
)
def test_what_a_till_was_told_survives_every_kill_and_is_there_once(
    shop: Shop, record_property: Note
) -> None:
    chance, tills = random.Random(3), shop.tills("till-")
    held_up: dict[str, float] = {}
    with at_work(tills):
        assert processes.wait_until(lambda: all(len(each.sent) > 5 for each in tills), timeout=60)
        for number in range(KILLS):
            victim = list(VICTIMS)[number % len(VICTIMS)]
            held_up[victim] = max(held_up.get(victim, 0), kill(shop, victim, tills))
            time.sleep(chance.uniform(0.2, 1.5))
    began = time.monotonic()

    assert processes.wait_until(lambda: is_drained(shop), timeout=DRAINED_WITHIN, pause=0.2)

    drained = time.monotonic() - began
    assert faults(shop, tills) == []
    verified = shop.run.ask("ledger", "verify", shop.facts["subdomain"])
    assert verified.returncode == 0, verified.stdout
    assert [odd for till in tills for odd in till.odd] == [], shop.last_trace()
    record_property("kills", KILLS)
    record_property("receipts", sum(len(till.sent) for till in tills))
    record_property("sent again", sum(each.tries - 1 for till in tills for each in till.sent))
    slowest = ", ".join(f"{victim} {seconds:.1f} s" for victim, seconds in held_up.items())
    record_property(
        "found", f"nothing wrong; outbox empty after {drained:.0f} s; held up at most: {slowest}"
    )


@pytest.mark.proof("the same tills without a kill, with a new number and key each time they ask")
def test_positive_control_a_till_that_renames_its_receipt_doubles_it(
    shop: Shop, record_property: Note
) -> None:
    tills = shop.tills("renaming-", is_faithful=False, hangs_up=0.5)

    with at_work(tills):
        time.sleep(2)

    found = faults(shop, tills)
    assert [each for each in found if "nobody's" in each]
    record_property("found", f"{len(found)} receipts are wrong")
