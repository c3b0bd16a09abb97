"""Receipts of a file become purchases: whole or not at all, and what was promised is done."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from regulars.customers.models import Customer
from regulars.imports.columns.mapping import Options
from regulars.purchases.models import Line, Number, Purchase, Standing
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from tests.factories import people, purchases
from tests.factories.imports import Run

pytestmark = pytest.mark.usefixtures("inside_aurum")

HEADINGS = "number occurred_at store customer_number product_code quantity paid"
DAY = "2026-01-02 10:00"


def row(number: str = "A1", **said: Any) -> tuple[object, ...]:
    """Return one row under HEADINGS."""
    values = {
        "at": DAY,
        "store": "001",
        "customer": "7",
        "product": "p1",
        "quantity": 1,
        "paid": "10.00",
        **said,
    }
    return (number, *values.values())


def bought(number: str) -> Purchase:
    """Return the purchase under a number."""
    return Purchase.objects.get(pk=Number.objects.get(number=number).purchase_id)


def test_lines_scattered_over_the_file_become_one_purchase() -> None:
    run = Run(HEADINGS, [row(), row("A2"), row(product="p2", paid="2.50", quantity=3)], batch=1)

    counts = run.bring_in()

    found = bought("A1")
    lines = list(Line.objects.filter(purchase=found).order_by("position"))
    assert counts["purchases"] == 2
    assert (found.paid_minor, found.units, found.gross_minor) == (1250, Decimal(4), 1250)
    assert [(line.position, line.product_code, line.paid_minor) for line in lines] == [
        (1, "p1", 1000),
        (2, "p2", 250),
    ]
    assert found.occurred_at == datetime(2026, 1, 2, 2, 0, tzinfo=UTC)
    assert found.business_day == date(2026, 1, 2)
    assert found.import_id == run.row.pk
    assert found.recorded_at == run.now


def test_the_day_is_that_of_the_stores_own_zone() -> None:
    Store.objects.update(time_zone="America/New_York")

    Run(HEADINGS, [row()]).bring_in()

    assert bought("A1").business_day == date(2026, 1, 1)


def test_a_line_that_cannot_be_read_rejects_its_whole_receipt() -> None:
    run = Run(HEADINGS, [row(), row(paid="much"), row("A2"), row()], batch=2)

    preview = run.check()
    run.load()

    assert run.refused() == {
        2: ["receipt.other-line"],
        3: ["number.format"],
        5: ["receipt.other-line"],
    }
    assert (preview.new, preview.rejected) == (1, 3)
    assert not Number.objects.filter(number="A1").exists()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"store": "nowhere"}, "receipt.differs.store"),
        ({"at": "2026-01-02 10:01"}, "receipt.differs.occurred_at"),
        ({"customer": "8"}, "receipt.differs.customer"),
        ({"quantity": -1}, "receipt.differs.kind"),
    ],
)
def test_lines_that_contradict_each_other_are_refused(said: dict[str, Any], why: str) -> None:
    run = Run(HEADINGS, [row(), row(**said)])

    run.bring_in()

    assert run.refused() == {2: [why], 3: [why]}
    assert not Purchase.objects.exists()


def test_a_line_that_says_nothing_of_the_customer_contradicts_nobody() -> None:
    Run(HEADINGS, [row(customer=""), row(), row(customer="")]).bring_in()

    found = bought("A1")
    assert found.customer is not None
    assert found.paid_minor == 3000


def test_what_is_known_already_is_left_alone() -> None:
    Run(HEADINGS, [row()]).bring_in()

    run = Run(HEADINGS, [row(product="another"), row("A2")])
    preview = run.check()
    counts = run.load()

    assert (preview.same, preview.new, preview.rejected) == (1, 1, 0)
    assert (counts["same"], counts["purchases"]) == (1, 1)
    assert Line.objects.filter(product_code="another").count() == 0


def test_a_number_that_stands_for_another_purchase_is_refused_by_day_and_amount() -> None:
    Run(HEADINGS, [row()]).bring_in()

    run = Run(HEADINGS, [row(paid="11.00")])
    run.bring_in()

    (problem,) = next(iter(_kept(run)))
    assert problem["code"] == "receipt.number-taken"
    assert problem["params"] == {
        "number": "A1",
        "source": "import",
        "day": "2026-01-02",
        "amount": "10.00",
    }


def _kept(run: Run) -> list[list[dict[str, Any]]]:
    from regulars.imports import rejections

    return [found for _line, found in rejections.in_order(import_id=run.row.pk)]


def test_a_number_taken_by_a_till_between_checking_and_loading_is_refused_alone() -> None:
    run = Run(HEADINGS, [row(), row("A2")], options=Options(source="till-1"))
    run.check()
    purchases.sale(number="A1")

    counts = run.load()

    assert run.refused() == {2: ["receipt.number-taken"]}
    assert counts["purchases"] == 1


def test_stores_nobody_knows_reject_their_receipts_and_are_counted() -> None:
    run = Run(HEADINGS, [row(store="Harbour"), row("A2", store="Harbour"), row("A3")])

    preview = run.check()
    run.load()

    assert preview.details["stores_unknown"] == {"Harbour": 2}
    assert run.refused() == {2: ["store.unknown"], 3: ["store.unknown"]}
    assert Purchase.objects.count() == 1


def test_stores_are_opened_when_that_is_asked_for(aurum: ChainInfo) -> None:
    long = "The store on the hill behind the old harbour, beyond the second bridge"
    rows = [row(store="Harbour"), row("A2", store="harbour "), row("A3", store=long)]
    run = Run(HEADINGS, rows, create_stores=True)

    preview = run.check()
    counts = run.load()

    assert (preview.new, preview.rejected) == (3, 0)
    assert (counts["stores"], counts["purchases"]) == (2, 3)
    assert bought("A1").store.name == "Harbour"
    assert bought("A3").store.name == long[:60]
    assert bought("A3").store.time_zone == aurum.time_zone


def test_guides_nobody_knows_are_counted_and_left_out() -> None:
    owner = people.owner()
    rows = [(*row("A1"), owner.name), (*row("A2"), "Nobody")]
    run = Run(f"{HEADINGS} guide", rows)

    preview = run.check()
    run.load()

    assert preview.details["guides_unknown"] == {"Nobody": 1}
    assert bought("A1").guide == owner
    assert bought("A2").guide is None


def test_zero_quantities_and_amounts_are_taken() -> None:
    Run(HEADINGS, [row(quantity=0, paid="0")]).bring_in()

    found = bought("A1")
    assert (found.units, found.paid_minor, found.counts) == (Decimal(0), 0, 1)


def test_positions_of_the_file_are_kept_when_they_tell_the_lines_apart() -> None:
    rows = [(*row("A1"), 20), (*row("A1"), 10), (*row("A2"), 5), (*row("A2"), 5)]

    Run(f"{HEADINGS} position", rows).bring_in()

    assert _positions("A1") == [10, 20]
    assert _positions("A2") == [1, 2]


def _positions(number: str) -> list[int]:
    lines = Line.objects.filter(purchase=bought(number)).order_by("position")
    return list(lines.values_list("position", flat=True))


def test_rounding_of_the_receipt_is_spread_as_a_till_spreads_it() -> None:
    amounts = ("10.00", "20.05", "3.33")
    rows = [(*row("A1", paid=paid), "0.38") for paid in amounts]
    sold = purchases.sale(
        *(purchases.line(int(paid.replace(".", ""))) for paid in amounts), rounding_minor=38
    )

    Run(f"{HEADINGS} rounding", rows).bring_in()

    found = bought("A1")
    lines = Line.objects.filter(purchase=found).order_by("position")
    at_till = Line.objects.filter(purchase=sold.purchase_id).order_by("position")
    assert (found.paid_minor, found.rounding_minor) == (3300, 38)
    assert list(lines.values_list("paid_minor")) == list(at_till.values_list("paid_minor"))


def test_payments_add_up_to_what_was_paid() -> None:
    rows = [
        (*row("A1"), "微信"),
        (*row("A1"), "微信"),
        (*row("A2"), "现金"),
        (*row("A2", paid="5.00"), "某某卡"),
        (*row("A3"), ""),
    ]

    Run(f"{HEADINGS} payment", rows).bring_in()

    assert bought("A1").payments == [{"means": "wechat", "amount_minor": 2000}]
    assert bought("A2").payments == [
        {"means": "cash", "amount_minor": 1000},
        {"means": "other", "amount_minor": 500},
    ]
    assert bought("A3").payments == []


def test_standing_owner_and_home_store_follow_from_the_first_purchase() -> None:
    owner = people.owner()
    rows = [
        (*row("A2", at="2026-02-02 10:00"), ""),
        (*row("A1"), owner.name),
    ]

    Run(f"{HEADINGS} guide", rows).bring_in()

    customer = Customer.objects.get()
    standing = Standing.objects.get()
    assert (customer.owner, customer.home_store) == (owner, people.first_store())
    assert (standing.purchases, standing.paid_minor) == (2, 2000)
    assert standing.first_at == datetime(2026, 1, 2, 2, 0, tzinfo=UTC)


def test_a_thousand_lines_are_a_receipt_and_one_more_is_none() -> None:
    run = Run(HEADINGS, [row()] * 1001 + [row("A2")] * 1000)

    preview = run.check()

    assert (preview.new, preview.rejected) == (1, 1001)


def test_the_preview_is_what_loading_then_does() -> None:
    rows = [
        row("A1"),
        row("A2", customer="", at="2026-03-01 09:00"),
        row("A3", store="nowhere"),
        row("B1", quantity=-1, customer="9"),
    ]
    run = Run(HEADINGS, rows)

    preview = run.check()
    counts = run.load()

    facts = Purchase.objects.order_by("business_day")
    details = preview.details
    assert preview.new == counts["purchases"] == facts.count() == 3
    assert details["sales_minor"] == counts["sales_minor"] == sum(f.paid_minor for f in facts)
    assert details["lines"] == counts["lines"] == Line.objects.count()
    assert details["returns"] == counts["returns"] == 1
    assert details["customers_new"] == counts["customers"] == Customer.objects.count() == 2
    assert details["anonymous"] == facts.filter(customer=None).count() == 1
    assert (details["first_day"], details["last_day"]) == ("2026-01-02", "2026-03-01")
