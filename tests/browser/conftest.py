"""The whole product, started as anybody would start it, and a Chromium to use it with."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from regulars.local import processes
from tests.local.running import Run

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    *("--no-sandbox", "--disable-gpu"),
    *("--disable-background-networking", "--disable-component-update"),
]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """`regulars up` without demo chains: web, worker, scheduler, database."""
    run = Run(tmp_path_factory.mktemp("product") / "state", processes.free_port()).start()
    yield run
    run.end()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser, if this machine has one."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip("There is no Chromium on this machine.")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield found
        found.close()
