"""The ledger is tried inside aurum, by the rules of a small vertical."""

from collections.abc import Iterator

import pytest
from django.db import connection

from regulars import registry
from regulars.points import verification
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories.purchases import vertical


@pytest.fixture
def small_vertical(inside_aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use a vertical with a point for each whole unit of money; the books must add up after."""
    made = vertical()
    monkeypatch.setattr(registry, "vertical", lambda: made)
    yield
    with context.inside(inside_aurum):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert verification.findings() == []
