"""The connection pool of the product, for tests and benchmarks that ask for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.db import connections

from tests.settings import POOL


@contextmanager
def pooled(alias: str = "default", **changes: Any) -> Iterator[None]:
    """Take connections from the product's pool within the block: `close` gives them back."""
    wrapper = cast(Any, connections[alias])
    options = wrapper.settings_dict["OPTIONS"]
    wrapper.close()
    wrapper.settings_dict["OPTIONS"] = {**options, "pool": {**POOL, **changes}}
    try:
        yield
    finally:
        wrapper.close()
        wrapper.close_pool()
        wrapper.settings_dict["OPTIONS"] = options
