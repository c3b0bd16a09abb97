"""Two pieces of work at once: reading ahead of the database, and two transactions side by side.

An import waits for the file, for Python and for the database in turn; each of these has a core.
"""

import contextvars
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any, Final

from django.db import connection

from regulars.tenancy import context

_AHEAD: Final = 2
_WORTH_IT: Final = 4
"""So many pieces are shared out; fewer are done before another connection is open."""


def ahead[T](items: Generator[T]) -> Generator[T]:
    """Let a thread of its own produce what comes next; it must not ask the database.

    What it raises is raised here. It ends when the caller stops listening.
    """
    ready: queue.Queue[tuple[bool, Any]] = queue.Queue(_AHEAD)
    is_over = threading.Event()

    def hand_over(is_last: bool, item: Any) -> None:
        while not is_over.is_set():
            try:
                ready.put((is_last, item), timeout=0.1)
            except queue.Full:
                continue
            return

    def produce() -> None:
        try:
            with closing(items):
                for item in items:
                    hand_over(False, item)
                    if is_over.is_set():
                        return
        except BaseException as error:  # noqa: BLE001  (raised where the items are used)
            hand_over(True, error)
        else:
            hand_over(True, None)

    producer = threading.Thread(target=contextvars.copy_context().run, args=(produce,))
    producer.start()
    try:
        while True:
            is_last, item = ready.get()
            if not is_last:
                yield item
            elif item is None:
                return
            else:
                raise item
    finally:
        is_over.set()
        producer.join()


def shared[T, R](items: Sequence[T], work: Callable[[T], R]) -> Generator[R]:
    """Yield what `work` makes of each item, in any order, done by this thread and one more.

    The other thread has its own connection, inside the same chain; each piece is a transaction,
    or several, of its own. Within a transaction of the caller this thread does everything.
    What either raises is raised here, after both have come to rest.
    """
    if connection.in_atomic_block or len(items) < _WORTH_IT:
        yield from map(work, items)
        return
    left, done, faults = deque(items), deque[R](), list[BaseException]()
    helper = threading.Thread(
        target=contextvars.copy_context().run,
        args=(_help, context.current(), left, work, done, faults),
    )
    helper.start()
    try:
        while left:
            try:
                item = left.popleft()
            except IndexError:  # the other thread was quicker
                break
            yield work(item)
            while done:
                yield done.popleft()
    finally:
        left.clear()
        helper.join()
    if faults:
        raise faults[0]
    yield from done


def _help[T, R](
    chain: context.ChainInfo,
    left: deque[T],
    work: Callable[[T], R],
    done: deque[R],
    faults: list[BaseException],
) -> None:
    try:
        with context.inside(chain):
            while left:
                try:
                    item = left.popleft()
                except IndexError:
                    break
                done.append(work(item))
    except BaseException as error:  # noqa: BLE001  (raised in the thread that asked)
        faults.append(error)
        left.clear()
    finally:
        connection.close()
