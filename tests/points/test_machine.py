"""Every verb of the ledger in any order, against a slow second implementation in plain Python."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from regulars.points import books, ledger, services, verification
from regulars.points import selectors as balances
from regulars.points.models import Leg, Lot, Posting
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.identifiers import new_id
from tests import counts
from tests.counts import Note
from tests.factories.purchases import NOW, TILL, customer, event
from tests.points.paper import PaperAccount, PaperLot

STEPS = 50  # of one walk at most
WALKS = 20
WANTED = counts.of(2_000, proof=10_000)
GRACE = timedelta(days=30)
AMOUNTS = st.integers(1, 60)
WHO = st.integers(0, 1)
type Spent = tuple[int, list[PaperLot]]


class LedgerMachine(RuleBasedStateMachine):
    """Drives the ledger and the paper side by side, for two customers."""

    steps = 0

    @initialize()
    def begin(self) -> None:
        self.customers: list[Any] = [customer(), customer(name="Dora")]
        self.paper = [PaperAccount(), PaperAccount()]
        self.now = NOW
        self.number = 0
        self.born = 0
        self.last: tuple[Callable[[], ledger.Posted], ledger.Posted] | None = None
        self.spent: Spent | None = None
        self.merged: tuple[int, dict[str, Any], list[PaperLot], int] | None = None

    def event(self, who: int) -> ledger.Event:
        self.number += 1
        person = self.customers[who]
        return event(person, f"{person.id}-{self.number}", now=self.now)

    def lot(self, expires_at: datetime | None) -> PaperLot:
        self.born += 1
        return PaperLot(0, expires_at, self.born)

    def earned(
        self, who: int, post: Callable[[], ledger.Posted], amount: int, expires_at: datetime | None
    ) -> None:
        """Post a verb that makes a lot, and note it."""
        posted = post()
        lot = self.lot(expires_at)
        lot.key = Lot.objects.values_list("id", flat=True).get(posting_id=posted.posting_id)
        self.paper[who].earn(amount, lot)
        self.last = post, posted

    @rule(who=WHO, amount=AMOUNTS, days=st.one_of(st.none(), st.integers(1, 20)))
    def award(self, who: int, amount: int, days: int | None) -> None:
        until = None if days is None else self.now + timedelta(days=days)
        told = self.event(who)
        self.earned(who, lambda: ledger.award(told, amount=amount, expires_at=until), amount, until)

    @rule(who=WHO, amount=AMOUNTS, days=st.one_of(st.none(), st.integers(1, 20)))
    def open_balance(self, who: int, amount: int, days: int | None) -> None:
        until = None if days is None else self.now + timedelta(days=days)
        told = self.event(who)
        self.earned(
            who, lambda: ledger.open_balance(told, amount=amount, expires_at=until), amount, until
        )

    @rule(amounts=st.tuples(AMOUNTS, AMOUNTS), days=st.one_of(st.none(), st.integers(1, 20)))
    def open_balances(self, amounts: tuple[int, int], days: int | None) -> None:
        """Bring balances along for both at once, as an import does, and once more."""
        until = None if days is None else self.now + timedelta(days=days)
        self.number += 1
        rows = [
            services.Opening(
                customer_id=person.id, amount=amount, key=f"{person.id}-{self.number}",
                expires_at=until,
            )
            for person, amount in zip(self.customers, amounts, strict=True)
        ]  # fmt: skip

        assert services.post_openings(rows=rows, actor=TILL, now=self.now) == len(rows)
        assert services.post_openings(rows=rows, actor=TILL, now=self.now) == 0

        for paper, row in zip(self.paper, rows, strict=True):
            lot = self.lot(until)
            lot.key = Lot.objects.values_list("id", flat=True).get(
                posting_id=Posting.objects.get(key=row.key).pk
            )
            paper.earn(row.amount, lot)

    @rule(who=WHO, amount=AMOUNTS, partial=st.booleans())
    def spend(self, who: int, amount: int, partial: bool) -> None:
        held = self.paper[who].balance(self.now)
        used = min(amount, held) if partial else amount
        told = self.event(who)
        if used > held or used <= 0:
            with pytest.raises(ledger.NotEnough):
                ledger.spend(told, amount=amount, partial=partial)
            return
        posted = ledger.spend(told, amount=amount, partial=partial)
        lots = self.paper[who].use(used, self.now)
        assert legs_of(posted.posting_id) == {
            key: -len(list(each)) for key, each in groupby(sorted(keys_of(lots)))
        }
        self.last = (lambda: ledger.spend(told, amount=amount, partial=partial)), posted
        self.spent = who, lots

    @precondition(lambda self: self.spent is not None)
    @rule(share=st.integers(1, 4))
    def give_back(self, share: int) -> None:
        assert self.spent is not None
        who, lots = self.spent
        back = lots[-max(1, len(lots) // share) :]
        portions = [(key, len(list(each))) for key, each in groupby(keys_of(back))]
        posted = ledger.give_back(self.event(who), portions=portions, grace=self.now + GRACE)
        fresh = [self.lot(self.now + GRACE) for _ in portions]
        self.paper[who].restore(back, self.now, fresh)
        made = Lot.objects.filter(posting_id=posted.posting_id).order_by("id")
        stand_ins = [lot for lot in fresh if lot.left]
        for lot, key in zip(stand_ins, made.values_list("id", flat=True), strict=True):
            lot.key = key
        self.spent = (who, lots[: -len(back)]) if len(back) < len(lots) else None

    @rule(
        who=WHO, amount=AMOUNTS, policy=st.sampled_from(["debt", "clamp"]), of_its_own=st.booleans()
    )
    def take_back(self, who: int, amount: int, policy: Any, of_its_own: bool) -> None:
        """Take back, as a return does from the lot that its purchase earned."""
        earned = [lot for lot in self.paper[who].lots if lot.key is not None]
        own = earned[amount % len(earned)] if of_its_own and earned else None
        keys = [own.key] if own is not None and own.key is not None else []
        ledger.take_back(self.event(who), amount=amount, policy=policy, own=keys)
        taken = len(self.paper[who].use(amount, self.now, own=own))
        if policy == "debt":
            self.paper[who].debt += amount - taken

    @rule(who=WHO, amount=st.integers(-60, 60).filter(bool))
    def adjust(self, who: int, amount: int) -> None:
        told = self.event(who)
        if amount > 0:
            self.earned(who, lambda: ledger.adjust(told, amount=amount), amount, None)
        elif -amount > self.paper[who].balance(self.now):
            with pytest.raises(ledger.NotEnough):
                ledger.adjust(told, amount=amount)
        else:
            ledger.adjust(told, amount=amount)
            self.paper[who].use(-amount, self.now)

    @rule(who=WHO, really=st.integers(0, 5))
    def close(self, who: int, really: int) -> None:
        if really == 0:
            ledger.close(self.event(who))
            self.paper[who].close()

    @precondition(lambda self: self.merged is None)
    @rule(kept=WHO)
    def merge(self, kept: int) -> None:
        source, target = self.paper[1 - kept], self.paper[kept]
        lots, debt = [lot for lot in source.lots if lot.left], source.debt
        moved = services.reassign(
            kept_id=self.customers[kept].id,
            absorbed_id=self.customers[1 - kept].id,
            now=self.now,
        )
        source.move_to(target, lots, debt)
        self.merged = kept, moved, lots, debt

    @precondition(lambda self: self.merged is not None)
    @rule()
    def unmerge(self) -> None:
        assert self.merged is not None
        kept, moved, lots, debt = self.merged
        services.give_back(
            moved=moved,
            kept_id=self.customers[kept].id,
            absorbed_id=self.customers[1 - kept].id,
            now=self.now,
        )
        source = self.paper[kept]
        source.move_to(self.paper[1 - kept], lots, min(debt, source.debt))
        self.merged = None

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
            for each in self.paper:
                each.lots = [lot for lot in each.lots if not lot.left or lot.is_live(self.now)]

    @invariant()
    def balances_agree(self) -> None:
        if hasattr(self, "customers"):
            LedgerMachine.steps += 1
            keys = [person.id for person in self.customers]
            held = balances.balances_of_many(keys, now=self.now)
            for key, paper in zip(keys, self.paper, strict=True):
                assert held.get(key, 0) == paper.balance(self.now)

    def teardown(self) -> None:
        if hasattr(self, "customers"):
            assert verification.findings() == []


def keys_of(lots: list[PaperLot]) -> list[UUID]:
    """Return the product's key of the lot of each point."""
    keys = [lot.key for lot in lots if lot.key is not None]
    assert len(keys) == len(lots)
    return keys


def legs_of(posting_id: UUID) -> dict[UUID | None, int]:
    """Return what a posting took from or gave to which lot."""
    return dict(Leg.objects.filter(posting=posting_id, side="lot").values_list("lot_id", "amount"))


def walk(*, start: int, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    """Walk so many times; what chance decides begins with `start`."""
    print(f"REGULARS_SEED={start}")  # noqa: T201  (pytest shows it when the walk fails)
    run_state_machine_as_test(
        seed(start)(LedgerMachine),
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.proof(
    "hypothesis walks through every verb, merges and the passing of time, beside a second"
    " implementation in plain Python; after each walk every invariant is checked in SQL"
)
@pytest.mark.usefixtures("small_vertical")
def test_the_ledger_agrees_with_paper_and_pencil(record_property: Note) -> None:
    LedgerMachine.steps, start = 0, counts.seed()

    while LedgerMachine.steps < WANTED:
        walk(start=start + LedgerMachine.steps)

    record_property("steps", LedgerMachine.steps)
    record_property("found", f"nothing wrong, seed {start}")


@pytest.mark.proof("the same walk, with lots that never expire")
def test_positive_control_a_lot_that_forgets_to_expire_is_noticed(
    inside_aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    def for_ever(account: Any, amount: int, _expires_at: datetime | None) -> Any:
        return books.earn(account, amount=amount, expires_at=None, new_id=new_id)

    monkeypatch.setattr(ledger, "_earned", for_ever)

    LedgerMachine.steps = 0

    with pytest.raises(AssertionError):
        walk(start=counts.seed(), phases=(Phase.generate,))

    record_property("found", f"noticed after {LedgerMachine.steps} steps")
