"""The child process: limits first, then the one file it was handed as standard input.

Run as ``python -I -m regulars.imports.sandbox.child REQUEST`` with the request as JSON. It knows
neither the file's name nor the environment of its parent, and can open no other file for writing.
"""

import os
import signal
import sys
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from regulars import restraint
from regulars.imports.limits import Limits
from regulars.imports.sandbox import columnar, spreadsheet
from regulars.imports.sandbox.wire import LONGEST, AnyFrame, Fault, Refused, Request


def main() -> None:
    """Answer the request and leave."""
    request = msgspec.json.decode(sys.argv[1], type=Request)
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a library that prints must not disturb the frames
    sys.modules["numpy"] = None  # type: ignore[assignment]  # pyarrow would load it and use nothing
    restrain(request.limits)
    encoder = msgspec.msgpack.Encoder()
    with os.fdopen(0, "rb", closefd=False) as file:
        for frame in answers(file, request):
            payload = encoder.encode(frame)
            if len(payload) > LONGEST:
                payload = encoder.encode(Fault("file.too-much-memory", {}))
            signal.setitimer(signal.ITIMER_PROF, 0)
            output.write(len(payload).to_bytes(4, "big") + payload)
            signal.setitimer(signal.ITIMER_PROF, request.limits.stall_seconds)


def answers(file: BinaryIO, request: Request) -> Iterator[AnyFrame]:
    """Yield the frames, a fault in place of an exception."""
    frames = spreadsheet.frames if request.kind == "xlsx" else columnar.frames
    try:
        yield from frames(file, request)
    except Refused as refused:
        yield Fault(refused.code, refused.params)
    except MemoryError:
        yield Fault("file.too-much-memory", {})
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever a hostile file provokes ends here
        yield Fault(
            "file.damaged", {"part": request.kind}, f"{type(error).__name__}: {error}"[:500]
        )


def restrain(limits: Limits) -> None:
    """Bound memory, computing time, open files and written files of this process.

    A process that computes for `limits.stall_seconds` without a frame is ended by SIGPROF, one
    that computes for `limits.cpu_seconds` in all by SIGXCPU.
    """
    signal.setitimer(signal.ITIMER_PROF, limits.stall_seconds)
    restraint.restrain(
        cpu_seconds=limits.cpu_seconds,
        memory_bytes=limits.memory_bytes,
        address_bytes=4 * limits.memory_bytes,
    )


if __name__ == "__main__":
    main()
