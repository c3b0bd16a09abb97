"""`regulars up` in another process, on a port and a state folder of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regulars.local import processes
from regulars.local.stack import Wishes
from regulars.local.state import State, Status
from regulars.local.supervisor import is_answering

READY = "Regulars is ready"
REGULARS = [sys.executable, "-m", "regulars.cli"]
REPLACED = {
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "DJANGO_SETTINGS_MODULE",
}


class Run:
    """A `regulars up` in another process."""

    def __init__(self, state: Path, port: int) -> None:
        self.state = state
        self.port = port
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in REPLACED},
            "REGULARS_STATE": str(state),
            "REGULARS_PORT": str(port),
            "REGULARS_WEB_WORKERS": "1",
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "Run":
        self.process = subprocess.Popen(
            [*REGULARS, "up", "--no-demo"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        told = []
        for line in self.process.stdout:
            told.append(line)
            if READY in line:
                return self
        raise AssertionError("".join(told))

    def ask(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*REGULARS, *command],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def status(self) -> Status:
        found = Status.read(State(self.state))
        assert found is not None
        return found

    def pid_of(self, part: str) -> int | None:
        return {each.name: each.pid for each in self.status().parts}[part]

    def is_ready(self) -> bool:
        return is_answering(Wishes(port=self.port))

    def members(self) -> list[int]:
        """Ids of every process that works in the state folder, orphans included."""
        found = []
        for each in Path("/proc").glob("[0-9]*/cwd"):
            try:
                where = each.readlink()
            except OSError:
                continue
            if where.is_relative_to(self.state):
                found.append(int(each.parent.name))
        return found

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        code = self.process.wait(30)
        if self.process.stdout:
            self.process.stdout.close()
        return code


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Run]:
    """Start a product in the folder; end it after the block, unless that did."""
    run = Run(folder / "state", processes.free_port())
    run.environment |= environment
    run.start()
    try:
        yield run
    finally:
        if run.is_alive():
            run.end()
