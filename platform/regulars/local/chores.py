"""Work done in child processes before the product is up, with their progress shown.

A chore tells how far it is by printing lines such as ``[3/10] Writing purchases``; everything it
prints is kept in its log.
"""

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from regulars.local import faults, narration, processes

_PROGRESS = re.compile(r"^\[(\d+)/(\d+)\] ?(.*)$")


@dataclass(frozen=True, kw_only=True)
class Chore:
    """A program that runs to its end; ``title`` is what the person reads."""

    title: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    folder: Path
    after: Callable[[], None] = lambda: None


class _Running:
    """A chore at work, and how much of its log has been read."""

    def __init__(self, chore: Chore, step: narration.Step) -> None:
        self.chore = chore
        self.step = step
        chore.log.parent.mkdir(parents=True, exist_ok=True)
        chore.log.write_bytes(b"")
        self.process: subprocess.Popen[bytes] = processes.spawn(
            chore.command, log=chore.log, cwd=chore.folder, environment=chore.environment
        )
        self._read = 0

    def show_progress(self) -> None:
        """Pass on the last line written since the last look."""
        with self.chore.log.open("rb") as file:
            file.seek(self._read)
            fresh = file.read()
        whole = fresh.rfind(b"\n") + 1
        self._read += whole
        for line in reversed(fresh[:whole].decode(errors="replace").splitlines()):
            if found := _PROGRESS.match(line):
                done, total, words = found.groups()
                self.step.advance(done=int(done), total=int(total), words=words)
                return
            if line.strip():
                self.step.murmur(line.strip())
                return

    def check(self) -> None:
        """Raise PartFailedError if it ended with an error."""
        if self.process.returncode != 0:
            raise faults.PartFailedError(
                f"{self.chore.title}: failed (exit code {self.process.returncode}). "
                f"Its log, {self.chore.log}, ends with:\n{processes.tail(self.chore.log, lines=15)}"
            )


def run(
    *sequences: Sequence[Chore],
    narrator: narration.Narrator,
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    """Run the sequences side by side, the chores of each one after the other.

    ``meanwhile`` is called several times a second. The first failure ends the others and is raised
    as PartFailedError.
    """
    waiting = [list(sequence) for sequence in sequences]
    running: dict[int, _Running] = {}
    with narrator.steps() as steps:
        try:
            while running or any(waiting):
                for lane, chores in enumerate(waiting):
                    if chores and lane not in running:
                        chore = chores.pop(0)
                        running[lane] = _Running(chore, steps.begin(chore.title))
                meanwhile()
                _pause(running)
                for lane, work in list(running.items()):
                    work.show_progress()
                    if work.process.poll() is not None:
                        del running[lane]
                        processes.end(work.process)
                        work.check()
                        work.chore.after()
                        steps.finish(work.step)
        finally:
            for work in running.values():
                processes.end(work.process, patience=3)


def _pause(running: Mapping[int, _Running]) -> None:
    """Wait a moment, or less if something ended."""
    processes.wait_until(
        lambda: any(work.process.poll() is not None for work in running.values()), timeout=0.1
    )
