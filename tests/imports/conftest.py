"""Fixtures of the tests of imports."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from regulars import registry
from tests.factories.purchases import vertical


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Let sentences speak the language they are written in."""
    with translation.override("en"):
        yield


@pytest.fixture
def one_point_per_unit(inside_aurum: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work inside aurum with a small vertical: a point for each whole unit of money."""
    made = vertical()
    monkeypatch.setattr(registry, "vertical", lambda: made)
