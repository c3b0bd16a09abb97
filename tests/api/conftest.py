"""A till with a key, at the counter of aurum."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from regulars import audit
from regulars.api import keys
from regulars.api.scopes import SCOPES
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.visitors import Staying

_numbers = count(1)


class Till:
    """Calls the API of one chain with one key."""

    def __init__(self, host: str, secret: str) -> None:
        self.client = Staying(headers={"host": host, "authorization": f"Bearer {secret}"})
        self.secret = secret

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
        return self._send("post", path, body, key)

    def patch(self, path: str, body: Any, *, key: str | None = None) -> Any:
        return self._send("patch", path, body, key)

    def _send(self, method: str, path: str, body: Any, key: str | None) -> Any:
        send = getattr(self.client, method)
        name = f"test-{next(_numbers)}" if key is None else key
        headers = {"idempotency-key": name} if name else {}
        return send(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


@pytest.fixture
def make_till(now: datetime) -> Callable[..., Till]:
    """Make a key with some scopes in a chain, and a till that uses it."""

    def make(chain: ChainInfo, *scopes: str, store_id: Any = None) -> Till:
        with context.inside(chain):
            made = keys.create(
                actor=audit.SYSTEM,
                name="Till",
                scopes=list(scopes or SCOPES),
                store_id=store_id,
                now=now,
            )
        return Till(f"{chain.subdomain}.localhost", made.secret)

    return make


@pytest.fixture
def till(aurum: ChainInfo, make_till: Callable[..., Till]) -> Till:
    """A till of aurum that may do everything a key can."""
    return make_till(aurum)


@pytest.fixture
def store(aurum: ChainInfo) -> str:
    """Code of aurum's first store."""
    with context.inside(aurum):
        return people.first_store().code


@pytest.fixture
def sale(store: str) -> Callable[..., dict[str, Any]]:
    """Build the body of a purchase."""

    def build(**changes: Any) -> dict[str, Any]:
        body: dict[str, Any] = {
            "store": store,
            "number": f"R-{next(_numbers)}",
            "occurred_at": "2026-11-21T10:00:00+08:00",
            "lines": [{"category": "gold", "gross_minor": 128_000}],
        }
        return body | changes

    return build
