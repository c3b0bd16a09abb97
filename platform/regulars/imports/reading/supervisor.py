"""Starting the child that reads a workbook or Parquet file, and minding it."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from regulars.imports import faults
from regulars.imports.sandbox import wire

_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "LC_ALL": "C.UTF-8",
}
"""All that the child sees of its parent's environment: nothing."""

_ENDED_BY = {
    -signal.SIGPROF: "file.too-slow",
    -signal.SIGXCPU: "file.too-slow",
    -signal.SIGKILL: "file.too-much-memory",
}


def frames(path: Path, request: wire.Request) -> Iterator[wire.AnyFrame]:
    """Let a child answer the request about the file, `wire.Alive` frames left out.

    The child is ended when the caller stops listening.

    :raises faults.FileFault: what the child found wrong, or how it came to its end.
    """
    decoder = msgspec.msgpack.Decoder(wire.AnyFrame)
    with _child(path, request) as (process, pipe):
        reader = _Reader(pipe, request.limits.wall_seconds)
        while payload := reader.frame():
            frame: wire.AnyFrame = decoder.decode(payload)
            if isinstance(frame, wire.Fault):
                fault = faults.FileFault(frame.code, **frame.params)
                if frame.detail:
                    fault.add_note(frame.detail)
                raise fault
            if isinstance(frame, wire.Alive):
                continue
            yield frame
            if isinstance(frame, wire.End):
                return
        raise faults.FileFault(_ENDED_BY.get(process.wait(timeout=10), "file.reader-died"))


@contextmanager
def _child(path: Path, request: wire.Request) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the child for the length of a block; give it and the pipe it writes to."""
    command = [sys.executable, "-I", "-m", "regulars.imports.sandbox.child"]
    ours, theirs = os.pipe()
    try:
        with path.open("rb") as file:
            process = subprocess.Popen(
                [*command, msgspec.json.encode(request).decode()],
                stdin=file,
                stdout=theirs,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


class _Reader:
    """Takes whole frames from the pipe; only the time spent waiting for the child counts."""

    def __init__(self, pipe: int, wall_seconds: float) -> None:
        self._pipe = pipe
        self._wait = int(wall_seconds * 1000)
        self._poll = select.poll()
        self._poll.register(pipe, select.POLLIN | select.POLLHUP)

    def frame(self) -> bytearray:
        """Return the next payload, empty when the child has gone.

        :raises faults.FileFault: nothing came for too long, or more than a frame may hold.
        """
        header = self._exactly(4)
        if len(header) < 4:
            return bytearray()
        length = int.from_bytes(header, "big")
        if length > wire.LONGEST:
            raise faults.FileFault("file.reader-died")
        payload = self._exactly(length)
        return payload if len(payload) == length else bytearray()

    def _exactly(self, length: int) -> bytearray:
        taken = bytearray()
        while len(taken) < length:
            if not self._poll.poll(self._wait):
                raise faults.FileFault("file.too-slow")
            piece = os.read(self._pipe, min(length - len(taken), 1024 * 1024))
            if not piece:
                break
            taken += piece
        return taken
