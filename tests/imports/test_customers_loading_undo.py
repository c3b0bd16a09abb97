"""Taking an import of customers back: as if it had never been, where nobody has used it since."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from regulars.audit import SYSTEM
from regulars.customers import services
from regulars.customers.models import Consent, Customer, Identity, LifeEvent, Note, Possession
from regulars.followups.models import Gift
from regulars.imports.loading import customers_keys, customers_undoing
from regulars.points import ledger, verification
from regulars.points.models import Account, Posting
from regulars.usecases import merge
from tests.factories import contacts, followups, purchases
from tests.factories import customers as factory
from tests.factories.people import first_store
from tests.imports.customer_files import bring, names, undo
from tests.prepared import NOW

pytestmark = pytest.mark.usefixtures("inside_aurum")
LATER = NOW + timedelta(days=1)
EVERYTHING = (
    "member_code name phone gender city card external_number birthday event.wedding note tags"
    " profile.occupation field.ring-size email"
)
ROW = [
    *("M1", "王小明", "13800138000", "男", "上海", "C1", "77", "1980-03-05", "2010-05-01"),
    *("x", "VIP", "教师", "12", "a@b.cn"),
]
TABLES = (Customer, Identity, LifeEvent, Note, Possession, Account)


def snapshot() -> dict[str, Any]:
    """Return all that may change, apart from the moment it changed."""
    found = {}
    for model in TABLES:
        columns = [
            field.attname for field in model._meta.concrete_fields if field.attname != "changed_at"
        ]
        rows = model._default_manager.values(*columns)
        found[model.__name__] = sorted(map(str, rows))
    return found


def test_undoing_leaves_every_table_as_it_was() -> None:
    factory.customer(name="李娜", phone="13900139000")
    before = snapshot()
    brought = bring(EVERYTHING, [ROW, ["M2", "", "", *[""] * 11]])
    assert snapshot() != before

    undone = undo(brought.job, now=LATER)

    assert snapshot() == before
    assert undone["removed"] == 2


def test_undoing_gives_every_value_of_a_known_customer_back() -> None:
    known = factory.customer(
        member_code="M1",
        name="李娜",
        phone="13900139000",
        gender="female",
        address={"city": "北京", "line": "1"},
        identities=[("card", "C0")],
        extra={"ring-size": 9},
    )
    services.set_life_event(
        actor=SYSTEM, customer_id=known.pk, kind="birthday", month=1, day=2, now=NOW
    )
    services.answer(
        actor=SYSTEM, customer_id=known.pk, values={"occupation": "医生"}, how="call", now=NOW
    )
    before = snapshot()
    brought = bring(EVERYTHING, [ROW], existing="update", now=LATER)
    assert brought.counts["changed"] == 1

    undone = undo(brought.job, now=LATER)

    assert snapshot() == before
    assert (undone["restored"], undone["kept_values"]) == (1, 0)


def test_a_value_somebody_changed_since_stays_and_the_others_go_back() -> None:
    known = factory.customer(member_code="M1", name="李娜", gender="female")
    brought = bring("member_code name gender", [["M1", "王小明", "男"]], existing="update")
    services.update(actor=SYSTEM, customer_id=known.pk, values={"name": "王大明"}, now=LATER)

    undone = undo(brought.job, now=LATER)

    known.refresh_from_db()
    assert (known.name, known.gender) == ("王大明", "female")
    assert (undone["restored"], undone["kept_values"]) == (0, 1)


def _buy(customer: Customer) -> None:
    purchases.sale(customer_id=customer.pk)


def _earn(customer: Customer) -> None:
    event = ledger.Event(customer_id=customer.pk, key="k", reasons=[], actor=SYSTEM, now=LATER)
    ledger.award(event, amount=5, expires_at=None)


def _remark(customer: Customer) -> None:
    services.note(actor=SYSTEM, customer_id=customer.pk, text="y", now=LATER)


def _own(customer: Customer) -> None:
    Possession(customer=customer, kind="ring").save(force_insert=True)


def _give(customer: Customer) -> None:
    Gift(
        customer=customer,
        kind="customer.birthday",
        source=customer.pk,
        occasion_on=NOW.date(),
        gift="card",
        title="A card",
        cost_minor=300,
        store_id=first_store().pk,
        given_at=NOW,
    ).save(force_insert=True)


def _follow_up(customer: Customer) -> None:
    followups.task(customer, state="done", done_at=NOW)


def _contact(customer: Customer) -> None:
    contacts.reserve(customer, channel="call", now=LATER)


def _change(customer: Customer) -> None:
    services.update(actor=SYSTEM, customer_id=customer.pk, values={"name": "李"}, now=LATER)


def _merge(customer: Customer) -> None:
    other = factory.customer(phone="13700137000")
    merge.merge(actor=SYSTEM, kept_id=other.pk, absorbed_id=customer.pk, now=LATER)


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        (_buy, "purchases"),
        (_earn, "points"),
        (_remark, "notes"),
        (_own, "possessions"),
        (_contact, "contacts"),
        (_give, "gifts"),
        (_follow_up, "follow_ups"),
        (_change, "changed"),
        (_merge, "merged"),
    ],
)
def test_a_customer_used_since_stays_and_the_reason_is_counted(
    use: Callable[[Customer], None], reason: str
) -> None:
    brought = bring("member_code note", [["M1", "x"], ["M2", "x"]])
    used = brought.customer(member_code="M1")
    use(used)

    undone = undo(brought.job, now=LATER)

    assert (undone["removed"], undone["kept"]) == (1, 1)
    assert undone[f"kept_{reason}"] == 1
    assert Customer.objects.filter(pk=used.pk).exists()
    assert not Customer.objects.filter(member_code="M2").exists()


def test_whom_a_consent_refers_to_is_emptied_and_the_numbers_are_free_again() -> None:
    heads = f"{EVERYTHING} consent.selling"
    brought = bring(heads, [[*ROW, "是"]])

    undone = undo(brought.job, now=LATER)

    left = Customer.objects.get()
    assert (undone["removed"], left.state) == (1, "erased")
    assert (left.name, left.phone, left.member_code, left.email) == ("", None, None, "")
    assert (left.address, left.profile, left.extra, left.tokens) == ({}, {}, {}, [])
    assert not any(model.objects.exists() for model in (Identity, LifeEvent, Note))
    assert Consent.objects.count() == 1
    again = bring(heads, [[*ROW, "是"]], now=LATER)
    assert again.counts["new"] == 1


def test_balances_brought_along_are_taken_back_by_the_ledger() -> None:
    known = factory.customer(member_code="M2")
    brought = bring(
        "member_code opening_points opening_principal", [["M1", "100", "5"], ["M2", "70", ""]]
    )

    undone = undo(brought.job, now=LATER)

    assert set(Account.objects.values_list("available", flat=True)) == {0}
    amounts = Posting.objects.filter(account__customer=known).order_by("id")
    assert list(amounts.values_list("verb", "amount")) == [("opening", 70), ("adjust", -70)]
    assert verification.findings() == []
    assert (undone["removed"], undone["restored"]) == (1, 1)


def test_what_was_spent_of_a_balance_stays_spent() -> None:
    brought = bring("member_code opening_points", [["M1", "100"]])
    made = brought.customer()
    event = ledger.Event(customer_id=made.pk, key="k", reasons=[], actor=SYSTEM, now=NOW)
    ledger.spend(event, amount=30)

    undone = undo(brought.job, now=LATER)

    assert undone["kept_points"] == 1
    assert Account.objects.get().available == 0
    assert verification.findings() == []


def test_a_consent_that_a_file_changed_is_said_again_as_it_was() -> None:
    for code, given in (("M1", True), ("M2", None)):
        known = factory.customer(member_code=code)
        if given is not None:
            services.consent(
                actor=SYSTEM,
                customer_id=known.pk,
                purpose="selling",
                given=given,
                how="spoken",
                now=NOW,
            )
    brought = bring(
        "member_code consent.selling", [["M1", "否"], ["M2", "是"]], existing="update", now=LATER
    )

    undo(brought.job, now=LATER + timedelta(days=1))

    said = Consent.objects.order_by("customer__member_code", "at")
    assert list(said.values_list("customer__member_code", "given")) == [
        *(("M1", True), ("M1", False), ("M1", True), ("M2", True), ("M2", False)),
    ]


def test_a_member_code_that_somebody_took_is_not_given_back() -> None:
    known = factory.customer(member_code="M1", identities=[("card", "C1")])
    brought = bring("card member_code", [["C1", "M2"]], existing="update")
    factory.customer(member_code="M1")

    undone = undo(brought.job, now=LATER)

    known.refresh_from_db()
    assert (known.member_code, undone["kept_values"]) == ("M2", 1)


def test_undoing_twice_and_after_a_stop_counts_everything_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(customers_undoing, "AT_ONCE", 3)
    factory.customer(member_code="K1", name="李")
    rows = [[f"M{n}", "王"] for n in range(10)] + [["K1", "王"]]
    brought = bring("member_code name", rows, existing="update")

    undone = undo(brought.job, now=LATER)
    again = undo(brought.job, now=LATER)

    assert undone == again
    assert (undone["removed"], undone["restored"]) == (10, 1)
    assert names() == [("李", "K1", None)]


def test_the_rows_of_an_import_are_found_by_their_keys_alone() -> None:
    brought = bring("member_code", [[f"M{n}"] for n in range(50)])
    assert brought.job.loading_since is not None
    span = customers_keys.span(brought.job.loading_since)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_customer")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"EXPLAIN {customers_undoing._MADE}",
            [span.first, span.end, brought.job.import_id, 10],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    inside = Customer.objects.filter(id__gte=span.first, id__lt=span.end)

    assert "Index Cond" in plan
    assert inside.count() == 50
    codes = list(inside.order_by("id").values_list("member_code", flat=True))
    assert codes == [f"M{n}" for n in range(50)]  # in the order of the file
