"""A worker of the tests that dies, or takes all memory, ends the run red and with a test's name."""

import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from tests import workers

ROOT: Final = Path(__file__).resolve().parents[2]
FILES: Final = {f"test_{letter}.py": 1 + (letter > "c") for letter in "abcdefghijklmnop"}
TESTS: Final = [f"{file}::test_{number}" for file, most in FILES.items() for number in range(most)]


class Worker:
    """As xdist's: it begins a test when it knows what comes after it, or that nothing does."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.given: deque[int] = deque()
        self.shutting_down = False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given.extend(indices)

    def shutdown(self) -> None:
        self.shutting_down = True

    def may_begin(self) -> bool:
        return bool(self.given) and (len(self.given) > 1 or self.shutting_down)


def played(scheduler: Any, deadly: str, *, is_slow: bool) -> tuple[list[str], list[str | None]]:
    """Run all tests with two workers and one in place of whichever dies, until nobody goes on.

    A slow death comes when nobody else has anything to do. Returns what was run to its end, and
    what workers died of.
    """
    done, crashes = [], []
    running = [_come(scheduler, "gw0"), _come(scheduler, "gw1")]
    scheduler.schedule()
    while may := [each for each in running if each.may_begin()]:
        worker = next(
            (each for each in may if TESTS[each.given[0]] != deadly or not is_slow), may[0]
        )
        running.remove(worker)
        index = worker.given.popleft()
        if TESTS[index] != deadly:
            running.append(worker)  # they take turns
            done.append(TESTS[index])
            scheduler.mark_test_complete(worker, index)
        else:
            crashes.append(scheduler.remove_node(worker))
            running.append(_come(scheduler, f"gw{len(crashes) + 1}"))
            scheduler.schedule()
        if len(crashes) > 3:
            break
        for each in running if scheduler.tests_finished else ():
            each.shutdown()
        for each in [each for each in running if each.shutting_down and not each.given]:
            running.remove(each)
            assert scheduler.remove_node(each) is None
    return done, crashes


def _come(scheduler: Any, name: str) -> Worker:
    worker = Worker(name)
    scheduler.add_node(worker)
    scheduler.add_node_collection(worker, TESTS)
    return worker


@pytest.fixture
def make(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Make a scheduler for two workers."""
    monkeypatch.setattr(pytestconfig.option, "tx", ["popen", "popen"])
    monkeypatch.setattr(pytestconfig.option, "loadscopereorder", False)

    def made(kind: Callable[..., Any], *more: Any) -> Any:
        return kind(pytestconfig, None, *more)

    return made


@pytest.mark.parametrize("is_slow", [False, True], ids=["at once", "when all else is done"])
@pytest.mark.parametrize("deadly", TESTS)
def test_a_worker_that_dies_leaves_its_other_tests_to_be_run_once(
    make: Any, deadly: str, is_slow: bool
) -> None:
    scheduler = make(workers.Scheduling, ("test_a", "test_b"))

    done, crashes = played(scheduler, deadly, is_slow=is_slow)

    assert crashes == [deadly]
    assert sorted(done) == sorted(set(TESTS) - {deadly})


@pytest.mark.parametrize("is_slow", [False, True], ids=["at once", "when all else is done"])
def test_positive_control_xdists_own_scheduler_hangs_or_dies_again(
    make: Any, is_slow: bool
) -> None:
    done, crashes = played(make(LoadFileScheduling), TESTS[10], is_slow=is_slow)

    assert len(crashes) > 1 or len(done) < len(TESTS) - 1


GREEDY: Final = """
import os, threading, time
from tests import workers
os.environ["PYTEST_CURRENT_TEST"] = "tests/test_of_mine.py::test_it"
workers.watch(os.dup(2), most={most})
def hoard():
    kept = bytearray(400 * 2**20)
    time.sleep(1.5)
thread = threading.Thread(target=hoard, name="the greedy one")
thread.start()
thread.join()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much a process takes")
@pytest.mark.parametrize(("most", "ends"), [(300 * 2**20, 70), (2**40, 0)])
def test_a_process_that_takes_too_much_memory_ends_and_says_in_which_test(
    most: int, ends: int
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", GREEDY.format(most=most)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    told = ("more than 300", "tests/test_of_mine.py::test_it", "the greedy one", "in hoard")
    assert ended.returncode == ends
    assert [each in ended.stderr for each in told] == [ends == 70] * len(told)
