"""The till's call costs a constant number of statements (design §8)."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH

from regulars import registry
from regulars.kit import Bonus, Where
from regulars.points import ledger
from regulars.usecases import preview, record_purchase, till
from tests.factories.purchases import (
    NOW,
    TILL,
    customer,
    draft,
    event,
    label,
    line,
    sale,
    vertical,
)

pytestmark = pytest.mark.usefixtures("one_point_per_unit", "policies_known")


@pytest.fixture
def policies_known(one_point_per_unit: None) -> None:
    """Read the chain's policies, which a process does once."""
    registry.policy("points.rounding")


@pytest.mark.parametrize("lines", [1, 60])
def test_a_sale_takes_two_statements(lines: int, django_assert_num_queries: Any) -> None:
    carol = customer()
    sale(customer=carol)
    sent = draft(*[line() for _ in range(lines)], customer=carol)

    with django_assert_num_queries(2):
        record_purchase.record(draft=sent, actor=TILL, now=NOW)


def test_an_anonymous_sale_takes_two_statements(django_assert_num_queries: Any) -> None:
    sent = draft()

    with django_assert_num_queries(2):
        record_purchase.record(draft=sent, actor=TILL, now=NOW)


@pytest.mark.parametrize("lines", [1, 60])
def test_a_first_purchase_takes_four_more_and_a_savepoint(
    lines: int, django_assert_num_queries: Any
) -> None:
    carol = customer(home_store=None, owner=None)
    sent = draft(*[line() for _ in range(lines)], customer=carol)

    # read; savepoint, lock, read again, write, owner and home store, release
    with django_assert_num_queries(7):
        record_purchase.record(draft=sent, actor=TILL, now=NOW)


def test_rules_that_count_purchases_lock_only_while_the_count_matters(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Where(fact="customer.purchases", op="at-most", value=0)
    made = vertical(bonuses=(Bonus(key="first", says=label("x"), flat=100, where=(first,)),))
    monkeypatch.setattr(registry, "vertical", lambda: made)
    carol = customer()
    sent = [draft(line(1_000), customer=carol) for _ in range(2)]

    with django_assert_num_queries(6):
        assert record_purchase.record(draft=sent[0], actor=TILL, now=NOW).points == 110
    with django_assert_num_queries(2):
        assert record_purchase.record(draft=sent[1], actor=TILL, now=NOW).points == 10


@pytest.mark.parametrize("buyer", [None, "Carol"])
def test_a_repeat_takes_one_statement(buyer: str | None, django_assert_num_queries: Any) -> None:
    sent = draft(customer=customer(name=buyer) if buyer else None)
    first = record_purchase.record(draft=sent, actor=TILL, now=NOW, language="en")

    with django_assert_num_queries(1):
        again = record_purchase.record(draft=sent, actor=TILL, now=NOW, language="en")

    assert again == replace(first, repeated=True)


def test_the_statements_of_a_sale_are_short_enough_to_be_read_once() -> None:
    """Psycopg reads longer ones at every call, which costs more than sending them."""
    assert max(len(record_purchase._WRITE), len(till._READ)) <= MAX_CACHED_STATEMENT_LENGTH


def test_a_preview_takes_one_statement(django_assert_num_queries: Any) -> None:
    carol = customer()
    sent = draft(*[line() for _ in range(40)], customer=carol, number="", source="")

    with django_assert_num_queries(1):
        preview.preview(draft=sent, actor=TILL, now=NOW)


@pytest.mark.parametrize("lots", [1, 30])
def test_a_verb_of_the_ledger_takes_three_statements(
    lots: int, django_assert_num_queries: Any
) -> None:
    carol = customer()
    for number in range(lots):
        ledger.award(event(carol, f"a{number}"), amount=1, expires_at=None)

    with django_assert_num_queries(5):  # with a savepoint
        ledger.spend(event(carol, "spend"), amount=lots)
