"""Figures and rows as files: CSV and XLSX, streamed while the rows are read."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from regulars.audit import services as audit
from regulars.imports.writing import delimited, workbook
from regulars.imports.writing.sheets import Line, Sheet
from regulars.insights.selectors import mapping
from regulars.staff import permissions
from regulars.tenancy import context
from regulars.web.headoffice import sheets
from regulars.web.headoffice.looks import Look

_WRITERS: Final[dict[str, tuple[Callable[[Sheet], Iterator[bytes]], str]]] = {
    writer.ENDING: (writer.chunks, writer.CONTENT_TYPE) for writer in (delimited, workbook)
}


@require_GET
@permissions.needs("insights.export")
def csv_file(request: HttpRequest, what: str) -> StreamingHttpResponse:
    """Stream a table as CSV, marked as UTF-8 so that spreadsheets read Chinese."""
    return _file(request, what, ending="csv")


@require_GET
@permissions.needs("insights.export")
def xlsx_file(request: HttpRequest, what: str) -> StreamingHttpResponse:
    """Stream a table as a workbook. Raises TooManyRows before anything is sent."""
    return _file(request, what, ending="xlsx")


def _file(request: HttpRequest, what: str, *, ending: str) -> StreamingHttpResponse:
    look = Look.of(request)
    found = mapping.map_of(look.actor.scope)
    place = look.place(found)
    made = sheets.sheet(what, look=look, found=found, place=place)
    if ending == workbook.ENDING:
        sheets.check_size(what, look=look, place=place)
    where = place.name or context.current().name
    audit.record(
        actor=look.actor,
        action="insights.exported",
        object_kind="region" if look.region_id else "store" if look.store_id else "",
        object_id=look.store_id or look.region_id,
        data={"file": f"{what}-{look.days.first}-{look.days.last}.{ending}"},
    )
    write, content_type = _WRITERS[ending]
    lines = _spoken(made.lines, language=translation.get_language() or "")
    chunks = context.streamed(context.current(), write(replace(made, lines=lines)))
    answer = StreamingHttpResponse(chunks, content_type=content_type)
    name = f"{made.title} {where} {look.days.first} {look.days.last}.{ending}"
    answer["Content-Disposition"] = content_disposition_header(True, _as_file_name(name)) or ""
    return answer


def _spoken(lines: Iterable[Line], *, language: str) -> Iterator[Line]:
    """Make each row in the person's language: rows are made when the request is over."""
    iterator = iter(lines)
    while True:
        with translation.override(language):
            line = next(iterator, None)
        if line is None:
            return
        yield line


def _as_file_name(text: str) -> str:
    """Leave out what some system does not allow in the name of a file."""
    return "".join("-" if sign in '\\/:*?"<>|' or ord(sign) < 32 else sign for sign in text)
