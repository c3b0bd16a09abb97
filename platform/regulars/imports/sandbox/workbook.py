"""The parts of a workbook around its sheets: their names, number formats and shared texts."""

import re
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from regulars.imports.limits import MIB, Limits
from regulars.imports.sandbox import formats, xmlparts
from regulars.imports.sandbox.package import Package
from regulars.imports.sandbox.wire import Refused, SheetName

_SMALL = 16 * MIB
_MAIN = "xl/workbook.xml"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Sheet(NamedTuple):
    """A worksheet: how people call it, whether it is hidden, and its part in the package."""

    name: str
    is_hidden: bool
    part: str


class SharedTexts:
    """The texts that cells refer to by number, packed as UTF-8 behind one another."""

    def __init__(self) -> None:
        """Begin with none."""
        self._bytes = bytearray()
        self._ends = array("Q", [0])

    def append(self, text: str) -> None:
        """Add the text with the next number."""
        self._bytes += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._bytes))

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self._ends) - 1:
            raise Refused("file.damaged", part="sharedStrings.xml")
        packed = self._bytes[self._ends[index] : self._ends[index + 1]]
        return packed.decode("utf-8", "surrogatepass")


class Workbook:
    """An opened workbook."""

    def __init__(self, package: Package, limits: Limits) -> None:
        """Read the list of sheets and the number formats; shared texts follow in `load_texts`."""
        self.package = package
        self._limits = limits
        self._main = self._find_main()
        self.starts_1904 = False
        self.sheets = self._read_sheets()
        self.formats = self._read_formats()
        self.texts = SharedTexts()

    def notes(self) -> tuple[tuple[str, dict[str, object]], ...]:
        """Say what else is in the workbook and left alone."""
        names = self.package.names()
        found: list[tuple[str, dict[str, object]]] = []
        if any(name.startswith("xl/externallinks/") for name in names):
            found.append(("workbook.links", {}))
        if any(name.endswith("vbaproject.bin") for name in names):
            found.append(("workbook.macros", {}))
        if hidden := [sheet.name for sheet in self.sheets if sheet.is_hidden]:
            found.append(("workbook.hidden-sheets", {"sheets": "、".join(hidden[:10])}))
        return tuple(found)

    def names(self) -> tuple[SheetName, ...]:
        """List the sheets for a person to choose from."""
        return tuple(SheetName(sheet.name, sheet.is_hidden) for sheet in self.sheets)

    def _find_main(self) -> str:
        for name, attributes in self._small("_rels/.rels"):
            if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
                return attributes.get("Target", _MAIN).lstrip("/")
        return _MAIN

    def _small(self, part: str) -> list[tuple[str, xmlparts.Attributes]]:
        if not self.package.has(part):
            return []
        return xmlparts.elements(self.package.chunks(part, limit=_SMALL), part)

    def _related(self) -> dict[str, tuple[str, str]]:
        """Map the ids of relations of the workbook to their kind and part."""
        folder, _, base = self._main.rpartition("/")
        found = {}
        for name, attributes in self._small(f"{folder}/_rels/{base}.rels".lstrip("/")):
            if name != "Relationship" or attributes.get("TargetMode") == "External":
                continue
            target = attributes.get("Target", "")
            part = target if target.startswith("/") else f"{folder}/{target}"
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, part.lstrip("/"))
        return found

    def _read_sheets(self) -> tuple[Sheet, ...]:
        if not self.package.has(self._main):
            raise Refused("file.damaged", part=self._main[:60])
        related = self._related()
        self._parts = dict(related.values())
        sheets = []
        for name, attributes in self._small(self._main):
            if name == "workbookPr":
                self.starts_1904 = attributes.get("date1904", "") in ("1", "true", "on")
            if name != "sheet":
                continue
            kind, part = related.get(attributes.get("id", ""), ("", ""))
            if kind == "worksheet":
                is_hidden = attributes.get("state", "visible") != "visible"
                sheets.append(Sheet(attributes.get("name", "")[:100], is_hidden, part))
        return tuple(sheets)

    def _read_formats(self) -> list[str]:
        """Return the kind of each cell style, by its index."""
        codes: dict[int, str] = {}
        kinds: list[str] = []
        is_inside = False
        for name, attributes in self._small(self._parts.get("styles", "xl/styles.xml")):
            if name == "numFmt":
                codes[int(attributes.get("numFmtId", -1))] = attributes.get("formatCode", "")[:255]
            elif name in ("cellXfs", "/cellXfs"):
                is_inside = name == "cellXfs"
            elif name == "xf" and is_inside:
                number = int(attributes.get("numFmtId", 0))
                kinds.append(formats.kind_of(number, codes.get(number)))
        return kinds

    def load_texts(self) -> Iterator[None]:
        """Read the shared texts, giving way now and then."""
        part = self._parts.get("sharedStrings", "xl/sharedStrings.xml")
        if not self.package.has(part):
            return
        reader = _TextsReader(self.texts, self._limits.cell_chars)
        chunks = self.package.chunks(part, limit=self._limits.inflated_bytes // 2)
        yield from xmlparts.feed(reader.parser, chunks, part)


class _TextsReader:
    """Gathers the runs of each shared text, leaving out how it is pronounced."""

    def __init__(self, texts: SharedTexts, limit: int) -> None:
        self._texts = texts
        self._limit = limit
        self._pieces: list[str] = []
        self._length = 0
        self._is_text = self._is_phonetic = False
        self.parser = xmlparts.parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data

    def _start(self, name: str, _attributes: xmlparts.Attributes) -> None:
        name = xmlparts.local(name)
        if name == "t":
            self._is_text = not self._is_phonetic
        elif name == "rPh":
            self._is_phonetic = True
        elif name == "si":
            self._pieces.clear()
            self._length = 0

    def _end(self, name: str) -> None:
        name = xmlparts.local(name)
        if name == "t":
            self._is_text = False
        elif name == "rPh":
            self._is_phonetic = False
        elif name == "si":
            self._texts.append(unescaped("".join(self._pieces)))

    def _data(self, text: str) -> None:
        if not self._is_text:
            return
        # one character more than a cell may hold is kept, so that the row using it is refused
        room = self._limit + 1 - self._length
        self._length += len(text)
        if room > 0:
            self._pieces.append(text[:room])


def unescaped(text: str) -> str:
    """Turn ``_x000D_`` into the character it stands for."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
