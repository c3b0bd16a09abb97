"""Looking at and reading the files that a child process takes apart for us."""

from array import array
from collections.abc import Iterator
from operator import ge
from pathlib import Path
from typing import Final, Literal

from regulars.imports import faults
from regulars.imports.cells import Batch, Cells, RawRow
from regulars.imports.limits import Limits
from regulars.imports.reading import headings, supervisor, textual
from regulars.imports.reading.report import Choices, FileReport, Kind, Note, Sheet
from regulars.imports.repeating import Coded, Runs
from regulars.imports.sandbox import wire

MOST_ROWS: Final = 65_536
"""Of one batch: what is sent as runs would otherwise be as long as it says it is."""


def inspect(
    path: Path, kind: Kind, *, size: int, digest: str, choices: Choices, limits: Limits
) -> FileReport:
    """Look at a workbook, whose every part is unpacked once, or the first rows of a Parquet file.

    :raises faults.FileFault: see `faults.SENTENCES`.
    """
    head, end, sample = wire.Head(), wire.End(0), list[RawRow]()
    for frame in supervisor.frames(path, _request("inspect", kind, choices.sheet, limits)):
        if isinstance(frame, wire.Head):
            head = frame
        elif isinstance(frame, wire.End):
            end = frame
        else:
            sample += _batch(frame).raw()
    if not sample:
        raise faults.FileFault("file.no-rows")
    notes = [Note(code, params) for code, params in head.notes]
    if kind is Kind.PARQUET:
        header_row, names = 0, headings.names_of(head.columns, ())
    else:
        header_row = textual.header_row(sample, choices, limits)
        top = next((row.cells for row in sample if row.line == header_row), ())
        names = headings.names_of(top, [row for row in sample if row.line > header_row])
        notes += headings.notes(top)
    rows = end.rows - sum(1 for row in sample if row.line <= header_row)
    if rows < 1:
        raise faults.FileFault("file.no-rows")
    return FileReport(
        kind=kind,
        size=size,
        digest=digest,
        headings=names,
        header_row=header_row,
        rows=rows,
        is_exact=end.is_exact,
        sample=tuple(row for row in sample if row.line > header_row),
        notes=tuple(notes),
        sheet=head.sheet,
        sheets=tuple(Sheet(sheet.name, sheet.is_hidden) for sheet in head.sheets),
    )


def batches(path: Path, report: FileReport, *, limits: Limits) -> Iterator[Batch]:
    """Yield the rows below the headings, in batches.

    :raises faults.FileFault: at the row where the file cannot be understood.
    """
    sheet = report.sheet if report.kind is Kind.XLSX else None
    for frame in supervisor.frames(path, _request("rows", report.kind, sheet, limits)):
        yield _batch(frame).below(report.header_row)


def _request(
    action: Literal["inspect", "rows"], kind: Kind, sheet: str | None, limits: Limits
) -> wire.Request:
    name: Literal["xlsx", "parquet"] = "xlsx" if kind is Kind.XLSX else "parquet"
    return wire.Request(action=action, kind=name, sheet=sheet, limits=limits)


def _batch(frame: wire.AnyFrame) -> Batch:
    if isinstance(frame, wire.Rows):
        return Batch(frame.lines, rows=frame.cells)
    if isinstance(frame, wire.Columns):
        columns = [_column(column) for column in frame.columns]
        if frame.rows > MOST_ROWS or any(len(column) != frame.rows for column in columns):
            raise faults.FileFault("file.reader-died")
        return Batch(range(frame.first, frame.first + frame.rows), columns=columns)
    return Batch(())


def _column(sent: wire.Column) -> Cells:
    """Return a column as it was sent; the child is not believed that its parts fit together."""
    cells, ends = sent.cells, sent.ends
    if ends:
        if len(ends) != len(cells) or ends[0] < 1 or any(map(ge, ends, ends[1:])):
            raise faults.FileFault("file.reader-died")
        return Runs(cells, ends)
    if sent.places:
        places = array("H", sent.places[: len(sent.places) // 2 * 2])
        if not places or max(places) >= len(cells):
            raise faults.FileFault("file.reader-died")
        return Coded(cells, places)
    return cells
