"""Telling the meter, stopped at a step that a test wants, to be killed there."""

import signal
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.test import override_settings

from regulars.billing import gateway, metering
from regulars.billing.models import Reported
from regulars.tenancy import directory
from tests.billing.counting import MARCH
from tests.mortals import Says

STEPS: Final = ("written down", "answered", "kept")
"""Before the meter is told, after it answered, after that is committed."""
BEYOND: Final = 100
SENT: Final = 2_000 + BEYOND


def act(
    says: Says, chain_id: UUID, address: str, key: str, step: str, nameless: bool, now: datetime
) -> None:
    """Tell what a chain sent, up to a step; say so, and wait for death."""

    def stop_here(done: str) -> None:
        if done == step:
            says(step)
            signal.pause()

    perform, keep = gateway.perform, metering._done

    def performing(verb: str, parameters: Any, *, key: str) -> Any:
        stop_here("written down")
        answer = perform(verb, parameters, key=key)
        stop_here("answered")
        return answer

    def keeping(row: Reported, *, now: datetime) -> None:
        keep(row, now=now)
        stop_here("kept")

    gateway.perform, metering._done = performing, keeping
    if nameless:
        metering.identifier = without_name
    with override_settings(STRIPE_API_KEY=key, STRIPE_API_BASE=address):
        chain = directory.by_id(chain_id)
        assert chain is not None
        metering.tell(chain=chain, month=MARCH, sent=SENT, now=now)
        says("the end")


def without_name(row: Reported) -> str:
    """Name each telling otherwise, as if it were not made from our row."""
    return f"messages-{row.pk}-{uuid4()}"
