"""What the database itself refuses, whatever code tries."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from regulars.points import ledger
from regulars.points.models import Account, Leg, Posting
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.identifiers import new_id
from tests.factories.purchases import NOW, customer, event

pytestmark = pytest.mark.usefixtures("small_vertical")


def posting(account: Account, *amounts: int) -> None:
    made = Posting(
        id=new_id(),
        verb="adjust",
        account=account,
        key=str(new_id()),
        amount=0,
        balance=10,
        occurred_at=NOW,
    )
    made.save(force_insert=True)
    for amount in amounts:
        Leg(posting=made, unit="points", side="store", amount=amount).save(force_insert=True)


@pytest.fixture
def account() -> Account:
    """An account with ten points."""
    ledger.award(event(customer(), "a"), amount=10, expires_at=None)
    return Account.objects.get()


@transaction.atomic
def commit(account: Account, *amounts: int, chain: ChainInfo) -> None:
    """Write a posting and do what the end of its transaction does, in whatever chain that is."""
    posting(account, *amounts)
    with context.inside(chain), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_legs_that_do_not_sum_to_zero_are_refused(
    account: Account, inside_aurum: ChainInfo
) -> None:
    with pytest.raises(IntegrityError, match="do not sum to zero"):
        commit(account, 5, -4, chain=inside_aurum)


def test_legs_may_come_one_by_one_as_long_as_they_balance(
    account: Account, inside_aurum: ChainInfo
) -> None:
    commit(account, 5, -4, -1, chain=inside_aurum)


def test_a_search_path_that_moved_on_lets_nothing_through(
    account: Account, bloom: ChainInfo
) -> None:
    with pytest.raises(IntegrityError, match="do not sum to zero"):
        commit(account, 5, chain=bloom)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE points_leg SET amount = 99",
        "DELETE FROM points_leg",
        "UPDATE points_posting SET amount = 99",
        "DELETE FROM points_posting",
        "UPDATE purchases_purchase SET paid_minor = 0",
        "DELETE FROM purchases_line",
    ],
)
def test_entries_and_facts_cannot_be_changed(account: Account, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "change", [{"available": -1}, {"debt": -1}], ids=["balance below zero", "debt below zero"]
)
def test_a_balance_never_goes_below_zero(account: Account, change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(**change)


@pytest.mark.parametrize("amount", [0, -5])
def test_only_amounts_above_zero_are_posted(amount: int) -> None:
    carol = customer()
    with pytest.raises(ledger.NotAnAmount):
        ledger.award(event(carol, "a"), amount=amount, expires_at=None)


def test_a_key_stands_for_one_event() -> None:
    carol, dora = customer(), customer(name="Dora")
    ledger.award(event(carol, "same"), amount=5, expires_at=None)

    with pytest.raises(ledger.KeyTaken):
        ledger.award(event(dora, "same"), amount=5, expires_at=None)
