"""The check of the books finds what was planted, and nothing in sound books."""

import pytest
from django.db import connections

from regulars.points import ledger, verification
from regulars.tenancy import context, directory
from tests.factories.purchases import NOW, customer, event, line, returned, sale

UUID = "'00000000-0000-7000-8000-000000000000'"
CORRUPTIONS = [
    ("legs-do-not-sum-to-zero", "UPDATE points_leg SET amount = amount + 1 WHERE side = 'store'"),
    ("leg-without-posting", f"UPDATE points_leg SET posting_id = {UUID}"),
    ("leg-of-another-unit", "UPDATE points_leg SET unit = 'bonus'"),
    ("leg-without-its-place", "UPDATE points_leg SET lot_id = NULL WHERE side = 'lot'"),
    ("posting-without-account", f"UPDATE points_posting SET account_id = {UUID}"),
    ("posting-differs-from-legs", "UPDATE points_posting SET amount = amount + 1"),
    ("posting-in-the-wrong-direction", "UPDATE points_posting SET verb = 'award'"),
    ("account-differs-from-lots", "UPDATE points_account SET available = available + 1"),
    ("account-differs-from-postings", "UPDATE points_account SET available = available + 1"),
    ("account-differs-from-debts", "UPDATE points_account SET debt = debt + 1"),
    ("account-of-nobody", "UPDATE customers_customer SET state = 'erased'"),
    ("lot-differs-from-legs", "UPDATE points_lot SET remaining = remaining - 1"
     " WHERE remaining > 0"),
    ("lot-expired-otherwise", "UPDATE points_lot SET expired = 1, amount = amount + 1"),
    ("lot-without-account", f"UPDATE points_lot SET account_id = {UUID}"),
    ("leg-without-lot", f"UPDATE points_leg SET lot_id = {UUID} WHERE side = 'lot'"),
    ("awarded-twice", "UPDATE points_posting SET verb = 'award', amount = abs(amount)"
     " WHERE purchase_id IS NOT NULL"),
    ("more-taken-back-than-earned", "UPDATE points_posting SET amount = amount - 500"
     " WHERE verb = 'take-back'"),
    ("more-given-back-than-spent", "UPDATE points_posting SET verb = 'give-back'"
     " WHERE verb = 'award'"),
    ("posting-of-no-purchase", f"UPDATE points_posting SET purchase_id = {UUID}"),
    ("balance-differs-from-the-entries-before", "UPDATE points_posting SET balance = 77"),
]  # fmt: skip


@pytest.mark.usefixtures("own_database")
def test_each_planted_corruption_is_found_by_its_check() -> None:
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        carol = customer()
        bought = sale(line(10_000, quantity=2), customer=carol)
        returned(bought, (1, 1))
        ledger.award(event(carol, "a"), amount=10, expires_at=None)
        ledger.spend(event(carol, "b"), amount=3)
        ledger.expire(now=NOW)
        assert verification.findings() == []
    missed = [check for check, sql in CORRUPTIONS if check not in _found_after(sql, chain)]
    assert missed == []


def _found_after(sql: str, chain: context.ChainInfo) -> set[str]:
    """Return which checks speak up after a change by the owner, whom no guard stops here."""
    owner = connections["owner"]
    found = set()
    with context.inside(chain, using="owner"), owner.cursor() as cursor:
        cursor.execute("BEGIN")
        for table in ("points_leg", "points_posting"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql)
        for check, query in verification.CHECKS.items():
            cursor.execute(query)
            if cursor.fetchone() is not None:
                found.add(check)
        cursor.execute("ROLLBACK")
    return found
