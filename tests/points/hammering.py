"""Threads with connections of their own, let loose at the same moment on one chain."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections

from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo


def at_once[T](chain: ChainInfo, works: list[Callable[[], T]]) -> list[T | Exception]:
    """Run the works at the same moment, each on a connection of its own; return what came back."""
    gate = Barrier(len(works))

    def run(work: Callable[[], T]) -> T | Exception:
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
