"""A provider that tests command, in place of the one a chain would choose."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from regulars.messages.gateways.contract import (
    Absent,
    Accepted,
    Outgoing,
    Rate,
    Receipt,
)
from regulars.messages.services.sending import Means
from tests.factories.customers import NOW


@dataclass
class Provider:
    """Takes every message, unless told to raise something for an address, or by `before`."""

    rate: Rate = field(default_factory=lambda: Rate(count=1_000_000))
    sent: list[Outgoing] = field(default_factory=list)
    raising: dict[str, BaseException] = field(default_factory=dict)
    answers: dict[str, Receipt | Absent | None] = field(default_factory=dict)
    before: Callable[[Outgoing], None] = lambda _: None
    name: str = "tried"

    def send(self, outgoing: Outgoing, *, now: datetime) -> Accepted:
        """Note the message and take it."""
        self.before(outgoing)
        self.sent.append(outgoing)
        for address in (outgoing.to, ""):
            if address in self.raising:
                raise self.raising[address]
        return Accepted(provider_id=f"p-{outgoing.key}")

    def resolve(
        self, outgoing: Outgoing, *, since: datetime, now: datetime, provider_id: str = ""
    ) -> Receipt | Absent | None:
        """Answer as told."""
        return self.answers.get(outgoing.key)


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


@pytest.fixture
def provider() -> Provider:
    """The provider of every slot."""
    return Provider()


@pytest.fixture
def clock() -> Clock:
    """The clock of sending."""
    return Clock()


@pytest.fixture
def means(provider: Provider, clock: Clock) -> Means:
    """What to send with."""
    return Means(opened=lambda _slot: provider, clock=clock)  # type: ignore[arg-type, return-value]
