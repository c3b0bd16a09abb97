"""Answering what is asked about a workbook."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import BinaryIO

from regulars.imports.limits import Limits
from regulars.imports.sandbox import xmlparts
from regulars.imports.sandbox.package import Package
from regulars.imports.sandbox.sheet import Filler, Line, MergeFinder, SheetReader
from regulars.imports.sandbox.wire import (
    Alive,
    AnyFrame,
    End,
    Head,
    Refused,
    Request,
    Rows,
)
from regulars.imports.sandbox.workbook import Sheet, Workbook

_ROW = re.compile(rb"<(?:\w+:)?row[\s>]")
_PEEK_SHEETS, _PEEK_ROWS, _PEEK_CHUNKS = 20, 50, 64


def frames(file: BinaryIO, request: Request) -> Iterator[AnyFrame]:
    """Answer the request about an open workbook.

    :raises Refused: see `faults.SENTENCES`.
    """
    limits = request.limits
    workbook = Workbook(Package(file, limits), limits)
    for _ in workbook.load_texts():
        yield Alive()
    chosen = _choose(workbook, request)
    yield Head(sheets=workbook.names(), sheet=chosen.name, notes=workbook.notes())
    answer = _look if request.action == "inspect" else _send
    yield from answer(workbook, chosen, limits)


def _choose(workbook: Workbook, request: Request) -> Sheet:
    """Take the sheet asked for, else the first visible one that has a table."""
    if request.sheet is not None:
        for candidate in workbook.sheets:
            if candidate.name == request.sheet:
                return candidate
        raise Refused("choice.sheet", sheet=request.sheet[:60])
    first = None
    for candidate in [sheet for sheet in workbook.sheets if not sheet.is_hidden][:_PEEK_SHEETS]:
        parts = islice(_rows(workbook, candidate, request.limits), _PEEK_CHUNKS)
        rows = list(islice(chain.from_iterable(parts), _PEEK_ROWS))
        if sum(1 for _, cells in rows if len(cells) > 1) > 1:
            return candidate
        first = first or (candidate if rows else None)
    if first is None:
        raise Refused("file.no-sheet")
    return first


def _rows(workbook: Workbook, chosen: Sheet, limits: Limits) -> Iterator[list[Line]]:
    """Stream the rows that hold something, in the lists that come of each piece of XML."""
    reader = SheetReader(workbook, limits)
    chunks = workbook.package.chunks(chosen.part)
    for _ in xmlparts.feed(reader.parser, chunks, chosen.part):
        yield reader.take()
    yield reader.take()


def _look(workbook: Workbook, chosen: Sheet, limits: Limits) -> Iterator[AnyFrame]:
    """Send the first rows, after reading on to the end without taking cells apart."""
    reader = SheetReader(workbook, limits)
    passing = _Passing(workbook.package.chunks(chosen.part))
    sample: list[Line] = []
    for _ in xmlparts.feed(reader.parser, passing, chosen.part):
        sample += reader.take()
        if len(sample) >= limits.sample_rows or reader.is_done:
            reader.ignore()
        yield Alive()
    sample += reader.take()
    count = len(sample)
    filler = Filler(passing.merges.found())
    yield _packed(filler.fill(sample[: limits.sample_rows]))
    is_whole = count < limits.sample_rows
    yield End(count if is_whole else passing.rows, is_whole)


class _Passing:
    """Chunks of a sheet, counting rows in passing: a few more than hold something."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.rows = 0
        self.merges = MergeFinder()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.rows += len(_ROW.findall(chunk))
            self.merges.feed(chunk)
            yield chunk


def _send(workbook: Workbook, chosen: Sheet, limits: Limits) -> Iterator[AnyFrame]:
    """Send all rows, after a first pass for the merges that stand behind them."""
    merges = MergeFinder()
    for chunk in workbook.package.chunks(chosen.part):
        merges.feed(chunk)
        yield Alive()
    filler = Filler(merges.found())
    found = 0
    for batch in _rows(workbook, chosen, limits):
        found += len(batch)
        yield _packed(filler.fill(batch)) if batch else Alive()
    yield End(found)


def _packed(batch: list[Line]) -> Rows:
    return Rows([line for line, _ in batch], [tuple(cells) for _, cells in batch])
