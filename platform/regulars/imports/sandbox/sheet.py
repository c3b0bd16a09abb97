"""Streaming the rows of one worksheet, in memory that does not grow with it.

Cells are taken as they come: a reference far to the right or below costs nothing until it holds
a value, and then it is refused if it lies beyond the limits. Formulas are never computed; the
result kept in the file counts.
"""

import re
from typing import NamedTuple

from regulars.imports.cells import UNCOMPUTED, Cell, CellError
from regulars.imports.limits import Limits
from regulars.imports.sandbox import formats, xmlparts
from regulars.imports.sandbox.wire import Refused
from regulars.imports.sandbox.workbook import Workbook, unescaped

LAST_ROW = 1_048_576
MERGES = 50_000
_MERGE = re.compile(rb'mergeCell\s[^>]{0,99}?ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')
_END_OF_ROWS = re.compile(rb"</(?:\w+:)?sheetData\s*>|<(?:\w+:)?sheetData\s*/>")
_TAIL = 8 * 1024 * 1024

type Line = tuple[int, list[Cell]]


class Merge(NamedTuple):
    """Cells of one column that are merged downwards."""

    column: int
    first: int
    last: int


def column_of(letters: str) -> int:
    """Count a column's letters from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class MergeFinder:
    """Finds the downward merges of a sheet, which stand behind its rows, in passing chunks."""

    def __init__(self) -> None:
        """Begin at the top of the sheet."""
        self._tail = b""
        self._is_behind = False

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of XML; only what follows the rows is kept, up to 8 MiB."""
        joined = self._tail + chunk
        if not self._is_behind:
            end = _END_OF_ROWS.search(joined)
            self._is_behind = end is not None
            joined = joined[end.end() :] if end else joined[-64:]
        self._tail = joined[:_TAIL]

    def found(self) -> list[Merge]:
        """Return the merges that span several rows, at most `MERGES` of them."""
        if not self._is_behind:
            return []
        return [
            Merge(column_of(left.decode()), int(top), int(bottom))
            for left, top, bottom in _MERGE.findall(self._tail)[:MERGES]
            if int(top) < int(bottom)
        ]


class Filler:
    """Repeats the value of a downward merge in each of its rows, as a person sees it."""

    def __init__(self, downward: list[Merge]) -> None:
        """Take the merges of the sheet."""
        self._starts: dict[int, list[Merge]] = {}
        for merge in downward:
            self._starts.setdefault(merge.first, []).append(merge)
        self._running: dict[int, tuple[int, Cell]] = {}

    def fill(self, rows: list[Line]) -> list[Line]:
        """Fill the cells of the next rows in place."""
        if self._starts:
            for line, cells in rows:
                self._fill(line, cells)
        return rows

    def _fill(self, line: int, cells: list[Cell]) -> None:
        for column, (last, value) in list(self._running.items()):
            if line > last:
                del self._running[column]
            elif value is not None:
                cells.extend([None] * (column + 1 - len(cells)))
                cells[column] = value
        for merge in self._starts.get(line, ()):
            value = cells[merge.column] if merge.column < len(cells) else None
            self._running[merge.column] = (merge.last, value)


class SheetReader:
    """Turns the XML of a worksheet into numbered rows; feed its parser and `take` them."""

    def __init__(self, workbook: Workbook, limits: Limits) -> None:
        """Prepare for one sheet of the workbook, whose texts are loaded."""
        self._rows: list[Line] = []
        self.is_done = False
        self._texts = workbook.texts
        self._kinds = dict(enumerate(workbook.formats))
        self._starts_1904 = workbook.starts_1904
        self._limits = limits
        self._columns: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._line = 0
        self._column = -1
        self._cells: list[Cell] = []
        self._cell: xmlparts.Attributes = {}
        self._pieces: list[str] = []
        self._length = 0
        self._takes = self._is_inside = self._is_phonetic = self._has_formula = False
        self.parser = xmlparts.parser()
        self.listen()

    def listen(self) -> None:
        """Take rows from what is fed."""
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def take(self) -> list[Line]:
        """Hand over the rows finished since the last time."""
        taken, self._rows = self._rows, []
        return taken

    def ignore(self) -> None:
        """Only check that the rest is well-formed, which is several times as fast."""
        self.parser.StartElementHandler = None
        self.parser.EndElementHandler = None
        self.parser.CharacterDataHandler = None

    def _start(self, name: str, attributes: xmlparts.Attributes) -> None:
        name = self._names.get(name) or self._names.setdefault(name, xmlparts.local(name))
        if name == "c":
            self._cell = attributes
            self._pieces.clear()
            self._length = 0
            self._has_formula = False
            self._column = self._place(attributes.get("r"))
        elif name == "v":
            self._takes = self._is_inside
        elif name == "t":
            self._takes = self._is_inside and not self._is_phonetic
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            self._begin_row(attributes.get("r"))
        elif name == "rPh":
            self._is_phonetic = True
        elif name == "sheetData":
            self._is_inside = True

    def _end(self, name: str) -> None:
        name = self._names.get(name, name)
        if name == "c":
            self._keep()
        elif name in ("v", "t"):
            self._takes = False
        elif name == "row":
            if self._cells:
                self._rows.append((self._line, self._cells))
        elif name == "rPh":
            self._is_phonetic = False
        elif name == "sheetData":
            self._is_inside = False
            self.is_done = True

    def _data(self, text: str) -> None:
        if not self._takes:
            return
        self._length += len(text)
        if self._length > self._limits.cell_chars:
            raise Refused("file.cell-too-long", line=self._line, limit=self._limits.cell_chars)
        self._pieces.append(text)

    def _begin_row(self, number: str | None) -> None:
        line = int(number) if number else self._line + 1
        if not self._line < line <= LAST_ROW:
            raise Refused("file.damaged", part=f"row {line}")
        self._line = line
        self._column = -1
        self._cells = []

    def _place(self, reference: str | None) -> int:
        if not reference:
            return self._column + 1
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
                raise Refused("file.damaged", part=f"cell {reference[:20]}")
            column = self._columns[letters] = column_of(letters.upper())
        return column

    def _keep(self) -> None:
        """Put the cell that ended into its row, if it holds something."""
        value = self._value()
        if value is None or value == "":
            return
        column, cells = self._column, self._cells
        if column >= self._limits.columns:
            raise Refused("file.too-many-columns", line=self._line, limit=self._limits.columns)
        if column == len(cells):
            cells.append(value)
            return
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = value

    def _value(self) -> Cell:
        pieces = self._pieces
        text = pieces[0] if len(pieces) == 1 else "".join(pieces)
        kind = self._cell.get("t", "n")
        if kind == "s":
            return self._shared(text)
        if kind == "n":
            if text:
                return self._number(text)
            return CellError(UNCOMPUTED) if self._has_formula else None
        if kind == "b":
            return "TRUE" if text.strip() == "1" else "FALSE"  # as the sheet shows it
        if kind == "e":
            return CellError(text[:40])
        return unescaped(text)

    def _shared(self, number: str) -> Cell:
        if not number:
            return None
        text = self._texts[int(number)]
        if len(text) > self._limits.cell_chars:
            raise Refused("file.cell-too-long", line=self._line, limit=self._limits.cell_chars)
        return text

    def _number(self, text: str) -> Cell:
        style = self._cell.get("s")
        kind = self._kinds.get(int(style), formats.GENERAL) if style else formats.GENERAL
        if kind == formats.GENERAL and len(text) < 16 and text.isdecimal():
            return int(text)
        return formats.value(text, kind, starts_1904=self._starts_1904)
