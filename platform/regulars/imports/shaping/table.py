"""The values of a batch by attribute, and what was wrong with them."""

from collections.abc import Callable, Sequence
from operator import add
from typing import Any

from regulars.imports import problems
from regulars.imports.cells import Batch, Cells
from regulars.imports.columns.mapping import Mapping
from regulars.imports.problems import Problem
from regulars.imports.readers import Reader
from regulars.imports.repeating import Repeating, Runs
from regulars.imports.values import Unfit


class Table:
    """The rows of one batch, column by column, as they are read and refused."""

    def __init__(self, batch: Batch, mapping: Mapping, constants: dict[str, Any]) -> None:
        """Take a batch; nothing of it is read yet."""
        self.lines = batch.lines
        self.problems: list[Problem] = []
        self.refused: set[int] = set()
        self._mapping = mapping
        self._positions = mapping.positions()
        self._columns = batch.columns(len(mapping.columns))
        self._constants = constants
        self._values: dict[str, Sequence[Any]] = {}
        for at in batch.beyond(len(mapping.columns)):
            self.refuse(at, "", "row.too-many-cells")

    def __len__(self) -> int:
        return len(self.lines)

    def read(self, attribute: str, reader: Reader) -> None:
        """Read the columns of an attribute."""
        read = [self._one(position, reader.read, reader) for position in self._positions[attribute]]
        self._values[attribute] = read[0] if len(read) == 1 else _joined(attribute, read)

    def read_by(self, attribute: str, which: str, yes: Reader, no: Reader) -> None:
        """Read a column with one of two readers, as another column says; no where it is silent."""
        says = self.values(which)

        def read(column: Cells) -> list[Any]:
            pairs = zip(column, says, strict=True)
            return [yes[cell] if is_yes else no[cell] for cell, is_yes in pairs]

        self._values[attribute] = self._one(self._positions[attribute][0], read, yes, no)

    def _one(
        self, position: int, read: Callable[[Cells], Sequence[Any]], *readers: Reader
    ) -> Sequence[Any]:
        column = self._columns[position]
        found = read(column)
        if all(reader.is_all_fit for reader in readers):
            return found
        if isinstance(found, Repeating) and not any(isinstance(v, Unfit) for v in found.values):
            return found
        values = list(found)
        heading = self._mapping.columns[position].heading
        for at, value in enumerate(values):
            if isinstance(value, Unfit):
                self._add(
                    at, problems.of(value, line=self.lines[at], column=heading, cell=column[at])
                )
                values[at] = None
        return values

    def values(self, attribute: str) -> Sequence[Any]:
        """Return the values of an attribute; its constant, or None, where no column has it."""
        found = self._values.get(attribute)
        if found is None:
            constant = self._constants.get(attribute)
            found = self._values[attribute] = Runs.same(constant, len(self))
        return found

    def has(self, attribute: str) -> bool:
        """Tell whether a column or a constant gives the attribute."""
        return attribute in self._positions or attribute in self._constants

    def assigned(self) -> list[str]:
        """List the attributes that columns or constants give."""
        return [*self._positions, *self._constants]

    def is_blank(self, at: int) -> bool:
        """Tell whether a row holds nothing in any assigned column."""
        return all(self._values[attribute][at] is None for attribute in self._positions)

    def refuse(self, at: int, attribute: str, code: str, **params: Any) -> None:
        """Refuse a row for what one attribute, or the row as a whole, is."""
        positions = self._positions.get(attribute)
        heading, cell = "", None
        if positions:
            heading = self._mapping.columns[positions[0]].heading
            cell = self._columns[positions[0]][at]
        unfit = Unfit(code, **params)
        self._add(at, problems.of(unfit, line=self.lines[at], column=heading, cell=cell))

    def _add(self, at: int, problem: Problem) -> None:
        self.problems.append(problem)
        self.refused.add(at)


def _joined(attribute: str, columns: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """Join what several columns say: amounts are added, tags gathered, texts put in a row."""
    joiners: dict[str, Callable[[list[Any]], Any]] = {
        "tags": _gathered,
        "note": "\n".join,
        "address": " ".join,
    }
    join = joiners.get(attribute, sum)
    if join is sum and not any(None in column for column in columns):
        return _added(columns)
    joined = []
    for values in zip(*columns, strict=True):
        known = [value for value in values if value is not None]
        joined.append(join(known) if known else None)
    return joined


def _added(columns: Sequence[Sequence[Any]]) -> list[Any]:
    """Add amounts row by row; a column that is nothing nearly everywhere costs next to nothing."""
    sums = list(columns[0])
    for column in columns[1:]:
        if not isinstance(column, Runs):
            sums = list(map(add, sums, column))
            continue
        start = 0
        for value, end in zip(column.values, column.ends, strict=True):
            if value:
                sums[start:end] = [amount + value for amount in sums[start:end]]
            start = end
    return sums


def _gathered(groups: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for group in groups for tag in group))
