"""What the person who waits reads: bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

QUIET_SECONDS = 2.0
PLAIN_EVERY = 10.0
WIDEST = 40


class Step(Protocol):
    """A piece of work that somebody waits for."""

    def advance(self, *, done: int, total: int, words: str) -> None:
        """Show how far it is."""
        ...

    def murmur(self, words: str) -> None:
        """Show what it is at, where there is room for that."""
        ...


class Narrator:
    """Says things and shows progress on one console."""

    def __init__(self, console: Console | None = None) -> None:
        """Write to the console, by default standard output."""
        self.console = console or Console(highlight=False, soft_wrap=True)

    def say(self, sentence: str) -> None:
        """Print one sentence."""
        self.console.print(sentence, markup=False)

    @contextmanager
    def steps(self) -> Iterator["Steps"]:
        """Open a block in which steps run, one after the other or side by side."""
        if not self.console.is_terminal:
            yield PlainSteps(self)
            return
        columns = (
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[words]}", style="dim"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            yield BarSteps(progress)


class Steps(Protocol):
    """Makes steps and notes their end."""

    def begin(self, title: str) -> Step:
        """Show a new step."""
        ...

    def finish(self, step: Step) -> None:
        """Show that it is done."""
        ...


class BarSteps:
    """Steps on a terminal."""

    def __init__(self, progress: Progress) -> None:
        """Draw into the given bars."""
        self._progress = progress

    def begin(self, title: str) -> "BarStep":
        """Show a bar that moves without an end until the first figure comes."""
        task = self._progress.add_task(title, total=None, words="")
        return BarStep(self._progress, task)

    def finish(self, step: Step) -> None:
        """Fill the bar."""
        if isinstance(step, BarStep):
            self._progress.update(step.task, total=1, completed=1, words="")


class BarStep:
    """One bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        """Know which bar."""
        self._progress = progress
        self.task = task

    def advance(self, *, done: int, total: int, words: str) -> None:
        """Move the bar."""
        self._progress.update(self.task, completed=done, total=total, words=words[:WIDEST])

    def murmur(self, words: str) -> None:
        """Write beside the bar."""
        self._progress.update(self.task, words=words[:WIDEST])


class PlainSteps:
    """Steps where no terminal is: a line at the start, and more only if it takes long."""

    def __init__(self, narrator: Narrator) -> None:
        """Write lines through the narrator."""
        self._narrator = narrator

    def begin(self, title: str) -> "PlainStep":
        """Say what begins."""
        self._narrator.say(f"{title} …")
        return PlainStep(self._narrator, title)

    def finish(self, step: Step) -> None:
        """End the step."""
        if isinstance(step, PlainStep):
            step.finish()


class PlainStep:
    """One step in lines."""

    def __init__(self, narrator: Narrator, title: str) -> None:
        """Begin now."""
        self._narrator = narrator
        self._title = title
        self._began = self._said = time.monotonic()

    def advance(self, *, done: int, total: int, words: str) -> None:
        """Print a line if the last one is long ago."""
        now = time.monotonic()
        if now - self._said >= PLAIN_EVERY:
            self._said = now
            self._narrator.say(f"{self._title}: {done} of {total} {words}".rstrip())

    def murmur(self, words: str) -> None:
        """Print nothing: the log has it."""

    def finish(self) -> None:
        """Print how long it took, if somebody waited for it."""
        seconds = time.monotonic() - self._began
        if seconds >= QUIET_SECONDS:
            self._narrator.say(f"{self._title}: done in {seconds:.0f} s")
