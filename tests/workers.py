"""The processes that run the tests: which tests each is given, and what happens when one fails."""

import faulthandler
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

MOST: Final = 4 * 2**30
"""Bytes: four times what a worker takes by the end of a whole run."""
_LOOKS_EVERY: Final = 0.5
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_OURS: Final = Path("/proc/self/statm")


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Gives each file to one worker, files of one scope to the same, and outlives a dead worker."""

    def __init__(self, config: Any, log: Any, one_scope: tuple[str, ...]) -> None:
        super().__init__(config, log)
        self._one_scope = one_scope

    def _split_scope(self, nodeid: str) -> str:
        return "one scope" if nodeid.startswith(self._one_scope) else super()._split_scope(nodeid)

    def _reschedule(self, node: Any) -> None:
        """Give a worker work until it can go on: it begins no test before it knows the next one."""
        super()._reschedule(node)
        while self.workqueue and self._pending_of(self.assigned_work[node]) < 2:
            if node.shutting_down:
                return
            self._assign_work_unit(node)

    def remove_node(self, node: Any) -> str | None:
        """Hand on what a worker that died has left; return the test it died of, if it did.

        The class above hands on every file the worker ever had. Those that are done are no work,
        and whoever is given only such ones never asks for more: the run would hang. And it hands
        on the test the worker died of, which would end the next one as well.
        """
        had = self.assigned_work.pop(node)
        left = [test for unit in had.values() for test, is_done in unit.items() if not is_done]
        if not left:
            return None
        for unit in had.values():
            if left[0] in unit:
                unit[left[0]] = True
        self.workqueue.update({name: unit for name, unit in had.items() if not all(unit.values())})
        for other in self.assigned_work:
            self._reschedule(other)
        return str(left[0])


def watch(stderr: int, *, most: int = MOST) -> None:
    """End this process when it takes more memory, and say on `stderr` what it was doing.

    Otherwise the system ends it, or another, once the machine has none left, and nobody knows why.
    A limit by `resource` would do the same to the servers and programs that tests start, which
    reserve more than they use.
    """
    if _OURS.exists():  # only Linux tells
        threading.Thread(
            target=_look, args=(stderr, most), name="tests-memory", daemon=True
        ).start()


def _look(stderr: int, most: int) -> None:
    taken = 0
    while taken <= most:
        time.sleep(_LOOKS_EVERY)
        with suppress(OSError):  # a test may leave no files to open
            taken = int(_OURS.read_text("ascii").split()[1]) * _PAGE
    test = os.environ.get("PYTEST_CURRENT_TEST", "no test")
    threads = ", ".join(f"{each.ident:#x} {each.name}" for each in threading.enumerate())
    words = f"{taken >> 20} MiB of memory are taken, more than {most >> 20}, in {test}; {threads}"
    os.write(stderr, f"\n{words}\n".encode())
    faulthandler.dump_traceback(stderr, all_threads=True)
    os._exit(70)
