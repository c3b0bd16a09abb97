"""Ended anywhere and begun again, repeated, in any order of lines: a file comes in once."""

from random import Random
from typing import Any

import pytest
from django.db import transaction

from regulars.customers.models import Customer, Identity
from regulars.imports.loading import purchases, purchases_following, purchases_judging
from regulars.purchases.models import Line, Number, Purchase, Standing
from regulars.stores.models import Store
from tests.factories.imports import Run

HEADINGS = "number original_number occurred_at customer_number product_code quantity paid store"
pytestmark = pytest.mark.usefixtures("inside_aurum")


class EndedError(Exception):
    """The process is gone."""


@pytest.fixture(autouse=True)
def _small_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a small file need many transactions."""
    monkeypatch.setattr(purchases, "_LINES_AT_ONCE", 12)
    monkeypatch.setattr(purchases, "_LINES_JUDGED", 30)
    monkeypatch.setattr(purchases_judging, "_LINES_AT_ONCE", 4)
    monkeypatch.setattr(purchases_following, "_CUSTOMERS_AT_ONCE", 3)


def file(dice: Random) -> list[tuple[object, ...]]:
    """Make receipts, some returned in part, some broken; their lines lie anywhere in the file."""
    rows: list[tuple[object, ...]] = []
    for at in range(25):
        when = f"2026-01-{dice.randint(1, 28):02} 10:00"
        buyer = dice.choice(["", "1", "2", "3", "4", "5", "6", "7"])
        store = dice.choice(["001", "001", "New town", "Old town"])
        for line in range(dice.randint(1, 4)):
            paid = dice.choice(["1.00", "2.55", "0", "19.99"])
            rows.append((f"A{at}", "", when, buyer, f"p{line}", 2, paid, store))
        if dice.random() < 0.3:
            said = (f"R{at}", f"A{at}", "2026-02-01 10:00", "", "p0", -1, "0", "001")
            rows.append(said)
        if dice.random() < 0.1:
            rows.append((f"A{at}", "", when, buyer, "p9", 1, "broken", store))
    dice.shuffle(rows)
    return rows


def contents() -> dict[str, Any]:
    """Return everything the import wrote, by what the file calls it."""
    keys = dict(Identity.objects.values_list("customer_id", "number"))
    facts = {each.pk: each for each in Purchase.objects.select_related("store")}
    return {
        "facts": sorted(
            (f.number, f.kind, f.paid_minor, str(f.units), f.store.name, f.business_day.isoformat(),
             keys.get(f.customer_id or f.pk, ""), f.original.number if f.original else "")
            for f in facts.values()
        ),
        "lines": sorted(
            (facts[line.purchase_id].number, line.position, line.product_code, line.paid_minor)
            for line in Line.objects.all()
        ),
        "numbers": sorted(Number.objects.values_list("number", flat=True)),
        "standings": sorted(
            (keys[s.customer_id], s.purchases, s.returns, s.paid_minor, s.first_at)
            for s in Standing.objects.all()
        ),
        "homes": sorted(
            (keys[c.pk], c.home_store.name) for c in Customer.objects.select_related("home_store")
            if c.home_store
        ),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_a_file_ended_after_any_transaction_comes_in_once(seed: int) -> None:
    rows = file(Random(seed))
    smooth = Run(HEADINGS, rows, create_stores=True)
    with transaction.atomic():
        preview = smooth.check()
        counts = smooth.load()
        expected, refused = contents(), smooth.refused()
        transaction.set_rollback(True)
    assert not Purchase.objects.exists()
    run = Run(HEADINGS, rows, create_stores=True, batch=7)
    assert run.check().new == preview.new == counts["purchases"]

    left = 0
    while True:
        left += 1
        told = [0]

        def tell(done: int, total: int | None, told: list[int] = told, most: int = left) -> None:
            told[0] += 1
            if told[0] > most:
                raise EndedError

        try:
            again = run.load(tell=tell)
        except EndedError:
            continue
        break

    assert left > 5
    assert contents() == expected
    assert run.refused() == refused
    assert again["purchases"] == counts["purchases"]


@pytest.mark.parametrize("seed", range(4))
def test_a_file_that_comes_twice_comes_in_once(seed: int) -> None:
    rows = file(Random(seed))
    Run(HEADINGS, rows, create_stores=True).bring_in()
    before = contents()
    Random(seed + 1).shuffle(rows)

    again = Run(HEADINGS, rows)
    preview = again.check()
    counts = again.load()

    assert (preview.new, counts["purchases"]) == (0, 0)
    assert preview.same == counts["same"] == len(before["numbers"])
    assert contents() == before


def test_staging_that_was_lost_is_made_again_half_way() -> None:
    rows = file(Random(9))
    run = Run(HEADINGS, rows, create_stores=True)
    run.check()

    def ended(done: int, total: int | None) -> None:
        if done == 2:
            raise EndedError

    with pytest.raises(EndedError):
        run.load(tell=ended)
    run.loader().end()
    run.check()
    counts = run.load()

    assert Number.objects.count() == counts["purchases"] == Purchase.objects.count()
    assert Store.objects.count() == len(set(Store.objects.values_list("name")))
