"""The child process in which verticals' named functions run: no settings, no database, no network
address of ours in its environment, little memory, and it dies with its parent.

Frames on its standard input are pickled by the parent, which we trust: the calls of sale after
sale, or functions to import beforehand. Answers are plain MessagePack, one for each sale, so that
a vertical cannot make the parent unpickle anything; each begins with the mark of what was asked, so
that what a function writes there by itself is not taken for one.
"""

import contextlib
import ctypes
import os
import pickle
import resource
import signal
import struct
import sys
from decimal import Decimal
from typing import BinaryIO, Final

import msgspec

from regulars.kit.calling import Call, FunctionError
from regulars.kit.rules import Function

MEMORY: Final = 512 * 1024 * 1024
FILES: Final = 64  # open at a time
_PR_SET_PDEATHSIG: Final = 1
HEAD: Final = struct.Struct(">I")  # of a frame: how many bytes follow


def main() -> None:
    """Answer calls until the parent closes the pipe."""
    with contextlib.suppress(OSError, AttributeError):  # only Linux has it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a vertical prints goes to the log, not into an answer
    while (frame := read(sys.stdin.buffer)) is not None:
        mark, asked = pickle.loads(frame)  # noqa: S301  (imports the verticals)
        if isinstance(asked[0], Function):  # to be imported, that was all
            write(answers, mark)
            continue
        for calls in asked:
            write(answers, mark + msgspec.msgpack.encode([_answer(call) for call in calls]))


def _answer(call: Call) -> tuple[str, object]:
    """Return ("ok", value) or ("fault", reason); decimals travel as their digits."""
    try:
        value = call.run()
    except FunctionError as error:
        return "fault", error.reason
    except MemoryError:
        return "fault", "used too much memory"
    return ("decimal", str(value)) if isinstance(value, Decimal) else ("ok", value)


def write(pipe: BinaryIO, frame: bytes) -> None:
    """Send one frame."""
    pipe.write(HEAD.pack(len(frame)) + frame)
    pipe.flush()


def read(pipe: BinaryIO) -> bytes | None:
    """Return the next frame, or None when the other side is gone."""
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    frame = pipe.read(HEAD.unpack(head)[0])
    return frame or None


if __name__ == "__main__":
    main()
