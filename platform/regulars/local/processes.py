"""Starting and ending the programs of the stack, so that none outlives its parent."""

import collections
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from regulars.local import faults

LAUNCHER = Path(__file__).with_name("launch.py")
LOG_BYTES_KEPT = 10_000_000


def launching(
    command: Sequence[str | Path],
    *,
    identity: Sequence[str] = (),
    end_signal: signal.Signals = signal.SIGTERM,
) -> list[str]:
    """Give the command line that runs a program through ``launch.py`` with us as its parent."""
    options = ["--parent", str(os.getpid()), "--signal", str(int(end_signal)), *identity]
    return [sys.executable, "-I", "-S", str(LAUNCHER), *options, "--", *map(str, command)]


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    identity: Sequence[str] = (),
    end_signal: signal.Signals = signal.SIGTERM,
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own that gets ``end_signal`` when we end.

    Call it from a thread that lives as long as the program should: the kernel counts the end of the
    starting *thread* as the end of the parent. ``identity`` are options of ``launch.py``; the files
    of ``keep_open`` stay open in the program.
    """
    rotate(log)
    with log.open("ab") as output:
        return subprocess.Popen(
            launching(command, identity=identity, end_signal=end_signal),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=None if environment is None else dict(environment),
            pass_fds=tuple(keep_open),
            start_new_session=True,
        )


def end(
    process: subprocess.Popen[bytes],
    *,
    ask: signal.Signals | None = signal.SIGTERM,
    patience: float = 10.0,
) -> None:
    """Ask the program to end, wait ``patience`` seconds, then kill what is left of its group.

    ``ask=None``: it was asked before.
    """
    if process.poll() is None:
        if ask is not None:
            process.send_signal(ask)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def is_alive(pid: int) -> bool:
    """Say whether a process of this id exists and is no zombie."""
    if pid <= 0:  # kill() would take it for a whole group
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self").exists()  # no /proc at all: kill() has answered
    return state not in {"Z", "X"}


def wait_until(ready: Callable[[], bool], *, timeout: float, pause: float = 0.01) -> bool:
    """Poll ``ready`` until it holds, at most ``timeout`` seconds; say whether it did."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.3, 0.25)
    return True


def free_port() -> int:
    """Find a TCP port of 127.0.0.1 on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_port_taken(port: int, *, host: str = "127.0.0.1") -> bool:
    """Say whether a server could not listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
        return False


def tail(log: Path, *, lines: int = 8) -> str:
    """Give the last lines of a log for a message; empty if there is none."""
    if not log.exists():
        return ""
    with log.open(encoding="utf-8", errors="replace") as text:
        return "".join(collections.deque(text, maxlen=lines)).strip()


def rotate(log: Path) -> None:
    """Keep one older log beside a log that has grown too long."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES_KEPT:
        log.replace(log.with_suffix(".old.log"))


def check_output(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    identity: Sequence[str] = (),
    keep_open: Sequence[int] = (),
) -> None:
    """Run a program to its end like `spawn`; raises PartFailedError with what it said."""
    result = subprocess.run(
        launching(command, identity=identity),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=cwd,
        pass_fds=tuple(keep_open),
        check=False,
    )
    if result.returncode != 0:
        words = (result.stderr or result.stdout).decode(errors="replace").strip()
        raise faults.PartFailedError(f"{Path(command[0]).name} failed:\n{words}")
