"""Running verticals' named functions where they can do no harm (design §3).

A few child processes are kept; a function that raises, loops, sleeps, eats memory or returns
nonsense costs its child at the most, and the sale that asked learns of a fault within LIMIT.
"""

import atexit
import os
import pickle
import select
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Final

import msgspec

from regulars.kit.calling import Call, FunctionError, Subject
from regulars.kit.rules import Function
from regulars.registry import sandbox

LIMIT: Final = 0.2  # seconds for all the calls of one sale
_STARTING: Final = 10.0  # seconds for the first answer of a new child, which imports the vertical
_MOST_IDLE: Final = 4
type Results = dict[tuple[str, Subject], object]


class _Child:
    """One sandbox process and the pipes to it."""

    def __init__(self) -> None:
        self.fresh = True
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-m", "regulars.registry.sandbox"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=kept,
        )

    def ask(self, frame: bytes) -> bytes:
        """Return the child's answer; raises TimeoutError, or EOFError when it died."""
        assert self.process.stdin  # noqa: S101
        assert self.process.stdout  # noqa: S101
        try:
            sandbox.write(self.process.stdin, frame)  # type: ignore[arg-type]
        except OSError as error:
            raise EOFError from error
        limit = _STARTING if self.fresh else LIMIT
        if not select.select([self.process.stdout], [], [], limit)[0]:
            raise TimeoutError
        answer = sandbox.read(self.process.stdout)  # type: ignore[arg-type]
        if answer is None:
            raise EOFError
        self.fresh = False
        return answer

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
        """Run every call in one round trip; raises FunctionError naming the first that failed."""
        if not calls:
            return {}
        child = self._taken() or _Child()
        if child.fresh:
            self._warm(child)
        try:
            answer = child.ask(pickle.dumps(list(calls)))
        except (TimeoutError, EOFError) as error:
            child.end()
            reason = "took too long" if isinstance(error, TimeoutError) else "ended its process"
            raise FunctionError(calls[0].function.key, reason) from error
        except BaseException:
            child.end()
            raise
        self._give_back(child)
        return _results(calls, answer)

    def _taken(self) -> _Child | None:
        """Take an idle child that is alive: the system ends those whose thread of ours ended."""
        while True:
            with self._guard:
                if not self._idle:
                    return None
                child = self._idle.pop()
            if child.process.poll() is None:
                return child
            child.end()

    @staticmethod
    def _warm(child: _Child) -> None:
        """Let a new child start up outside the limit that functions have."""
        try:
            child.ask(pickle.dumps([]))
        except (TimeoutError, EOFError) as error:
            child.end()
            raise FunctionError("*", "has no process to run in") from error

    def _give_back(self, child: _Child) -> None:
        with self._guard:
            if len(self._idle) < _MOST_IDLE:
                self._idle.append(child)
                return
        child.end()

    def close(self) -> None:
        """End every idle child."""
        with self._guard:
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()


def _results(calls: Sequence[Call], answer: bytes) -> Results:
    found: Results = {}
    decoded = msgspec.msgpack.decode(answer, type=list[tuple[str, str | int | bool | None]])
    for call, (kind, value) in zip(calls, decoded, strict=True):
        if kind == "fault":
            raise FunctionError(call.function.key, str(value))
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
