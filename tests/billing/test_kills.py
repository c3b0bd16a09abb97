"""Killed in the middle of a call to Stripe: whoever comes next ends it, and nothing is twice."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.billing import calls, catalogue, gateway, services, settling
from regulars.billing.models import Call, Event, Subscription
from regulars.local.stripe import server
from regulars.tenancy import directory
from tests import counts, mortals, simulated_stripe
from tests.billing import dying
from tests.billing.conftest import with_plans
from tests.billing.paying import START, Payer
from tests.counts import Note

pytestmark = pytest.mark.usefixtures("shared_database")
LATER = START + timedelta(minutes=3)
ALL = [
    (name, step, by)
    for name, story in dying.STORIES.items()
    for step in story.steps()
    for by in ("worker", "person")
]
TRIED = ALL if counts.IS_LONG else ALL[2::11]
EMPTY = {"meter", "product", "price"}
CATALOGUE = {*EMPTY, "rename", "archive"}


def ready(simulator: server.Server, name: str) -> Payer:
    """Return a chain that is about to do something, of which nothing is known from before."""
    chain = directory.find("aurum")
    assert chain is not None
    Call.objects.all().delete()
    Event.objects.all().delete()
    fresh = Subscription(chain_id=chain.id, plan="chain", trial_ends_at=START)
    kept = {"id", "chain", "created_at", "updated_at"}
    values = {f.name: getattr(fresh, f.name) for f in fresh._meta.fields if f.name not in kept}
    Subscription.objects.filter(chain_id=chain.id).update(**values)
    client = simulated_stripe.client(simulator)
    if name not in EMPTY:
        with_plans(simulator)
    payer = Payer.of(chain, client)
    prepare(payer, name)
    Call.objects.all().delete()
    return payer


def prepare(payer: Payer, name: str) -> None:
    """Bring a chain, or the catalogue, to where a story begins."""
    match name:
        case "customer":
            Subscription.objects.filter(chain_id=payer.chain.id).update(customer="")
        case "another wish":
            payer.link(plan="start")
        case "up" | "down":
            payer.subscribed(plan="chain", stores=2)
        case "not down" | "stores while less waits" | "cancel while less waits":
            payer.subscribed(plan="chain", stores=2)
            services.change(chain=payer.chain, plan="start", interval="month", now=START)
        case "a store, yearly":
            payer.subscribed(plan="chain", interval="year", stores=2)
        case "take back":
            payer.subscribed(plan="chain", stores=2)
            services.cancel(chain=payer.chain, now=START)
        case "rename":
            payer.client.products.update("regulars-chain", {"name": "Another"})
        case "archive":
            more = {"lookup_key": "regulars:gone:month:CNY", "metadata": {"plan": "gone"}}
            recurring = {"recurring": {"interval": "month"}, "product": "regulars-chain"}
            payer.client.prices.create({"unit_amount": 1, "currency": "cny", **recurring, **more})


def killed(payer: Payer, simulator: server.Server, name: str, step: str, keyless: bool) -> None:
    """Let somebody die in the middle."""
    given = (payer.chain.id, simulator.address, simulator.key, name, step, keyless)
    with mortals.at_work(dying.act, *given) as somebody:
        assert somebody.hear() == step
        somebody.kill()


def made(payer: Payer, simulator: server.Server, name: str) -> Any:
    """Return what exists at Stripe of what was asked for: how many, or what was charged."""
    match name:
        case "customer":
            listed = payer.client.customers.list({"limit": 100}).data
            return len([each for each in listed if each.id != payer.customer])
        case "checkout":
            return len(payer.client.checkout.sessions.list({"customer": payer.customer}).data)
        case "another wish":
            found = payer.client.checkout.sessions.list({"customer": payer.customer}).data
            states = [each.status for each in found]
            return states.count("expired"), states.count("open") < 2
        case "portal":  # each belongs to a row of ours; whoever asks anew gets another one
            with simulator.api.lock:
                opened = len(simulator.store.every("billing_portal.session"))
            return opened - Call.objects.filter(verb="portal", state="done").count()
        case "meter" | "product" | "rename" | "price" | "archive":
            return of_catalogue(payer)
    row = payer.row
    return {
        "charged": payer.totals(),
        "waits": sum(item.amount for item in pending(payer)),
        "plan": (row.plan, row.next_plan),
        "stores": row.quantity,
        "ends": row.cancels_at is not None,
        "phases": live_phases(payer),
    }


def pending(payer: Payer) -> list[Any]:
    found = payer.client.invoice_items.list({"customer": payer.customer, "pending": True})
    return list(found.data)


def live_phases(payer: Payer) -> list[int]:
    """Return how many phases each schedule has that is not over."""
    found = payer.client.subscription_schedules.list({"customer": payer.customer}).data
    return [len(each.phases) for each in found if each.status == "active"]


def of_catalogue(payer: Payer) -> tuple[int, int, int, int]:
    """Return how many meters, products and prices there are too many, and what is still to do.

    A price made twice takes its name from the first.
    """
    client, asked = payer.client, {"limit": 100}
    meters = client.billing.meters.list(asked).data
    products = [each.name for each in client.products.list(asked).data]
    prices = [each.lookup_key for each in client.prices.list(asked).data]
    left = len(catalogue.missing())
    return len(meters) - 1, len(products) - len(set(products)), prices.count(None), left


def _kept(**changes: Any) -> dict[str, Any]:
    """Return how two stores of the plan "chain" stand by the month, but for changes."""
    return {
        "charged": [2 * 29_900], "waits": 0, "plan": ("chain", ""), "stores": 2, "ends": False,
        "phases": [], **changes,
    }  # fmt: skip


WANTED = {
    "customer": 1,
    "checkout": 1,
    "another wish": (1, True),
    "portal": 0,
    "up": _kept(charged=[2 * 29_900, 2 * (39_900 - 29_900)], plan=("group", "")),
    "down": _kept(plan=("chain", "start"), phases=[2]),
    "not down": _kept(),
    "a store, yearly": _kept(charged=[2 * 299_000, 299_000], stores=3),
    "stores while less waits": _kept(
        waits=2 * 29_900, plan=("chain", "start"), stores=4, phases=[2]
    ),
    "cancel while less waits": _kept(ends=True),
    "take back": _kept(),
    **dict.fromkeys(CATALOGUE, (0, 0, 0, 0)),
}


@pytest.mark.proof(
    "kill -9 of somebody who subscribes, opens the portal, changes, grows, cancels, takes back or "
    "brings plans to Stripe, at each step of each call and between its requests; then the worker "
    "or the person again must end with one customer, session, charge, schedule, product and price"
)
@pytest.mark.parametrize(("name", "step", "by"), TRIED)
def test_what_was_killed_is_ended_by_the_next_and_nothing_is_twice(
    simulator: server.Server, name: str, step: str, by: str, record_property: Note
) -> None:
    payer = ready(simulator, name)
    killed(payer, simulator, name, step, keyless=False)

    if by == "worker":
        calls.finish_left(now=LATER)
        settling.settle(chain_id=payer.chain.id, now=LATER)
    if by == "person" or name in CATALOGUE:
        dying.story(payer.chain.id, name)

    assert made(payer, simulator, name) == WANTED[name]
    calls.finish_left(now=LATER)  # a person does not ask again for what is done: its call is left
    assert made(payer, simulator, name) == WANTED[name]
    assert not Call.objects.filter(state=Call.State.OPEN).exists()
    record_property("kills", 1)


@pytest.mark.proof("the same without keys")
@pytest.mark.parametrize(("name", "twice"), [("customer", 2), ("price", (0, 0, 1, 0))])
def test_positive_control_without_a_key_the_next_makes_a_second(
    simulator: server.Server,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    twice: object,
    record_property: Note,
) -> None:
    payer = ready(simulator, name)
    killed(payer, simulator, name, "answered", keyless=True)
    monkeypatch.setattr(gateway, "_keyed", dying._random_key)

    calls.finish_left(now=LATER)
    if name in CATALOGUE:
        dying.story(payer.chain.id, name)

    assert made(payer, simulator, name) == twice
    record_property("found", f"a second {name}")


@pytest.mark.parametrize(("name", "step", "state"), [
    ("checkout", "answered", "done"),
    ("checkout", "written down", "refused"),
])  # fmt: skip
def test_a_call_whose_key_is_too_old_is_looked_up_and_not_repeated(
    simulator: server.Server, name: str, step: str, state: str
) -> None:
    payer = ready(simulator, name)
    killed(payer, simulator, name, step, keyless=False)
    before = made(payer, simulator, name)

    calls.finish_left(now=START + timedelta(hours=25))

    assert made(payer, simulator, name) == before
    assert Call.objects.get(verb=name).state == state


def test_every_writing_verb_of_the_gateway_is_killed() -> None:
    """A verb that is new wants a story here, or says in its own tests how it dies."""
    elsewhere = {"messages"}  # test_metering

    assert {story.verb for story in dying.STORIES.values()} | elsewhere == set(gateway._VERBS)
