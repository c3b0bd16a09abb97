"""Stories are tried with a small vertical: a point for each whole unit of money."""

import pytest

from regulars import registry
from tests.factories.purchases import vertical


@pytest.fixture
def one_point_per_unit(inside_aurum: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work inside aurum with the small vertical."""
    made = vertical()
    monkeypatch.setattr(registry, "vertical", lambda: made)
