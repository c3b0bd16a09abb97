"""A chain with a rhythm of ten days, read in English."""

from typing import Any

import pytest
from django.utils import translation

from regulars.tenancy.identifiers import new_id
from tests.factories.insights import Fact
from tests.insights.conftest import World
from tests.insights.quiet.making import (
    PACE,
    visits,
)


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def rhythm(world: World) -> list[list[Fact]]:
    """Thirty strangers who come every ten days."""
    return [visits(world, new_id(), every=PACE) for _ in range(30)]
