"""Looking at a delimited text file: one pass over bytes, one over rows, before anything is kept."""

from collections.abc import Sequence
from typing import BinaryIO

from regulars.imports import faults
from regulars.imports.cells import Batch, RawRow
from regulars.imports.limits import Limits
from regulars.imports.reading import delimited, encodings, headings, text
from regulars.imports.reading.delimited import Dialect
from regulars.imports.reading.encodings import Detected
from regulars.imports.reading.report import Choices, FileReport, Kind, Note

_BATCH = 2_000


def inspect(file: BinaryIO, *, size: int, choices: Choices, limits: Limits) -> FileReport:
    """Read the file to its end, so that a fault anywhere in it is known before row one.

    :raises faults.FileFault: see `faults.SENTENCES`.
    """
    scan = text.scan(file)
    detected = _encoding(scan, choices)
    dialect = _dialect(file, detected, choices)
    try:
        survey = _Survey(file, dialect, choices, limits)
    except faults.FileFault as fault:
        # Big5 of Hong Kong and of Windows differ in a few signs only
        if choices.encoding or detected.encoding != "big5hkscs" or fault.code != "file.encoding":
            raise
        dialect = dialect._replace(encoding="cp950")
        survey = _Survey(file, dialect, choices, limits)
    return FileReport(
        kind=Kind.TEXT,
        size=size,
        digest=scan.digest,
        headings=survey.headings,
        header_row=survey.header_row,
        rows=survey.rows,
        sample=tuple(survey.sample),
        notes=tuple(survey.notes()),
        encoding=dialect.encoding,
        confidence=detected.confidence,
        delimiter=dialect.delimiter,
        has_quotes=dialect.has_quotes,
        skips=dialect.skips,
    )


def _encoding(scan: text.Scan, choices: Choices) -> Detected:
    if choices.encoding is None:
        return encodings.detect(scan.head, scan.sample)
    encoding = encodings.canonical(choices.encoding)
    if encoding is None:
        raise faults.FileFault("choice.encoding", encoding=choices.encoding[:40])
    mark = encodings.mark_of(scan.head)
    return Detected(encoding, 1.0, mark.mark if mark and mark.encoding == encoding else 0)


def _dialect(file: BinaryIO, detected: Detected, choices: Choices) -> Dialect:
    file.seek(detected.mark)
    beginning = file.read(text.BLOCK // 4).decode(detected.encoding, "replace")
    has_quotes = choices.has_quotes is not False
    lines = beginning.splitlines(keepends=True)
    named = delimited.separator_line(lines[0]) if lines else None
    skips = detected.mark + (len(lines[0].encode(detected.encoding)) if named else 0)
    delimiter = choices.delimiter or named or delimited.sniff(beginning)
    if len(delimiter) != 1 or delimiter in '\r\n"\0 ':
        raise faults.FileFault("choice.delimiter")
    return Dialect(detected.encoding, delimiter, has_quotes, skips)


def header_row(rows: Sequence[RawRow], choices: Choices, limits: Limits) -> int:
    """Return the line of the headings, chosen or guessed; 0 for none."""
    top = [row for row in rows if row.line <= limits.header_within]
    if choices.header_row is None:
        return headings.choose(top)
    if choices.header_row and not any(row.line == choices.header_row for row in top):
        raise faults.FileFault("choice.header-row", limit=limits.header_within)
    return choices.header_row


class _Survey:
    """What the pass over all rows finds."""

    def __init__(self, file: BinaryIO, dialect: Dialect, choices: Choices, limits: Limits) -> None:
        self.rows = self.ragged = 0
        self.sample: list[RawRow] = []
        self._limits = limits
        self._step = 1
        self._is_started = False
        for batch in delimited.batches(file, dialect, limits=limits, size=_BATCH):
            if not batch:
                continue
            self._check(batch)
            if not self._is_started:
                self._start(list(batch.raw()), choices)
            self._count(batch.below(self.header_row))
        if not self._is_started:
            raise faults.FileFault("file.empty")
        if not self.rows:
            raise faults.FileFault("file.no-rows")

    def _start(self, rows: list[RawRow], choices: Choices) -> None:
        self._is_started = True
        self.header_row = header_row(rows, choices, self._limits)
        top = [row.cells for row in rows if row.line == self.header_row]
        self._heading_cells = top[0] if top else ()
        below = [row for row in rows if row.line > self.header_row]
        self.headings = headings.names_of(self._heading_cells, below[:200])

    def _check(self, batch: Batch) -> None:
        limits = self._limits
        for at, cells in enumerate(batch.rows):
            if len(cells) > limits.columns:
                raise faults.FileFault(
                    "file.too-many-columns", line=batch.lines[at], limit=limits.columns
                )
            if max(map(len, cells)) > limits.cell_chars:  # type: ignore[arg-type]  # all text
                raise faults.FileFault(
                    "file.cell-too-long", line=batch.lines[at], limit=limits.cell_chars
                )

    def _count(self, batch: Batch) -> None:
        self.ragged += len(batch.beyond(len(self.headings)))
        for at in range(-self.rows % self._step, len(batch), self._step):
            self.sample.append(RawRow(batch.lines[at], tuple(batch.rows[at])))
        self.rows += len(batch)
        while len(self.sample) > self._limits.sample_rows:
            # keep the beginning, thin out the rest, so that the sample spans the file
            half = self._limits.sample_rows // 2
            self.sample[half:] = self.sample[half::2]
            self._step *= 2

    def notes(self) -> list[Note]:
        ragged = [Note("rows.ragged", {"count": self.ragged})] if self.ragged else []
        return ragged + headings.notes(self._heading_cells)
