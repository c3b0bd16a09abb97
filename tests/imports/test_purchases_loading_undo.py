"""An import of purchases is taken back as a whole, and everything is as it was before."""

from typing import Any

import pytest

from regulars.customers import services as customers
from regulars.customers.models import Customer
from regulars.imports.columns.mapping import Options
from regulars.imports.loading import purchases_undoing
from regulars.imports.models import Import
from regulars.points import ledger
from regulars.points import selectors as balances
from regulars.points import verification as books
from regulars.purchases import selectors
from regulars.purchases.models import Number, Purchase, Standing
from regulars.usecases import take_return
from tests.factories import people, purchases
from tests.factories.imports import Run

pytestmark = pytest.mark.usefixtures("one_point_per_unit")

HEADINGS = "number original_number occurred_at customer_phone product_code quantity paid store"
PHONE = "+8613800000001"


def row(number: str, original: str = "", /, **said: Any) -> tuple[object, ...]:
    """Return one row under HEADINGS."""
    values = {
        "at": "2026-01-02 10:00",
        "phone": PHONE,
        "product": "p1",
        "quantity": -1 if original else 1,
        "paid": "-10.00" if original else "10.00",
        **said,
    }
    return (number, original, *values.values(), "001")


def several(count: int = 12) -> list[tuple[object, ...]]:
    """Return sales on several days by two buyers and nobody, and some returns."""
    phones = (PHONE, "+8613800000002", "")
    rows = [
        row(f"A{at}", at=f"2026-01-{at + 1:02} 10:00", phone=phones[at % 3], quantity=2)
        for at in range(count)
    ]
    return rows + [row(f"R{at}", f"A{at}", paid="-5.00") for at in range(0, count, 4)]


def standings() -> list[dict[str, Any]]:
    """Return what purchases add up to, of customers who bought anything."""
    return [dict(row) for row in Standing.objects.exclude(purchases=0).order_by("pk").values()]


def test_undoing_leaves_standings_and_balances_as_before() -> None:
    known = purchases.customer(phone=PHONE)
    purchases.sale(customer=known)
    before = standings(), balances.balances_of_many([known.pk], now=purchases.NOW)
    run = Run(HEADINGS, several(), earns=True)
    run.bring_in()
    assert Standing.objects.get(pk=known.pk).purchases == 5
    assert balances.balances_of_many([known.pk], now=purchases.NOW) != before[1]

    undone = run.undo()

    assert undone["purchases"] == 15
    assert (standings(), balances.balances_of_many([known.pk], now=purchases.NOW)) == before
    assert books.findings() == []


def test_every_day_reads_as_if_it_had_never_happened() -> None:
    run = Run(HEADINGS, several())
    run.bring_in()

    run.undo()

    totals: dict[object, int] = {}
    for fact in Purchase.objects.all():
        key = (fact.store_id, fact.business_day, fact.customer_id)
        totals[key] = totals.get(key, 0) + fact.paid_minor + 1_000_000 * fact.counts
    assert set(totals.values()) == {0}
    voids = Purchase.objects.filter(kind="void").select_related("original")
    assert all(sum(line.paid_minor for line in v.lines.all()) == v.paid_minor for v in voids)


def test_undoing_twice_does_nothing_more() -> None:
    run = Run(HEADINGS, several())
    run.bring_in()
    run.undo()
    facts = Purchase.objects.count()

    again = run.undo()

    assert again["purchases"] == again["customers"] == 0
    assert Purchase.objects.count() == facts


def test_an_undoing_that_was_ended_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purchases_undoing, "_AT_ONCE", 4)
    run = Run(HEADINGS, several())
    run.bring_in()

    def ended(done: int, total: int | None) -> None:
        raise RuntimeError

    for _time in range(3):
        with pytest.raises(RuntimeError):
            run.undo(tell=ended)
    run.undo()

    assert Purchase.objects.filter(kind="void").count() == 15
    assert standings() == []


def test_the_same_file_comes_in_again_after_its_undoing_with_the_same_figures() -> None:
    first = Run(HEADINGS, several())
    once = first.bring_in()
    figures = sorted(each["paid_minor"] for each in standings())
    first.undo()

    twice = Run(HEADINGS, several()).bring_in()

    assert twice == once
    assert sorted(each["paid_minor"] for each in standings()) == figures
    assert Number.objects.count() == 15


def test_customers_nobody_used_since_are_let_go_and_others_are_kept() -> None:
    run = Run(
        HEADINGS, [row("A1"), row("A2", phone="+8613800000002"), row("A3", phone="+8613800000003")]
    )
    run.bring_in()
    bought, noted = (Customer.objects.get(phone=f"+861380000000{n}") for n in (2, 3))
    purchases.sale(customer=bought)
    customers.note(
        actor=people.actor(people.owner()), customer_id=noted.pk, text="Likes tea", now=run.now
    )

    undone = run.undo()

    assert undone["customers"] == 1
    assert set(Customer.objects.filter(state="active")) == {bought, noted}
    assert not Customer.objects.filter(phone=PHONE).exists()


def test_a_customer_changed_after_the_import_is_kept() -> None:
    run = Run(HEADINGS, [row("A1")])
    run.bring_in()
    Import.objects.update(finished_at="2026-01-01T00:00Z")

    assert run.undo()["customers"] == 0


def test_customers_who_were_there_before_stay() -> None:
    known = purchases.customer(phone=PHONE)
    run = Run(HEADINGS, [row("A1")])
    run.bring_in()

    run.undo()

    known.refresh_from_db()
    assert known.state == "active"


def test_what_came_back_at_a_till_since_is_kept_with_its_purchase() -> None:
    run = Run(HEADINGS, [row("A1", quantity=3), row("A2"), row("R1", "A1", paid="-1.00")])
    run.bring_in()
    sold = Purchase.objects.get(number="A1")
    till = purchases.sale(number="T9")  # whose answer only lends its shape
    purchases.returned(till, number="B1")
    draft = purchases.return_draft(till, (1, 1), original_id=sold.pk, number="B2")
    take_return.take_return(draft=draft, actor=purchases.TILL, now=purchases.NOW, language="en")

    undone = run.undo()

    assert (undone["purchases"], undone["kept"]) == (1, 2)
    assert Number.objects.filter(number__in=["A1", "R1"]).count() == 2
    assert Purchase.objects.filter(kind="void").get().number == "A2"
    assert Standing.objects.get(customer=sold.customer).purchases == 1


def test_a_return_that_never_happened_can_be_made_and_its_points_are_back() -> None:
    known = purchases.customer(phone=PHONE)
    sold = purchases.sale(purchases.line(quantity=2), customer=known, number="T1")
    before = balances.balances_of_many([known.pk], now=purchases.NOW)
    rows = [row("R1", "T1", product="", paid="-50.00")]
    run = Run(HEADINGS, rows, options=Options(source="till-1"), earns=True)
    run.bring_in()
    assert balances.balances_of_many([known.pk], now=purchases.NOW) == {known.pk: 50}

    run.undo()

    assert balances.balances_of_many([known.pk], now=purchases.NOW) == before
    assert selectors.returnable(sold.purchase_id)[0].left == 2
    assert books.findings() == []


def test_points_that_were_spent_since_are_owed() -> None:
    known = purchases.customer(phone=PHONE)
    run = Run(HEADINGS, [row("A1", paid="100.00")], earns=True)
    run.bring_in()
    ledger.spend(purchases.event(known, "gift"), amount=60)

    run.undo()

    balance = balances.balance(customer_id=known.pk, now=purchases.NOW)
    assert (balance.available, balance.debt) == (0, 60)
    assert books.findings() == []
