"""The website of a whole `regulars up` after thousands of calls: no larger, no more open."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import counts
from tests.counts import Note
from tests.local.running import Run, running
from tests.local.shopping import Office, Shop, opened
from tests.local.tills import Till

MB = 1024**2
HANDS = 4
TURNS = counts.of(5, proof=100)  # of each hand in a round
ROUNDS = counts.of(2, proof=5)  # after the first one, which warms up
MOST_GROWN = counts.of(48, proof=32) * MB
FILE_EVERY = 5  # turns: a person may bring in 120 files an hour
MOST_CONNECTIONS = 12  # the pool's own limit, of one process
LEAKING = """
from django.core.handlers.base import BaseHandler
kept, answer = [], BaseHandler.get_response
def get_response(self, request):
    kept.append(bytes([1]) * 2**19)
    return answer(self, request)
BaseHandler.get_response = get_response
"""


@dataclass(frozen=True)
class Footprint:
    """What the processes of the website hold, the vertical's sandboxes aside."""

    memory: int
    files: int
    threads: int
    connections: int


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def footprint(shop: Shop) -> Footprint:
    web = shop.run.pid_of("web")
    assert web is not None
    servers = [web, *children(web)]
    told = [
        dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        for pid in servers
    ]
    ((connections,),) = shop.every(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user"
        " AND application_name = '' AND pid <> pg_backend_pid()"
    )
    return Footprint(
        memory=sum(int(each["VmRSS"].split()[0]) * 1024 for each in told),
        files=sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in servers),
        threads=sum(int(each["Threads"]) for each in told),
        connections=connections,
    )


class Hand:
    """Does a bit of everything: sells, searches, looks, exports, brings files in."""

    def __init__(self, shop: Shop, till: Till, number: int) -> None:
        self.till, self.number, self.turns = till, number, 0
        self.office = Office(shop, number)

    def work(self) -> int:
        """Do a round; return how many calls it took."""
        files = 0
        for _ in range(TURNS):
            self.turns += 1
            name = f"{self.number}-{self.turns}"
            for _ in range(3):
                self.till.sell_or_take_back()
            self.office.call("customers?limit=20")
            self.office.ask("GET", "/customers/?q=C1")
            self.office.ask("GET", "/insights/")
            self.office.ask("GET", "/insights/files/stores.xlsx")
            if self.turns % FILE_EVERY == 0:
                lines = ["姓名,手机号", f"顾客{name},1380013{self.turns % 10_000:04}"]
                self.office.upload(name, lines)
                files += 1
        return 7 * TURNS + files


def rounds(shop: Shop, hands: list[Hand], times: int) -> Iterator[tuple[int, Footprint]]:
    """Yield the calls of each round of all hands at the same time, and the footprint after it."""
    with ThreadPoolExecutor(len(hands)) as pool:
        for _ in range(times):
            calls = sum(done.result() for done in [pool.submit(hand.work) for hand in hands])
            yield calls, footprint(shop)


def grown(shop: Shop, times: int) -> tuple[int, Footprint, Footprint]:
    """Return the calls made, the footprint when warm, and after so many rounds more."""
    tills = shop.tills("leak-", hangs_up=0.0)
    hands = [Hand(shop, till, number) for number, till in enumerate(tills)]
    (first, warm), *later = rounds(shop, hands, times + 1)
    return first + sum(calls for calls, _footprint in later), warm, later[-1][1]


@pytest.mark.proof(
    "four hands sell, search, look at head office, export and upload files through the website of"
    " a whole `regulars up`; memory, files, threads and connections of its processes are read"
    " from the system when it is warm and at the end"
)
def test_thousands_of_calls_leave_nothing_behind(product: Run, record_property: Note) -> None:
    calls, warm, end = grown(opened(product, "leaks"), ROUNDS)

    assert end.memory - warm.memory < MOST_GROWN
    assert end.files - warm.files <= MOST_CONNECTIONS + HANDS
    assert end.threads - warm.threads <= HANDS
    assert end.connections <= MOST_CONNECTIONS
    record_property("calls", calls)
    record_property(
        "found",
        f"memory {warm.memory // MB} → {end.memory // MB} MB, files {warm.files} → {end.files},"
        f" threads {warm.threads} → {end.threads}, connections {end.connections}",
    )


@pytest.mark.proof("the same website, which keeps half a megabyte of each request")
@pytest.mark.skipif(not counts.IS_LONG, reason="another `regulars up`: only in `make proof`")
def test_positive_control_a_website_that_keeps_something_of_each_request_is_noticed(
    tmp_path: Path, record_property: Note
) -> None:
    (tmp_path / "sitecustomize.py").write_text(LEAKING)

    with running(tmp_path, PYTHONPATH=str(tmp_path)) as product:
        _calls, warm, end = grown(opened(product, "leaking"), 1)

    assert end.memory - warm.memory > MOST_GROWN
    record_property("found", f"{(end.memory - warm.memory) // MB} MB more")
