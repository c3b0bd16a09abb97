"""What a cell of a file can hold, and how it is shown to a person."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

import msgspec


class CellError(msgspec.Struct, frozen=True, tag="error"):
    """A cell that holds a fault instead of a value: ``#N/A``, or a formula never computed."""

    text: str


type Cell = str | int | float | bool | CellError | None
"""A value as the file holds it; dates of workbooks and Parquet files come as ISO 8601 text."""

type Cells = Sequence[Cell]

EXCERPT = 80

UNCOMPUTED = "formula"
"""`CellError.text` of a formula whose result the file does not hold."""


class RawRow(NamedTuple):
    """One row: `line` as a person counts it in their spreadsheet, headings and blanks included."""

    line: int
    cells: tuple[Cell, ...]


class Batch:
    """Some rows that follow one another, kept the way they were read: by row or by column.

    A tuple for each of a million rows would cost more than reading them.
    """

    __slots__ = ("_columns", "_rows", "lines")

    def __init__(
        self,
        lines: Sequence[int],
        *,
        rows: Sequence[Cells] | None = None,
        columns: Sequence[Cells] | None = None,
    ) -> None:
        """Take the line of each row, and either the rows or the columns."""
        self.lines = lines
        self._rows = rows
        self._columns = columns

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def rows(self) -> Sequence[Cells]:
        """The rows; their lengths may differ."""
        if self._rows is None:
            self._rows = list(zip(*(self._columns or ()), strict=True))
        return self._rows

    def columns(self, width: int) -> Sequence[Cells]:
        """Return `width` columns, each as long as the batch, short rows filled with None."""
        if self._columns is None:
            filled = list(zip_longest(*self.rows))
            filled += [(None,) * len(self)] * (width - len(filled))
            self._columns = filled
        return self._columns[:width]

    def beyond(self, width: int) -> list[int]:
        """List the places in the batch of rows that hold something right of the last column."""
        if self._rows is None or max(map(len, self._rows), default=0) <= width:
            return []
        return [at for at, row in enumerate(self._rows) if not all(map(is_blank, row[width:]))]

    def raw(self) -> Iterable[RawRow]:
        """Return the rows one by one, each with its line."""
        for line, cells in zip(self.lines, self.rows, strict=True):
            yield RawRow(line, tuple(cells))

    def below(self, line: int) -> "Batch":
        """Leave out the rows down to `line`; the batch must be in order."""
        if not self.lines or self.lines[0] > line:
            return self
        first = next((at for at, own in enumerate(self.lines) if own > line), len(self))
        return Batch(self.lines[first:], rows=self.rows[first:])


def shown(cell: Cell) -> str:
    """Write the cell as the spreadsheet would show it: no exponent, no needless fraction."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, CellError):
        return f"#{cell.text.lstrip('#')}"
    return plain(cell)


def plain(number: float) -> str:
    """Write a float in plain digits, with the fifteen that a spreadsheet keeps."""
    text = f"{number:.15g}"
    if "e" not in text:
        return text
    if abs(number) >= 1:
        return f"{number:.0f}"
    return f"{number:.20f}".rstrip("0").rstrip(".")


def excerpt(cell: Cell) -> str:
    """Cut the shown cell to a length fit for a message, line breaks as spaces."""
    text = " ".join(shown(cell).split())
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"


def is_blank(cell: Cell) -> bool:
    """Tell whether the cell is empty or holds white space only."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def column_letters(index: int) -> str:
    """Name a column (from 0) as spreadsheets do: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
