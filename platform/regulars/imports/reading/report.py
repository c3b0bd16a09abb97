"""What is known of a file after looking at it, as plain values that can be kept as JSON."""

from enum import StrEnum
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from regulars.errors import Text
from regulars.imports.cells import RawRow


class Kind(StrEnum):
    """The kinds of file that can be read."""

    TEXT = "text"
    XLSX = "xlsx"
    PARQUET = "parquet"


class Sheet(msgspec.Struct, frozen=True):
    """A sheet of a workbook."""

    name: str
    is_hidden: bool = False


class Choices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person decided against our guess; None leaves the guess."""

    encoding: str | None = None
    delimiter: str | None = None
    has_quotes: bool | None = None
    """False when quotation marks in the file are plain characters."""
    header_row: int | None = None
    """The line of the headings; 0 when the file has none."""
    sheet: str | None = None


NOTES: dict[str, Text] = {
    "rows.ragged": _("%(count)s rows have more cells than there are headings."),
    "headings.duplicate": _("These headings come more than once: %(headings)s."),
    "headings.none": _("No headings were found; columns are named by their letters."),
    "workbook.links": _("This workbook links to other files; the values kept in it are used."),
    "workbook.macros": _("This workbook holds macros; they are never run."),
    "workbook.hidden-sheets": _("Hidden sheets are left out: %(sheets)s."),
}


class Note(msgspec.Struct, frozen=True):
    """Something a person should know about the file, though it can be read."""

    code: str
    params: dict[str, Any] = {}

    def sentence(self) -> str:
        """Say it in the language in use."""
        text = str(NOTES[self.code])
        return text % self.params if self.params else text


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """A file that can be read, with everything that was guessed or chosen about it."""

    kind: Kind
    size: int
    digest: str
    """BLAKE2b of the content, 32 hexadecimal digits: the same file has the same digest."""
    headings: tuple[str, ...]
    header_row: int
    """The line that holds the headings, 0 without any."""
    rows: int
    """Rows below the headings that hold something; see `is_exact`."""
    is_exact: bool = True
    sample: tuple[RawRow, ...] = ()
    notes: tuple[Note, ...] = ()
    encoding: str = ""
    confidence: float = 1.0
    """From 0 to 1, how sure the encoding is; below 0.8 a person should look at the sample."""
    delimiter: str = ""
    has_quotes: bool = True
    skips: int = 0
    """Bytes before the first row: a byte order mark and a ``sep=`` line."""
    sheet: str = ""
    sheets: tuple[Sheet, ...] = ()


def to_builtins(report: FileReport) -> dict[str, Any]:
    """Turn the report into what JSON can hold."""
    built: dict[str, Any] = msgspec.to_builtins(report)
    return built


def from_builtins(data: dict[str, Any]) -> FileReport:
    """Turn what `to_builtins` made back into the report."""
    return msgspec.convert(data, FileReport)
