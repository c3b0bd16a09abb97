"""The file of rows that were not taken in: each as it came, with its line, column and reason.

It is a CSV that Excel and WPS open as it is. Corrected, it can be brought in again: our three
columns are recognised and left out.
"""

import csv
import io
import re
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.audit import Actor, ActorKind
from regulars.imports import contract, problems, reading, rejections, safe, selectors, storage
from regulars.imports.cells import Batch, Cell, shown
from regulars.imports.models import Import
from regulars.staff.models import Staff
from regulars.tenancy import context

HEADINGS: Final = (
    pgettext_lazy("rejected rows", "Row in the file"),
    pgettext_lazy("rejected rows", "Column with the problem"),
    pgettext_lazy("rejected rows", "Why it was not taken in"),
)
_WHOLE_ROW: Final = _("whole row")
_NOTHING: Final[Sequence[Cell]] = ()
_PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9.,]*")


def write(row: Import, *, tell: contract.Tell, actor: Actor) -> str:
    """Write the file of an import in the language of whoever asked; return its stored name.

    The source is read once more up to the last such row, so memory stays flat.
    """
    count = rejections.count(import_id=row.pk)
    if not count:
        return ""
    with translation.override(_language(actor)), tempfile.TemporaryFile() as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        for done, cells in enumerate(_lines(row)):
            csv.writer(text).writerow(cells)
            if done % reading.BATCH == 0:
                tell(done, count)
        text.flush()
        name = storage.save(file)
        text.detach()
    return name


def _language(actor: Actor) -> str:
    if actor.kind is ActorKind.STAFF and actor.id is not None:
        person = Staff.objects.filter(pk=actor.id).first()
        if person is not None and person.language:
            return person.language
    return context.current().language


def _lines(row: Import) -> Iterator[list[str]]:
    report = selectors.report_of(row)
    yield [*map(str, HEADINGS), *map(safe.neutralise, report.headings)]
    wanted = rejections.in_order(import_id=row.pk)
    with storage.local(row.file) as path, closing(_rows(reading.batches(path, report))) as rows:
        line, cells = 0, _NOTHING
        for number, reasons in wanted:
            while line < number:
                line, cells = next(rows, (number, _NOTHING))
            same = cells if line == number else _NOTHING
            yield [*_why(number, reasons), *(_written(cell) for cell in same)]


def _rows(batches: Generator[Batch]) -> Generator[tuple[int, Sequence[Cell]]]:
    with closing(batches):
        for batch in batches:
            yield from zip(batch.lines, batch.rows, strict=True)


def _why(line: int, reasons: list[dict[str, Any]]) -> list[str]:
    columns = [str(each["column"]) or str(_WHOLE_ROW) for each in reasons]
    says = [problems.sentence(each["code"], each["params"]) for each in reasons]
    return [
        str(line),
        safe.neutralise("、".join(dict.fromkeys(columns))),
        safe.neutralise(" ".join(dict.fromkeys(says))),
    ]


def _written(cell: Cell) -> str:
    text = shown(cell)
    return text if _PLAIN_NUMBER.fullmatch(text) else safe.neutralise(text)
