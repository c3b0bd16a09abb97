"""Every verb of the ledger in any order, against a slow second implementation in plain Python."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from regulars.points import books, ledger, verification
from regulars.points import selectors as balances
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.identifiers import new_id
from tests import counts
from tests.counts import Note
from tests.factories.purchases import NOW, customer, event

STEPS = 50
RUNS = counts.of(50, proof=220)
AMOUNTS = st.integers(1, 60)


@dataclass
class OracleLot:
    """A lot of the second implementation."""

    left: int
    expires_at: datetime | None
    born: int


class Oracle:
    """One account as a person with paper and pencil would keep it: point by point."""

    def __init__(self) -> None:
        self.lots: list[OracleLot] = []
        self.debt = 0

    def live(self, now: datetime) -> list[OracleLot]:
        found = [
            lot for lot in self.lots if lot.left and (not lot.expires_at or lot.expires_at > now)
        ]
        never = [lot for lot in found if lot.expires_at is None]
        dated = [lot for lot in found if lot.expires_at is not None]
        return sorted(dated, key=lambda lot: (lot.expires_at, lot.born)) + never

    def balance(self, now: datetime) -> int:
        return sum(lot.left for lot in self.live(now)) - self.debt

    def earn(self, amount: int, expires_at: datetime | None) -> None:
        lot = OracleLot(0, expires_at, len(self.lots))
        self.lots.append(lot)
        for _ in range(amount):
            if self.debt:
                self.debt -= 1
            else:
                lot.left += 1

    def use(self, amount: int, now: datetime) -> int:
        for done in range(amount):
            live = self.live(now)
            if not live:
                return amount - done
            live[0].left -= 1
        return 0


class LedgerMachine(RuleBasedStateMachine):
    """Drives the ledger and the oracle side by side."""

    steps = 0

    @initialize()
    def begin(self) -> None:
        self.customer: Any = customer()
        self.oracle = Oracle()
        self.now = NOW
        self.number = 0
        self.last: tuple[Any, ledger.Posted] | None = None

    def event(self) -> ledger.Event:
        self.number += 1
        return event(self.customer, f"{self.customer.id}-{self.number}", now=self.now)

    @rule(amount=AMOUNTS, days=st.one_of(st.none(), st.integers(1, 20)))
    def award(self, amount: int, days: int | None) -> None:
        expires_at = None if days is None else self.now + timedelta(days=days)
        told = self.event()
        posted = ledger.award(told, amount=amount, expires_at=expires_at)
        self.oracle.earn(amount, expires_at)
        self.last = (lambda: ledger.award(told, amount=amount, expires_at=expires_at), posted)

    @rule(amount=AMOUNTS, partial=st.booleans())
    def spend(self, amount: int, partial: bool) -> None:
        held = self.oracle.balance(self.now)
        used = min(amount, held) if partial else amount
        if used > held or used <= 0:
            with pytest.raises(ledger.NotEnough):
                ledger.spend(self.event(), amount=amount, partial=partial)
        else:
            told = self.event()
            posted = ledger.spend(told, amount=amount, partial=partial)
            assert posted.amount == -used
            self.oracle.use(used, self.now)
            self.last = (lambda: ledger.spend(told, amount=amount, partial=partial), posted)

    @rule(amount=AMOUNTS, policy=st.sampled_from(["debt", "clamp"]))
    def take_back(self, amount: int, policy: Any) -> None:
        ledger.take_back(self.event(), amount=amount, policy=policy)
        missing = self.oracle.use(amount, self.now)
        if policy == "debt":
            self.oracle.debt += missing

    @rule(amount=st.integers(-60, 60).filter(bool))
    def adjust(self, amount: int) -> None:
        if -amount > self.oracle.balance(self.now) and amount < 0:
            with pytest.raises(ledger.NotEnough):
                ledger.adjust(self.event(), amount=amount)
        else:
            ledger.adjust(self.event(), amount=amount)
            if amount > 0:
                self.oracle.earn(amount, None)
            else:
                self.oracle.use(-amount, self.now)

    @rule()
    def repeat(self) -> None:
        if self.last is not None:
            again, posted = self.last
            answer = again()
            assert (answer.posting_id, answer.amount, answer.repeated) == (
                posted.posting_id,
                posted.amount,
                True,
            )

    @rule(days=st.integers(1, 15), sweep=st.booleans())
    def time_passes(self, days: int, sweep: bool) -> None:
        self.now += timedelta(days=days)
        if sweep:
            ledger.expire(now=self.now)

    @invariant()
    def balances_agree(self) -> None:
        if hasattr(self, "customer"):
            LedgerMachine.steps += 1
            found = balances.balance(customer_id=self.customer.id, now=self.now)
            assert found.balance == self.oracle.balance(self.now)

    def teardown(self) -> None:
        if hasattr(self, "customer"):
            assert verification.findings() == []


def run(*, times: int, phases: tuple[Phase, ...] = tuple(Phase)) -> int:
    """Walk so many times; return how many steps were compared with the oracle."""
    LedgerMachine.steps = 0
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=times,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return LedgerMachine.steps


@pytest.mark.proof(
    "hypothesis walks through every verb and the passing of time, beside a second implementation"
    " in plain Python; after each walk every invariant is checked in SQL"
)
@pytest.mark.usefixtures("small_vertical")
def test_the_ledger_agrees_with_paper_and_pencil(record_property: Note) -> None:
    steps = run(times=RUNS)

    assert steps > RUNS * STEPS / 4
    record_property("walks", RUNS)
    record_property("steps", steps)


@pytest.mark.proof("the same walk, with lots that never expire")
def test_positive_control_a_lot_that_forgets_to_expire_is_noticed(
    inside_aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    def for_ever(account: Any, amount: int, _expires_at: datetime | None) -> Any:
        return books.earn(account, amount=amount, expires_at=None, new_id=new_id)

    monkeypatch.setattr(ledger, "_earned", for_ever)

    with pytest.raises(AssertionError):
        run(times=RUNS, phases=(Phase.generate,))

    record_property("found", f"noticed after {LedgerMachine.steps} steps")
