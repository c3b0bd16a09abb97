"""Goods that come back: quantities, money, points, and what is refused."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.errors import Forbidden
from regulars.points.models import Posting
from regulars.purchases.drafts import PaymentDraft
from regulars.purchases.models import Number, Purchase, Standing
from regulars.purchases.settling import DoesNotAddUp
from regulars.usecases import take_return
from regulars.usecases.record_purchase import NumberTaken
from regulars.usecases.returned_goods import NothingLeft, ReturnTooMuch
from regulars.usecases.take_return import NoOriginal
from tests.factories.purchases import (
    NOW,
    TILL,
    bought,
    customer,
    line,
    return_draft,
    returned,
    sale,
)

pytestmark = pytest.mark.usefixtures("one_point_per_unit")


def test_part_of_a_line_comes_back_with_its_money_and_points() -> None:
    carol = customer()
    original = sale(line(9_999, quantity=3), line(500), customer=carol)

    back = returned(original, (1, 1))

    assert (back.paid_minor, back.points, back.balance) == (-3_333, -33, 71)
    fact = bought(back.purchase_id)
    assert (fact.kind, fact.counts, fact.original_id) == ("return", 0, original.purchase_id)
    assert fact.units == Decimal(-1)


def test_partial_returns_add_up_to_exactly_what_was_paid_and_earned() -> None:
    carol = customer()
    original = sale(line(10_000, quantity=3), customer=carol, discount_minor=1, rounding_minor=9)

    parts = [returned(original, (1, 1)) for _ in range(3)]

    assert sum(part.paid_minor for part in parts) == -original.paid_minor
    assert sum(part.points for part in parts) == -original.points
    standing = Standing.objects.get(pk=carol.pk)
    assert (standing.paid_minor, standing.discount_minor, standing.returns) == (0, 0, 3)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    gross=st.integers(1, 50_000),
    quantity=st.integers(1, 9),
    discount=st.integers(0, 100),
    rounding=st.integers(-9, 9),
    data=st.data(),
)
def test_whatever_comes_back_in_whatever_parts_adds_up(
    gross: int, quantity: int, discount: int, rounding: int, data: Any
) -> None:
    discount = gross * discount // 100
    rounding = min(rounding, gross - discount) if gross > discount else 0
    original = sale(
        line(gross, quantity=quantity), line(777), discount_minor=discount, rounding_minor=rounding
    )
    left = quantity
    total = 0
    while left:
        some = data.draw(st.integers(1, left))
        total += returned(original, (1, some)).paid_minor
        left -= some
    total += returned(original).paid_minor

    facts = Purchase.objects.filter(original_id=original.purchase_id)
    assert total == -original.paid_minor
    assert sum(fact.gross_minor for fact in facts) == -original.gross_minor
    assert sum(fact.discount_minor for fact in facts) == -original.discount_minor
    assert sum(fact.rounding_minor for fact in facts) == -original.rounding_minor


def test_more_than_was_bought_never_comes_back() -> None:
    original = sale(line(quantity=2))
    returned(original, (1, "1.5"))

    with pytest.raises(ReturnTooMuch):
        returned(original, (1, 1))

    assert returned(original).lines[0].quantity == Decimal("0.5")
    with pytest.raises(NothingLeft):
        returned(original)


def test_the_same_line_named_twice_counts_twice() -> None:
    original = sale(line(quantity=2))

    with pytest.raises(ReturnTooMuch):
        returned(original, (1, 1), (1, "1.1"))


def test_the_same_return_again_gets_the_same_answer_and_posts_nothing() -> None:
    original = sale(line(quantity=2), customer=customer())
    sent = return_draft(original, (1, 1))

    first = take_return.take_return(draft=sent, actor=TILL, now=NOW, language="en")
    again = take_return.take_return(draft=sent, actor=TILL, now=NOW, language="en")

    assert again == replace(first, repeated=True)
    assert Posting.objects.filter(verb="take-back").count() == 1
    with pytest.raises(NumberTaken):
        take_return.take_return(draft=replace(sent, reason="other"), actor=TILL, now=NOW)


def test_a_return_is_found_by_the_till_and_number_of_the_receipt() -> None:
    original = sale()
    sent = return_draft(original, original_id=None, original=("till-1", original.number))

    back = take_return.take_return(draft=sent, actor=TILL, now=NOW)

    assert back.original_id == original.purchase_id


@pytest.mark.parametrize("number", ["unknown", ""])
def test_a_return_of_nothing_known_is_refused(number: str) -> None:
    sent = return_draft(sale(), original_id=None, original=("till-1", number))

    with pytest.raises(NoOriginal):
        take_return.take_return(draft=sent, actor=TILL, now=NOW)


def test_a_return_cannot_be_returned() -> None:
    original = sale(line(quantity=2))
    back = returned(original, (1, 1))

    with pytest.raises(NoOriginal):
        take_return.take_return(
            draft=return_draft(original, original_id=back.purchase_id), actor=TILL, now=NOW
        )


def test_what_an_undone_import_brought_cannot_be_returned() -> None:
    original = sale()
    Number.objects.filter(purchase_id=original.purchase_id).delete()

    with pytest.raises(NoOriginal):
        returned(original)


def test_goods_without_a_receipt_come_back_without_touching_points() -> None:
    carol = customer()
    sale(line(10_000), customer=carol)
    loose = replace(
        return_draft(sale()),
        original_id=None,
        without_original=(line(3_000, quantity=2),),
        customer_id=carol.id,
    )

    back = take_return.take_return(draft=loose, actor=TILL, now=NOW)

    assert (back.paid_minor, back.points, back.balance) == (-3_000, 0, 100)
    assert Standing.objects.get(pk=carol.pk).paid_minor == 7_000


def test_goods_without_a_receipt_need_their_own_permission() -> None:
    loose = replace(return_draft(sale()), original_id=None, without_original=(line(),))

    with pytest.raises(Forbidden):
        take_return.take_return(
            draft=loose, actor=replace(TILL, may=frozenset({"purchases.record"})), now=NOW
        )


def test_payments_given_back_must_add_up() -> None:
    original = sale(line(1_000))

    with pytest.raises(DoesNotAddUp):
        returned(original, payments=(PaymentDraft(means="cash", amount_minor=999),))
    back = returned(original, payments=(PaymentDraft(means="cash", amount_minor=1_000),))

    assert bought(back.purchase_id).payments == [{"means": "cash", "amount_minor": -1_000}]


@pytest.mark.parametrize("quantity", ["0", "-1", "0.0001"])
def test_a_quantity_that_is_none_is_refused(quantity: str) -> None:
    with pytest.raises(DoesNotAddUp):
        returned(sale(), (1, quantity))


def test_the_number_of_statements_does_not_grow_with_the_lines(
    django_assert_num_queries: Any,
) -> None:
    carol = customer()
    short = sale(line(), customer=carol)
    long = sale(*[line() for _ in range(40)], customer=carol)
    returned(sale(customer=carol))

    with django_assert_num_queries(21) as few:
        returned(short)
    with django_assert_num_queries(len(few)):
        returned(long)
