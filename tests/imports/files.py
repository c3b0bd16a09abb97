"""Files for tests, built in code: good ones with a library, bad ones by hand."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter
from pyarrow import parquet

from regulars.imports import faults, reading, shapes
from regulars.imports.cells import Batch, Cell
from regulars.imports.columns import guess, mapping
from regulars.imports.columns.attributes import Subject
from regulars.imports.limits import DEFAULT, Limits
from tests.prepared import NOW

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

CUSTOMERS = (
    ("姓名", "手机号", "会员号", "生日", "备注"),
    ("张伟", "13800138000", "M001", "1980-03-05", "老顾客"),
    ("李娜", "13900139000", "M002", "1992-12-31", ""),
    ("欧阳娜娜", "13700137000", "M003", "2000-02-29", "喜欢玫瑰金"),
)


def delimited(rows: Sequence[Sequence[str]] = CUSTOMERS, delimiter: str = ",") -> str:
    """Write rows as text, quoting nothing."""
    return "".join(delimiter.join(row) + "\r\n" for row in rows)


def written(rows: Sequence[Sequence[object]] = CUSTOMERS, **options: object) -> bytes:
    """Write rows with XlsxWriter, dates as dates and numbers as numbers."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm", **options}
    )
    sheet = book.add_worksheet("会员")
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    book.close()
    return buffer.getvalue()


def columnar(table: pa.Table, **options: object) -> bytes:
    """Write a table as Parquet."""
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, **options)
    return buffer.getvalue()


def sheet_xml(rows: str, *, behind: str = "", before: str = "") -> str:
    """Write the XML of a worksheet around its rows."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{behind}</worksheet>'
    )


def row_xml(line: int, *texts: str) -> str:
    """Write a row of texts kept in the cells themselves."""
    cells = "".join(
        f'<c r="{chr(65 + at)}{line}" t="inlineStr"><is><t>{text}</t></is></c>'
        for at, text in enumerate(texts)
    )
    return f'<row r="{line}">{cells}</row>'


def parts(
    sheet: str | bytes,
    *,
    shared: str | None = None,
    styles: str | None = None,
    state: str = "visible",
    kind: str = "worksheet",
    properties: str = "",
) -> dict[str, bytes]:
    """Return the parts of a workbook with one sheet, for changing before they are packed."""
    made = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{properties}'
        f'<sheets><sheet name="S" sheetId="1" state="{state}" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/{kind}" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": shared,
        "xl/styles.xml": styles,
    }
    return {
        name: part.encode() if isinstance(part, str) else part
        for name, part in made.items()
        if part is not None
    }


def packed(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack parts into a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def book(rows: str, **options: str) -> bytes:
    """Pack a workbook whose one sheet has these rows."""
    return packed(parts(sheet_xml(rows), **options))


def kept(folder: Path, content: bytes, name: str = "file") -> Path:
    """Keep content as a file."""
    path = folder / name
    path.write_bytes(content)
    return path


def imported(path: Path, *, limits: Limits = DEFAULT) -> tuple[list[object], list[object]]:
    """Do with a file all that happens before the database: look, guess, read, shape.

    Returns the drafts and the problems; a mapping that cannot be used gives none of either.
    """
    report = reading.inspect(path, limits=limits)
    guessed = guess.guess(report.headings, report.sample).mapping()
    batches = reading.batches(path, report, limits=limits)
    if mapping.troubles(guessed):
        assert sum(map(len, batches)) >= 0
        return [], []
    is_customers = guessed.subject is Subject.CUSTOMERS
    shaper = (shapes.CustomerShaper if is_customers else shapes.PurchaseShaper)(guessed, now=NOW)
    drafts: list[object] = []
    problems: list[object] = []
    for batch in batches:
        shaped = shaper.shape(batch)
        drafts += shaped.drafts
        problems += shaped.problems
    return drafts, problems


def fault_of(path: Path, *, limits: Limits = DEFAULT) -> str:
    """Return the code of the fault a file is refused with, empty when it is taken."""
    try:
        imported(path, limits=limits)
    except faults.FileFault as fault:
        return fault.code if str(fault) else "no sentence"
    return ""


def rows_of(content: bytes, folder: Path, **choices: Any) -> list[tuple[Cell, ...]]:
    """Read a file and return the cells of its rows."""
    path = kept(folder, content)
    report = reading.inspect(path, choices=reading.Choices(**choices))
    return [row.cells for row in reading.rows(path, report)]


def batch_of(*rows: Sequence[Cell]) -> Batch:
    """Make a batch of rows, the first on line 2 as under headings."""
    return Batch(range(2, 2 + len(rows)), rows=rows)


MEASURE = """
import resource, sys
from pathlib import Path
import django
django.setup()
from tests.imports import files
from regulars.imports.limits import DEFAULT
for name in sys.argv[1:]:
    files.fault_of(Path(name))
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)  # ru_maxrss would count our parent too
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def peak_megabytes(paths: Sequence[Path]) -> int:
    """Read files in a process of their own; return the most memory it or its children held.

    In this process the figure would count browsers, and whatever other tests have made of us.
    """
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return max(map(int, ran.stdout.split()))
