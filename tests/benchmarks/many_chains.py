"""Two databases side by side, with few chains and with many, for the benchmarks of tenancy.

Making a thousand chains takes minutes, so their cluster is kept in the temp folder, named by the
hash of whatever shaped it, and used in place: to copy its 400,000 files would take as long. A
benchmark leaves it as it found it; one that fails leaves no mark, and the next makes it anew.
"""

import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from unittest import mock
from urllib.parse import urlsplit

import psycopg
from django.db import connections

from regulars.local import locks, postgres
from regulars.outbox import services
from regulars.tenancy import context, directory, provisioning, tasks
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from tests import servers
from tests.benchmarks import measuring
from tests.prepared import NOW, sign_up

_ALIASES: Final = ("default", "owner")
_FEW: Final = 20  # a clone for one run holds so many; more are kept
_AT_A_TIME: Final = 2
_NAME: Final = "regulars-chains-"


class Place:
    """A database of some server, which code of the product can be made to work in."""

    def __init__(self, addresses: dict[str, str], database: str) -> None:
        self.addresses = addresses
        self.database = database
        self.chains: list[ChainInfo] = []
        self._entries: dict[str, Any] = {}
        self._mine = threading.local()

    @contextmanager
    def here(self) -> Iterator[None]:
        """Let this thread's connections and directory be those of this place."""
        before = {alias: connections[alias] for alias in _ALIASES}
        entries, directory._entries = directory._entries, self._entries
        try:
            for alias, wrapper in self._wrappers().items():
                connections[alias] = wrapper
            yield
        finally:
            directory._entries = entries
            for alias in _ALIASES:
                connections[alias] = before[alias]

    def _wrappers(self) -> dict[str, Any]:
        if not hasattr(self._mine, "wrappers"):
            self._mine.wrappers = {alias: self._wrapper(alias) for alias in _ALIASES}
        found: dict[str, Any] = self._mine.wrappers
        return found

    def _wrapper(self, alias: str) -> Any:
        wrapper: Any = connections.create_connection(alias)
        wrapper._connection_pools = {}  # of its own: Django keeps one for each alias
        parts = urlsplit(self.addresses[alias])
        wrapper.settings_dict = {
            **wrapper.settings_dict,
            "NAME": self.database,
            "USER": parts.username,
            "PASSWORD": parts.password,
            "HOST": parts.hostname,
            "PORT": str(parts.port),
        }
        return wrapper

    def close(self) -> None:
        """Close this thread's connections."""
        for wrapper in self._wrappers().values():
            wrapper.close()

    def address(self, alias: str = "super") -> str:
        """Return the database's address for a role of the server."""
        return urlsplit(self.addresses[alias])._replace(path=f"/{self.database}").geturl()

    def fill(self, count: int) -> None:
        """Have so many chains, made as the product does: spares first, which sign-ups take."""

        def make(numbers: list[int]) -> None:
            with self.here():
                for number in numbers:
                    provisioning.make_spare()
                    name = f"many-{number}"
                    sign_up(company=name, subdomain=name, vertical="jewelry", now=NOW)
            self.close()

        share = -(-count // _AT_A_TIME)
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            for _done in pool.map(
                make, map(list, itertools.batched(range(count), share, strict=False))
            ):
                pass
        self.tidy()

    def look(self, count: int) -> None:
        """Learn which chains were made."""
        with self.here(), context.public():
            made = Chain.objects.filter(domains__domain__startswith="many-")
            chains = list(made.order_by("schema_name")[:count])
            self.chains = [ChainInfo.of(each, subdomain=each.name) for each in chains]
        if len(self.chains) < count:
            raise LookupError(f"{count} chains were asked for, there are {len(self.chains)}.")

    def tidy(self) -> None:
        """Leave no dead rows in the catalogue, and let the planner know what there is."""
        with psycopg.connect(self.address(), autocommit=True) as link:
            tables = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace"
            for (name,) in link.execute(f"{tables} = 'pg_catalog'::regnamespace").fetchall():
                link.execute(f"VACUUM (ANALYZE) {name}".encode())
            for (name,) in link.execute(f"{tables} = 'public'::regnamespace").fetchall():
                link.execute(f"VACUUM (ANALYZE) {name}".encode())


class _Kept(servers.Servers):
    """A cluster that stays in its folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder.rmdir()
        self.folder = folder
        self.postgres = postgres.Server(folder / "postgres", settings=self.postgres.settings)

    def start(self) -> None:
        """Start it where it is, or make it first."""
        if self.postgres.data_dir.exists():
            self.postgres.start()
            return
        self.folder.mkdir(parents=True)
        before = os.environ.get(servers._ENV)
        super().start()  # tells this process where it is, which is for `Place` to do
        os.environ.pop(servers._ENV)
        if before is not None:
            os.environ[servers._ENV] = before

    def stop(self) -> None:
        """End it and keep what it wrote."""
        self.postgres.stop()

    def place(self) -> Place:
        """Return its one database."""
        return Place({**self._addresses(), "super": self.postgres.url()}, servers.PREPARED)


@contextmanager
def few(count: int) -> Iterator[Place]:
    """Give the block the database we are in, with so many chains beside the two of every test."""
    database = connections["default"].settings_dict["NAME"]
    place = Place(servers.addresses(), database)
    try:
        place.fill(count)
        place.look(count)
        yield place
    finally:
        place.close()


@contextmanager
def many(count: int) -> Iterator[Place]:
    """Give the block another database with so many chains."""
    if count <= _FEW:
        with servers.cloned(f"{connections['default'].settings_dict['NAME']}_many") as name:
            place = Place(servers.addresses(), name)
            try:
                place.fill(count)
                place.look(count)
                yield place
            finally:
                place.close()
        return
    folder = Path(tempfile.gettempdir()) / f"{_NAME}{servers._fingerprint()}-{count}"
    whole = folder / "whole"
    if not whole.exists():
        _remove_old(folder)
    server = _Kept(folder)
    try:
        server.start()
        place = server.place()
        if not whole.exists():
            measuring.say(f"{count:,} chains are made first, and kept for the next time")
            place.fill(count)
        whole.unlink(missing_ok=True)
        place.look(count)
        try:
            yield place
        finally:
            place.close()
        place.tidy()
    finally:
        server.stop()
    whole.touch()


@contextmanager
def no_bells() -> Iterator[None]:
    """Ring for no other process within the block; the servers of tests have no broker."""
    with (
        mock.patch.object(directory, "forget"),
        mock.patch.object(tasks, "wake"),
        mock.patch.object(services, "ring"),
    ):
        yield


def pairs(
    one: Callable[[], float], other: Callable[[], float], *, count: int
) -> list[tuple[float, float]]:
    """Let both measure themselves in turn, each first every other time; return their seconds."""
    found = []
    for number in range(count):
        if number % 2:
            second = other()
            found.append((one(), second))
        else:
            first = one()
            found.append((first, other()))
    return found


def own_memory(process: int) -> int:
    """Return the KiB that are the process's own: without shared buffers and program text."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    raise LookupError(process)


def _remove_old(folder: Path) -> None:
    """Remove the clusters of other code and an unfinished one of ours; each takes gigabytes."""
    for other in folder.parent.glob(f"{_NAME}*"):
        with suppress(FileNotFoundError):  # it was never begun, or somebody removes it too
            lock = locks.take(other / "postgres" / "lock", is_in_use=lambda _holder: True)
            if lock is None:
                continue
            os.close(lock)
        shutil.rmtree(other, ignore_errors=True)
