"""Goods that come back in a file: against what was bought, and never more of it."""

from decimal import Decimal
from typing import Any

import pytest

from regulars.customers.models import Customer
from regulars.imports.columns.mapping import Options
from regulars.points import selectors as balances
from regulars.purchases import selectors
from regulars.purchases.models import Line, Number, Purchase, Standing
from tests.factories import purchases
from tests.factories.imports import Run

pytestmark = pytest.mark.usefixtures("one_point_per_unit")

HEADINGS = (
    "number original_number original_position occurred_at customer_number product_code"
    " quantity paid store"
)


def row(number: str, original: str = "", **said: Any) -> tuple[object, ...]:
    """Return one row under HEADINGS."""
    values = {
        "position": "",
        "at": "2026-01-02 10:00",
        "customer": "7",
        "product": "p1",
        "quantity": -1 if original else 1,
        "paid": "-10.00" if original else "10.00",
        **said,
    }
    return (number, original, *values.values(), "001")


def fact(number: str) -> Purchase:
    """Return the purchase under a number."""
    return Purchase.objects.get(pk=Number.objects.get(number=number).purchase_id)


def test_a_return_names_what_came_back_of_which_purchase_wherever_it_stands_in_the_file() -> None:
    run = Run(HEADINGS, [row("R1", "A1", customer=""), row("A1"), row("A1", product="p2")])

    preview = run.check()
    counts = run.load()

    sold, back = fact("A1"), fact("R1")
    line = Line.objects.get(purchase=back)
    assert (preview.new, preview.details["returns"]) == (2, 1)
    assert (counts["sales"], counts["returns"]) == (1, 1)
    assert (back.kind, back.counts, back.paid_minor) == ("return", 0, -1000)
    assert (back.original, back.customer) == (sold, sold.customer)
    assert line.original_line_id == Line.objects.get(purchase=sold, product_code="p1").pk
    assert Standing.objects.get().returns == 1


def test_a_return_of_what_a_till_sold_finds_it_in_the_database() -> None:
    sold = purchases.sale(purchases.line(), purchases.line(quantity=3), number="T1")

    rows = [row("R1", "T1", position=2, quantity=-2, paid="-66.67")]
    Run(HEADINGS, rows, options=Options(source="till-1")).bring_in()

    second = selectors.returnable(sold.purchase_id)[1]
    assert fact("R1").original_id == sold.purchase_id
    assert (second.returned, second.left) == (Decimal(2), Decimal(1))


def test_never_more_comes_back_than_was_bought_counting_what_came_back_before() -> None:
    rows = [
        row("A1", quantity=3, paid="30.00"),
        row("R1", "A1", at="2026-01-03 10:00", quantity=-2, paid="-20.00"),
        row("R2", "A1", at="2026-01-04 10:00", quantity=-2, paid="-20.00"),
        row("R3", "A1", at="2026-01-05 10:00"),
    ]
    run = Run(HEADINGS, rows)

    preview = run.check()
    run.load()

    assert (preview.new, preview.rejected) == (3, 1)
    assert run.refused() == {4: ["receipt.too-much-money-back"]}
    assert {p.number for p in Purchase.objects.filter(kind="return")} == {"R1", "R3"}


def test_returns_at_a_till_count_too() -> None:
    sold = purchases.sale(purchases.line(quantity=2), number="T1")
    purchases.returned(sold, (1, 2))

    run = Run(HEADINGS, [row("R1", "T1", paid="0")], options=Options(source="till-1"))
    run.bring_in()

    assert run.refused() == {2: ["receipt.no-such-line"]}


def test_goods_that_were_not_bought_do_not_come_back() -> None:
    run = Run(HEADINGS, [row("A1"), row("R1", "A1"), row("R1", "A1", product="p9", paid="0")])

    run.bring_in()

    assert run.refused() == {3: ["receipt.other-line"], 4: ["receipt.no-such-line"]}
    assert not Number.objects.filter(number="R1").exists()


def test_a_return_of_a_purchase_nobody_knows_is_refused() -> None:
    run = Run(HEADINGS, [row("R1", "gone"), row("A1"), row("A1", paid="x"), row("R2", "A1")])

    run.bring_in()

    assert run.refused()[2] == ["receipt.no-original"]
    assert run.refused()[5] == ["receipt.no-original"]
    assert not Purchase.objects.exists()


def test_a_return_without_an_original_stands_alone_and_takes_no_points() -> None:
    purchases.customer()
    rows = [row("A1"), row("R1", quantity=-1, paid="-4.00")]

    Run(HEADINGS, rows, earns=True).bring_in()

    back = fact("R1")
    assert back.customer is not None
    balance = balances.balance(customer_id=back.customer.pk, now=purchases.NOW)
    assert (back.original, back.paid_minor, back.counts) == (None, -400, 0)
    assert balance.balance == 10


def test_points_are_taken_back_for_what_came_back_when_history_earns() -> None:
    rows = [
        row("A1", quantity=2, paid="200.00"),
        row("R1", "A1", paid="-100.00", at="2026-01-05 10:00"),
    ]

    counts = Run(HEADINGS, rows, earns=True).bring_in()

    customer = Customer.objects.get(identities__number="7")
    balance = balances.balance(customer_id=customer.pk, now=purchases.NOW)
    assert counts["points"] == 200
    assert balance.balance == 100


def test_a_return_is_known_again_when_the_file_comes_twice() -> None:
    rows = [row("A1", quantity=2, paid="20.00"), row("R1", "A1")]
    Run(HEADINGS, rows).bring_in()

    again = Run(HEADINGS, rows)
    preview = again.check()

    assert (preview.same, preview.new, preview.rejected) == (2, 0, 0)
    assert again.load()["purchases"] == 0
    assert selectors.returnable(fact("A1").pk)[0].returned == Decimal(1)
