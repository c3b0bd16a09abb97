"""What all parsers share: the refusal, blanks, and making text plain."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from regulars.imports import safe
from regulars.imports.cells import Cell, CellError, shown

type Parser[T] = Callable[[Cell], T | None]

BLANKS = frozenset(
    ["", "-", "--", "—", "——", "/", "\\", "\\N", "#N/A", "N/A", "n/a", "NULL", "null", "None"]
) | frozenset(
    ["none", "NaN", "nan", "NaT", "nil", "无", "無", "空", "暂无", "未知", "未填", "不详", "?"]
)
"""What people and programs write where there is nothing; not applied to names and free text."""

TEXT_BLANKS = frozenset(("", "-", "--", "—", "/", "\\N", "#N/A", "NULL", "null", "NaN"))

_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")


class Unfit(ValueError):
    """A cell that cannot be the value its column asks for; `code` is one of `problems`."""

    def __init__(self, code: str, **params: Any) -> None:
        """Take a code of `problems.SENTENCES` and the values its sentence names."""
        self.code = code
        self.params = params
        super().__init__(code)


def refuse_errors(cell: Cell) -> None:
    """Refuse a cell that holds a spreadsheet's fault.

    :raises Unfit: ``cell.formula`` for a formula never computed, ``cell.error`` for others.
    """
    if isinstance(cell, CellError):
        if cell.text == "formula":
            raise Unfit("cell.formula")
        raise Unfit("cell.error", error=cell.text)


def plain(cell: Cell) -> str:
    """Bring a cell to the form in which numbers, dates and codes are read.

    Full-width signs become plain ones, invisible signs and outer spaces go, an apostrophe that
    marks text in spreadsheets goes. A blank gives an empty text.
    """
    if isinstance(cell, str):
        if cell.isascii() and cell.isalnum():
            return "" if cell in BLANKS else cell
        text = unicodedata.normalize("NFKC", _UNSEEN.sub("", cell)).strip()
        text = safe.restore(text)
        if text[:1] == "'" and len(text) > 1:
            text = text[1:].strip()
        return "" if text in BLANKS else text
    refuse_errors(cell)
    return shown(cell)


def seen(text: str) -> str:
    """Take away signs that cannot be seen and would make two equal texts differ."""
    return text if text.isascii() else _UNSEEN.sub("", text)
