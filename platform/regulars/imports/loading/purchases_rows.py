"""Receipts as COPY reads them: a batch of lines at a time, column by column."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from operator import add
from typing import Any, Final
from zlib import crc32

from regulars.customers import naming
from regulars.imports import repeating
from regulars.imports.shaping.lines import Lines

BUCKETS: Final = 1 << 20
type Zones = Callable[[str], tzinfo]
"""Tells the time zone of a store by what the file calls it."""
type Categories = Callable[[str], str | None]
"""Tells the key of a category that the vertical declares; None for one it does not know."""

_NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_KEPT: Final = 100_000
_ALWAYS: Final = (
    "import_id bucket line lines quantity gross_minor discount_minor paid_minor places business_day"
)
_SAID: Final = (
    *("source", "number", "kind", "occurred_at", "store", "guide", "customer_id"),
    *("customer_number", "customer_code", "customer_card", "customer_phone", "customer_name"),
    *("payment", "rounding_minor", "original_number", "extra"),
)
"""Parts of a draft that are of the whole receipt."""
KNOWN: Final = ("import_id", "bucket", "line", *_SAID[:-1])
"""Columns by which staged receipts are found and told apart."""
_GOODS: Final = {
    "quantity": "quantities",
    "discount_minor": "discounts",
    "paid_minor": "paids",
    "position": "positions",
    "original_position": "original_positions",
    "product_code": "product_codes",
    "product_name": "product_names",
    "category": "categories",
    "line_extra": "extras",
}
"""Parts of a draft that are of the line, and the arrays that take them. What goods cost before the
discount is what was paid and the discount."""


class Texts(dict[Any, str]):
    """Values as COPY reads them. Columns repeat themselves, so each is written down once."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        """Begin with nothing written."""
        super().__init__()
        self._write = write

    def __missing__(self, value: Any) -> str:
        if len(self) >= _KEPT:
            self.clear()
        text = self[value] = self._write(value)
        return text


class Rows:
    """Writes the receipts that lines which follow one another make."""

    def __init__(self, import_id: str, zones: Zones, *, category: Categories) -> None:
        """Begin with no text written."""
        self._import = import_id
        self._zones = zones
        makers = {**_MAKERS, "category": lambda word: _category(word, category)}
        self._elements = {part: Texts(makers.get(part, _element)) for part in _GOODS}

    def columns(self, lines: Lines) -> str:
        """Name the columns that a batch fills."""
        said = [part for part in _SAID if part in lines.columns]
        goods = [column for part, column in _GOODS.items() if part in lines.columns]
        return " ".join((_ALWAYS, *said, *goods))

    def text(self, lines: Lines) -> str:
        """Return the receipts of a batch, a line of text each."""
        columns = dict(lines.columns)
        for part in _DOCUMENTS & columns.keys():
            columns[part] = list(map(_document, columns[part]))
        parts = [part for part in _SAID if part in columns]
        changes = [repeating.changes(columns[part]) for part in parts]
        starts = sorted({0}.union(*changes))
        spans = [slice(*span) for span in zip(starts, [*starts[1:], len(lines)], strict=True)]
        said = {part: repeating.at(columns[part], starts) for part in parts}
        texts = [
            *self._sums(columns, spans),
            self._days(said["occurred_at"], said["store"]),
            *(_written(part, values) for part, values in said.items()),
            *(self._arrays(part, columns[part], spans) for part in _GOODS if part in columns),
        ]
        return "\n".join([*map("\t".join, zip(*texts, strict=True)), ""])

    def _sums(self, columns: dict[str, Any], spans: list[slice]) -> Iterator[Sequence[str]]:
        """Yield the columns that are there always, of each receipt; all but the day."""
        rows = [span.start for span in spans]
        keys = (repeating.at(columns[part], rows) for part in ("source", "number"))
        lines = columns["line"]
        yield [self._import] * len(rows)
        yield [str(bucket_of(source, number)) for source, number in zip(*keys, strict=True)]
        yield [str(lines[row]) for row in rows]
        yield [str(span.stop - span.start) for span in spans]
        quantities = list(repeating.each(columns["quantity"], _thousandths))
        yield [f"{sum(quantities[span])}e-3" for span in spans]
        discounts, paid = (_sums(columns[each], spans) for each in ("discount_minor", "paid_minor"))
        for amounts in (map(add, paid, discounts), discounts, paid):
            yield list(map(str, amounts))
        yield [_places(lines, span) for span in spans]

    def _days(self, moments: Sequence[datetime], stores: Sequence[str]) -> Sequence[str]:
        zones = map(self._zones, stores)
        return [
            at.astimezone(zone).date().isoformat() for at, zone in zip(moments, zones, strict=True)
        ]

    def _arrays(self, part: str, column: Sequence[Any], spans: list[slice]) -> Sequence[str]:
        texts = list(repeating.each(column, self._elements[part].__getitem__))
        return [f"{{{','.join(texts[span])}}}" for span in spans]


def bucket_of(source: str, number: str) -> int:
    """Return the bucket of a receipt."""
    return crc32(f"{source}\t{number}".encode()) % BUCKETS


def _sums(column: Sequence[int], spans: list[slice]) -> list[int]:
    amounts = list(column)
    return [sum(amounts[span]) for span in spans]


def _thousandths(quantity: Decimal) -> int:
    return int(quantity.scaleb(3))  # of which there are no parts; whole numbers add up faster


def _places(lines: Sequence[int], span: slice) -> str:
    """Write the lines of a receipt, unless they follow one another."""
    if lines[span.stop - 1] - lines[span.start] == span.stop - span.start - 1:
        return _NULL
    return f"{{{','.join(map(str, lines[span]))}}}"


def _written(part: str, values: Sequence[Any]) -> list[str]:
    write = _WRITERS.get(part, _text)
    return [_NULL if value is None else write(value) for value in values]


def _text(value: Any) -> str:
    text = str(value)
    return text if text.isalnum() else text.translate(_ESCAPES)


def _code(value: str) -> str:
    return _text(naming.clean_code(value))


def _document(value: dict[str, Any]) -> str | None:
    return json.dumps(value, ensure_ascii=False, default=str) if value else None


def _number(value: object) -> str:
    return "NULL" if value is None else str(value)


def _element(value: str | None) -> str:
    """Write a text as an element of an array within COPY."""
    if value is None:
        return "NULL"
    if value.isalnum() and value.casefold() != "null":
        return value
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'.translate(_ESCAPES)


def _category(word: str | None, key_of: Categories) -> str:
    """Write a category by its declared key, as at the till."""
    return _element(word and (key_of(word) or word))


_WRITERS: Final[dict[str, Callable[[Any], str]]] = {
    "occurred_at": datetime.isoformat,
    "customer_code": _code,
    "customer_card": _code,
}
_MAKERS: Final[dict[str, Callable[[Any], str]]] = {
    **dict.fromkeys(("quantity", "discount_minor", "paid_minor"), _number),
    **dict.fromkeys(("position", "original_position"), _number),
}
_DOCUMENTS: Final = {"extra", "line_extra"}
