"""Threads with connections of their own, let loose at the same moment on one chain."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.usecases import take_return
from tests.factories.purchases import NOW, TILL


def at_once(chain: ChainInfo, works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the works at the same moment, each on a connection of its own.

    Returns what came back, or the exception that a caller would have seen.
    """
    gate = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            with context.inside(chain):
                connections["default"].ensure_connection()
                gate.wait(timeout=60)
                return work()
        except Exception as error:  # noqa: BLE001  (what a caller would see is the result)
            return error
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(max_workers=len(works)) as pool:
        return list(pool.map(run, works))


def take_back(sent: Any) -> Any:
    """Take goods back at the till."""
    return take_return.take_return(draft=sent, actor=TILL, now=NOW)
