"""Fixtures of every test: two chains, `aurum` (jewelry) and `bloom` (beauty), and rolled-back work.

`db` gives a test a transaction that is rolled back; `own_database` a database of its own, for
tests of commits, threads and the owner role; `shared_database` one to all tests of a module.
"""

import gc
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.utils import translation
from hypothesis import settings as generated

from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests import servers, urls_called, workers
from tests.local.running import Run, running
from tests.prepared import NOW

generated.register_profile("shared machine", deadline=None)
generated.load_profile("shared machine")
ONE_PRODUCT = (
    "tests/local/test_leaks.py",
    "tests/browser/test_whole_way.py",
    "tests/browser/test_subscription.py",
    "tests/local/test_under_fire.py",
)
"""Use the same `regulars up`, in this order: the last one kills its parts."""
LONGEST = (
    *ONE_PRODUCT,
    "tests/insights/test_real_year.py",
    "tests/local/test_up.py",
    "tests/browser/",
    "tests/imports/test_whole_way.py",
    "tests/imports/test_real_year.py",
    "tests/web/test_imports_browser.py",
    "tests/points/test_machine.py",
)
_running: servers.Servers | None = None


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the process that hands tests to the workers."""
    global _running
    workers.watch(os.dup(2))  # what is written to 2 itself is captured while a test runs
    if not hasattr(config, "workerinput"):
        _running = servers.Servers(in_memory=True)
        _running.start()
        urls_called.start(_running.folder)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while thousands of tests are gathered: all of it is kept."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end.

    And write into the results how each test with a long version tries its claim.
    """
    items.sort(key=lambda item: _turn(item.nodeid))
    for item in items:
        marker = item.get_closest_marker("proof")
        if marker is not None:
            (how,) = marker.args
            item.user_properties.append(("how", how))


def _turn(test: str) -> int:
    for turn, beginning in enumerate(LONGEST):
        if test.startswith(beginning):
            return turn
    return len(LONGEST) + ("browser.py" not in test)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand the tests of the one product to the same worker, whichever files they are in."""
    is_ours = config.getoption("dist") == "loadfile"
    return workers.Scheduling(config, log, ONE_PRODUCT) if is_ours else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Name the addresses that no test asked for, once every test has run."""
    urls_called.leave()
    if _running is None or not urls_called.is_whole_run(session.config):
        return
    missing = urls_called.uncalled()
    if missing and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    for route in missing:
        sys.stderr.write(f"No test asks for /{route}\n")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End them, and let go of what `regulars.wsgi` froze: DuckDB lists what is never freed."""
    gc.unfreeze()
    if _running is not None:
        _running.stop()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, worker_id: str) -> Iterator[None]:
    """Clone the prepared database for this worker."""
    with django_db_blocker.unblock(), servers.cloned(f"test_{worker_id}") as name:
        servers.point_at(name)
        yield
        for alias in connections:
            connections[alias].close()


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Name of the xdist worker, or `master` without one."""
    workerinput = getattr(request.config, "workerinput", {"workerid": "master"})
    return str(workerinput["workerid"])


@pytest.fixture
def now() -> datetime:
    """The moment at which tests happen."""
    return NOW


@pytest.fixture
def aurum(db: None) -> ChainInfo:
    """A jewelry chain with two regions and three stores."""
    return _chain("aurum")


@pytest.fixture
def bloom(db: None) -> ChainInfo:
    """A beauty chain; in tests of isolation it is the other one."""
    return _chain("bloom")


def _chain(label: str) -> ChainInfo:
    directory._entries.clear()
    chain = directory.find(label)
    assert chain is not None
    return chain


@pytest.fixture
def inside_aurum(aurum: ChainInfo) -> Iterator[ChainInfo]:
    """Work inside aurum for the whole test."""
    with context.inside(aurum):
        yield aurum


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """`regulars up` without demo chains: web, worker, scheduler, database; see ONE_PRODUCT."""
    with running(tmp_path_factory.mktemp("product")) as run:
        yield run


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of the test's own, in which commits are real; dropped afterwards."""
    with _pointed_at_a_clone(django_db_blocker) as name:
        yield name


@pytest.fixture(scope="module")
def shared_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database like `own_database` for all tests of a module, which bear with one another."""
    with _pointed_at_a_clone(django_db_blocker) as name:
        yield name


@contextmanager
def _pointed_at_a_clone(blocker: Any) -> Iterator[str]:
    before = connections["default"].settings_dict["NAME"]
    with blocker.unblock():
        name = f"{before}_own"
        with servers.cloned(name):
            servers.point_at(name)
            directory._entries.clear()
            try:
                yield name
            finally:
                servers.point_at(before)
                directory._entries.clear()


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Start and end each test outside every chain, with an empty cache of hosts."""
    directory._entries.clear()
    context.activate_public()
    yield
    context.activate_public()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Leave the test's chain before its transaction is checked and rolled back."""
    context.activate_public()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Sentences outside pages are English in tests; pages follow their visitor."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _cache_in_memory(settings: Any) -> None:
    """Tests that need the real broker ask for it by name. Nothing is remembered from another.

    In each database the same people have the same ids.
    """
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "KEY_FUNCTION": settings.CACHES["default"]["KEY_FUNCTION"],
        }
    }
    cache.clear()


assert settings.configured
