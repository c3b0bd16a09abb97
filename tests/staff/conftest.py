"""Each test starts with empty counters: tries and limits live in the cache."""

import pytest
from django.core.cache import cache

from regulars.tenancy.context import ChainInfo


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()
