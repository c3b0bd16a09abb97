"""The figures of head office agree with the rows after an import, and after its undoing."""

from datetime import timedelta
from typing import Any

from regulars.insights.models import Day
from regulars.insights.services import folding, verification
from regulars.tenancy import context, directory
from tests.factories.imports import Run
from tests.prepared import NOW

HEADINGS = "number original_number occurred_at customer_number product_code quantity paid store"


def days() -> list[dict[str, Any]]:
    """Return the rollups of days that hold anything, with everything committed taken in."""
    folding.fold(now=NOW, wait=True)
    kept = Day.objects.order_by("group_id", "day").values()
    return [dict(each) for each in kept if each["purchases"] or each["sales_minor"]]


def test_the_rollups_verify_after_an_import_and_after_its_undoing(own_database: str) -> None:
    chain = directory.find("aurum")
    assert chain is not None
    rows: list[tuple[object, ...]] = [
        (f"A{at}", "", (NOW - timedelta(days=at)).isoformat(), at % 3, "p1", 2, "10.00", "001")
        for at in range(12)
    ]
    rows.append(("R1", "A1", NOW.isoformat(), "", "p1", -1, "-5.00", "001"))
    with context.inside(chain):
        before = days()
        run = Run(HEADINGS, rows)
        run.bring_in()
        assert sum(each["sales_minor"] for each in days()) > 0
        assert verification.verify(now=run.now) == []

        run.undo()

        assert days() == before
        assert verification.verify(now=run.now) == []
