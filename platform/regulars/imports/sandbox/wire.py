"""The frames between the child that reads a file and its parent.

Each frame is four bytes of length, big-endian, and a MessagePack map whose ``type`` names the
class. A child sends one `Head`, any number of `Rows`, `Columns` and `Alive`, and one `End` or
`Fault`.
"""

from typing import Any, Literal

import msgspec

from regulars.imports.cells import Cell
from regulars.imports.limits import Limits

LONGEST = 32 * 1024 * 1024
"""Bytes of one frame; a file whose rows swell beyond it is refused."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is asked: look at the file (the first rows come too), or send all rows."""

    action: Literal["inspect", "rows"]
    kind: Literal["xlsx", "parquet"]
    sheet: str | None = None
    limits: Limits


class Frame(msgspec.Struct, frozen=True, tag=True):
    """One message of the child."""


class SheetName(msgspec.Struct, frozen=True):
    """A sheet of the workbook."""

    name: str
    is_hidden: bool


class Head(Frame, frozen=True, kw_only=True):
    """What the file is. `columns` are the names of a Parquet file; a workbook has none."""

    sheets: tuple[SheetName, ...] = ()
    sheet: str = ""
    columns: tuple[str, ...] = ()
    notes: tuple[tuple[str, dict[str, Any]], ...] = ()


class Rows(Frame, frozen=True, gc=False):
    """Rows of a workbook with the number of each."""

    lines: list[int]
    cells: list[tuple[Cell, ...]]


class Column(msgspec.Struct, frozen=True, array_like=True):
    """The cells of one column of a batch: each row's own, or fewer when they repeat themselves.

    Then `ends` say before which row of the batch each cell's run ends; or `places`, two bytes for
    every row in the machine's own order, which of the cells it has.
    """

    cells: list[Cell]
    ends: list[int] = []
    places: bytes = b""


class Columns(Frame, frozen=True):
    """A batch of a Parquet file, column by column, beginning with row `first`."""

    first: int
    rows: int
    columns: list[Column]


class Alive(Frame, frozen=True):
    """Still working."""


class End(Frame, frozen=True):
    """The file was read to its end; `rows` were found in it."""

    rows: int
    is_exact: bool = True


class Fault(Frame, frozen=True):
    """The file is refused; `code` is one of `faults.SENTENCES`. `detail` is for operators."""

    code: str
    params: dict[str, Any]
    detail: str = ""


type AnyFrame = Head | Rows | Columns | Alive | End | Fault


class Refused(Exception):
    """Raised in the child for a file that is not taken; becomes a `Fault`."""

    def __init__(self, code: str, **params: Any) -> None:
        """Take a code of `faults.SENTENCES` and the values its sentence names."""
        self.code = code
        self.params = params
        super().__init__(code)
