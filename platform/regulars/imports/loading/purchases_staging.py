"""Lines of purchases on their way into the staging tables, by COPY.

What a receipt says of itself is written once for all of its lines that follow one another: of
1.5 million lines nine tenths would only repeat it, and matching need not touch the lines at all.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

from django.db import connection

from regulars import registry
from regulars.customers import naming
from regulars.imports.drafts import PurchaseLineDraft
from regulars.imports.loading.places import Places
from regulars.imports.models import StagedLine, StagedReceipt
from regulars.imports.shapes import Shaped

BUCKETS: Final = 1 << 20
_NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_LINES: Final = (
    "import_id bucket line receipt quantity gross_minor discount_minor paid_minor"
    " position original_position product_code product_name category extra"
)
_RECEIPTS: Final = (
    "import_id bucket line source number kind occurred_at business_day store guide customer_id"
    " customer_number customer_code customer_card customer_phone customer_name payment"
    " rounding_minor original_number extra lines quantity gross_minor discount_minor paid_minor"
)


class Staging:
    """Writes batches of drafts into the staging tables of one import."""

    def __init__(self, import_id: UUID, *, zone: ZoneInfo) -> None:
        """Prepare; `zone` is that of stores nobody knows yet."""
        self._import = str(import_id)
        self._zone = zone
        self._places: Places | None = None
        self._zones: dict[str, ZoneInfo] = {}
        self._categories: dict[str, str] = {}

    def begin(self) -> None:
        """Forget what was staged, and look the stores up anew."""
        forget(UUID(self._import))
        self._places, self._zones = Places.read(), {}

    def stage(self, shaped: Shaped[PurchaseLineDraft]) -> None:
        """Keep the drafts of a batch, and the receipts that may not be taken."""
        if shaped.drafts:
            lines, receipts = self._rows(shaped.drafts)
            copy("imports_stagedreceipt", _RECEIPTS, receipts)
            copy("imports_stagedline", _LINES, lines)
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

    def _rows(self, drafts: Sequence[PurchaseLineDraft]) -> tuple[list[str], list[str]]:
        """Return the lines, and the receipts they make, as COPY reads them."""
        lines: list[str] = []
        receipts: list[str] = []
        before: Any = None
        first = drafts[0]
        start, key = "", ""
        gross = discount = paid = count = 0
        quantity = Decimal(0)
        for draft in drafts:
            about = (draft.number, draft.source, draft.occurred_at, draft.store, draft.kind)
            if about != before or not _is_of(first, draft):
                if count:
                    sums = f"{count}\t{quantity}\t{gross}\t{discount}\t{paid}\n"
                    receipts.append(key + self._said(first) + sums)
                before, first = about, draft
                gross = discount = paid = count = 0
                quantity = Decimal(0)
                start = f"{self._import}\t{bucket_of(draft.source, draft.number)}\t"
                key = f"{start}{draft.line}\t"
            lines.append(
                f"{start}{draft.line}\t{first.line}\t{draft.quantity}\t{draft.gross_minor}\t"
                f"{draft.discount_minor}\t{draft.paid_minor}\t{self._goods(draft)}\n"
            )
            gross += draft.gross_minor
            discount += draft.discount_minor
            paid += draft.paid_minor
            quantity += draft.quantity
            count += 1
        sums = f"{count}\t{quantity}\t{gross}\t{discount}\t{paid}\n"
        receipts.append(key + self._said(first) + sums)
        return lines, receipts

    def _said(self, draft: PurchaseLineDraft) -> str:
        """Write what a receipt says of itself."""
        at = draft.occurred_at
        values = (
            draft.source,
            draft.number,
            draft.kind,
            at.isoformat(),
            self._day(at, draft.store),
            draft.store,
            draft.guide,
            draft.customer_id,
            draft.customer_number,
            draft.customer_code and naming.clean_code(draft.customer_code),
            draft.customer_card and naming.clean_code(draft.customer_card),
            draft.customer_phone,
            draft.customer_name,
            draft.payment,
            draft.rounding_minor,
            draft.original_number,
            draft.extra,
        )
        return "".join(f"{_plain(value)}\t" for value in values)

    def _day(self, at: datetime, store: str) -> str:
        zone = self._zones.get(store)
        if zone is None:
            found = self._places.store(store) if self._places else None
            zone = self._zones[store] = found.zone if found else self._zone
        return at.astimezone(zone).date().isoformat()

    def _goods(self, draft: PurchaseLineDraft) -> str:
        """Write what only some files say of a line."""
        position, original = draft.position, draft.original_position
        return (
            f"{_NULL if position is None else position}\t"
            f"{_NULL if original is None else original}\t"
            f"{_text(draft.product_code)}\t{_text(draft.product_name)}\t"
            f"{_NULL if draft.category is None else self._category(draft.category)}\t"
            f"{_plain(draft.line_extra) if draft.line_extra else _NULL}"
        )

    def _category(self, word: str) -> str:
        """Write a category by its declared key, as at the till."""
        found = self._categories.get(word)
        if found is None:
            found = self._categories[word] = _text(registry.vertical().category(word) or word)
        return found


def forget(import_id: UUID) -> None:
    """Remove everything that is staged of an import."""
    for model in (StagedLine, StagedReceipt):
        rows = model._default_manager.filter(import_id=import_id)
        rows._raw_delete(rows.db)  # by the whole key, row by row, it would take minutes


def analyze() -> None:
    """Tell the planner how much is staged."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE imports_stagedline, imports_stagedreceipt")


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


def _is_of(first: PurchaseLineDraft, draft: PurchaseLineDraft) -> bool:
    """Say whether a line says of its receipt what an earlier line said."""
    return (
        first.customer_number == draft.customer_number
        and first.customer_phone == draft.customer_phone
        and first.customer_code == draft.customer_code
        and first.customer_card == draft.customer_card
        and first.customer_id == draft.customer_id
        and first.customer_name == draft.customer_name
        and first.guide == draft.guide
        and first.payment == draft.payment
        and first.rounding_minor == draft.rounding_minor
        and first.original_number == draft.original_number
        and first.extra == draft.extra
    )


def _text(value: str | None) -> str:
    if value is None:
        return _NULL
    return value if value.isalnum() else value.translate(_ESCAPES)


def _plain(value: object) -> str:
    if value is None or value == {}:
        return _NULL
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return _text(str(value))
