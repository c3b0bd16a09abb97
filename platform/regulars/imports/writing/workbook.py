"""XLSX, streamed: XlsxWriter makes the package, its rows are put in while they are read.

XlsxWriter alone hands a workbook over when it is complete: half a minute of silence for a large
one, and a file of everybody's customers on the disk. So it only makes the workbook with its
headings; the rows go between them and the end of the sheet, in the form it gives them itself.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

import xlsxwriter
from django.utils.translation import gettext_lazy as _

from regulars.errors import TooLarge
from regulars.imports import safe
from regulars.imports.cells import column_letters
from regulars.imports.writing.sheets import Cell, Line, Sheet

ENDING = "xlsx"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 1_048_575
"""What a worksheet holds, less the headings."""

_LARGEST: Final = 2**31 - 2**20
"""Bytes of a sheet: beyond them an archive needs a form that spreadsheets cannot all read."""

_LONGEST_TITLE: Final = 31
_LONGEST_CELL: Final = 32_767
_WIDEST_NUMBER: Final = 10**15
_SHEET: Final = "xl/worksheets/sheet1.xml"
_STAMP: Final = (1980, 1, 1, 0, 0, 0)
_PORTION: Final = 64 * 1024
_DAY_ZERO: Final = date(1899, 12, 30)
_FIRST_DAY: Final = date(1900, 3, 1)  # before it spreadsheets count a day that never was
_DIMENSION: Final = re.compile(r"<dimension [^>]*/>")
_SAMPLE_ROW: Final = re.compile(r'<row r="2"[^>]*><c r="A2" s="(\d+)"/><c r="B2" s="(\d+)"/></row>')
_NO_TITLE: Final = re.compile(r"[\[\]:*?/\\]|^'|'$")
_ESCAPE_LIKE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_XML: Final = str.maketrans(
    {
        **{chr(code): f"_x{code:04X}_" for code in range(32) if chr(code) not in "\t\n"},
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "\ufffe": "",
        "\uffff": "",
    }
)


class TooManyRows(TooLarge):
    """A worksheet cannot hold that many rows."""

    code = "too-many-rows"
    sentence = _("A worksheet holds about a million rows. Take the CSV file, or fewer days.")


class _Template(NamedTuple):
    """A workbook with headings only: its other parts, and its sheet around the rows."""

    parts: list[tuple[str, bytes]]
    head: str
    tail: str
    day_style: str
    moment_style: str


class _Sink(io.RawIOBase):
    """Takes what the archive writes, until it is drained; it has no way back."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # all that zipfile writes
        self._taken += data
        return len(data)

    def __len__(self) -> int:
        return len(self._taken)

    def drained(self) -> bytes:
        taken, self._taken = bytes(self._taken), bytearray()
        return taken


def chunks(sheet: Sheet) -> Iterator[bytes]:
    """Yield the file piece by piece. A text stays a text, numbers and days are what they are.

    :raises TooManyRows: in the middle of it; ask `MOST_ROWS` before where the number is known.
    """
    template = _template(sheet.title, sheet.headings)
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, content in template.parts:
            archive.writestr(_entry(name), content)
        with archive.open(_entry(_SHEET), "w") as part:
            size = 0
            for piece in _pieces(sheet, template):
                size += part.write(piece.encode())
                if size > _LARGEST:
                    raise TooManyRows
                if len(sink) >= _PORTION:
                    yield sink.drained()
    yield sink.drained()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=_STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _template(title: str, headings: Sequence[str]) -> _Template:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    made = book.add_worksheet(_NO_TITLE.sub(" ", title)[:_LONGEST_TITLE].strip() or None)
    strong = book.add_format({"bold": True})
    made.freeze_panes(1, 0)
    made.set_column(0, max(len(headings) - 1, 0), 16)
    for column, heading in enumerate(headings):
        made.write_string(0, column, safe.neutralise(heading), strong)
    for column, written in enumerate(("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss")):
        made.write_blank(1, column, None, book.add_format({"num_format": written}))
    book.close()
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name != _SHEET]
        parts = [(name, archive.read(name)) for name in names]
        xml = archive.read(_SHEET).decode()
    xml = _DIMENSION.sub("", xml, count=1)  # it would say that the sheet ends here
    sample = _SAMPLE_ROW.search(xml)
    if sample is None:
        raise RuntimeError("XlsxWriter writes rows in another form now.")
    return _Template(parts, xml[: sample.start()], xml[sample.end() :], sample[1], sample[2])


def _pieces(sheet: Sheet, template: _Template) -> Iterator[str]:
    letters = [column_letters(column) for column in range(len(sheet.headings))]
    yield template.head
    for number, line in enumerate(sheet.lines, start=2):
        if number > MOST_ROWS + 1:
            raise TooManyRows
        yield _row(number, line, letters, template)
    yield template.tail


def _row(number: int, line: Line, letters: Sequence[str], template: _Template) -> str:
    cells = [
        _cell(f"{letter}{number}", cell, template)
        for letter, cell in zip(letters, line, strict=True)
        if cell is not None and cell != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(at: str, cell: Cell, template: _Template) -> str:
    if isinstance(cell, str):
        return _text(at, safe.neutralise(cell))
    if isinstance(cell, datetime):
        if cell.date() < _FIRST_DAY:
            return _text(at, cell.isoformat(sep=" ", timespec="seconds"))
        days = (cell.date() - _DAY_ZERO).days
        seconds = cell.hour * 3600 + cell.minute * 60 + cell.second
        return f'<c r="{at}" s="{template.moment_style}"><v>{days + seconds / 86_400!r}</v></c>'
    if isinstance(cell, date):
        if cell < _FIRST_DAY:
            return _text(at, cell.isoformat())
        days = (cell - _DAY_ZERO).days
        return f'<c r="{at}" s="{template.day_style}"><v>{days}</v></c>'
    if isinstance(cell, int | float | Decimal) and -_WIDEST_NUMBER < cell < _WIDEST_NUMBER:
        return f'<c r="{at}"><v>{cell}</v></c>'
    return _text(at, str(cell))  # of more digits a spreadsheet loses the end


def _text(at: str, text: str) -> str:
    text = text[:_LONGEST_CELL]
    if "_x" in text:
        text = _ESCAPE_LIKE.sub("_x005F_", text)
    text = text.translate(_XML)
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    return f'<c r="{at}" t="inlineStr"><is><t{space}>{text}</t></is></c>'
