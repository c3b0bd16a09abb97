"""Recording a sale: what is written, what is answered, and what never happens."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from regulars.points import selectors as balances
from regulars.points.models import Posting
from regulars.purchases.models import Line, Number, Purchase, Standing
from regulars.purchases.settling import DoesNotAddUp
from regulars.usecases import record_purchase
from regulars.usecases.record_purchase import NumberTaken
from tests.factories import people
from tests.factories.purchases import NOW, TILL, bought, customer, draft, line, sale

pytestmark = pytest.mark.usefixtures("one_point_per_unit")


def test_a_sale_is_written_with_its_lines_and_answers_with_points_and_balance() -> None:
    carol = customer()

    answer = sale(line(10_000, category="food"), line(5_050, quantity=2), customer=carol)

    assert (answer.points, answer.balance, answer.points_status) == (150, 150, "posted")
    assert answer.sentences == ("150 points for 150.50",)
    fact = bought(answer.purchase_id)
    assert (fact.paid_minor, fact.units, fact.counts) == (15_050, Decimal(3), 1)
    assert list(fact.lines.order_by("position").values_list("paid_minor", "category")) == [
        (10_000, "food"),
        (5_050, ""),
    ]


def test_an_anonymous_sale_earns_nothing_and_has_no_balance() -> None:
    answer = sale()

    assert (answer.points, answer.balance, answer.points_status) == (0, None, "none")
    assert not Posting.objects.exists()
    assert not Standing.objects.exists()


def test_the_day_is_that_of_the_store_not_of_the_server() -> None:
    store = people.store(code="UR", time_zone="Asia/Urumqi")

    shanghai = sale(occurred_at=NOW.replace(hour=17))
    urumqi = sale(occurred_at=NOW.replace(hour=17), store_id=store.id)

    assert (shanghai.business_day.day, urumqi.business_day.day) == (22, 21)


def test_the_same_number_again_is_the_same_purchase_and_the_same_answer() -> None:
    carol = customer()
    sent = draft(customer=carol)

    first = record_purchase.record(draft=sent, actor=TILL, now=NOW, language="en")
    again = record_purchase.record(draft=sent, actor=TILL, now=NOW, language="en")

    assert again == replace(first, repeated=True)
    assert Purchase.objects.count() == Posting.objects.count() == Number.objects.count() == 1
    assert Standing.objects.get().purchases == 1


def test_the_same_number_with_another_content_is_refused() -> None:
    sent = draft(line(100))
    record_purchase.record(draft=sent, actor=TILL, now=NOW)

    with pytest.raises(NumberTaken):
        record_purchase.record(draft=replace(sent, lines=(line(200),)), actor=TILL, now=NOW)

    assert Purchase.objects.count() == 1


def test_another_till_may_use_the_same_number() -> None:
    sent = draft()
    record_purchase.record(draft=sent, actor=TILL, now=NOW)
    record_purchase.record(draft=replace(sent, source="till-2"), actor=TILL, now=NOW)

    assert Purchase.objects.count() == 2


def test_the_first_purchase_gives_the_customer_an_owner_and_a_home_store() -> None:
    guide = people.staff(stores=(people.first_store(),))
    carol = customer(home_store=None, owner=None)

    sale(customer=carol, guide_id=guide.id)

    carol.refresh_from_db()
    assert (carol.owner_id, carol.home_store_id) == (guide.id, people.first_store().id)


def test_a_later_purchase_elsewhere_changes_neither_owner_nor_home_store() -> None:
    carol = customer()
    other = people.store(code="202")
    guide = people.staff(stores=(other,))

    sale(customer=carol, store_id=other.id, guide_id=guide.id)

    carol.refresh_from_db()
    assert (carol.owner_id, carol.home_store_id) == (people.owner().id, people.first_store().id)


def test_the_standing_follows_every_purchase() -> None:
    carol = customer()
    sale(line(10_000, discount_minor=1_000), customer=carol, occurred_at=NOW)
    sale(line(5_000), customer=carol, occurred_at=NOW - timedelta(days=3))

    standing = Standing.objects.get(pk=carol.pk)

    assert (standing.purchases, standing.paid_minor, standing.discount_minor) == (2, 14_000, 1_000)
    assert (standing.first_at, standing.last_at) == (NOW - timedelta(days=3), NOW)


def test_a_discount_on_the_receipt_and_its_rounding_are_spread_over_the_lines() -> None:
    answer = sale(line(3_333), line(3_333), line(3_334), discount_minor=1_000, rounding_minor=5)

    lines = Line.objects.order_by("position")
    assert (answer.paid_minor, answer.discount_minor) == (8_995, 1_000)
    assert sum(each.paid_minor for each in lines) == 8_995
    assert sum(each.discount_minor for each in lines) == 1_000


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"paid_minor": 9_999}, "paid_minor"),
        ({"discount_minor": 10_001}, "discount_minor"),
        ({"rounding_minor": 10_001}, "rounding_minor"),
        ({"number": " "}, "number"),
        ({"source": "x" * 41}, "source"),
        ({"number": "a\x00b"}, "number"),
        ({"occurred_at": NOW + timedelta(days=2)}, "occurred_at"),
        ({"occurred_at": NOW.replace(tzinfo=None)}, "occurred_at"),
        ({"lines": (line(-1),)}, "lines.0.gross_minor"),
        ({"lines": (line(10, discount_minor=11),)}, "lines.0.discount_minor"),
        ({"lines": (line(10, quantity="0.0001"),)}, "lines.0.quantity"),
        ({"lines": (line(10, extra={"nonsense": 1}),)}, "lines.0.extra.nonsense"),
    ],
)
def test_what_does_not_add_up_is_refused_with_its_place(facts: dict[str, Any], place: str) -> None:
    with pytest.raises(DoesNotAddUp) as refusal:
        sale(**facts)

    assert place in refusal.value.fields
    assert not Purchase.objects.exists()


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(DoesNotAddUp) as refusal:
        sale(line(-1), line(10, discount_minor=11), number="")

    assert set(refusal.value.fields) == {
        "lines.0.gross_minor",
        "lines.1.discount_minor",
        "number",
    }


def test_a_lot_ends_with_the_day_so_many_months_later() -> None:
    carol = customer()

    sale(customer=carol, occurred_at=NOW)

    balance = balances.balance(customer_id=carol.id, now=NOW, soon=timedelta(days=3650))
    assert balance.expires_at is not None
    assert balance.expires_at.isoformat() == "2028-11-21T16:00:00+00:00"
