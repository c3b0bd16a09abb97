"""Many tills at the same moment: nothing lost, nothing doubled, no deadlock reaches a caller."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.db import connection

from regulars import registry
from regulars.kit import Bonus, Where
from regulars.points import ledger, services, verification, writing
from regulars.points import selectors as balances
from regulars.points.models import Account, Posting
from regulars.purchases.models import Number, Purchase, Standing
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.usecases import record_purchase
from regulars.usecases.returned_goods import ReturnTooMuch
from tests import counts
from tests.counts import Note
from tests.factories.purchases import (
    NOW,
    TILL,
    customer,
    draft,
    event,
    label,
    line,
    return_draft,
    sale,
    vertical,
)
from tests.points.hammering import at_once, take_back

pytestmark = pytest.mark.proof("16 to 32 connections let loose at the same moment, real commits")


@pytest.fixture(autouse=True, params=range(counts.of(1, proof=5)))
def _turn(record_property: Note) -> None:
    record_property("rounds", 1)


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


def record(sent: Any) -> Any:
    return record_purchase.record(draft=sent, actor=TILL, now=NOW, language="en")


def test_one_purchase_posted_32_times_at_once_is_one_purchase(chain: ChainInfo) -> None:
    carol = customer()
    sent = draft(line(10_000), customer=carol)

    answers = at_once(chain, [lambda: record(sent)] * 32)

    assert {replace(answer, repeated=False) for answer in answers} == {
        replace(answers[0], repeated=False)
    }
    assert sum(not answer.repeated for answer in answers) == 1
    assert (Purchase.objects.count(), Number.objects.count()) == (1, 1)
    assert Posting.objects.count() == 1
    assert verification.findings() == []


def test_a_first_purchase_bonus_is_given_once_to_two_first_purchases(
    chain: ChainInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Where(fact="customer.purchases", op="at-most", value=0)
    made = vertical(bonuses=(Bonus(key="first", says=label("x"), flat=1_000, where=(first,)),))
    monkeypatch.setattr(registry, "vertical", lambda: made)
    carol = customer(home_store=None, owner=None)
    sents = [draft(line(100), customer=carol) for _ in range(16)]

    answers = at_once(chain, [partial(record, sent) for sent in sents])

    assert sorted(answer.points for answer in answers) == [1] * 15 + [1_001]
    assert verification.findings() == []


def test_many_sales_to_one_customer_are_all_counted(chain: ChainInfo) -> None:
    carol = customer()
    sents = [draft(line(1_000), customer=carol) for _ in range(32)]

    at_once(chain, [partial(record, sent) for sent in sents])

    assert balances.balance(customer_id=carol.id, now=NOW).balance == 320
    assert Standing.objects.get(pk=carol.pk).purchases == 32
    assert verification.findings() == []


def redeem(carol: Any, number: int, amount: int) -> int:
    try:
        return -ledger.spend(event(carol, f"s{number}"), amount=amount).amount
    except ledger.NotEnough:
        return 0


def redeem_often(carol: Any, first: int, times: int) -> int:
    return sum(redeem(carol, first + each, 1) for each in range(times))


def test_32_a_balance_of_100_grants_exactly_100_of_200_redemptions(chain: ChainInfo) -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=100, expires_at=None)

    granted = at_once(
        chain,
        [partial(redeem_often, carol, start * 100, 13) for start in range(16)],
    )

    assert sum(granted) == 100
    assert Account.objects.get().available == 0
    assert verification.findings() == []


def test_positive_control_without_its_lock_the_account_grants_too_much(
    chain: ChainInfo, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    unlocked = """
        SELECT c.state, a.id, a.available, a.debt FROM customers_customer c
        JOIN points_account a ON a.customer_id = c.id WHERE c.id = %s AND a.unit = %s"""
    monkeypatch.setattr(writing, "OPEN", unlocked)
    carol = customer()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO points_account (customer_id, unit, available, debt)"
            " VALUES (%s, 'points', 0, 0)",
            [carol.id],
        )
    ledger.award(event(carol, "a"), amount=5, expires_at=None)

    outcomes = at_once(
        chain,
        [partial(redeem, carol, start, 5) for start in range(16)],
    )

    # Without the lock several see the same five points: the checks behind it are what is left.
    assert any(isinstance(outcome, Exception) for outcome in outcomes) or sum(outcomes) > 5
    record_property("found", "too much was granted, or a check behind the lock spoke up")


def test_redeeming_against_returns_ends_with_books_that_add_up(chain: ChainInfo) -> None:
    carol = customer()
    sales = [sale(line(10_000, quantity=4), customer=carol) for _ in range(4)]
    returns = [return_draft(each, (1, 1)) for each in sales for _ in range(3)]

    outcomes = at_once(
        chain,
        [partial(take_back, sent) for sent in returns]
        + [partial(redeem, carol, number, 20) for number in range(20)],
    )

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    account = Account.objects.get()
    redeemed = sum(outcome for outcome in outcomes if isinstance(outcome, int))
    assert account.available - account.debt == 400 - 300 - redeemed
    assert verification.findings() == []


def test_returns_at_the_same_moment_never_exceed_what_was_bought(chain: ChainInfo) -> None:
    carol = customer()
    original = sale(line(quantity=5), customer=carol)
    sents = [return_draft(original, (1, 1)) for _ in range(16)]

    outcomes = at_once(
        chain,
        [partial(take_back, sent) for sent in sents],
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(refused) == 11
    assert all(isinstance(outcome, ReturnTooMuch) for outcome in refused)
    assert balances.balance(customer_id=carol.id, now=NOW).balance == 0
    assert verification.findings() == []


def test_sales_merges_and_expiry_at_once_never_deadlock(chain: ChainInfo) -> None:
    people = [customer(name=f"P{number}") for number in range(4)]
    for number, person in enumerate(people):
        ledger.award(event(person, f"a{number}"), amount=10, expires_at=NOW)
    sents = [draft(line(1_000), customer=people[number % 4]) for number in range(12)]

    outcomes = at_once(
        chain,
        [partial(record, sent) for sent in sents]
        + [lambda: ledger.expire(now=NOW) for _ in range(4)]
        + [
            lambda: services.post_openings(
                rows=[
                    services.Opening(customer_id=person.id, amount=1, key=f"o{person.id}")
                    for person in reversed(people)
                ],
                actor=TILL,
                now=NOW,
            )
            for _ in range(2)
        ],
    )

    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert verification.findings() == []
