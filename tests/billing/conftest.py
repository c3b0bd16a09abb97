"""A simulator with our plans in it, and a chain that can pay."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from regulars.billing import catalogue, gateway
from regulars.local.stripe import server
from regulars.tenancy.context import ChainInfo
from tests import simulated_stripe
from tests.billing.paying import SECRET, START, Payer

_PLANS: list[sqlite3.Connection] = []


@pytest.fixture
def simulator() -> Iterator[server.Server]:
    """A simulator that the product's settings name."""
    with (
        simulated_stripe.running() as running,
        override_settings(
            STRIPE_API_KEY=running.key,
            STRIPE_API_BASE=running.address,
            STRIPE_WEBHOOK_SECRET=SECRET,
        ),
    ):
        gateway._client.cache_clear()
        yield running


def with_plans(simulator: server.Server) -> None:
    """Give a simulator our plans: brought there once in a run, and copied from then on."""
    if not _PLANS:
        catalogue.sync(now=START)
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        with simulator.api.lock:
            simulator.store.base.backup(kept)
        _PLANS.append(kept)
    with simulator.api.lock:  # its other threads read now and then
        _PLANS[0].backup(simulator.store.base)


@pytest.fixture
def stripe(simulator: server.Server) -> Any:
    """The official client."""
    return simulated_stripe.client(simulator)


@pytest.fixture
def payer(aurum: ChainInfo, simulator: server.Server, stripe: Any) -> Payer:
    """Aurum, on a trial of thirty days from START, with a customer on a clock of its own."""
    with_plans(simulator)
    return Payer.of(aurum, stripe)
