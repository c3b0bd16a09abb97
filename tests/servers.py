"""PostgreSQL and Valkey of one test run, with a prepared database to clone.

Preparing takes seconds, so the prepared cluster is kept in a folder named by the hash of whatever
shaped it, and copied for each run.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.db import connections

from regulars.local import postgres, processes, roles

ROOT = Path(__file__).resolve().parent.parent
PREPARED = "prepared"
_ENV = "REGULARS_TEST_SERVERS"
_MEMORY = Path("/dev/shm")  # noqa: S108  (Linux keeps what lies there in memory)
_ROOM = 4 * 2**30
"""Bytes that must be free in memory for a run: the real year and its log take a third of them."""


class Servers:
    """The servers of this run, started by the process that pytest was started in.

    With `in_memory` they lie in the machine's memory if it has the room: a database is a thousand
    files, and a disk takes several times as long to make them.
    """

    def __init__(self, *, in_memory: bool = False) -> None:
        parent = _memory() if in_memory else None
        self.folder = Path(tempfile.mkdtemp(prefix=f"regulars-test-{os.getpid()}-", dir=parent))
        # without autovacuum the planner's statistics do not depend on what ran before
        settings = {**postgres.FAST, "autovacuum": "off"}
        if parent is not None:
            settings["max_wal_size"] = "256MB"
        self.postgres = postgres.Server(self.folder / "postgres", settings=settings)

    def start(self) -> None:
        """Copy the prepared cluster, or make it, and tell the workers where it is."""
        kept = Path(tempfile.gettempdir()) / f"regulars-prepared-{_fingerprint()}"
        ours = self.folder / "postgres"
        if not kept.exists():
            self._prepare()
            self.postgres.stop()
            _keep(ours, kept)
        else:
            shutil.copytree(kept, ours, symlinks=True)
        self.postgres.start()
        tell({**self._addresses(), "super": self.postgres.url()})

    def _prepare(self) -> None:
        self.postgres.start()
        roles.prepare_roles(self.postgres)
        roles.prepare_database(self.postgres, name=PREPARED)
        urls = self._addresses()
        subprocess.run(
            [sys.executable, "-m", "tests.prepared"],
            check=True,
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "platform"),
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "REGULARS_TEST_DEFAULT": urls["default"],
                "REGULARS_TEST_OWNER": urls["owner"],
            },
        )

    def _addresses(self) -> dict[str, str]:
        return {
            "default": self.postgres.url(user=postgres.APP, database=PREPARED),
            "owner": self.postgres.url(user=postgres.OWNER, database=PREPARED),
        }

    def stop(self) -> None:
        """End the servers and remove what they wrote."""
        self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _memory() -> Path | None:
    """Return the folder that lies in memory, if there is one with room; tidy it up before.

    A run that was killed could not, and what it left would keep its memory from all others.
    """
    for left in _MEMORY.glob("regulars-test-*"):
        pid = left.name.split("-")[2]
        if not processes.is_alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    try:
        folder = os.statvfs(_MEMORY)
        told = Path("/proc/meminfo").read_text("ascii").split("MemAvailable:")[1]
    except (OSError, IndexError):  # another system
        return None
    room = min(folder.f_bavail * folder.f_frsize, int(told.split()[0]) * 1024)
    return _MEMORY if room >= _ROOM and os.access(_MEMORY, os.W_OK) else None


def _keep(ours: Path, kept: Path) -> None:
    """Keep the prepared cluster for later runs; several runs may race for it."""
    parent = Path(tempfile.mkdtemp(dir=kept.parent, prefix="regulars-keeping-"))
    shutil.copytree(ours, parent / "data", symlinks=True)
    try:
        (parent / "data").rename(kept)
    except OSError:
        shutil.rmtree(parent / "data")
    parent.rmdir()


def running() -> bool:
    """Say whether this run's servers were started already."""
    return _ENV in os.environ


def addresses() -> dict[str, str]:
    """Return where the servers of this run are."""
    found: dict[str, str] = json.loads(os.environ[_ENV])
    return found


def tell(found: dict[str, str]) -> None:
    """Tell this process where the servers of its run are."""
    os.environ[_ENV] = json.dumps(found)


def point_at(database: str) -> None:
    """Make Django's connections of this process use a database of this run's server."""
    for alias in ("default", "owner"):
        parts = urlsplit(addresses()[alias])
        connections[alias].close()
        settings: dict[str, Any] = connections[alias].settings_dict
        settings.update(
            NAME=database,
            USER=parts.username,
            PASSWORD=parts.password,
            HOST=parts.hostname,
            PORT=str(parts.port),
        )


@contextmanager
def cloned(name: str) -> Iterator[str]:
    """Clone the prepared database under a name for the block, and drop it afterwards."""
    with psycopg.connect(addresses()["super"], autocommit=True) as link:
        link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        link.execute(
            f'CREATE DATABASE "{name}" TEMPLATE {PREPARED} OWNER {postgres.OWNER} '
            "STRATEGY FILE_COPY".encode()  # half the time: nothing has to go through the log
        )
    own = addresses()["owner"].rsplit("/", 1)[0] + "/" + name
    with psycopg.connect(own, autocommit=True) as link:
        roles.harden(link, name=name)
    try:
        yield name
    finally:
        with psycopg.connect(addresses()["super"], autocommit=True) as link:
            link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def _fingerprint() -> str:
    """Hash everything that shapes the prepared database."""
    digest = hashlib.sha256()
    package = ROOT / "platform" / "regulars"
    shaping = [
        *sorted(package.glob("*/migrations/*.py")),
        *sorted((package / "tenancy").glob("*.py")),
        *sorted((package / "registry").glob("*.py")),
        package / "usecases" / "seeding.py",
        package / "settings.py",
        *sorted((ROOT / "requirements").glob("*.txt")),
        *sorted((package / "local").glob("*.py")),
        ROOT / "tests" / "prepared.py",
        ROOT / "tests" / "servers.py",
    ]
    for path in shaping:
        if path.exists():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
