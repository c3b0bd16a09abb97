"""A vertical that misbehaves is stopped within its limit, and the next call works again."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from regulars.kit import Line
from regulars.kit.calling import Call, FunctionError
from regulars.kit.rules import Function
from regulars.registry import running

FAULTY = """
import os, time, threading
leak = []
def good(line): return line.net_minor * 2
def exact(line):
    from decimal import Decimal
    return Decimal("1.25")
def raises(line): raise ValueError("boom")
def loops(line):
    while True: pass
def sleeps(line): time.sleep(60)
def eats(line): leak.append(bytearray(2**31)); return 1
def ends(line): os._exit(3)
def prints(line): print("x" * 10000); return 5
def nonsense(line): return object()
def mutates(line): object.__setattr__(line, "net_minor", 10**6); return 1
def peeks(line): return len([name for name in os.environ if "DATABASE" in name or "SECRET" in name])
"""


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[running.Pool]:
    """A pool whose children can import the faulty functions."""
    (tmp_path / "faulty_vertical.py").write_text(FAULTY)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    original = subprocess.Popen

    def with_path(command: list[str], **kwargs: object) -> object:
        kwargs["env"] = {"PYTHONPATH": str(tmp_path)}
        return original([part for part in command if part != "-I"], **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", with_path)
    made = running.Pool()
    yield made
    made.close()
    sys.modules.pop("faulty_vertical", None)


def call(name: str, amount: int = 100) -> Call:
    import faulty_vertical  # type: ignore[import-not-found]

    function = Function(key=name, on="line", gives="number", call=getattr(faulty_vertical, name))
    return Call(function, Line(net_minor=amount))


def only(pool: running.Pool, each: Call) -> object:
    return pool.run([each])[each.function.key, each.subject]


def test_a_good_function_answers_and_its_process_is_used_again(pool: running.Pool) -> None:
    assert only(pool, call("good")) == 200
    child = pool._idle[0].process.pid

    assert only(pool, call("exact")) == Decimal("1.25")
    assert pool._idle[0].process.pid == child


def test_a_process_that_ended_with_the_thread_that_began_it_is_replaced(
    pool: running.Pool,
) -> None:
    """Linux kills a child when the thread that made it ends, as threads of a server do."""
    thread = threading.Thread(target=only, args=(pool, call("good")))
    thread.start()
    thread.join()
    pool._idle[0].process.wait(timeout=5)

    assert only(pool, call("good")) == 200


def test_a_process_that_is_gone_before_it_could_be_asked_is_a_fault_and_no_crash(
    pool: running.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(pool, call("good"))
    child = pool._idle[0].process
    child.kill()
    child.wait()
    monkeypatch.setattr(child, "poll", lambda: None)

    with pytest.raises(FunctionError):
        only(pool, call("good"))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("raises", "boom"),
        ("loops", "took too long"),
        ("sleeps", "took too long"),
        ("eats", "MemoryError"),
        ("ends", "ended its process"),
        ("nonsense", "returned"),
    ],
)
def test_a_faulty_function_is_named_and_the_next_call_works(
    pool: running.Pool, name: str, says: str
) -> None:
    only(pool, call("good"))

    with pytest.raises(FunctionError, match=says) as fault:
        pool.run([call(name)])

    assert fault.value.function == name
    assert only(pool, call("good")) == 200


def test_a_hanging_function_costs_the_sale_no_more_than_its_limit(pool: running.Pool) -> None:
    only(pool, call("good"))
    started = time.monotonic()

    with pytest.raises(FunctionError):
        pool.run([call("sleeps")])

    assert time.monotonic() - started < running.LIMIT + 3


def test_what_a_function_prints_does_not_disturb_answers(pool: running.Pool) -> None:
    assert only(pool, call("prints")) == 5


def test_a_function_cannot_change_the_sale_it_is_shown(pool: running.Pool) -> None:
    each = call("mutates")

    pool.run([each])

    assert each.subject == Line(net_minor=100)


def test_a_function_sees_no_secret_of_ours(pool: running.Pool) -> None:
    assert only(pool, call("peeks")) == 0


def test_no_process_is_left_behind(pool: running.Pool) -> None:
    only(pool, call("good"))
    child = pool._idle[0].process.pid

    pool.close()

    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
