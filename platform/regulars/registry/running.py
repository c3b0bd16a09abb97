"""Running verticals' named functions where they can do no harm (design §3).

A few child processes are kept; a function that raises, loops, sleeps, eats memory or returns
nonsense costs its child at the most, and the sale that asked learns of a fault within LIMIT. That
is time of the function's own: what a busy machine keeps a child waiting does not count, up to
PATIENCE. Many sales may be asked about in one round trip; each has its own limit.
"""

import atexit
import os
import pickle
import secrets
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec

from regulars.kit.calling import Call, FunctionError, Subject
from regulars.kit.rules import Function
from regulars.registry import sandbox

LIMIT: Final = 0.2  # seconds for all the calls of one sale
PATIENCE: Final = 2.0  # seconds at most, when the machine does not let the child work
_STARTING: Final = 10.0  # seconds for a child to start and import the vertical
_MOST_IDLE: Final = 4
_MOST_FAULTS: Final = 3  # of one process: it may have run out of memory or files for good
_AT_ONCE: Final = 500  # sales in one frame
MOST_ENDED: Final = 4  # processes that many sales may cost before the rest is given up
_HELD_UP: Final = frozenset("RDTt")  # ready to run or stopped, not asleep of its own will
_LOOK_AGAIN: Final = 0.02  # seconds
_PIECE: Final = 65_536  # bytes
type Results = dict[tuple[str, Subject], object]


class _Child:
    """One sandbox process and the pipes to it."""

    def __init__(self) -> None:
        self.faults = 0
        self.modules: set[str] = set()  # of functions it has imported
        self._heard = bytearray()
        self._mark = b""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-m", "regulars.registry.sandbox"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=kept,
        )

    def ready(self, functions: Sequence[Function]) -> None:
        """Let it import what the functions need; none of them has to pay for that."""
        modules = {each.call.__module__ for each in functions}
        if not modules <= self.modules:
            self.ask(functions)
            self.answer(_STARTING)
            self.modules |= modules

    def ask(self, asked: Sequence[Function] | Sequence[Sequence[Call]]) -> None:
        """Send what is asked, under a new mark; raises EOFError when the process died."""
        assert self.process.stdin  # noqa: S101
        self._mark = secrets.token_bytes(8)
        frame = pickle.dumps((self._mark, list(asked)))
        try:
            sandbox.write(self.process.stdin, frame)  # type: ignore[arg-type]
        except OSError as error:
            raise EOFError from error

    def answer(self, limit: float = LIMIT) -> bytes:
        """Return the next answer; raises TimeoutError, or EOFError when the process died.

        Raises ValueError for something that answers nothing we asked.
        """
        assert self.process.stdout  # noqa: S101
        begin, until = self._spent(), time.monotonic() + max(limit, PATIENCE)
        wait = limit
        while (answer := self._whole()) is None:
            if select.select([self.process.stdout], [], [], wait)[0]:
                piece = os.read(self.process.stdout.fileno(), _PIECE)
                if not piece:
                    raise EOFError
                self._heard += piece
            elif self._spent() - begin >= limit or not self._is_held_up():
                raise TimeoutError
            else:
                wait = _LOOK_AGAIN
            if time.monotonic() >= until:
                raise TimeoutError
        if not answer.startswith(self._mark):
            raise ValueError(answer)
        return answer.removeprefix(self._mark)

    def _whole(self) -> bytes | None:
        """Take a whole answer out of what was heard, if there is one."""
        if len(self._heard) < sandbox.HEAD.size:
            return None
        end = sandbox.HEAD.size + sandbox.HEAD.unpack_from(self._heard)[0]
        if len(self._heard) < end:
            return None
        answer = bytes(self._heard[sandbox.HEAD.size : end])
        del self._heard[:end]
        return answer

    def is_silent(self) -> bool:
        """Say whether nothing is left that was said: it would be taken for the next answer."""
        assert self.process.stdout  # noqa: S101
        return not self._heard and not select.select([self.process.stdout], [], [], 0)[0]

    def _spent(self) -> float:
        """Return the seconds of processor time it has used; 0 where the system does not say."""
        try:
            return time.clock_gettime((~self.process.pid << 3) | 2)  # see clock_getcpuclockid(3)
        except OSError:
            return 0.0

    def _is_held_up(self) -> bool:
        """Say whether it would work if the machine let it."""
        try:
            stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        except OSError:  # only Linux tells
            return False
        return stat.rpartition(") ")[2][:1] in _HELD_UP

    def end(self) -> None:
        """Kill it and wait, so that nothing is left behind."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not sent any more cannot be flushed either
                    pipe.close()


class Pool:
    """Idle children, taken by one thread at a time."""

    def __init__(self) -> None:
        self._idle: list[_Child] = []
        self._guard = threading.Lock()

    def run(self, calls: Sequence[Call]) -> Results:
        """Run the calls of one sale; raises FunctionError naming the first that failed."""
        (answer,) = self.run_many([calls])
        if isinstance(answer, FunctionError):
            raise answer
        return answer

    def run_many(self, sales: Sequence[Sequence[Call]]) -> list[Results | FunctionError]:
        """Run the calls of many sales in few round trips; each has an answer or a fault of its own.

        A sale that ends its process is a fault and the next one has a new process. After some of
        those the rest is not tried any more.
        """
        answers: list[Results | FunctionError] = [{} for _ in sales]
        waiting = [place for place, calls in enumerate(sales) if calls]
        ended = 0
        while waiting and ended < MOST_ENDED:
            some = waiting[:_AT_ONCE]
            done = self._run([sales[place] for place in some])
            for place, answer in zip(some, done, strict=False):
                answers[place] = answer
            waiting = waiting[len(done) :]
            ended += len(done) < len(some)
        for place in waiting:
            reason = "was not tried: it failed too often just before"
            answers[place] = FunctionError(sales[place][0].function.key, reason)
        return answers

    def _run(self, sales: Sequence[Sequence[Call]]) -> list[Results | FunctionError]:
        """Run one frame of sales; the answers end early with the sale that ended the process."""
        child = self._taken() or _Child()
        done: list[Results | FunctionError] = []
        try:
            self._make_ready(child, sales)
            child.ask(sales)
            for calls in sales:
                done.append(_results(calls, child.answer()))  # noqa: PERF401  (kept on a fault)
        except (TimeoutError, EOFError) as error:
            child.end()
            reason = "took too long" if isinstance(error, TimeoutError) else "ended its process"
            done.append(FunctionError(sales[len(done)][0].function.key, reason))
        except (msgspec.MsgspecError, ValueError):  # it wrote into the pipe of answers itself
            child.end()
            done.append(FunctionError(sales[len(done)][0].function.key, "answered nonsense"))
        except FunctionError as fault:
            child.end()
            done.append(fault)
        except BaseException:
            child.end()
            raise
        else:
            child.faults += any(isinstance(each, FunctionError) for each in done)
            self._give_back(child)
        return done

    @staticmethod
    def _make_ready(child: _Child, sales: Sequence[Sequence[Call]]) -> None:
        known = {id(call.function): call.function for calls in sales for call in calls}
        functions = list(known.values())
        try:
            child.ready(functions)
        except (TimeoutError, EOFError) as error:
            raise FunctionError(functions[0].key, "has no process to run in") from error

    def _taken(self) -> _Child | None:
        """Take an idle child that is alive and has said no more than it was asked.

        The system ends those whose thread of ours ended.
        """
        while True:
            with self._guard:
                if not self._idle:
                    return None
                child = self._idle.pop()
            if child.process.poll() is None and child.is_silent():
                return child
            child.end()

    def _give_back(self, child: _Child) -> None:
        with self._guard:
            if len(self._idle) < _MOST_IDLE and child.faults < _MOST_FAULTS:
                self._idle.append(child)
                return
        child.end()

    def close(self) -> None:
        """End every idle child."""
        with self._guard:
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()


def _results(calls: Sequence[Call], answer: bytes) -> Results | FunctionError:
    """Return what the functions said, or the first fault among them."""
    found: Results = {}
    decoded = msgspec.msgpack.decode(answer, type=list[tuple[str, str | int | bool | None]])
    for call, (kind, value) in zip(calls, decoded, strict=True):
        if kind == "fault":
            return FunctionError(call.function.key, str(value))
        result: object = Decimal(str(value)) if kind == "decimal" else value
        found[call.function.key, call.subject] = result
    return found


_pools: dict[int, Pool] = {}


def pool() -> Pool:
    """Return this process's pool; a forked child of ours gets its own."""
    found = _pools.get(os.getpid())
    if found is None:
        found = _pools.setdefault(os.getpid(), Pool())
        atexit.register(found.close)
    return found


def lookup(results: Results, function: Function, subject: Subject) -> object:
    """Return what was computed, in the shape `kit.points.evaluate` asks for it."""
    return results[function.key, subject]
