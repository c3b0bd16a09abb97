"""Reading any file a shop can send: looked at as a whole first, then streamed row by row.

``inspect`` tells what the file is and refuses it before row one when anything in it is broken;
``rows`` and ``batches`` then stream it in flat memory.
"""

from collections.abc import Generator, Iterator
from pathlib import Path

from regulars.imports import faults
from regulars.imports.cells import Batch, RawRow
from regulars.imports.limits import DEFAULT, MIB, Limits
from regulars.imports.reading import boxed, delimited, kinds, text, textual
from regulars.imports.reading.delimited import Dialect
from regulars.imports.reading.report import Choices, FileReport, Kind, Note, Sheet

__all__ = [
    "Batch",
    "Choices",
    "FileReport",
    "Kind",
    "Limits",
    "Note",
    "RawRow",
    "Sheet",
    "batches",
    "inspect",
    "rows",
]

BATCH = 4_096


def inspect(path: Path, *, choices: Choices | None = None, limits: Limits = DEFAULT) -> FileReport:
    """Look at the whole file once and report what it is.

    The name of the file plays no part. `choices` correct what was guessed; ask again with them.

    :raises faults.FileFault: the file cannot be imported; the sentence says what to do.
    """
    choices = choices or Choices()
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise faults.FileFault("file.too-large", size=size // MIB, limit=limits.file_bytes // MIB)
    with path.open("rb") as file:
        kind = kinds.of(file, size=size)
        if kind is Kind.TEXT:
            return textual.inspect(file, size=size, choices=choices, limits=limits)
        digest = text.scan(file).digest
    return boxed.inspect(path, kind, size=size, digest=digest, choices=choices, limits=limits)


def batches(path: Path, report: FileReport, *, limits: Limits = DEFAULT) -> Generator[Batch]:
    """Stream the rows below the headings, in batches of some thousand.

    A fault found here (the file was changed, a cell beyond the limits) comes after rows have been
    yielded: keep them in a staging place until the end.

    :raises faults.FileFault: the file is not the one of the report, or cannot be read to its end.
    """
    if path.stat().st_size != report.size:
        raise faults.FileFault("file.changed")
    for batch in _all_batches(path, report, limits):
        if batch:
            yield batch


def _all_batches(path: Path, report: FileReport, limits: Limits) -> Iterator[Batch]:
    if report.kind is not Kind.TEXT:
        yield from boxed.batches(path, report, limits=limits)
        return
    dialect = Dialect(report.encoding, report.delimiter, report.has_quotes, report.skips)
    with path.open("rb") as file:
        for batch in delimited.batches(file, dialect, limits=limits, size=BATCH):
            yield batch.below(report.header_row)


def rows(path: Path, report: FileReport, *, limits: Limits = DEFAULT) -> Iterator[RawRow]:
    """Stream the rows below the headings one by one; see `batches`, which is faster."""
    for batch in batches(path, report, limits=limits):
        yield from batch.raw()
