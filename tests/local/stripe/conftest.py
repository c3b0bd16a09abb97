"""A simulator for each test, every answer of which is checked against the client's types."""

from collections.abc import Iterator
from typing import Any

import pytest

from regulars.local.stripe import server
from tests import simulated_stripe
from tests.local.stripe import conforming


@pytest.fixture
def watched() -> Iterator[conforming.Watched]:
    """A simulator with nothing in it; a test fails for an answer that the client does not know."""
    with simulated_stripe.running() as running:
        found = conforming.watch(running)
        yield found
        assert not found.faults, "\n".join(dict.fromkeys(found.faults))


@pytest.fixture
def simulator(watched: conforming.Watched) -> server.Server:
    """That simulator itself."""
    return watched.simulator


@pytest.fixture
def client(simulator: server.Server) -> Any:
    """The official client."""
    return simulated_stripe.client(simulator)


@pytest.fixture
def shop(client: Any) -> simulated_stripe.Shop:
    """A product, prices and customers on a clock that stands at 31 January 2026, 10:00 UTC."""
    clock = simulated_stripe.Clock.at(client, simulated_stripe.second(2026, 1, 31, 10))
    return simulated_stripe.Shop(client, clock)
