"""All demo chains, each in a process of its own, two at a time, and the file for the card."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from regulars.local import faults, processes

_PAUSE: Final = 0.2
type Say = Callable[[str], None]


class _Writer:
    """A process that writes one chain; `done` of `total` as it last said."""

    def __init__(self, vertical: str, folder: Path, options: Sequence[str]) -> None:
        self.vertical = vertical
        self.card = folder / f"{vertical}.json"
        self.log = folder / f"{vertical}.log"
        command = [sys.executable, "-m", "regulars.cli", "demo", "chain", vertical]
        self.process = processes.spawn(
            [*command, "--card", str(self.card), *options],
            log=self.log,
            environment={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.done, self.total, self.words = 0, 1, ""

    def look(self) -> None:
        """Read how far it is."""
        line = processes.tail(self.log, lines=1)
        if line.startswith("[") and "]" in line:
            figures, _, self.words = line[1:].partition("] ")
            done, _, total = figures.partition("/")
            self.done, self.total = int(done), int(total)


def write_all(
    verticals: Sequence[str], *, options: Sequence[str], at_once: int, say: Say
) -> list[dict[str, Any]]:
    """Write the chains side by side; returns their parts of the card.

    Says ``[n/m] words`` as it goes, in per cent of one chain. Raises PartFailedError with the
    last words of the first that failed; the others are ended.
    """
    with tempfile.TemporaryDirectory(prefix="regulars-demo-") as folder:
        waiting = list(verticals)
        running: list[_Writer] = []
        finished: dict[str, _Writer] = {}
        said = ""
        try:
            while waiting or running:
                while waiting and len(running) < at_once:
                    running.append(_Writer(waiting.pop(0), Path(folder), options))
                time.sleep(_PAUSE)
                for writer in list(running):
                    writer.look()
                    if writer.process.poll() is not None:
                        _check(writer)
                        running.remove(writer)
                        finished[writer.vertical] = writer
                line = _progress(running, len(finished), len(verticals))
                if line != said:
                    said = line
                    say(line)
        finally:
            for writer in running:
                processes.end(writer.process, patience=3)
        return [json.loads(finished[each].card.read_text("utf-8")) for each in verticals]


def card(chains: Sequence[Mapping[str, Any]]) -> str:
    """Return the content of the file that `regulars.local.card` reads."""
    return json.dumps({"chains": list(chains)}, ensure_ascii=False, indent=2)


def _check(writer: _Writer) -> None:
    if writer.process.returncode != 0:
        words = processes.tail(writer.log, lines=15)
        raise faults.PartFailedError(f"Writing the demo chain {writer.vertical} failed:\n{words}")


def _progress(running: Sequence[_Writer], finished: int, chains: int) -> str:
    done = 100 * finished + sum(100 * each.done // each.total for each in running)
    words = ", ".join(f"{each.vertical} {each.words}".strip() for each in running)
    return f"[{done}/{100 * chains}] {words}".rstrip()
