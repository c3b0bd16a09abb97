"""The whole product, started as anybody would start it, and a Chromium to use it with."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from regulars.local import processes
from tests.factories import browsing
from tests.local.running import Run


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """`regulars up` without demo chains: web, worker, scheduler, database."""
    run = Run(tmp_path_factory.mktemp("product") / "state", processes.free_port()).start()
    yield run
    run.end()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser, if this machine has one."""
    with browsing.chromium() as found:
        yield found
