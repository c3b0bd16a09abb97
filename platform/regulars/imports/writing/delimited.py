"""CSV, marked as UTF-8 so that spreadsheets read Chinese."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from regulars.imports import safe
from regulars.imports.writing.sheets import Cell, Sheet

ENDING = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"
_PORTION = 64 * 1024


def chunks(sheet: Sheet) -> Iterator[bytes]:
    """Yield the file piece by piece; nothing in it is run by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow(map(_plain, sheet.headings))
    for line in sheet.lines:
        writer.writerow(map(_plain, line))
        if text.tell() >= _PORTION:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _plain(cell: Cell) -> str:
    if isinstance(cell, str):
        return safe.neutralise(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return "" if cell is None else str(cell)
