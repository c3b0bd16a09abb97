"""Lines of purchases on their way into the staging table, by COPY.

What a receipt says of itself is written once for all of its lines that follow one another: of
1.5 million lines nine tenths would only repeat it. The lines go with it in arrays, so that nothing
has to be sorted, joined or looked up by line again.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import compress
from operator import ne
from typing import Any, Final, cast
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

from django.db import connection

from regulars import registry
from regulars.customers import naming
from regulars.imports.drafts import PurchaseLineDraft
from regulars.imports.loading.places import Places
from regulars.imports.models import StagedReceipt
from regulars.imports.shapes import Shaped
from regulars.imports.shaping.lines import Lines

BUCKETS: Final = 1 << 20
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
_GOODS: Final = {
    "quantity": "quantities",
    "gross_minor": "grosses",
    "discount_minor": "discounts",
    "paid_minor": "paids",
    "position": "positions",
    "original_position": "original_positions",
    "product_code": "product_codes",
    "product_name": "product_names",
    "category": "categories",
    "line_extra": "extras",
}
"""Parts of a draft that are of the line, and the arrays that take them."""


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


class Staging:
    """Writes batches of drafts into the staging tables of one import."""

    def __init__(self, import_id: UUID, *, zone: ZoneInfo) -> None:
        """Prepare; `zone` is that of stores nobody knows yet."""
        self._import = str(import_id)
        self._zone = zone
        self._places: Places | None = None
        self._zones: dict[str, ZoneInfo] = {}
        self._elements = {part: Texts(_MAKERS.get(part, _element)) for part in _GOODS}

    def begin(self) -> None:
        """Forget what was staged, and look the stores up anew."""
        forget(UUID(self._import))
        self._places, self._zones = Places.read(), {}

    def stage(self, shaped: Shaped[PurchaseLineDraft]) -> None:
        """Keep the drafts of a batch, and the receipts that may not be taken."""
        if shaped.drafts:
            lines = Lines.of(shaped.drafts)
            copy("imports_stagedreceipt", self._columns(lines), self._rows(lines))
        if shaped.refused:
            StagedReceipt.objects.bulk_create(
                [
                    StagedReceipt(
                        import_id=self._import,
                        bucket=bucket_of(source, number),
                        line=line,
                        refused=line,
                        source=source,
                        number=number,
                    )
                    for (source, number), line in shaped.refused.items()
                ],
                ignore_conflicts=True,
            )

    def _columns(self, lines: Lines) -> str:
        """Name the columns that a batch fills."""
        said = [part for part in _SAID if part in lines.columns]
        goods = [column for part, column in _GOODS.items() if part in lines.columns]
        return " ".join((_ALWAYS, *said, *goods))

    def _rows(self, lines: Lines) -> list[str]:
        """Return the receipts that lines which follow one another make, as COPY reads them."""
        columns = dict(lines.columns)
        for part in _DOCUMENTS & columns.keys():
            columns[part] = list(map(_document, columns[part]))
        parts = [part for part in _SAID if part in columns]
        keys = list(zip(*(columns[part] for part in parts), strict=True))
        starts = [0, *compress(range(1, len(keys)), map(ne, keys[1:], keys))]
        writers = [_WRITERS.get(part, _text) for part in parts]
        goods = [
            list(map(self._elements[part].__getitem__, columns[part]))
            for part in _GOODS
            if part in columns
        ]
        rows = []
        for start, end in zip(starts, [*starts[1:], len(keys)], strict=True):
            said = [
                _NULL if value is None else write(value)
                for write, value in zip(writers, keys[start], strict=True)
            ]
            arrays = [f"{{{','.join(each[start:end])}}}" for each in goods]
            rows.append("\t".join([*self._sums(lines, start, end), *said, *arrays]) + "\n")
        return rows

    def _sums(self, lines: Lines, start: int, end: int) -> Iterator[str]:
        """Yield the columns that are there always, of some lines of one receipt."""
        columns = lines.columns
        places, first = columns["line"], columns["line"][start]
        yield self._import
        yield str(bucket_of(columns["source"][start], columns["number"][start]))
        yield str(first)
        yield str(end - start)
        for part in ("quantity", "gross_minor", "discount_minor", "paid_minor"):
            yield str(sum(columns[part][start:end]))
        if places[end - 1] - first == end - start - 1:
            yield _NULL
        else:
            yield f"{{{','.join(map(str, places[start:end]))}}}"
        yield self._day(columns["occurred_at"][start], columns["store"][start])

    def _day(self, at: datetime, store: str) -> str:
        zone = self._zones.get(store)
        if zone is None:
            found = self._places.store(store) if self._places else None
            zone = self._zones[store] = found.zone if found else self._zone
        return at.astimezone(zone).date().isoformat()


def forget(import_id: UUID) -> None:
    """Remove everything that is staged of an import."""
    rows = StagedReceipt.objects.filter(import_id=import_id)
    rows._raw_delete(rows.db)  # by the whole key, row by row, it would take minutes


def analyze() -> None:
    """Tell the planner how much is staged; what is in the arrays would take longest to count."""
    known = ("import_id", "bucket", "line", *_SAID[:-1])
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE imports_stagedreceipt ({', '.join(known)})")


def copy(table: str, columns: str, rows: Iterable[str]) -> None:
    """Write rows, in COPY's own text, into columns that are separated by spaces."""
    names = ", ".join(columns.split())
    with (
        connection.cursor() as cursor,
        cast(Any, cursor).copy(f"COPY {table} ({names}) FROM STDIN") as stream,
    ):
        stream.write("".join(rows))


def bucket_of(source: str, number: str) -> int:
    """Return the bucket of a receipt."""
    return crc32(f"{source}\t{number}".encode()) % BUCKETS


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


def _category(word: str | None) -> str:
    """Write a category by its declared key, as at the till."""
    return _element(word and (registry.vertical().category(word) or word))


_WRITERS: Final[dict[str, Callable[[Any], str]]] = {
    "occurred_at": datetime.isoformat,
    "customer_code": _code,
    "customer_card": _code,
}
_MAKERS: Final[dict[str, Callable[[Any], str]]] = {
    **dict.fromkeys(("quantity", "gross_minor", "discount_minor", "paid_minor"), _number),
    **dict.fromkeys(("position", "original_position"), _number),
    "category": _category,
}
_DOCUMENTS: Final = {"extra", "line_extra"}
