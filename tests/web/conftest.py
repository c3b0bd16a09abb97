"""Fixtures of the tests of pages: a browser that the tests of a module share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.factories import browsing


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; starting it takes longer than most that is done with it."""
    with browsing.chromium() as found:
        yield found


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A browser without any window, which knows nothing of what was done with it before."""
    yield chromium
    for window in chromium.contexts:
        window.close()
