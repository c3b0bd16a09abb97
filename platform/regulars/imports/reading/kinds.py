"""Telling what a file is by its content; its name says nothing."""

import re
from typing import BinaryIO

from regulars.imports import faults
from regulars.imports.reading import encodings
from regulars.imports.reading.report import Kind

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG", "file.image", "PNG"),
    (b"\xff\xd8\xff", "file.image", "JPEG"),
    (b"GIF8", "file.image", "GIF"),
    (b"II*\x00", "file.image", "TIFF"),
    (b"MM\x00*", "file.image", "TIFF"),
    (b"\x1f\x8b", "file.archive", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "file.archive", "7z"),
    (b"Rar!\x1a\x07", "file.archive", "RAR"),
    (b"BZh", "file.archive", "bzip2"),
    (b"\xfd7zXZ\x00", "file.archive", "xz"),
    (b"\x28\xb5\x2f\xfd", "file.archive", "zstd"),
    (b"ARROW1", "file.foreign-data", "Arrow"),
    (b"ORC", "file.foreign-data", "ORC"),
    (b"Obj\x01", "file.foreign-data", "Avro"),
    (b"SQLite format 3\x00", "file.foreign-data", "SQLite"),
    (b"\x00\x01\x00\x00Standard", "file.foreign-data", "Access"),
    (b"\x7fELF", "file.unknown", ""),
    (b"MZ\x90\x00", "file.unknown", ""),
    (b"\x09\x08\x10\x00", "file.xls", ""),
    (b"\x09\x04\x06\x00", "file.xls", ""),
)
"""First bytes, code of the fault, name of the format."""

_TEXTUAL: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (
        re.compile(rb"<\?xml.{0,400}urn:schemas-microsoft-com:office:spreadsheet", re.S | re.I),
        "file.foreign-spreadsheet",
        "XML Spreadsheet 2003",
    ),
    (
        re.compile(
            rb"(<\?xml[^>]*>\s*)?(<!--.{0,400}?-->\s*)?"
            rb"<(!doctype\s+html|html|head|meta|body|table|style)\b",
            re.S | re.I,
        ),
        "file.html",
        "",
    ),
    (re.compile(rb"%PDF-"), "file.document", "PDF"),
    (re.compile(rb"\{\\rtf"), "file.document", "RTF"),
    (re.compile(rb"mime-version:\s*1", re.I), "file.html", ""),
    (re.compile(rb"<\?xml|<[a-z]+[\s>/]", re.I), "file.foreign-data", "XML"),
    (re.compile(rb"begin:vcard", re.I), "file.foreign-data", "vCard"),
    (re.compile(rb"[{\[]\s*[\"{\[\]}\d-]"), "file.foreign-data", "JSON"),
    (re.compile(rb"ID;P"), "file.foreign-spreadsheet", "SYLK"),
)
"""How the text begins after a byte order mark and white space."""

_ZIP_PARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"xl/workbook.bin", "file.foreign-spreadsheet", "XLSB"),
    (b"opendocument.spreadsheet", "file.foreign-spreadsheet", "OpenDocument (.ods)"),
    (b"word/document.xml", "file.document", "Word"),
    (b"ppt/presentation.xml", "file.document", "PowerPoint"),
    (b"Index/Document.iwa", "file.foreign-spreadsheet", "Numbers"),
)

HEAD = 64 * 1024


def of(file: BinaryIO, *, size: int) -> Kind:
    """Say which readable kind the open file is.

    :raises faults.FileFault: it is something else, with a sentence on how to convert it.
    """
    file.seek(0)
    head = file.read(HEAD)
    if size <= HEAD and not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise faults.FileFault("file.empty")
    if head.startswith(_OLE2):
        raise faults.FileFault(_inside_ole2(file))
    if head.startswith(_ZIP):
        return _inside_zip(file, head, size)
    if _has_controls(head[:256]):
        if head.startswith(b"PARE"):
            raise faults.FileFault("file.encrypted")
        if head.startswith(b"PAR1"):
            return Kind.PARQUET
        _refuse_binary(head)
    _refuse_textual(head)
    return Kind.TEXT


def _has_controls(head: bytes) -> bool:
    """Tell binary beginnings from a heading that happens to be spelt like a signature."""
    return any(byte < 9 or byte in (0x1A, 0x1F) for byte in head)


def _is_text(head: bytes) -> bool:
    if encodings.mark_of(head) or encodings.without_mark(head):
        return True
    controls = sum(1 for byte in head if byte < 9 or 13 < byte < 32)
    return controls * 50 < len(head) or controls <= 2


def _refuse_binary(head: bytes) -> None:
    for signature, code, name in _SIGNATURES:
        if head.startswith(signature):
            raise faults.FileFault(code, format=name)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        raise faults.FileFault("file.image", format="WebP")
    if head[4:12] in (b"ftypheic", b"ftypavif", b"ftypmif1"):
        raise faults.FileFault("file.image", format="HEIC")
    if head[257:262] == b"ustar":
        raise faults.FileFault("file.archive", format="tar")
    if not _is_text(head[:8192]):
        raise faults.FileFault("file.unknown")


def _refuse_textual(head: bytes) -> None:
    beginning = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:4096]
    for encoding in ("utf-16-le", "utf-16-be"):
        mark = b"\xff\xfe" if encoding == "utf-16-le" else b"\xfe\xff"
        if head.startswith(mark):
            beginning = head[2:8194].decode(encoding, "ignore").lstrip().encode()
    for pattern, code, name in _TEXTUAL:
        if pattern.match(beginning):
            raise faults.FileFault(code, format=name)


def _inside_ole2(file: BinaryIO) -> str:
    """Name the fault of a compound file by the streams its directory lists, in UTF-16."""
    code = "file.unknown"
    file.seek(0)
    rest = b""
    while block := file.read(1024 * 1024):
        text = rest + block
        if "EncryptedPackage".encode("utf-16-le") in text:
            return "file.encrypted"
        if any(f"{name}\0".encode("utf-16-le") in text for name in ("Workbook", "Book")):
            code = "file.xls"
        rest = block[-64:]
    return code


def _inside_zip(file: BinaryIO, head: bytes, size: int) -> Kind:
    """Look for the names of parts in the first and last bytes; the reader checks the rest."""
    file.seek(max(0, size - 1024 * 1024))
    names = head + file.read()
    for part, code, name in _ZIP_PARTS:
        if part in names:
            raise faults.FileFault(code, format=name)
    if b"xl/" not in names and b"xl\\" not in names:
        if b"[Content_Types].xml" in names and b"PK\x05\x06" not in names:
            raise faults.FileFault("file.damaged", part="zip")
        raise faults.FileFault("file.archive", format="zip")
    return Kind.XLSX
