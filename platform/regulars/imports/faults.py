"""What makes a whole file, or the choice of its columns, unusable.

::

    regulars.errors.Invalid    422
    ├── FileFault              the file cannot be read; `code` is one of `SENTENCES`
    └── MappingFault           the columns are not assigned in a way that can be imported

A fault of one row is not an exception but a `problems.Problem`.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from regulars import errors

_EXCEL = _(
    "This is an old Excel file (.xls). Open it in Excel or WPS, choose “Save as”, "
    "pick “Excel workbook (.xlsx)”, and upload that file."
)
_AS_XLSX = _(
    "This is %(format)s. Open it in Excel or WPS, choose “Save as”, "
    "pick “Excel workbook (.xlsx)”, and upload that file."
)

SENTENCES: dict[str, errors.Text] = {
    "file.none": _("Choose a file first."),
    # What it is
    "file.empty": _("This file is empty. Export it again and check that it holds rows."),
    "file.no-rows": _("There are headings but no rows below them. Export the file again."),
    "file.too-large": _(
        "This file has %(size)s MB; up to %(limit)s MB can be taken in at once. "
        "Split it, for example by year, and upload the parts one after the other."
    ),
    "file.xls": _EXCEL,
    "file.html": _(
        "This is a web page with the name of a spreadsheet. Open it in Excel or WPS, choose "
        "“Save as”, pick “Excel workbook (.xlsx)”, and upload that file."
    ),
    "file.foreign-spreadsheet": _AS_XLSX,
    "file.encrypted": _(
        "This file is protected by a password. Open it, take the password away "
        "(in Excel: File, Info, Protect workbook), save it, and upload it again."
    ),
    "file.archive": _(
        "This is an archive (%(format)s). Unpack it and upload the file that is inside."
    ),
    "file.document": _(
        "This is a document (%(format)s), not a table. Export the data as XLSX or CSV."
    ),
    "file.image": _("This is a picture (%(format)s). Export the data as XLSX or CSV."),
    "file.foreign-data": _("This is %(format)s. Export the data as XLSX, CSV or Parquet."),
    "file.unknown": _(
        "We do not know this kind of file. Upload a CSV file, an Excel workbook (.xlsx) "
        "or a Parquet file."
    ),
    # Text
    "file.encoding": _(
        "Line %(line)s holds bytes that are not %(encoding)s (byte %(offset)s of the file). "
        "Choose another encoding, or save the file as “CSV UTF-8” and upload it again."
    ),
    "file.nul": _(
        "Line %(line)s holds a NUL character, as damaged files do. Export the file again."
    ),
    "file.line-too-long": _(
        "Line %(line)s is longer than %(limit)s characters. "
        "Perhaps line breaks were lost; export the file again."
    ),
    "file.cell-too-long": _(
        "A cell in row %(line)s holds more than %(limit)s characters. "
        "Perhaps a quotation mark is missing before this row."
    ),
    "file.quote-open": _(
        "The quotation mark opened in row %(line)s is never closed. Correct that row, "
        "or choose that quotation marks are plain characters."
    ),
    "file.too-many-columns": _(
        "Row %(line)s has more than %(limit)s columns. Keep only the columns you need."
    ),
    "file.too-many-rows": _(
        "There are more than %(limit)s rows. Split the file and upload the parts."
    ),
    # Workbooks and Parquet
    "file.damaged": _(
        "This file is damaged and cannot be read to its end (%(part)s). "
        "Open it in the program it came from, save it again, and upload the new file."
    ),
    "file.bomb": _(
        "This file unpacks to far more than a table needs (%(part)s). "
        "Copy the rows into a new workbook, or save them as CSV."
    ),
    "file.too-many-parts": _(
        "This workbook has more than %(limit)s parts. Copy the rows into a new workbook."
    ),
    "file.entities": _(
        "This workbook holds declarations that spreadsheets never need and that can do harm. "
        "Copy the rows into a new workbook and upload that."
    ),
    "file.no-sheet": _("This workbook has no sheet with rows."),
    "file.column-type": _(
        "Column “%(column)s” holds values of type %(type)s, which cannot be taken in. "
        "Leave it out, or turn it into plain text, numbers or dates."
    ),
    "file.too-slow": _(
        "Reading this file takes far longer than its size allows. Save it as CSV and try again."
    ),
    "file.too-much-memory": _(
        "Reading this file needs more memory than one file may take. Save it as CSV and try again."
    ),
    "file.reader-died": _(
        "Our reader failed on this file. Nothing was imported. Save it as CSV and try again."
    ),
    "file.changed": _("The file is not the one that was looked at. Please upload it again."),
    "file.gone": _("The file is no longer kept. Please upload it again."),
    # What the plan allows
    "plan.stores": _(
        "This file names %(wanted)s stores that would be opened. Your plan %(plan)s includes "
        "%(allowed)s, and %(open)s are open. An owner can choose a larger plan under Settings → "
        "Subscription; then try again."
    ),
    # Choices
    "choice.encoding": _("“%(encoding)s” is not an encoding we can read."),
    "choice.delimiter": _("A delimiter is one character, such as a comma, semicolon or tab."),
    "choice.header-row": _("The headings must be in one of the first %(limit)s rows."),
    "choice.sheet": _("There is no sheet named “%(sheet)s” in this workbook."),
}


class FileFault(errors.Invalid):
    """A file that cannot be read; nothing of it was imported.

    `code` and `params` can be kept as JSON, and ``FileFault(code, **params)`` speaks again.
    """

    def __init__(self, code: str, **params: Any) -> None:
        """Take a code of `SENTENCES` and the values its sentence names."""
        super().__init__(SENTENCES[code], **params)
        self.code = code  # type: ignore[misc]  # one class, many codes


class MappingFault(errors.Invalid):
    """The assignment of columns has problems; `problems` holds every one."""

    code = "mapping.invalid"
    sentence = _("The columns are not assigned correctly yet: %(sentences)s")

    def __init__(self, problems: Sequence[Any]) -> None:
        """Take all problems found, as `columns.mapping.Trouble`."""
        self.problems = tuple(problems)
        super().__init__(sentences=" ".join(str(problem) for problem in self.problems))
