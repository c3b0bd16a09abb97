"""Looking at and reading the files that a child process takes apart for us."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from regulars.imports import faults
from regulars.imports.cells import Batch, RawRow
from regulars.imports.limits import Limits
from regulars.imports.reading import headings, supervisor, textual
from regulars.imports.reading.report import Choices, FileReport, Kind, Note, Sheet
from regulars.imports.sandbox import wire


def inspect(
    path: Path, kind: Kind, *, size: int, digest: str, choices: Choices, limits: Limits
) -> FileReport:
    """Look at a workbook or Parquet file, whose every part is unpacked and checked once.

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
        lines = range(frame.first, frame.first + len(frame.values[0]))
        return Batch(lines, columns=frame.values)
    return Batch(())
