"""Bad files, each with what must become of it. `build` makes the content, nothing is committed."""

import gzip
import random
import sqlite3
import struct
import tarfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

import pyarrow as pa
from pyarrow import feather

from regulars.imports.limits import DEFAULT, Limits
from tests.imports import files

HEAD = "姓名,手机号,会员号\n"
ROW = "张伟,13800138000,M1\n"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SMALL = Limits(rows=1_000, members=50, file_bytes=2_000_000)


class Case(NamedTuple):
    """A bad file: its name, its content, and the code of the fault; empty if it is taken."""

    name: str
    build: Callable[[], bytes]
    code: str
    limits: Limits = DEFAULT


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le")


def _text(text: str, encoding: str = "utf-8") -> Callable[[], bytes]:
    return lambda: text.encode(encoding)


def _book(rows: str, **options: str) -> Callable[[], bytes]:
    return lambda: files.book(rows, **options)


def _changed(**changes: str | bytes | None) -> Callable[[], bytes]:
    """Pack a good workbook with some parts replaced; ``__`` in a keyword stands for a slash."""

    def build() -> bytes:
        made = files.parts(files.sheet_xml(files.row_xml(1, "姓名", "手机")))
        for key, content in changes.items():
            name = f"xl/{key.replace('__', '/')}.xml"
            made.pop(name, None)
            if content is not None:
                made[name] = content.encode() if isinstance(content, str) else content
        return files.packed(made)

    return build


def _random(length: int) -> bytes:
    return random.Random(7).randbytes(length)


def _zip(**members: bytes) -> Callable[[], bytes]:
    return lambda: files.packed({name.replace("__", "/"): part for name, part in members.items()})


def _open_document() -> bytes:
    parts = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}
    return files.packed(parts, method=zipfile.ZIP_STORED)  # the format asks for it


def _tar() -> bytes:
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"))
    return buffer.getvalue()


def _sqlite() -> bytes:
    base = sqlite3.connect(":memory:")
    base.execute("create table t (a)")
    content = base.serialize()
    base.close()
    return content


def _feather() -> bytes:
    buffer = BytesIO()
    feather.write_feather(pa.table({"a": [1]}), buffer)
    return buffer.getvalue()


def _bomb() -> bytes:
    rows = "".join(files.row_xml(line, "x" * 30_000) for line in range(1, 2_000))
    return files.book(rows)


def _lying_size() -> bytes:
    content = bytearray(files.book(files.row_xml(1, "姓名") * 200))
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"xl/worksheets/sheet1.xml"))
    struct.pack_into("<I", content, at + 24, 100)  # the size when unpacked
    return bytes(content)


def _encrypted_member() -> bytes:
    content = bytearray(files.book(files.row_xml(1, "姓名")))
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def _broken_crc() -> bytes:
    content = bytearray(files.packed(_good_parts(), method=zipfile.ZIP_STORED))
    at = content.index("张伟".encode())
    content[at : at + 3] = "王".encode()
    return bytes(content)


def _good_parts() -> dict[str, bytes]:
    rows = files.row_xml(1, "姓名", "手机") + files.row_xml(2, "张伟", "13800138000")
    return files.parts(files.sheet_xml(rows))


def _doubled_member() -> bytes:
    buffer = BytesIO(files.packed(_good_parts()))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("XL/worksheets/sheet1.xml", files.sheet_xml(""))
    return buffer.getvalue()


def _table(**columns: object) -> Callable[[], bytes]:
    return lambda: files.columnar(pa.table(columns))


def _corrupt_page() -> bytes:
    content = bytearray(files.columnar(pa.table({"姓名": [f"张{n}" for n in range(5000)]})))
    content[200:1200] = _random(1000)
    return bytes(content)


def _swelling_parquet() -> bytes:
    """Hold 3.6 GB of text in some kilobytes: one entry of a dictionary, 40,000 times."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 40_000, "int32"), ["字" * 30_000])
    return files.columnar(pa.table({"姓名": column}), store_schema=False)


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
FORMULA = '<row r="2"><c r="A2" t="str"><f>A1</f><v>张伟</v></c><c r="B2"><f>1+1</f></c></row>'
SHARED_5 = '<row r="1"><c r="A1" t="s"><v>5</v></c></row>'

TEXTS = (
    Case("nothing", _text(""), "file.empty"),
    Case("white space", _text(" \r\n\t\r\n"), "file.empty"),
    Case("byte order mark only", _text("\ufeff"), "file.empty"),
    Case("NULs only", lambda: bytes(300), "file.empty"),
    Case("blank rows only", _text(",,,\n,,,\n"), "file.empty"),
    Case("headings only", _text(HEAD), "file.no-rows"),
    Case("broken late", lambda: (HEAD + ROW * 9_000).encode() + b"\xff,1,2\n", "file.encoding"),
    Case("cut in a character", lambda: (HEAD + ROW).encode()[:29], "file.encoding"),
    Case("cut UTF-16", lambda: (HEAD + ROW).encode("utf-16")[:-1], "file.encoding"),
    Case(
        "UTF-16 surrogate alone",
        lambda: b"\xff\xfe" + _utf16(HEAD) + b"\x00\xd8" + _utf16(ROW),
        "file.encoding",
    ),
    Case(
        "GBK with a half character",
        lambda: (HEAD + ROW * 500).encode("gbk") + b"\xd5\n" + ROW.encode("gbk"),
        "file.encoding",
    ),
    Case(
        "UTF-8 with GBK behind",
        lambda: (HEAD + ROW * 50).encode() + (ROW * 5).encode("gbk"),
        "file.encoding",
    ),
    Case("NUL in a name", _text(HEAD + ROW + "张\0伟,1,2\n"), "file.nul"),
    Case("noise", lambda: _random(5_000), "file.unknown"),
    Case("control characters", lambda: bytes(range(1, 32)) * 300, "file.unknown"),
    Case("600 columns", _text(",".join(map(str, range(600))) + "\n"), "file.too-many-columns"),
    Case("a million columns", _text("a," * 1_000_000 + "\n"), "file.line-too-long"),
    Case("one endless line", _text("x" * 8_000_000), "file.line-too-long"),
    Case("one endless line behind", _text(HEAD + "x" * 8_000_000), "file.line-too-long"),
    Case(
        "10 MB cell", _text(HEAD + '"' + "老顾客\n" * 1_000_000 + '",1,2\n'), "file.cell-too-long"
    ),
    Case("40,000 characters", _text(HEAD + "名" * 40_000 + ",1,2\n"), "file.cell-too-long"),
    Case("open quote", _text(HEAD + ROW + '"张伟,13800138000,M2\n' + ROW), "file.quote-open"),
    Case("open quote on top", _text(HEAD + '"' + ROW * 9_000), "file.cell-too-long"),
    Case("too many rows", _text(HEAD + ROW * 2_000), "file.too-many-rows", SMALL),
    Case("too large", _text(HEAD + ROW * 95_000), "file.too-large", SMALL),
)

KINDS = (
    Case("HTML", _text("<html><table><tr><td>姓名</td></tr></table></html>"), "file.html"),
    Case("HTML in UTF-16", lambda: b"\xff\xfe" + _utf16("<table><tr><td>a"), "file.html"),
    Case("HTML after a comment", _text("\ufeff <!-- WPS -->\n<TABLE border=1>"), "file.html"),
    Case("MHTML", _text("MIME-Version: 1.0\r\nContent-Type: multipart/related"), "file.html"),
    Case(
        "XML spreadsheet",
        _text(
            '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
        ),
        "file.foreign-spreadsheet",
    ),
    Case("SYLK", _text("ID;PWXL;N;E\r\nP;PGeneral\r\n"), "file.foreign-spreadsheet"),
    Case("old Excel", lambda: OLE2 + _utf16("Workbook\0") + bytes(500), "file.xls"),
    Case("older Excel", lambda: OLE2 + _utf16("Book\0") + bytes(500), "file.xls"),
    Case("oldest Excel", lambda: b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(99), "file.xls"),
    Case("encrypted", lambda: OLE2 + _utf16("EncryptedPackage") + bytes(99), "file.encrypted"),
    Case("old Word", lambda: OLE2 + _utf16("WordDocument") + bytes(500), "file.unknown"),
    Case("PDF", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "file.document"),
    Case("RTF", _text("{\\rtf1\\ansi hello}"), "file.document"),
    Case("Word", _zip(word__document=b"", **{"word__document.xml": b"<w/>"}), "file.document"),
    Case("OpenDocument", _open_document, "file.foreign-spreadsheet"),
    Case("binary workbook", _zip(**{"xl__workbook.bin": b"x"}), "file.foreign-spreadsheet"),
    Case("Numbers", _zip(**{"Index__Document.iwa": b"x"}), "file.foreign-spreadsheet"),
    Case("zip of a CSV", _zip(**{"a.csv": b"a,b"}), "file.archive"),
    Case("empty zip", _zip(), "file.archive"),
    Case("gzip", lambda: gzip.compress(b"a,b\n1,2\n"), "file.archive"),
    Case("7z", lambda: b"7z\xbc\xaf\x27\x1c\x00\x04" + _random(99), "file.archive"),
    Case("RAR", lambda: b"Rar!\x1a\x07\x01\x00" + _random(99), "file.archive"),
    Case("tar", _tar, "file.archive"),
    Case("PNG", lambda: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "file.image"),
    Case("JPEG", lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "file.image"),
    Case("GIF", lambda: b"GIF89a\x01\x00\x01\x00", "file.image"),
    Case("SQLite", _sqlite, "file.foreign-data"),
    Case("Feather", _feather, "file.foreign-data"),
    Case("JSON", _text('[{"name": "张伟"}]'), "file.foreign-data"),
    Case("XML", _text("<customers><customer/></customers>"), "file.foreign-data"),
    Case("vCard", _text("BEGIN:VCARD\nVERSION:3.0\n"), "file.foreign-data"),
    Case("program", lambda: b"\x7fELF\x02\x01\x01" + bytes(99), "file.unknown"),
)

WORKBOOKS = (
    Case("cut workbook", lambda: files.written()[:-400], "file.damaged"),
    Case("head of a workbook", lambda: files.written()[:600], "file.damaged"),
    Case("bomb", _bomb, "file.bomb"),
    Case("bomb in shared texts", _changed(sharedStrings=b"<sst>" + b" " * 9_000_000), "file.bomb"),
    Case("lying about its size", _lying_size, "file.damaged"),
    Case("encrypted part", _encrypted_member, "file.encrypted"),
    Case("wrong checksum", _broken_crc, "file.damaged"),
    Case("part twice", _doubled_member, "file.damaged"),
    Case(
        "too many parts",
        lambda: files.packed(_good_parts() | {f"xl/media/{n}": b"" for n in range(99)}),
        "file.too-many-parts",
        SMALL,
    ),
    Case(
        "billion laughs",
        _changed(sharedStrings=f"{LAUGHS}<sst><si><t>&i;</t></si></sst>"),
        "file.entities",
    ),
    Case(
        "entity from outside",
        _changed(worksheets__sheet1=f"{OUTSIDE}<worksheet/>"),
        "file.entities",
    ),
    Case("entity in the workbook", _changed(workbook=f"{OUTSIDE}<workbook/>"), "file.entities"),
    Case("malformed", _changed(worksheets__sheet1="<worksheet><sheetData><row>"), "file.damaged"),
    Case("not XML", _changed(worksheets__sheet1=_random(3_000)), "file.damaged"),
    Case("sheet missing", _changed(worksheets__sheet1=None), "file.damaged"),
    Case("workbook missing", _changed(workbook=None), "file.damaged"),
    Case("no sheets", _changed(workbook="<workbook/>"), "file.no-sheet"),
    Case("chart only", _book(files.row_xml(1, "a"), kind="chartsheet"), "file.no-sheet"),
    Case("hidden only", _book(files.row_xml(1, "a"), state="veryHidden"), "file.no-sheet"),
    Case("empty sheet", _book(""), "file.no-sheet"),
    Case("a million empty rows", _book("<row/>" * 1_000_000, state="visible"), "file.bomb"),
    Case("headings only in a sheet", _book(files.row_xml(1, "姓名", "手机")), "file.no-rows"),
    Case(
        "value in the last column",
        _book(files.row_xml(1, "姓名") + '<row r="2"><c r="XFD2"><v>1</v></c></row>'),
        "file.too-many-columns",
    ),
    Case("row ten million", _book('<row r="9999999"><c><v>1</v></c></row>'), "file.damaged"),
    Case("rows backwards", _book(files.row_xml(5, "a") + files.row_xml(4, "b")), "file.damaged"),
    Case("senseless reference", _book('<row r="1"><c r="$$1"><v>1</v></c></row>'), "file.damaged"),
    Case("senseless row", _book('<row r="x"><c r="A1"><v>1</v></c></row>'), "file.damaged"),
    Case("no such text", _book(SHARED_5, shared="<sst><si><t>a</t></si></sst>"), "file.damaged"),
    Case("text minus one", _book(SHARED_5.replace(">5<", ">-1<"), shared="<sst/>"), "file.damaged"),
    Case("long text", _book(files.row_xml(1, "名" * 40_000)), "file.cell-too-long"),
    Case(
        "long shared text",
        _book(SHARED_5.replace(">5<", ">0<"), shared=f"<sst><si><t>{'x' * 40_000}</t></si></sst>"),
        "file.cell-too-long",
    ),
    Case(
        "letters for a number", _book('<row r="1"><c r="A1"><v>abc</v></c></row>'), "file.damaged"
    ),
    Case(
        "deep nesting",
        _changed(worksheets__sheet1="".join(f"<a{n}>" for n in range(200_000))),
        "file.damaged",
    ),
    Case(
        "only the last row",
        _book('<row r="1048576"><c r="A1048576" t="str"><v>张伟</v></c></row>'),
        "",
    ),
    Case("formula never computed", _book(files.row_xml(1, "姓名", "手机") + FORMULA), ""),
)

PARQUETS = (
    Case("cut Parquet", lambda: _table(a=[1, 2])()[:-6], "file.damaged"),
    Case("head of Parquet", lambda: b"PAR1\x15\x00\x00", "file.damaged"),
    Case("Parquet with noise", _corrupt_page, "file.damaged"),
    Case("lying footer", lambda: _table(a=[1])()[:-8] + b"\xff\xff\xff\x7fPAR1", "file.damaged"),
    Case("encrypted footer", lambda: b"PARE\x00\x01" + _random(50) + b"PARE", "file.encrypted"),
    Case("lists", _table(姓名=["a"], 标签=[["x", "y"]]), "file.column-type"),
    Case("structures", _table(地址=[{"市": "上海"}]), "file.column-type"),
    Case("no rows", lambda: files.columnar(pa.table({"a": pa.array([], "int64")})), "file.no-rows"),
    Case(
        "600 Parquet columns", _table(**{f"c{n}": [1] for n in range(600)}), "file.too-many-columns"
    ),
    Case("bytes that are no text", _table(姓名=[b"\xff\xfe\xfd"]), "file.damaged"),
    Case("long Parquet text", _table(姓名=["名" * 40_000]), "file.cell-too-long"),
    Case("swelling Parquet", _swelling_parquet, "file.too-much-memory"),
    Case("too many Parquet rows", _table(a=list(range(2_000))), "file.too-many-rows", SMALL),
)

CASES = (*TEXTS, *KINDS, *WORKBOOKS, *PARQUETS)
