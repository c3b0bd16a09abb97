"""A table on its way to a browser, and what the page that offers it shows."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from django.http import StreamingHttpResponse
from django.utils import timezone

from regulars.imports.writing import delimited, workbook
from regulars.imports.writing.sheets import Sheet
from regulars.tenancy import context
from regulars.web.forms import Form

MOST_IN_WORKBOOK: Final = 300_000
"""Rows that spreadsheets still open, and that the import takes back."""

_WRITERS: Final[dict[str, tuple[Callable[[Sheet], Iterator[bytes]], str]]] = {
    writer.ENDING: (writer.chunks, writer.CONTENT_TYPE) for writer in (delimited, workbook)
}


def answer(sheet: Sheet, *, name: str, ending: str) -> StreamingHttpResponse:
    """Send a table as a file while its rows are read."""
    write, content_type = _WRITERS[ending]
    chunks = context.streamed(context.current(), write(sheet))
    sent = StreamingHttpResponse(chunks, content_type=content_type)
    sent["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return sent


def check_size(rows: int, *, ending: str) -> None:
    """Refuse a workbook that spreadsheets cannot open. Raises TooManyRows."""
    if ending == workbook.ENDING and rows > MOST_IN_WORKBOOK:
        raise workbook.TooManyRows


def today() -> date:
    """Return the chain's day."""
    return timezone.now().astimezone(context.current().zone).date()


def offered(form: Form, *, rows: int, keeps: dict[str, str]) -> dict[str, object]:
    """Return what the pages that offer a file show; `keeps` is handed on to the file."""
    return {
        "form": form,
        "rows": rows,
        "kept": keeps.items(),
        "fits_workbook": rows <= MOST_IN_WORKBOOK,
        "most": MOST_IN_WORKBOOK,
    }
