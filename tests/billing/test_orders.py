"""Events in any order, twice, late or never: what we keep ends as Stripe has it."""

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from regulars.billing import events, gateway, reconciling, services, settling
from regulars.billing.models import Event
from regulars.billing.seen import Snapshot
from regulars.local.stripe import server
from regulars.tenancy import directory
from regulars.tenancy.models import Chain
from tests import counts, simulated_stripe
from tests.billing.conftest import with_plans
from tests.billing.paying import DAY, START, Payer, signed
from tests.counts import Note


@dataclass
class Life:
    """Seven things that happened: what Stripe had after each, and what it told of it."""

    payer: Payer
    snapshots: list[Snapshot]
    told: list[tuple[str, bytes, str]]

    def state(self) -> dict[str, Any]:
        """Return everything we keep that follows Stripe."""
        row = self.payer.row
        chain = Chain.objects.get(pk=self.payer.chain.id)
        kept = {name: getattr(row, name) for name in settling.FOLLOWED}
        return {**kept, "chain.plan": chain.plan, "chain.access": chain.access}


@pytest.fixture
def life(own_database: str, simulator: server.Server) -> Life:
    """A chain that subscribes, grows, pays late, pays, shrinks and cancels.

    In a database of its own, where each order is a whole transaction: within another one thousands
    of savepoints would cost several times as much.
    """
    chain = directory.find("aurum")
    assert chain is not None
    with_plans(simulator)
    payer = Payer.of(chain, simulated_stripe.client(simulator))
    found = Life(payer, [], [])
    for step in steps(payer):
        step()
        payer.hear()
        found.snapshots.append(gateway.read(payer.customer))
        latest = [each for each in payer.events() if each["type"].startswith(events.CONCERN)][-1]
        found.told.append((latest["id"], *signed(latest, now=START)))
    assert len({each[0] for each in found.told}) == 7
    Event.objects.all().delete()
    return found


def steps(payer: Payer) -> Iterator[Callable[[], object]]:
    def change(plan: str) -> object:
        return services.change(chain=payer.chain, plan=plan, interval="month", now=payer.now)

    def renewed(card: str) -> None:
        payer.use_card(card)
        ends = payer.row.period_ends_at
        assert ends is not None
        payer.to(ends + timedelta(hours=2))

    def paid_again() -> None:
        payer.use_card("pm_card_visa")
        payer.to(payer.now + 4 * DAY)

    yield lambda: payer.pay(payer.link(plan="start", stores=2).url)
    yield lambda: change("chain")
    yield lambda: services.keep_quantity(chain=payer.chain, stores=4, now=payer.now)
    yield lambda: renewed("pm_card_chargeCustomerFail")
    yield paid_again
    yield lambda: change("start")
    yield lambda: services.cancel(chain=payer.chain, now=payer.now)


def orders(seed: int, times: int) -> Iterator[tuple[random.Random, tuple[int, ...]]]:
    """Give orders of seven, all of them in the long run, each with a chance of its own."""
    every = list(itertools.permutations(range(7)))
    random.Random(seed).shuffle(every)
    for number, order in enumerate(itertools.islice(itertools.cycle(every), times)):
        yield random.Random(seed + number), order


def play(
    life: Life, chance: random.Random, order: tuple[int, ...], reads: "Reads"
) -> tuple[dict[str, Any], bool]:
    """Tell the events in an order, some twice, some never; return what is kept and if any is lost.

    Nothing is told before it happened; how much more has happened by then is chance.
    """
    reads.world, reads.jobs, now = 0, set(), life.payer.now
    lost = {index for index in order if chance.random() < 0.15} if chance.random() < 0.5 else set()
    for index in order:
        reads.world = max(reads.world, index, chance.randrange(7))
        for _time in range(0 if index in lost else chance.choice([1, 1, 2, 3])):
            event_id, body, header = life.told[index]
            reads.event = index
            state = events.take(body, header, now=START)
            assert event_id in reads.jobs
            if state == Event.State.WAITING or chance.random() < 0.2:  # the outbox, or once more
                events.work(event_id=event_id, now=now)
    reads.world = 6
    return life.state(), bool(lost)


@dataclass
class Reads:
    """What reading the object gives while the test plays, and the work that was written down."""

    life: Life
    world: int = 0
    event: int = 0
    jobs: set[str] = field(default_factory=set)

    def enqueued(self, _chain: Chain, event_id: str) -> None:
        """Take the place of the chain's outbox, which `test_events` works off."""
        assert event_id not in self.jobs
        self.jobs.add(event_id)

    def now(self, _customer: str) -> Snapshot:
        """Give what Stripe has at the moment."""
        return self.life.snapshots[self.world]

    def told(self, _customer: str) -> Snapshot:
        """Give what stood in the event, as one would that trusted it."""
        return self.life.snapshots[self.event]


def plainly(monkeypatch: pytest.MonkeyPatch, reads: Reads) -> None:
    """Leave out what costs much and decides nothing here: the outbox, and transactions within one.

    Each order is a transaction of its own, which is undone as a whole.
    """
    monkeypatch.setattr(events, "_enqueue", reads.enqueued)
    for module in (events, settling):
        monkeypatch.setattr(module, "transaction", SimpleNamespace(atomic=nullcontext))


@pytest.mark.proof(
    "seven events in orders drawn from all 5,040, some twice or thrice, some never, each with as "
    "much more of the world as chance has it; the night's work ends what was lost"
)
def test_whatever_the_order_what_we_keep_ends_as_stripe_has_it(
    life: Life, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    seed, times = counts.seed(), counts.of(500, proof=5040)
    record_property("seed", seed)
    wanted, reads, losses = life.state(), Reads(life), 0
    monkeypatch.setattr(gateway, "read", reads.now)
    plainly(monkeypatch, reads)

    for chance, order in orders(seed, times):
        with transaction.atomic():
            kept, is_lost = play(life, chance, order, reads)
            if is_lost:
                losses += 1
                reconciling._read(life.payer.chain.id, reconciling.Report(), life.payer.now)
                kept = life.state()
            assert kept == wanted, f"order {order}"
            transaction.set_rollback(True)

    assert losses > times / 10
    record_property("orders", times)
    record_property("found", f"{losses} orders with losses")


@pytest.mark.proof("the same by one who trusts what stands in the events")
def test_positive_control_who_trusts_the_events_ends_elsewhere(
    life: Life, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    wanted, reads, wrong = life.state(), Reads(life), 0
    monkeypatch.setattr(gateway, "read", reads.told)
    plainly(monkeypatch, reads)

    for chance, order in orders(1, 40):
        with transaction.atomic():
            wrong += play(life, chance, order, reads)[0] != wanted
            transaction.set_rollback(True)

    assert wrong > 20
    record_property("found", f"{wrong} of 40 orders end wrong")
