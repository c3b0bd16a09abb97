"""The parts of the stack and how one that ended is started again."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from regulars.local import faults, narration, processes

LONGEST_DELAY = 30.0
STEADY_AFTER = 15.0


class Part(Protocol):
    """What can be started, watched and stopped: a server of our own or any program."""

    log: Path

    @property
    def pid(self) -> int | None:
        """The process id while it lives."""
        ...

    def start(self) -> None:
        """Start it; returns at once if it runs."""
        ...

    def stop(self) -> None:
        """End it and wait."""
        ...


@dataclass(kw_only=True)
class Program:
    """A program of the product (web, worker, scheduler) run as a part."""

    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    folder: Path
    _process: subprocess.Popen[bytes] | None = None
    _was_asked: bool = False

    @property
    def pid(self) -> int | None:
        """The process id while it lives."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start it, and first end what an earlier life may have left in its process group."""
        if self.pid is not None:
            return
        self.stop()
        self._process = processes.spawn(
            self.command, log=self.log, cwd=self.folder, environment=self.environment
        )

    def ask_to_end(self) -> None:
        """Ask it to end without waiting, so that several parts can end at the same time."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)
            self._was_asked = True

    def stop(self, *, patience: float = 8.0) -> None:
        """End it: politely for ``patience`` seconds, then for certain."""
        if self._process is not None:
            # Celery takes a second SIGTERM for impatience.
            ask = None if self._was_asked else signal.SIGTERM
            processes.end(self._process, ask=ask, patience=patience)
            self._process = None
            self._was_asked = False


@dataclass(kw_only=True)
class Watched:
    """A part under supervision: started again when it ends, later each time it keeps ending."""

    name: str
    part: Part
    restarts: int = 0
    failures: int = 0
    _retry_at: float | None = None
    _up_since: float = field(default_factory=time.monotonic)

    def tend(self, *, now: float, narrator: narration.Narrator) -> bool:
        """Look at the part once and do what is due; say whether something changed.

        ``now`` is in seconds of a monotonic clock.
        """
        if self.part.pid is not None:
            if now - self._up_since > STEADY_AFTER:
                self.failures = 0
            return False
        if self._retry_at is None:
            self._plan(now=now, narrator=narrator, words=f"{self.name} ended unexpectedly")
            return True
        if now < self._retry_at:
            return False
        try:
            self.part.start()
        except faults.LocalError as error:
            self._plan(now=now, narrator=narrator, words=f"{self.name} did not start: {error}")
            return False
        self._retry_at = None
        self._up_since = time.monotonic()
        self.restarts += 1
        narrator.say(f"{self.name} runs again.")
        return True

    def _plan(self, *, now: float, narrator: narration.Narrator, words: str) -> None:
        delay = min(LONGEST_DELAY, 0.25 * 2**self.failures)
        self.failures += 1
        self._retry_at = now + delay
        narrator.say(f"{words}; it is started again in {delay:g} s. Its log: {self.part.log}")
