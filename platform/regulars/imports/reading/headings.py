"""Finding the row of headings and giving each column one name of its own."""

import re
from collections.abc import Sequence

from regulars.imports.cells import Cell, RawRow, column_letters, is_blank, shown
from regulars.imports.columns import vocabulary
from regulars.imports.reading.report import Note

_DATA = re.compile(r"[+\-]?[\d\s.,:/()¥￥$%-]*\d[\d\s.,:/()¥￥$%年月日-]*|[^@\s]+@[^@\s]+\.[^@\s]+")

_LONGEST = 60


def choose(rows: Sequence[RawRow]) -> int:
    """Return the line of the headings among the first rows; 0 when all of them look like data."""
    best, best_score = 0, 0.0
    width = max((_width(row.cells) for row in rows), default=0)
    for index, row in enumerate(rows):
        score = _score(row.cells, width) - 0.02 * index
        if score > best_score:
            best, best_score = row.line, score
    return best


def _width(cells: Sequence[Cell]) -> int:
    """Count the cells up to the last that holds something."""
    width = len(cells)
    while width and is_blank(cells[width - 1]):
        width -= 1
    return width


def _score(cells: Sequence[Cell], width: int) -> float:
    """Weigh a row: headings are words, all different, across the whole table, and often known."""
    texts = [shown(cell).strip() for cell in cells if not is_blank(cell)]
    if not texts:
        return 0.0
    data = sum(1 for text in texts if len(text) > _LONGEST or _DATA.fullmatch(text))
    known = sum(map(vocabulary.is_known, texts))
    if not known and (data or len(texts) * 2 < width):
        return 0.0
    different = len(set(texts)) / len(texts)
    return known + (len(texts) - 2 * data) / width + different - 1


def names_of(heading_row: Sequence[Cell], rows: Sequence[RawRow]) -> tuple[str, ...]:
    """Name every column of the table.

    A heading that is missing becomes the column's letter, one that comes again gets a number, and
    columns on the right that hold nothing at all are left away. Values to the right of the last
    heading make columns of their own only when most rows have them: a few are slips.
    """
    width = _width(heading_row)
    beyond = sum(1 for row in rows if _width(row.cells) > width)
    if beyond * 2 > len(rows):
        width = max(_width(row.cells) for row in rows)
    names: list[str] = []
    taken: set[str] = set()
    for index in range(width):
        cell = heading_row[index] if index < len(heading_row) else None
        heading = " ".join(shown(cell).split()) or column_letters(index)
        name, count = heading, 1
        while name in taken:
            count += 1
            name = f"{heading} ({count})"
        taken.add(name)
        names.append(name[:200])
    return tuple(names)


def notes(heading_row: Sequence[Cell]) -> list[Note]:
    """Say what a person should know about the headings."""
    texts = [" ".join(shown(cell).split()) for cell in heading_row if not is_blank(cell)]
    if not texts:
        return [Note("headings.none")]
    twice = sorted({text for text in texts if texts.count(text) > 1})
    return [Note("headings.duplicate", {"headings": "、".join(twice[:10])})] if twice else []
