"""Killed in the middle of a call to Stripe: whoever comes next ends it, and nothing is twice."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.billing import calls, catalogue, gateway, settling
from regulars.billing.models import Call, Subscription
from regulars.local.stripe import server
from regulars.tenancy import directory
from tests import counts, mortals, simulated_stripe
from tests.billing import dying
from tests.billing.paying import START, Payer
from tests.counts import Note

pytestmark = pytest.mark.usefixtures("own_database")
LATER = START + timedelta(minutes=3)
CASES = [
    *[("customer", step) for step in ("written down", "answered", "kept")],
    *[("checkout", step) for step in ("written down", "answered", "kept")],
    *[("up", step) for step in ("written down", "answered", "kept")],
    *[("down", step) for step in dying.STEPS],
]

ALL = [(verb, step, by) for verb, step in CASES for by in ("worker", "person")]
TRIED = ALL if counts.IS_LONG else ALL[2::4]


def ready(simulator: server.Server, verb: str) -> Payer:
    """Return a chain that is about to do something, in a database where commits are real."""
    chain = directory.find("aurum")
    assert chain is not None
    catalogue.sync(now=START)
    payer = Payer.of(chain, simulated_stripe.client(simulator))
    if verb == "customer":
        Subscription.objects.filter(chain_id=chain.id).update(customer="")
    elif verb in {"up", "down"}:
        payer.subscribed(plan="chain", stores=2)
    return payer


def killed(payer: Payer, simulator: server.Server, verb: str, step: str, keyless: bool) -> None:
    """Let somebody die in the middle."""
    given = (payer.chain.id, simulator.address, simulator.key, verb, step, keyless)
    with mortals.at_work(dying.act, *given) as somebody:
        assert somebody.hear() == step
        somebody.kill()


def made(payer: Payer, verb: str) -> Any:
    """Return what exists at Stripe of what was asked for: how many, or what was charged."""
    if verb == "customer":
        listed = payer.client.customers.list({"limit": 100}).data
        return len([each for each in listed if each.id != payer.customer])
    if verb == "checkout":
        return len(payer.client.checkout.sessions.list({"customer": payer.customer}).data)
    if verb == "up":
        return payer.totals(), payer.row.plan
    schedules = payer.client.subscription_schedules.list({"customer": payer.customer}).data
    phases = [len(each.phases) for each in schedules if each.status != "released"]
    return payer.totals(), payer.row.next_plan, phases


WANTED = {
    "customer": 1,
    "checkout": 1,
    "up": ([2 * 29_900, 2 * (39_900 - 29_900)], "group"),
    "down": ([2 * 29_900], "start", [2]),
}


@pytest.mark.proof(
    "kill -9 of somebody who subscribes or changes, at each step of each call; then the worker or "
    "the person again must end with one customer, session, charge and schedule"
)
@pytest.mark.parametrize(("verb", "step", "by"), TRIED)
def test_what_was_killed_is_ended_by_the_next_and_nothing_is_twice(
    simulator: server.Server, verb: str, step: str, by: str, record_property: Note
) -> None:
    payer = ready(simulator, verb)
    killed(payer, simulator, verb, step, keyless=False)

    if by == "worker":
        calls.finish_left(now=LATER)
        settling.settle(chain_id=payer.chain.id, now=LATER)
    else:
        dying.story(payer.chain.id, verb)

    assert made(payer, verb) == WANTED[verb]
    assert not Call.objects.filter(state=Call.State.OPEN).exists()
    record_property("kills", 1)


@pytest.mark.proof("the same without keys")
def test_positive_control_without_a_key_the_next_makes_a_second(
    simulator: server.Server, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    payer = ready(simulator, "customer")
    killed(payer, simulator, "customer", "answered", keyless=True)
    monkeypatch.setattr(gateway, "_keyed", dying._random_key)

    calls.finish_left(now=LATER)

    assert made(payer, "customer") == 2
    record_property("found", "two customers")


@pytest.mark.parametrize(("verb", "step", "state"), [
    ("checkout", "answered", "done"),
    ("checkout", "written down", "refused"),
])  # fmt: skip
def test_a_call_whose_key_is_too_old_is_looked_up_and_not_repeated(
    simulator: server.Server, verb: str, step: str, state: str
) -> None:
    payer = ready(simulator, verb)
    killed(payer, simulator, verb, step, keyless=False)
    before = made(payer, verb)

    calls.finish_left(now=START + timedelta(hours=25))

    assert made(payer, verb) == before
    assert Call.objects.get(verb=verb).state == state
