"""A vertical that misbehaves is stopped within its limit, and the next call works again."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

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
def speaks(line):
    frame = b"\\x00\\x00\\x00\\x06" + b"\\x91\\x92\\xa2ok\\x07"
    for pipe in range(3, 20):
        try: os.write(pipe, frame)
        except OSError: pass
    return 1
def fussy(line):
    if line.net_minor == 13: time.sleep(60)
    if line.net_minor == 14: raise ValueError("fourteen")
    return line.net_minor
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
    monkeypatch.setattr(running._Child, "is_silent", lambda child: True)

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


def test_many_sales_are_asked_about_in_one_round_trip(
    pool: running.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(pool, call("good"))
    frames: list[Any] = []
    ask = running._Child.ask

    def noted(child: running._Child, asked: Any) -> None:
        frames.append(asked)
        ask(child, asked)

    monkeypatch.setattr(running._Child, "ask", noted)

    answers = pool.run_many([[call("good", n)] if n else [] for n in range(400)])

    assert len(frames) == 1
    assert answers[0] == {}
    assert [list(each.values()) for each in answers[1:] if isinstance(each, dict)] == [
        [2 * n] for n in range(1, 400)
    ]


def test_one_faulty_sale_among_many_is_the_only_one_without_an_answer(pool: running.Pool) -> None:
    answers = pool.run_many([[call("fussy", n)] for n in range(10, 18)])

    faults = {n + 10: each.reason for n, each in enumerate(answers) if not isinstance(each, dict)}
    assert list(faults) == [13, 14]
    assert faults[13] == "took too long"
    assert "fourteen" in faults[14]


def test_many_sales_that_all_hang_are_given_up_after_a_few(pool: running.Pool) -> None:
    started = time.monotonic()

    answers = pool.run_many([[call("fussy", 13)] for _ in range(200)])

    reasons = [each.reason for each in answers if isinstance(each, FunctionError)]
    assert len(reasons) == 200
    assert reasons.count("took too long") == running.MOST_ENDED
    assert time.monotonic() - started < 200 * running.LIMIT


def test_a_machine_that_keeps_the_process_waiting_is_no_fault_of_the_function(
    pool: running.Pool,
) -> None:
    only(pool, call("good"))
    child = pool._idle[0].process.pid
    os.kill(child, signal.SIGSTOP)
    threading.Timer(3 * running.LIMIT, os.kill, (child, signal.SIGCONT)).start()

    assert only(pool, call("good")) == 200


def test_a_process_that_never_gets_on_is_a_fault_in_the_end(pool: running.Pool) -> None:
    only(pool, call("good"))
    os.kill(pool._idle[0].process.pid, signal.SIGSTOP)

    with pytest.raises(FunctionError, match="took too long"):
        only(pool, call("good"))


def test_what_importing_a_vertical_takes_is_not_the_functions_time(
    pool: running.Pool, tmp_path: Path
) -> None:
    (tmp_path / "slow_vertical.py").write_text(
        "import time\ntime.sleep(0.4)\ndef good(line): return 3\n"
    )
    import slow_vertical  # type: ignore[import-not-found]

    only(pool, call("good"))  # the process is there and knows another vertical
    function = Function(key="slow", on="line", gives="number", call=slow_vertical.good)

    assert only(pool, Call(function, Line(net_minor=1))) == 3
    sys.modules.pop("slow_vertical")


def test_what_a_function_prints_does_not_disturb_answers(pool: running.Pool) -> None:
    assert only(pool, call("prints")) == 5


def test_what_a_function_says_too_much_is_no_answer_to_the_next_sale(pool: running.Pool) -> None:
    with pytest.raises(FunctionError, match="nonsense"):
        only(pool, call("speaks"))

    assert only(pool, call("good", 50)) == 100


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
