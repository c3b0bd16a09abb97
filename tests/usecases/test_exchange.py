"""Goods against goods: both halves or neither."""

from dataclasses import replace
from typing import Any

import pytest

from regulars.purchases.drafts import ExchangeDraft, PaymentDraft
from regulars.purchases.models import Purchase
from regulars.purchases.settling import DoesNotAddUp
from regulars.usecases import exchange
from regulars.usecases.exchange import Exchanged
from regulars.usecases.record_purchase import NumberTaken, Recorded
from tests.factories.purchases import (
    NOW,
    TILL,
    bought,
    customer,
    draft,
    line,
    return_draft,
    sale,
)

pytestmark = pytest.mark.usefixtures("one_point_per_unit")


def exchanged(original: Recorded, price: int, *payments: PaymentDraft, **facts: Any) -> Exchanged:
    made = ExchangeDraft(
        returned=return_draft(original, (1, 1)), sale=draft(line(price), **facts), payments=payments
    )
    return exchange.exchange(draft=made, actor=TILL, now=NOW, language="en")


def test_the_difference_is_paid_and_points_follow_both_halves() -> None:
    carol = customer()
    original = sale(line(10_000), customer=carol)

    both = exchanged(original, 15_000, PaymentDraft(means="cash", amount_minor=5_000))

    assert (both.difference_minor, both.returned.points, both.sale.points) == (5_000, -100, 150)
    assert both.sale.balance == 150
    old, new = bought(both.returned.purchase_id), bought(both.sale.purchase_id)
    assert (old.pair_id, new.pair_id) == (new.id, old.id)
    assert new.customer_id == carol.id
    assert new.payments == [
        {"means": "exchange", "amount_minor": 10_000},
        {"means": "cash", "amount_minor": 5_000},
    ]
    assert old.payments == [{"means": "exchange", "amount_minor": -10_000}]


def test_money_is_given_back_where_the_new_goods_cost_less() -> None:
    original = sale(line(10_000))

    both = exchanged(original, 4_000, PaymentDraft(means="cash", amount_minor=-6_000))

    assert both.difference_minor == -6_000
    assert bought(both.returned.purchase_id).payments == [
        {"means": "exchange", "amount_minor": -4_000},
        {"means": "cash", "amount_minor": -6_000},
    ]


def test_an_even_exchange_needs_no_payment() -> None:
    both = exchanged(sale(line(10_000)), 10_000)

    assert both.difference_minor == 0


def test_payments_that_miss_the_difference_leave_nothing_behind() -> None:
    original = sale(line(10_000))

    with pytest.raises(DoesNotAddUp):
        exchanged(original, 15_000, PaymentDraft(means="cash", amount_minor=4_999))

    assert Purchase.objects.count() == 1


def test_a_sale_that_fails_takes_the_return_with_it() -> None:
    original = sale(line(10_000))

    with pytest.raises(NumberTaken):
        exchanged(original, 15_000, number=original.number)

    assert Purchase.objects.count() == 1


def test_the_new_goods_are_for_the_same_person() -> None:
    original = sale(customer=customer())

    with pytest.raises(DoesNotAddUp):
        exchanged(original, 15_000, customer=customer(name="Dora"))


def test_the_same_exchange_again_is_the_same_exchange() -> None:
    original = sale(line(10_000), customer=customer())
    made = ExchangeDraft(returned=return_draft(original, (1, 1)), sale=draft(line(12_000)))

    first = exchange.exchange(draft=made, actor=TILL, now=NOW, language="en")
    again = exchange.exchange(draft=made, actor=TILL, now=NOW, language="en")

    assert again.sale == replace(first.sale, repeated=True)
    assert again.returned.purchase_id == first.returned.purchase_id
    assert Purchase.objects.count() == 3
