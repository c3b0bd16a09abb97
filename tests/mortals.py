"""Processes that are killed in the middle of their work, as a power cut would.

They are forked from a server that has loaded the product once, so that a death costs
milliseconds. What a mortal does is a function of a module, called as ``work(says, *given)`` on
the database the test is on; it speaks through ``says`` and the test decides when it dies.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.db import connections

from tests import servers

type Says = Callable[[object], None]
_PATIENCE: Final = 60.0
_server = multiprocessing.get_context("forkserver")


class Mortal:
    """A process at work, seen from the test."""

    def __init__(self, process: Any, hears: "Connection[Any, Any]") -> None:
        self.process = process
        self._hears = hears

    def hear(self, *, seconds: float = _PATIENCE) -> Any:
        """Return what it says next; None when it has ended."""
        try:
            if not self._hears.poll(seconds):
                raise TimeoutError("The process says nothing.")
            return self._hears.recv()
        except (EOFError, ConnectionResetError):
            return None

    def kill(self) -> None:
        """End it with -9 and wait until it is gone."""
        self.process.kill()
        self.process.join()


@contextmanager
def at_work(work: Callable[..., None], *given: object) -> Iterator[Mortal]:
    """Start a mortal on the database of this test; at the end it is dead in any case."""
    _server.set_forkserver_preload(["tests.mortals"])
    database = str(connections["default"].settings_dict["NAME"])
    hears, says = _server.Pipe(duplex=False)
    process = _server.Process(
        target=_live, args=(servers.addresses(), database, says, work, given), daemon=True
    )
    process.start()
    says.close()
    mortal = Mortal(process, hears)
    try:
        yield mortal
    finally:
        mortal.kill()
        hears.close()


def _live(
    addresses: dict[str, str],
    database: str,
    says: "Connection[Any, Any]",
    work: Callable[..., None],
    given: tuple[Any, ...],
) -> None:
    servers.tell(addresses)
    servers.point_at(database)
    work(says.send, *given)
