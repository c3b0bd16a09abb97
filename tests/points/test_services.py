"""Merges, erasure, opening balances, statements, and what the chain owes."""

from datetime import timedelta

import pytest

from regulars.audit import SYSTEM
from regulars.points import ledger, services
from regulars.points import selectors as balances
from regulars.points.models import Account, Lot, Posting
from regulars.points.services import Opening
from regulars.purchases import selectors as purchases
from regulars.purchases import services as purchase_services
from tests.factories.purchases import NOW, customer, event, line, returned, sale

pytestmark = pytest.mark.usefixtures("small_vertical")


def held(person: object) -> int:
    return balances.balance(customer_id=person.id, now=NOW).balance  # type: ignore[attr-defined]


def test_21_a_merge_adds_up_and_its_undoing_restores_both() -> None:
    kept, absorbed = customer(), customer(name="Carol again")
    ledger.award(event(kept, "a"), amount=100, expires_at=None)
    ledger.award(event(absorbed, "b"), amount=200, expires_at=NOW + timedelta(days=9))

    moved = services.reassign(kept_id=kept.id, absorbed_id=absorbed.id, now=NOW)
    assert (held(kept), held(absorbed)) == (300, 0)

    services.give_back(moved=moved, kept_id=kept.id, absorbed_id=absorbed.id, now=NOW)
    assert (held(kept), held(absorbed)) == (100, 200)


def test_a_debt_moves_with_its_owner_and_back() -> None:
    kept, absorbed = customer(), customer(name="Carol again")
    ledger.award(event(kept, "a"), amount=100, expires_at=None)
    ledger.take_back(event(absorbed, "b"), amount=30)

    moved = services.reassign(kept_id=kept.id, absorbed_id=absorbed.id, now=NOW)
    assert (held(kept), held(absorbed)) == (70, 0)
    with pytest.raises(ledger.NotEnough):
        ledger.spend(event(kept, "c"), amount=71)

    services.give_back(moved=moved, kept_id=kept.id, absorbed_id=absorbed.id, now=NOW)
    assert (held(kept), held(absorbed)) == (100, -30)


def test_goods_of_a_merged_customer_come_back_to_the_lot_that_moved() -> None:
    kept, absorbed = customer(), customer(name="Carol again")
    bought = sale(line(10_000), customer=absorbed)
    services.reassign(kept_id=kept.id, absorbed_id=absorbed.id, now=NOW)
    purchase_services.reassign(kept_id=kept.id, absorbed_id=absorbed.id, now=NOW)

    assert returned(bought).points == -100
    assert (held(kept), Lot.objects.get().account.customer_id) == (0, kept.id)
    assert purchases.standing_of(kept.id).purchases == 1
    assert purchases.standing_of(absorbed.id).purchases == 0


def test_points_that_ran_out_are_not_taken_a_second_time() -> None:
    carol = customer()
    bought = sale(line(10_000), customer=carol)
    ledger.award(event(carol, "gift"), amount=50, expires_at=None)
    later = NOW + timedelta(days=1000)
    ledger.expire(now=later)

    back = returned(bought, now=later)

    assert (back.points, back.balance) == (0, 50)


def test_spent_points_of_a_lot_that_ran_out_live_for_thirty_days() -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=40, expires_at=NOW + timedelta(days=1))
    bought = sale(line(100), customer=carol)
    ledger.spend(event(carol, "b", purchase_id=bought.purchase_id), amount=40)
    later = NOW + timedelta(days=2)

    assert returned(bought, now=later).given_back == 40
    assert balances.balance(customer_id=carol.id, now=later).balance == 40
    assert balances.balance(customer_id=carol.id, now=later + timedelta(days=30)).balance == 0


def test_openings_are_brought_along_once() -> None:
    carol, dora = customer(), customer(name="Dora")
    ledger.take_back(event(dora, "owes"), amount=5)
    rows = [
        Opening(customer_id=carol.id, amount=10, key="o1"),
        Opening(customer_id=carol.id, amount=5, key="o2"),
        Opening(customer_id=dora.id, amount=20, key="o3"),
    ]

    assert services.post_openings(rows=rows, actor=SYSTEM, now=NOW) == 3
    assert services.post_openings(rows=rows, actor=SYSTEM, now=NOW) == 0

    assert (held(carol), held(dora)) == (15, 15)


def test_erasing_closes_the_account() -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=10, expires_at=None)

    services.erase(customer_id=carol.id, now=NOW)

    assert (held(carol), Account.objects.get().available) == (0, 0)


def test_a_statement_tells_each_entry_in_the_readers_language() -> None:
    carol = customer()
    bought = sale(line(10_000, quantity=2), customer=carol)
    returned(bought, (1, 1))

    entries = balances.statement(customer_id=carol.id, language="en")

    assert [(entry.amount, entry.balance, entry.sentences) for entry in entries] == [
        (-50, 50, ("Taken back for returned goods",)),
        (100, 100, ("100 points for 100.00",)),
    ]
    older = balances.statement(customer_id=carol.id, language="en", before=entries[0].id)
    assert [entry.id for entry in older] == [entries[1].id]


def test_a_rule_that_is_gone_still_has_a_sentence() -> None:
    carol = customer()
    reasons = [{"vertical": "test", "version": "0", "rule": "gone", "points": 7, "params": {}}]
    ledger.award(event(carol, "a", reasons=reasons), amount=7, expires_at=None)

    [entry] = balances.statement(customer_id=carol.id, language="en")

    assert entry.sentences == ("Earned by a rule that no longer exists: 7 points",)


def test_what_the_chain_owes_counts_no_lot_that_ran_out() -> None:
    carol, dora = customer(), customer(name="Dora")
    ledger.award(event(carol, "a"), amount=10, expires_at=NOW)
    ledger.award(event(carol, "b"), amount=20, expires_at=NOW + timedelta(days=5))
    ledger.award(event(carol, "c"), amount=30, expires_at=None)
    ledger.take_back(event(dora, "d"), amount=4)

    owed = balances.liability(now=NOW)

    assert (owed.points, owed.debt, owed.expiring, owed.net) == (50, 4, 20, 46)
    assert Posting.objects.count() == 4
