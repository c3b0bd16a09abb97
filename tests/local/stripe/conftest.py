"""A simulator for each test, every answer of which is checked against the client's types."""

from collections.abc import Iterator
from typing import Any

import pytest

from regulars.local.stripe import routes, server
from tests import simulated_stripe
from tests.local.stripe import conforming


@pytest.fixture
def simulator() -> Iterator[server.Server]:
    """A simulator with nothing in it; a test fails for an answer that the client does not know."""
    with simulated_stripe.running() as running:
        found: list[str] = []
        plainly = running.api.answer

        def answer(method: str, path: str, text: str, headers: dict[str, str]) -> Any:
            status, body, sent = plainly(method, path, text, headers)
            route = routes.find(method, path)
            if status == 200 and route:
                found.extend(conforming.faults_of(f"{method} {route[0].path}", body))
            return status, body, sent

        running.api.answer = answer  # type: ignore[method-assign]
        yield running
        assert not found, "\n".join(dict.fromkeys(found))


@pytest.fixture
def client(simulator: server.Server) -> Any:
    """The official client."""
    return simulated_stripe.client(simulator)


@pytest.fixture
def shop(client: Any) -> simulated_stripe.Shop:
    """A product, prices and customers on a clock that stands at 31 January 2026, 10:00 UTC."""
    clock = simulated_stripe.Clock.at(client, simulated_stripe.second(2026, 1, 31, 10))
    return simulated_stripe.Shop(client, clock)
