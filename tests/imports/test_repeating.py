"""Columns that repeat themselves say the same as if each of their rows said it."""

from array import array
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.imports import faults, repeating, shapes
from regulars.imports.cells import Batch, Cell, CellError
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Assignment, Mapping, Options
from regulars.imports.loading.purchases_rows import Rows
from regulars.imports.reading import boxed
from regulars.imports.repeating import Coded, Runs
from regulars.imports.sandbox import wire
from regulars.imports.shaping.lines import Lines
from tests.prepared import NOW

HEADINGS = (
    "number occurred_at store customer_number product_code quantity paid discount discount"
    " customer_card"
)
IMPORT = str(UUID(int=7))


def runs(column: Sequence[Any]) -> Runs[Any]:
    """Write a column as runs, as long as they can be."""
    starts = [at for at, value in enumerate(column) if not at or value != column[at - 1]]
    return Runs([column[at] for at in starts], [*starts[1:], len(column)] if starts else [])


def coded(column: Sequence[Any]) -> Coded[Any]:
    """Write a column as places among its different values."""
    values = list(dict.fromkeys(column))
    return Coded(values, array("H", map(values.index, column)))


FORMS = pytest.mark.parametrize("form", [list, runs, coded])
type Form = Callable[[Sequence[Any]], Sequence[Any]]


@FORMS
@given(column=st.lists(st.sampled_from("abc"), max_size=12), data=st.data())
def test_a_column_is_the_same_in_every_form(form: Form, column: list[str], data: Any) -> None:
    made = form(column)
    rows = sorted(data.draw(st.sets(st.sampled_from(range(len(column))))) if column else ())

    assert (list(made), len(made)) == (column, len(column))
    assert [made[at] for at in range(-len(column), len(column))] == column * 2
    assert made[2:5] == column[2:5]
    assert list(repeating.each(made, str.upper)) == [value.upper() for value in column]
    assert set(repeating.different(made)) == set(column)
    assert ("a" in made) == ("a" in column)
    assert repeating.at(made, rows) == [column[at] for at in rows]
    assert list(repeating.changes(made)) == list(repeating.changes(column))


@pytest.mark.parametrize("at", [2, -3])
def test_a_column_ends_where_its_rows_end(at: int) -> None:
    for made in (runs("aa"), coded("ab")):
        with pytest.raises(IndexError):
            made[at]


def receipts(dice: Random, damage: float) -> list[list[Cell]]:
    """Make the columns of a batch: receipts of several lines, some cells damaged or missing."""
    rows: list[list[Cell]] = []
    for at in range(60):
        said: list[Cell] = [1000 + at, f"2026-01-{1 + at % 28:02} 10:00:00", at % 3, at % 5]
        card = dice.choice([None, "K1"])
        for _line in range(dice.randint(1, 6)):
            goods: list[Cell] = [
                dice.randint(1, 9),
                dice.choice([1, 2.5]),
                dice.choice([1.0, 2.55, -0.0]),
                0.5,
            ]
            rows.append([*said, *goods, dice.choice([0.0, 0.0, 1.0]), card])
    for row in rows:
        if dice.random() < damage:
            row[dice.randrange(len(row))] = dice.choice([None, "broken", CellError("#N/A")])
    return [list(column) for column in zip(*rows, strict=True)]


@FORMS
@pytest.mark.parametrize("damage", [0.0, 0.05])
@pytest.mark.parametrize("has_kind", [True, False])
def test_receipts_are_shaped_and_staged_alike_in_every_form(
    form: Form, damage: float, has_kind: bool
) -> None:
    columns = receipts(Random(3), damage)
    headings = HEADINGS.split()
    if has_kind:
        headings.append("kind")
        columns.append(["sale"] * len(columns[0]))
    mapping = Mapping(
        subject=Subject.PURCHASES,
        columns=tuple(Assignment(f"{at}", word) for at, word in enumerate(headings)),
        constants={"payment": "cash"},
        options=Options(zone="Asia/Shanghai"),
    )

    def shaped(form: Form) -> tuple[Any, str]:
        batch = Batch(range(2, 2 + len(columns[0])), columns=[form(each) for each in columns])
        found = shapes.PurchaseShaper(mapping, now=NOW).shape(batch)
        lines = Lines.of(found.drafts)
        staged = Rows(IMPORT, lambda _store: ZoneInfo("Asia/Shanghai"), category=str)
        return found, staged.text(lines) + staged.columns(lines)

    assert shaped(form) == shaped(list)
    assert bool(shaped(form)[0].problems) is bool(damage)


@pytest.mark.parametrize(
    "column",
    [
        wire.Column(["a"], ends=[3]),
        wire.Column(["a", "b"], ends=[2]),
        wire.Column(["a", "b"], ends=[2, 2]),
        wire.Column(["a", "b"], ends=[-1, 2]),
        wire.Column(["a"], places=array("H", [0, 1]).tobytes()),
        wire.Column(["a"], places=array("H", [0]).tobytes()),
        wire.Column(["a"], places=b"\0\0\0"),
        wire.Column(["a"]),
    ],
)
def test_a_child_that_sends_columns_which_do_not_fit_is_not_believed(column: wire.Column) -> None:
    with pytest.raises(faults.FileFault) as caught:
        boxed._batch(wire.Columns(1, 2, [column]))

    assert caught.value.code == "file.reader-died"


def test_a_child_that_says_a_batch_is_endless_is_not_believed() -> None:
    rows = boxed.MOST_ROWS + 1

    with pytest.raises(faults.FileFault):
        boxed._batch(wire.Columns(1, rows, [wire.Column(["a"], ends=[rows])]))
