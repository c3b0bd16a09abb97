"""Killed while messages are told to the meter: whoever comes next ends it, and none is twice."""

from datetime import timedelta

import pytest

from regulars.billing import catalogue, metering
from regulars.billing.models import Reported
from regulars.local.stripe import server
from regulars.tenancy import directory
from tests import counts, mortals, simulated_stripe
from tests.billing import dying_messages
from tests.billing.counting import MARCH, counted
from tests.billing.paying import DAY, START, Payer
from tests.counts import Note

pytestmark = pytest.mark.usefixtures("own_database")
NIGHT = START + DAY
CASES = [
    (step, by, later)
    for step in dying_messages.STEPS
    for by in ("worker", "night")
    for later in (timedelta(minutes=3), timedelta(hours=24), timedelta(days=40))
]
TRIED = CASES if counts.IS_LONG else CASES[1::6]


def killed(simulator: server.Server, step: str, *, nameless: bool = False) -> Payer:
    """Let somebody die while telling what a paying chain sent beyond its allowance."""
    chain = directory.find("aurum")
    assert chain is not None
    catalogue.sync(now=START)
    payer = Payer.of(chain, simulated_stripe.client(simulator)).subscribed(plan="start", stores=1)
    payer.to(NIGHT)
    given = (chain.id, simulator.address, simulator.key, step, nameless, NIGHT)
    with mortals.at_work(dying_messages.act, *given) as somebody:
        assert somebody.hear() == step
        somebody.kill()
    return payer


@pytest.mark.proof(
    "kill -9 of whoever tells the meter what was sent beyond the allowance, at each step; then the "
    "worker or the next night, minutes, a day or 40 days later, must leave each message told once"
)
@pytest.mark.parametrize(("step", "by", "later"), TRIED)
def test_what_was_killed_is_told_by_the_next_and_neither_twice_nor_never(
    simulator: server.Server, step: str, by: str, later: timedelta, record_property: Note
) -> None:
    payer = killed(simulator, step)
    payer.to(NIGHT + later)

    for _ in range(2):
        if by == "worker":
            metering.finish_left(now=payer.now)
        else:
            metering.tell(chain=payer.chain, month=MARCH, sent=dying_messages.SENT, now=payer.now)

    row = Reported.objects.get()
    assert (row.told, row.asking) == (dying_messages.BEYOND, 0)
    assert counted(payer) == dying_messages.BEYOND
    record_property("kills", 1)


@pytest.mark.proof("the same where the event's name is not made from our row")
def test_positive_control_without_a_name_of_our_own_it_is_told_twice(
    simulator: server.Server, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    payer = killed(simulator, "answered", nameless=True)
    monkeypatch.setattr(metering, "identifier", dying_messages.without_name)

    metering.finish_left(now=NIGHT + timedelta(minutes=3))

    assert counted(payer) == 2 * dying_messages.BEYOND
    record_property("found", dying_messages.BEYOND)
