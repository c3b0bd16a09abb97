"""Reading one cell in tests: the value, or the code of the refusal."""

from collections.abc import Callable
from typing import Any

from regulars.imports.cells import Cell
from regulars.imports.values import Unfit

UNFIT = "unfit: "


def outcome(parser: Callable[[Cell], Any], cell: Cell) -> Any:
    """Return the value, or the code of the refusal after `UNFIT`."""
    try:
        return parser(cell)
    except Unfit as unfit:
        return UNFIT + unfit.code
