"""Rows of delimited text: CSV, TSV and their relatives."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO, NamedTuple

from regulars.imports import faults
from regulars.imports.cells import Batch
from regulars.imports.columns import vocabulary
from regulars.imports.limits import Limits
from regulars.imports.reading import text

DELIMITERS = (",", ";", "\t", "|", "，")
_SEP = re.compile(r"\s*\"?sep=(.)\"?\r?\n?", re.IGNORECASE)


class Dialect(NamedTuple):
    """How the text is laid out. `skips` counts the bytes before the first row."""

    encoding: str
    delimiter: str
    has_quotes: bool = True
    skips: int = 0


def separator_line(first: str) -> str | None:
    """Return the delimiter that Excel's ``sep=;`` line names, if the first line is one."""
    match = _SEP.fullmatch(first)
    return match[1] if match else None


def sniff(beginning: str) -> str:
    """Choose the delimiter that cuts the first lines most evenly; headings we know decide."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        rows = list(islice(csv.reader(_some_lines(beginning), delimiter=delimiter), 100))
        widths = Counter(len(row) for row in rows if any(row))
        widths.pop(1, None)
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        known = max(sum(map(vocabulary.is_known, row)) for row in rows[:10])
        score = count / len(rows) + 0.02 * min(width, 20) + 0.3 * min(known, 5)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _some_lines(beginning: str) -> list[str]:
    lines = beginning.splitlines(keepends=True)
    return lines[:-1] if len(lines) > 1 else lines


def batches(file: BinaryIO, dialect: Dialect, *, limits: Limits, size: int) -> Iterator[Batch]:
    """Yield rows that hold something, in batches made of up to `size` rows read.

    Memory is bounded by `size` rows of at most `limits.line_chars`.

    :raises faults.FileFault: at the row where the file cannot be understood.
    """
    source = _Source(text.decoded(file, encoding=dialect.encoding, skips=dialect.skips), limits)
    reader = csv.reader(
        source,
        delimiter=dialect.delimiter,
        quoting=csv.QUOTE_MINIMAL if dialect.has_quotes else csv.QUOTE_NONE,
    )
    number, is_last = 0, False
    while not is_last:
        try:
            rows = list(islice(reader, size))
        except csv.Error as error:
            raise faults.FileFault(
                "file.cell-too-long", line=source.line, limit=limits.cell_chars
            ) from error
        is_last = len(rows) < size
        if is_last and source.ends > 1:
            raise faults.FileFault("file.quote-open", line=number + len(rows))
        number += len(rows)
        if number > limits.rows:
            raise faults.FileFault("file.too-many-rows", limit=limits.rows)
        lines: Sequence[int] = range(number - len(rows) + 1, number + 1)
        if not all(map(any, rows)):
            lines = [line for line, row in zip(lines, rows, strict=True) if any(row)]
            rows = list(filter(any, rows))
        yield Batch(lines, rows=rows)


class _Source:
    """The lines of a file, counting how often the reader was told that they are at an end.

    Told twice, it returned a row in between: one that the end of the file cut off, because its
    quotation mark is still open.
    """

    def __init__(self, blocks: Iterator[str], limits: Limits) -> None:
        self._lines = text.lines(blocks, limit=limits.line_chars)
        self.ends = 0
        self.line = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for line in self._lines:
            self.line += 1
            return line
        self.ends += 1
        raise StopIteration
