"""Figures and rows as files: CSV streamed, XLSX written row by row; nothing a sheet would run."""

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

import xlsxwriter
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from regulars.audit import services as audit
from regulars.errors import TooLarge
from regulars.imports import safe
from regulars.insights.selectors import mapping
from regulars.staff import permissions
from regulars.tenancy import context
from regulars.web.headoffice import sheets
from regulars.web.headoffice.looks import Look

_MOST_ROWS: Final = 1_048_575  # what a worksheet holds, less the headings
_PORTION: Final = 200
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TooManyRows(TooLarge):
    """A worksheet cannot hold that many rows."""

    code = "too-many-rows"
    sentence = _("A worksheet holds about a million rows. Take the CSV file, or fewer days.")


@require_GET
@permissions.needs("insights.export")
def csv_file(request: HttpRequest, what: str) -> StreamingHttpResponse:
    """Stream a table as CSV, marked as UTF-8 so that spreadsheets read Chinese."""
    found, name = _asked(request, what)
    chunks = context.streamed(context.current(), _csv(found))
    answer = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


@require_GET
@permissions.needs("insights.export")
def xlsx_file(request: HttpRequest, what: str) -> FileResponse:
    """Write a table as a workbook. Raises TooManyRows."""
    found, name = _asked(request, what)
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    _write_xlsx(found, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=_XLSX)


def _asked(request: HttpRequest, what: str) -> tuple[sheets.Sheet, str]:
    look = Look.of(request)
    found = mapping.map_of(look.actor.scope)
    place = mapping.place_of(found, region_id=look.region_id, store_id=look.store_id)
    made = sheets.sheet(what, look=look, found=found, place=place)
    name = f"{what}-{look.days.first}-{look.days.last}"
    audit.record(
        actor=look.actor,
        action="insights.exported",
        object_kind="region" if look.region_id else "store" if look.store_id else "",
        object_id=look.store_id or look.region_id,
        data={"file": name},
    )
    return made, name


def _csv(found: sheets.Sheet) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerow(found.headings)
    for number, line in enumerate(found.lines, start=1):
        writer.writerow([_plain(cell) for cell in line])
        if number % _PORTION == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _plain(cell: sheets.Cell) -> str:
    if isinstance(cell, str):
        return safe.neutralise(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    return "" if cell is None else str(cell)


def _write_xlsx(found: sheets.Sheet, file: Any) -> None:
    """Write row by row into `file`, in flat memory. A text stays a text, never a formula."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet(found.title[:31])
    strong = book.add_format({"bold": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate(found.headings):
        sheet.write_string(0, column, heading, strong)
    for number, line in enumerate(found.lines, start=1):
        if number > _MOST_ROWS:
            raise TooManyRows
        for column, cell in enumerate(line):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell)
            elif isinstance(cell, datetime):
                sheet.write_datetime(number, column, cell, moment)
            elif isinstance(cell, date):
                sheet.write_datetime(number, column, cell, day)
            elif cell is not None:
                sheet.write_number(number, column, float(cell))
    book.close()
