"""Purchases taken out as a file, a row for each line, and read again."""

import contextlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from uuid import UUID

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from regulars.audit import SYSTEM, Actor
from regulars.errors import Forbidden
from regulars.imports import reading, shapes, surroundings
from regulars.imports.columns import guess
from regulars.imports.columns.attributes import Subject
from regulars.imports.drafts import PurchaseLineDraft
from regulars.imports.models import Import
from regulars.imports.writing import delimited, purchases, workbook
from regulars.imports.writing.purchases import Which
from regulars.imports.writing.sheets import Sheet
from regulars.purchases.drafts import PaymentDraft
from regulars.purchases.models import Line, Purchase
from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.identifiers import new_id
from tests.factories import customers, people
from tests.factories import purchases as made
from tests.factories.imports import Run

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
FILES = (delimited, workbook)


@pytest.fixture(autouse=True)
def _inside(inside_aurum: ChainInfo) -> None:
    """Work inside a chain of jewellers."""


def taken_out(
    *, which: Which | None = None, actor: Actor = SYSTEM, with_phones: bool = True,
    language: str = "en",
) -> Sheet:  # fmt: skip
    """Return purchases as a sheet in a language."""
    with translation.override(language):
        return purchases.sheet(
            actor=actor, which=which or Which(), with_phones=with_phones, language=language
        )


def column(sheet: Sheet, heading: str) -> list[object]:
    """Return one column of a sheet."""
    at = list(sheet.headings).index(heading)
    return [line[at] for line in sheet.lines]


def read_again(file: Path) -> list[PurchaseLineDraft]:
    """Read a file the way an import does that nobody corrected; every row must be fit."""
    report = reading.inspect(file)
    own, options = surroundings.own(), surroundings.options()
    found = guess.guess(report.headings, report.sample, own=own, options=options)
    assert found.subject is Subject.PURCHASES
    shaper = shapes.PurchaseShaper(found.mapping(), now=NOW, own=own)
    with contextlib.closing(reading.batches(file, report)) as batches:
        parts = [shaper.shape(batch) for batch in batches]
    assert [problem for part in parts for problem in part.problems] == []
    return [draft for part in parts for draft in part.drafts]


@pytest.mark.parametrize("writer", FILES, ids=("csv", "xlsx"))
@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_what_was_taken_out_is_read_again_as_it_was(
    language: str, writer: ModuleType, tmp_path: Path
) -> None:
    store = people.store(code="007", name="南京东路店")
    buyer = customers.customer(phone="13800138000", member_code="0007", store=store)
    sold = made.sale(
        made.line(10_000, quantity="2", product_name="=ring", product_code="00123"),
        made.line(5_030, quantity="1.5", discount_minor=30, category="gold"),
        customer=buyer,
        store_id=store.pk,
        rounding_minor=50,
        payments=(PaymentDraft(means="wechat", amount_minor=14_950),),
    )
    back = made.returned(sold, (2, "0.5"), store_id=store.pk)
    numbers = [made.bought(each.purchase_id).number for each in (sold, back)]
    file = tmp_path / "file"
    file.write_bytes(b"".join(writer.chunks(taken_out(language=language))))

    read = {(draft.number, draft.position): draft for draft in read_again(file)}

    assert sorted(read) == [(numbers[1], 1), (numbers[0], 1), (numbers[0], 2)]
    first, second = read[numbers[0], 1], read[numbers[0], 2]
    assert msgspec.structs.replace(first, line=2) == PurchaseLineDraft(
        line=2,
        source="till-1",
        number=numbers[0],
        kind="sale",
        occurred_at=NOW,
        store="南京东路店",
        quantity=Decimal(2),
        gross_minor=10_000,
        discount_minor=0,
        paid_minor=10_000,
        customer_id=str(buyer.pk),
        customer_code="0007",
        customer_phone="+8613800138000",
        customer_name="王小明",
        payment="wechat",
        rounding_minor=50,
        position=1,
        product_code="00123",
        product_name="=ring",
    )
    assert (second.gross_minor, second.discount_minor, second.paid_minor) == (5_030, 30, 5_000)
    returned = read[numbers[1], 1]
    assert returned.kind == "return"
    assert (returned.original_number, returned.original_position) == (numbers[0], 2)
    assert returned.quantity == Decimal("-0.5")


def test_a_file_brought_back_records_nothing_twice(tmp_path: Path) -> None:
    buyer = customers.customer(phone="13800138000")
    sold = made.sale(made.line(10_000), made.line(333), customer=buyer, rounding_minor=33)
    made.returned(sold, (1, 1))
    file = tmp_path / "file.xlsx"
    file.write_bytes(b"".join(workbook.chunks(taken_out())))
    report = reading.inspect(file)
    own, options = surroundings.own(), surroundings.options()
    found = guess.guess(report.headings, report.sample, own=own, options=options)
    run = Run("number", [])
    assigned = (
        msgspec.structs.replace(each, attribute="") if each.attribute.startswith("field.") else each
        for each in found.mapping().columns
    )
    run.mapping = msgspec.structs.replace(found.mapping(), columns=tuple(assigned))
    with contextlib.closing(reading.batches(file, report)) as batches:
        run.rows = [tuple(row.cells) for batch in batches for row in batch.raw()]
    kept = Purchase.objects.count()

    preview = run.check()
    counts = run.load()

    assert (preview.new, preview.same, run.refused()) == (0, 2, {})
    assert counts.get("purchases", 0) == 0
    assert Purchase.objects.count() == kept


def test_what_was_voided_does_not_come() -> None:
    sold, kept = made.sale(), made.sale()
    void = Purchase.objects.get(pk=sold.purchase_id)
    void.pk, void.kind, void.counts, void.original_id = new_id(), "void", -1, sold.purchase_id
    void.save(force_insert=True)

    numbers = column(taken_out(), "Receipt number")

    assert numbers == [made.bought(kept.purchase_id).number]


def test_days_store_and_customer_narrow_the_file() -> None:
    store, buyer = people.store(code="007"), made.customer()
    early = made.sale(store_id=store.pk, occurred_at=NOW - timedelta(days=40))
    here = made.sale(store_id=store.pk)
    theirs = made.sale(customer=buyer)

    def found(which: Which) -> set[object]:
        return set(column(taken_out(which=which), "Receipt number"))

    first = (NOW - timedelta(days=1)).date()
    numbers = {each: made.bought(each.purchase_id).number for each in (early, here, theirs)}
    assert found(Which(store_id=store.pk)) == {numbers[early], numbers[here]}
    assert found(Which(first=first)) == {numbers[here], numbers[theirs]}
    assert found(Which(last=first)) == {numbers[early]}
    assert found(Which(customer_id=buyer.pk)) == {numbers[theirs]}
    assert found(Which(import_id=new_id())) == set()


def brought_in(import_id: UUID, number: str) -> Purchase:
    """Write a purchase of one line the way an import does, after one made at the counter."""
    sold = Purchase.objects.get(pk=made.sale().purchase_id)
    line = Line.objects.get(purchase=sold)
    sold.pk, sold.number, sold.import_id = new_id(), number, import_id
    sold.save(force_insert=True)
    line.pk, line.purchase = new_id(), sold
    line.save(force_insert=True)
    return sold


def test_the_purchases_of_one_import_come_alone() -> None:
    group = Import(kind="purchases", name="old", file_bytes=1, loading_since=timezone.now())
    group.save(force_insert=True)
    for number in ("I-1", "I-2"):
        brought_in(group.pk, number)

    numbers = column(taken_out(which=Which(import_id=group.pk)), "Receipt number")

    assert numbers == ["I-2", "I-1"]


def test_a_regions_manager_learns_nothing_of_others_customers() -> None:
    north = people.store(code="N", region=people.region(code="north"))
    south = people.store(code="S", region=people.region(code="south"))
    ruth = people.staff(role=Role.REGION_MANAGER, regions=(north.region,))  # type: ignore[arg-type]
    made.sale(customer=made.customer(name="Ann", home_store=north), store_id=north.pk)
    made.sale(customer=made.customer(name="Ben", home_store=south), store_id=north.pk)
    made.sale(customer=made.customer(name="Cat", home_store=north), store_id=south.pk)

    sheet = taken_out(actor=people.actor(ruth))
    lines = list(sheet.lines)

    name, key = (list(sheet.headings).index(f"Customer: {what}") for what in ("name", "our id"))
    assert {(line[name], line[key] is None) for line in lines} == {("Ann", False), (None, True)}
    assert len(lines) == 2


def test_buyers_phones_come_only_when_asked_for() -> None:
    made.sale(customer=customers.customer(phone="13800138000"))
    alice = people.actor(people.owner())

    asked = column(taken_out(actor=alice), "Customer: phone")
    unasked = column(taken_out(actor=alice, with_phones=False), "Customer: phone")

    assert (asked, unasked) == (["13800138000"], [None])


def test_who_may_not_export_gets_nothing() -> None:
    guide = people.actor(people.staff(stores=(people.store(),)))

    with pytest.raises(Forbidden):
        taken_out(actor=guide)


def test_each_portion_takes_as_many_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purchases, "PORTION", 3)
    buyer = customers.customer()
    for _number in range(8):
        made.returned(made.sale(customer=buyer))
    lines = iter(taken_out().lines)

    def cost(rows: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            for _row in range(rows):
                next(lines)
        return len(queries)

    assert [cost(3), cost(3), cost(3)] == [5, 5, 5]
