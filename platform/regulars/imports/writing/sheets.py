"""What goes into a file: headings, and rows that are made while they are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

type Cell = str | int | float | Decimal | date | datetime | None
"""A value to write; moments are local ones, without a zone."""

type Line = Sequence[Cell]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table to be written: what it is called, its headings, then its rows."""

    title: str
    headings: Sequence[str]
    lines: Iterable[Line]
