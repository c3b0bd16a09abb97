"""Eight tills and every verb at once on one customer: the balance is what was told to callers."""

import random
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from regulars import registry
from regulars.points import ledger, verification, writing
from regulars.points import selectors as balances
from regulars.points.models import Account, Posting
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests import counts
from tests.counts import Note
from tests.factories.purchases import NOW, customer, event, line, return_draft, sale, vertical
from tests.points.hammering import at_once, take_back

HANDS = 8
STEPS = counts.of(40, proof=250)


@pytest.fixture
def chain(own_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChainInfo]:
    """Work in a chain whose commits are real."""
    made = vertical()
    monkeypatch.setattr(registry, "vertical", lambda: made)
    found = directory.find("aurum")
    assert found is not None
    with context.inside(found):
        registry.policy("points.rounding")
        yield found


class Hand:
    """One till that does whatever chance says, and remembers what it was told."""

    def __init__(self, carol: Any, number: int, *, seed: int) -> None:
        self.carol = carol
        self.number = number
        self.chance = random.Random(seed * 100 + number)
        self.told: list[ledger.Posted] = []
        self.refused = 0

    def work(self) -> "Hand":
        for step in range(STEPS):
            verb = self.chance.choice((self.award, self.spend, self.adjust, self.take, self.buy))
            try:
                verb(event(self.carol, f"{self.number}-{step}"))
            except ledger.NotEnough:
                self.refused += 1
        return self

    def award(self, told: ledger.Event) -> None:
        lives = timedelta(days=self.chance.randint(1, 90))
        amount = self.chance.randint(1, 40)
        self.told.append(ledger.award(told, amount=amount, expires_at=NOW + lives))

    def spend(self, told: ledger.Event) -> None:
        amount, partial = self.chance.randint(1, 60), self.chance.random() < 0.5
        posted = ledger.spend(told, amount=amount, partial=partial)
        again = ledger.spend(told, amount=amount, partial=partial)
        assert (again.repeated, again.posting_id) == (True, posted.posting_id)
        self.told.append(posted)

    def adjust(self, told: ledger.Event) -> None:
        amount = self.chance.choice((-1, 1)) * self.chance.randint(1, 30)
        self.told.append(ledger.adjust(told, amount=amount))

    def take(self, told: ledger.Event) -> None:
        amount = self.chance.randint(1, 30)
        self.told.append(ledger.take_back(told, amount=amount, policy="debt"))

    def buy(self, _told: ledger.Event) -> None:
        sold = sale(line(self.chance.randint(1, 20) * 100, quantity=2), customer=self.carol)
        if self.chance.random() < 0.5:
            take_back(return_draft(sold, (1, 1)))


def till_postings() -> int:
    """Sum what sales and returns posted; they are told in another shape than the verbs'."""
    return sum(Posting.objects.exclude(purchase_id=None).values_list("amount", flat=True))


@pytest.mark.proof(
    "8 tills award, spend, repeat, adjust, take back, sell and take returns for one customer while"
    " lots expire; the balance must be the sum of what callers were told, and every leg fit"
)
@pytest.mark.parametrize("seed", range(counts.of(1, proof=3)))
def test_every_verb_at_once_leaves_the_balance_that_callers_were_told(
    chain: ChainInfo, seed: int, record_property: Note
) -> None:
    carol = customer()
    ledger.award(event(carol, "first"), amount=200, expires_at=None)
    due = [event(carol, f"due {each}") for each in range(3)]
    for each in due:
        ledger.award(each, amount=5, expires_at=NOW)

    hands = at_once(
        chain,
        [Hand(carol, number, seed=seed).work for number in range(HANDS)]
        + [partial(ledger.expire, now=NOW)] * 2,
    )

    faults = [each for each in hands if isinstance(each, Exception)]
    assert faults == []
    tills = [each for each in hands if isinstance(each, Hand)]
    told = sum(posted.amount for till in tills for posted in till.told)
    lost = sum(Posting.objects.filter(verb="expire").values_list("amount", flat=True))
    account = Account.objects.get()
    assert lost == -15
    assert account.available - account.debt == 200 + 15 + told + till_postings() + lost
    assert balances.balance(customer_id=carol.id, now=NOW).balance == (
        account.available - account.debt
    )
    assert verification.findings() == []
    record_property("operations", HANDS * STEPS)
    record_property("postings", Posting.objects.count())
    record_property("refusals", sum(till.refused for till in tills))


@pytest.mark.proof("the same, without the lock on the customer's account")
def test_positive_control_without_the_lock_hands_get_in_each_others_way(
    chain: ChainInfo, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    unlocked = """
        SELECT c.state, a.id, a.available, a.debt FROM customers_customer c
        JOIN points_account a ON a.customer_id = c.id WHERE c.id = %s AND a.unit = %s"""
    carol = customer()
    ledger.award(event(carol, "first"), amount=200, expires_at=None)
    monkeypatch.setattr(writing, "OPEN", unlocked)

    hands = at_once(chain, [Hand(carol, number, seed=0).work for number in range(HANDS)])

    faults = [each for each in hands if isinstance(each, Exception)]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    found = verification.findings()
    assert faults or found
    record_property("found", f"{len(faults)} of {HANDS} tills failed, {len(found)} checks speak up")
