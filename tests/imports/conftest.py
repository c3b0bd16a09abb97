"""Fixtures of the tests of imports."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Let sentences speak the language they are written in."""
    with translation.override("en"):
        yield
