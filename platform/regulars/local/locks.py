"""Folders that belong to one process at a time: a lock lasts as long as its file is held open."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from regulars.local import processes


def take(path: Path, *, is_in_use: Callable[[int], bool], timeout: float = 30.0) -> int | None:
    """Lock the file and return it open, or None if it is in use; leaves our process id in it.

    A lock whose holder is on its way out is waited for, ``timeout`` seconds at most;
    ``is_in_use(holder)`` says, given the id of the process that took it, when not to wait. A
    program that inherits the open file holds the lock with us, and alone once we have closed it.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def is_taken() -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def is_settled() -> bool:
        return is_taken() or is_in_use(_holder(lock))

    if processes.wait_until(is_settled, timeout=timeout) and is_taken():
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        return lock
    os.close(lock)
    return None


def holder(path: Path) -> int | None:
    """Give the id of the process that holds the lock now, without taking it; None if it is free."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(lock)
    else:
        return None
    finally:
        os.close(lock)


def _holder(lock: int) -> int:
    words = os.pread(lock, 20, 0)
    return int(words) if words.isdigit() else 0
