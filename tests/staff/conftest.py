"""Each test starts with empty counters: tries and limits live in the cache."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_tries_yet(_cache_in_memory: None) -> None:
    cache.clear()
