"""A Chromium to use the product with."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.factories import browsing


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser, if this machine has one."""
    with browsing.chromium() as found:
        yield found
