"""Bounds of a child process that reads what strangers sent. It loads no Django."""

import resource
import sys


def restrain(*, cpu_seconds: int, memory_bytes: int, address_bytes: int) -> None:
    """Bound computing time, memory, address space, open and written files of this process.

    For good, and no further than it is bounded already.
    """
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 64)
    if sys.platform == "linux":  # elsewhere the kernel refuses or ignores these
        _limit(resource.RLIMIT_DATA, memory_bytes)
        _limit(resource.RLIMIT_AS, address_bytes)


def _limit(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(what, (value, value))
