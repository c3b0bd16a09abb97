"""The check of the books finds what was planted, and nothing in sound books."""

from datetime import timedelta

import pytest
from django.db import connections, transaction

from regulars.insights.services import folding
from regulars.outbox import schedule
from regulars.outbox import services as outbox
from regulars.outbox.models import Job
from regulars.points import ledger, verification
from regulars.points.models import Account
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests.counts import Note
from tests.factories.purchases import NOW, customer, event, line, returned, sale

UUID = "'00000000-0000-7000-8000-000000000000'"
AN_AWARD = "(SELECT id FROM points_posting WHERE verb = 'award' ORDER BY id LIMIT 1)"
LOT, STORE = "side = 'lot'", "side = 'store'"
CORRUPTIONS = [
    ("legs-do-not-sum-to-zero", "UPDATE points_leg SET amount = amount + 1 WHERE side = 'store'"),
    ("leg-without-posting", f"UPDATE points_leg SET posting_id = {UUID}"),
    ("leg-of-another-unit", "UPDATE points_leg SET unit = 'bonus'"),
    ("leg-without-its-place", f"UPDATE points_leg SET lot_id = NULL WHERE {LOT}"),
    ("leg-without-lot", f"UPDATE points_leg SET lot_id = {UUID} WHERE {LOT}"),
    ("posting-without-legs", f"DELETE FROM points_leg WHERE posting_id = {AN_AWARD}"),
    ("posting-without-account", f"UPDATE points_posting SET account_id = {UUID}"),
    ("posting-differs-from-legs", f"DELETE FROM points_leg WHERE {LOT}"),  # a leg is missing
    ("posting-in-the-wrong-direction", "UPDATE points_posting SET verb = 'award'"),
    ("posting-of-no-purchase", f"UPDATE points_posting SET purchase_id = {UUID}"),
    ("balance-differs-from-the-entries-before", "UPDATE points_posting SET balance = 77"),
    ("key-posted-twice",
     "ALTER TABLE points_posting DROP CONSTRAINT posting_key; UPDATE points_posting SET key = 'k'"),
    ("awarded-twice", "UPDATE points_posting SET verb = 'award', amount = abs(amount)"
     " WHERE purchase_id IS NOT NULL"),
    # the amount is changed wherever it is kept: only the rules that gave it tell
    ("award-differs-from-its-reasons", f"""
        UPDATE points_posting SET amount = amount + 9, balance = balance + 9 WHERE id = {AN_AWARD};
        UPDATE points_leg SET amount = amount + 9 * sign(amount) WHERE posting_id = {AN_AWARD};
        UPDATE points_lot SET amount = amount + 9, remaining = remaining + 9
         WHERE posting_id = {AN_AWARD};
        UPDATE points_account SET available = available + 9"""),
    ("award-of-another-customer", "UPDATE purchases_purchase SET customer_id ="
     " (SELECT id FROM customers_customer WHERE name = 'Dora') WHERE customer_id IS NOT NULL"),
    ("more-taken-back-than-earned", "UPDATE points_posting SET amount = amount - 500"
     " WHERE verb = 'take-back'"),
    ("more-given-back-than-spent", "UPDATE points_posting SET verb = 'give-back'"
     " WHERE verb = 'award'"),
    ("account-differs-from-lots", "UPDATE points_account SET available = available + 1"),
    ("account-differs-from-postings", "UPDATE points_account SET available = available + 1"),
    ("account-differs-from-debts", "UPDATE points_account SET debt = debt + 1"),
    ("account-of-nobody", "UPDATE customers_customer SET state = 'erased'"),
    ("account-below-zero", "ALTER TABLE points_account DROP CONSTRAINT account_never_negative;"
     "UPDATE points_account SET available = -1"),
    ("lot-differs-from-legs", "UPDATE points_lot SET remaining = remaining - 1"
     " WHERE remaining > 0"),
    ("lot-out-of-bounds", "ALTER TABLE points_lot DROP CONSTRAINT lot_within_bounds;"
     "UPDATE points_lot SET remaining = amount + 1"),
    ("lot-expired-otherwise", "UPDATE points_lot SET expired = 1, amount = amount + 1"),
    ("lot-without-account", f"UPDATE points_lot SET account_id = {UUID}"),
    ("lot-used-after-its-end", "UPDATE points_lot SET expires_at = '2001-01-01Z'"),
    ("lot-still-open-after-its-end", "UPDATE points_lot SET expires_at = '2001-01-01Z'"),
    ("receipt-number-twice", "UPDATE purchases_purchase SET number = 'R'"),
    ("purchase-without-its-number", "DELETE FROM purchases_number"),
    ("number-of-no-purchase", "UPDATE purchases_number SET number = 'X' || number"),
    ("purchase-differs-from-its-lines", "UPDATE purchases_purchase"
     " SET paid_minor = paid_minor + 1"),
    ("line-without-purchase", f"UPDATE purchases_line SET purchase_id = {UUID}"),
    ("standing-differs-from-purchases", "UPDATE purchases_standing SET paid_minor = 1"),
    ("rollup-differs-from-rows", "UPDATE insights_day SET sales_minor = sales_minor + 1"),
]  # fmt: skip


@pytest.fixture
def chain(own_database: str) -> ChainInfo:
    """Aurum, with real commits, and books in which a little of everything happened."""
    found = directory.find("aurum")
    assert found is not None
    with context.inside(found):
        carol = customer()
        customer(name="Dora")
        bought = sale(line(10_000, quantity=2), customer=carol)
        returned(bought, (1, 1))
        ledger.award(event(carol, "a"), amount=10, expires_at=None)
        ledger.spend(event(carol, "b"), amount=3)
        ledger.expire(now=NOW)
        folding.fold(now=NOW, wait=True)
    return found


@pytest.mark.proof("each is planted by the owner of the tables past every guard, then undone")
def test_each_planted_corruption_is_found_by_its_check(
    chain: ChainInfo, record_property: Note
) -> None:
    assert sound(chain) == []

    missed = [check for check, sql in CORRUPTIONS if check not in found_after(sql, chain)]

    assert missed == []
    assert sound(chain) == []
    record_property("corruptions", len(CORRUPTIONS))


def test_every_check_has_a_corruption_that_it_finds() -> None:
    assert {check for check, _sql in CORRUPTIONS} == set(verification.names())
    assert len({sql for _check, sql in CORRUPTIONS}) >= 20


def sound(chain: ChainInfo) -> list[verification.Finding]:
    with context.inside(chain):
        return verification.findings(now=NOW)


def found_after(sql: str, chain: ChainInfo) -> set[str]:
    """Return which checks speak up after a change by the owner, whom no guard stops here."""
    default = connections["default"]
    guarded = ("points_leg", "points_posting", "purchases_purchase", "purchases_line")
    connections["default"] = connections["owner"]
    try:
        with context.inside(chain), transaction.atomic(), connections["owner"].cursor() as cursor:
            for table in guarded:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(sql)
            found = {each.check for each in verification.findings(now=NOW)}
            transaction.set_rollback(True)
            return found
    finally:
        connections["default"] = default


def test_a_lot_that_should_have_run_out_is_noticed_after_two_nights(chain: ChainInfo) -> None:
    with context.inside(chain):
        before = NOW - timedelta(days=3)
        late = customer(name="Late")
        ledger.award(event(late, "late", now=before), amount=5, expires_at=NOW)

        assert verification.findings(now=NOW + timedelta(days=1)) == []
        assert [each.check for each in verification.findings(now=NOW + timedelta(days=3))] == [
            verification.OVERDUE
        ]


def test_the_nightly_run_leaves_its_findings_for_the_operator_and_is_not_tried_again(
    inside_aurum: ChainInfo,
) -> None:
    sale(line(10_000), customer=customer())
    Account.objects.update(available=99)
    schedule.write_down(zone=inside_aurum.zone, now=NOW.replace(hour=20))
    Job.objects.exclude(handler="points.verify").delete()

    outbox.work_off()

    job = Job.objects.get()
    assert (job.failed_at is not None, job.attempts) == (True, 1)
    assert "2 findings: account-differs-from-lots" in job.fault
