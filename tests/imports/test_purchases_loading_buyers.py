"""Whose purchases they are: found by what the file says of them, or made, each once."""

from typing import Any

import pytest

from regulars.customers import services
from regulars.customers.models import Customer, Identity
from regulars.imports.columns.mapping import Options
from regulars.purchases.models import Number, Purchase
from regulars.usecases import merge
from tests.factories import customers, people
from tests.factories.imports import Run

pytestmark = pytest.mark.usefixtures("inside_aurum")

COLUMNS = (
    "customer_id",
    "customer_number",
    "customer_code",
    "customer_card",
    "customer_phone",
    "customer_name",
)
HEADINGS = f"number occurred_at store paid {' '.join(COLUMNS)}"


def row(number: str, /, **said: Any) -> tuple[object, ...]:
    """Return a receipt of one line, and what it says of the customer."""
    about = [said.get(column.removeprefix("customer_"), "") for column in COLUMNS]
    return (number, "2026-01-02 10:00", "001", "10.00", *about)


def buyer(number: str) -> Customer | None:
    """Return whose purchase is under a number."""
    return Purchase.objects.get(pk=Number.objects.get(number=number).purchase_id).customer


@pytest.mark.parametrize(
    "key", [{"number": "K7"}, {"code": "m 1"}, {"card": "c9"}, {"phone": "13800000001"}]
)
def test_a_customer_is_found_by_whatever_the_file_knows(key: dict[str, str]) -> None:
    known = customers.customer(
        phone="13800000001", member_code="M1", identities=[("import", "K7"), ("card", "C9")]
    )

    Run(HEADINGS, [row("A1", **key)]).bring_in()

    assert buyer("A1") == known
    assert Customer.objects.count() == 1


def test_our_own_id_decides_before_everything_else() -> None:
    known = customers.customer(phone="13800000001")
    other = customers.customer(phone="13800000002")

    Run(HEADINGS, [row("A1", id=str(known.pk), phone=other.phone)]).bring_in()

    assert buyer("A1") == known


def test_a_merged_customers_number_leads_to_the_survivor() -> None:
    kept = customers.customer(name="Kept", identities=[("import", "1")])
    absorbed = customers.customer(name="Absorbed", identities=[("import", "2")])
    actor = people.actor(people.owner())
    merge.merge(actor=actor, kept_id=kept.pk, absorbed_id=absorbed.pk, now=customers.NOW)

    Run(HEADINGS, [row("A1", number="2"), row("A2", id=str(absorbed.pk))]).bring_in()

    assert (buyer("A1"), buyer("A2")) == (kept, kept)


def test_of_several_with_one_phone_the_one_seen_last_is_meant() -> None:
    phone = "13800000001"
    customers.customer(name="Early", phone=phone)
    late = customers.customer(name="Late", phone=phone, same_phone_is_fine=True)
    Customer.objects.exclude(pk=late.pk).update(changed_at="2020-01-01T00:00Z")

    Run(HEADINGS, [row("A1", phone=phone)]).bring_in()

    assert buyer("A1") == late


def test_a_name_alone_is_nobody() -> None:
    customers.customer(name="王小明")

    run = Run(HEADINGS, [row("A1", name="王小明")])
    preview = run.check()
    run.load()

    assert buyer("A1") is None
    assert preview.details["anonymous"] == 1
    assert Customer.objects.count() == 1


def test_unknown_buyers_become_customers_with_what_the_file_says_of_them() -> None:
    said = {"number": "9", "code": "m 9", "card": "c 9", "phone": "13900000009", "name": "李娜"}
    run = Run(HEADINGS, [row("A1", **said)], options=Options(source="pos"))

    run.bring_in()

    made = Customer.objects.get()
    assert buyer("A1") == made
    assert (made.name, made.member_code, made.phone) == ("李娜", "M9", "+8613900000009")
    assert (made.pinyin[:1], made.import_id) == ("l", run.row.pk)
    numbers = set(Identity.objects.values_list("source", "number"))
    assert numbers == {("pos", "9"), ("card", "C9")}


def test_one_unknown_buyer_is_made_once_however_scattered_their_receipts() -> None:
    rows = [row(f"A{at}", number="9", phone="13900000009" if at == 7 else "") for at in range(50)]
    rows += [row("B1", phone="13900000009"), row("B2", phone="13900000008")]
    run = Run(HEADINGS, rows, batch=3)

    preview = run.check()
    counts = run.load()

    assert preview.details["customers_new"] == counts["customers"] == 2
    assert Customer.objects.count() == 2
    assert buyer("A3") == buyer("B1") != buyer("B2")


def test_two_numbers_with_one_code_are_two_customers_and_the_first_keeps_the_code() -> None:
    run = Run(HEADINGS, [row("A1", number="1", code="M1"), row("A2", number="2", code="M1")])

    counts = run.bring_in()

    assert counts["customers"] == 2
    assert sorted(Customer.objects.values_list("member_code", flat=True), key=str) == ["M1", None]


def test_unknown_buyers_may_stay_nobody() -> None:
    run = Run(HEADINGS, [row("A1", number="9")], unknown_customers="anonymous")

    preview = run.check()
    run.load()

    assert preview.details["anonymous"] == 1
    assert buyer("A1") is None
    assert not Customer.objects.exists()


def test_unknown_buyers_may_be_refused() -> None:
    run = Run(HEADINGS, [row("A1", number="9"), row("A2")], unknown_customers="refuse")

    run.bring_in()

    assert run.refused() == {2: ["receipt.buyer"]}
    assert not Customer.objects.exists()


def test_an_id_of_ours_that_nobody_has_makes_no_customer() -> None:
    run = Run(HEADINGS, [row("A1", id="01890000-0000-7000-8000-000000000000")])

    run.bring_in()

    assert run.refused() == {2: ["receipt.buyer"]}


def test_an_erased_customer_is_not_found_again() -> None:
    gone = customers.customer(phone="13800000001", identities=[("import", "7")])
    services.erase(customer_id=gone.pk, now=customers.NOW)

    Run(
        HEADINGS, [row("A1", number="7"), row("A2", id=str(gone.pk), phone="13800000001")]
    ).bring_in()

    assert gone not in (buyer("A1"), buyer("A2"))
