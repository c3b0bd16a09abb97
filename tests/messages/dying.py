"""A worker that sends a batch and does not live to finish it."""

import time
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from regulars.messages.gateways.contract import Accepted, Outgoing, Rate
from regulars.messages.services import batches, pacing, sending
from regulars.messages.services.sending import Means
from regulars.stores.models import Region
from regulars.tenancy import context, directory
from regulars.tenancy.identifiers import new_id
from tests.factories.customers import NOW
from tests.mortals import Says

SECONDS: Final = 0.002  # between the provider's hearing of it and its answer


class Remembering:
    """A provider that remembers for ever what it was handed: a region's name for each message."""

    name: Final = "remembering"
    rate: Final = Rate(count=1_000_000)

    def __init__(self, says: Says) -> None:
        """Take whom to tell, once it is remembered."""
        self._says = says

    def send(self, outgoing: Outgoing, *, now: datetime) -> Accepted:
        """Remember it, tell, and answer a little later."""
        Region(code=new_id().hex[-30:], name=outgoing.key).save(force_insert=True)
        self._says(outgoing.key)
        time.sleep(SECONDS)
        return Accepted(provider_id=outgoing.key)


def send(says: Says, batch_id: UUID, marks: bool) -> None:
    """Send a batch of aurum; without `marks`, nothing says beforehand that a message is sent."""
    pacing.wait = lambda *_args, **_facts: None  # there is no cache
    if not marks:
        sending._begin = lambda *_args, **_facts: True
    provider: Any = Remembering(says)
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        means = Means(opened=lambda _slot: provider, clock=lambda: NOW)
        batches.drive(batch_id=batch_id, means=means)
