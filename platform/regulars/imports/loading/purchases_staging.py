"""Lines of purchases on their way into the staging table, by COPY.

What a receipt says of itself is written once for all of its lines that follow one another: of
1.5 million lines nine tenths would only repeat it. The lines go with it in arrays, so that nothing
has to be sorted, joined or looked up by line again.
"""

from typing import Any, NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from regulars import registry
from regulars.imports.drafts import PurchaseLineDraft
from regulars.imports.loading.places import Places
from regulars.imports.loading.purchases_rows import KNOWN, Rows, bucket_of
from regulars.imports.models import StagedReceipt
from regulars.imports.shapes import Shaped
from regulars.imports.shaping.lines import Lines


class Written(NamedTuple):
    """Rows in COPY's own text, and their columns, separated by spaces."""

    columns: str
    rows: str


class Staging:
    """Writes batches of drafts into the staging tables of one import."""

    def __init__(self, import_id: UUID, *, zone: ZoneInfo) -> None:
        """Prepare; `zone` is that of stores nobody knows yet."""
        self._import = str(import_id)
        self._zone_of_others = zone
        self._places: Places | None = None
        self._zones: dict[str, ZoneInfo] = {}
        self._rows = Rows(self._import, self._zone, category=registry.vertical().category)

    def begin(self) -> None:
        """Forget what was staged, and look the stores up anew."""
        forget(UUID(self._import))
        self._places, self._zones = Places.read(), {}

    def prepare(self, shaped: Shaped[PurchaseLineDraft]) -> "Written":
        """Write the drafts of a batch down; asks the database nothing."""
        if not shaped.drafts:
            return Written("", "")
        lines = Lines.of(shaped.drafts)
        return Written(self._rows.columns(lines), self._rows.text(lines))

    def stage(self, shaped: Shaped[PurchaseLineDraft], written: "Written") -> None:
        """Keep what was written of a batch, and the receipts that may not be taken."""
        if written.rows:
            copy("imports_stagedreceipt", written.columns, written.rows)
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

    def _zone(self, store: str) -> ZoneInfo:
        zone = self._zones.get(store)
        if zone is None:
            found = self._places.store(store) if self._places else None
            zone = self._zones[store] = found.zone if found else self._zone_of_others
        return zone


def forget(import_id: UUID) -> None:
    """Remove everything that is staged of an import."""
    rows = StagedReceipt.objects.filter(import_id=import_id)
    rows._raw_delete(rows.db)  # by the whole key, row by row, it would take minutes


def analyze() -> None:
    """Tell the planner how much is staged, by a small sample: its statements are always the same.

    What is in the arrays would take longest to count.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_statistics_target = 20")
        cursor.execute(f"ANALYZE imports_stagedreceipt ({', '.join(KNOWN)})")


def copy(table: str, columns: str, rows: str) -> None:
    """Write rows as `Written` has them."""
    names = ", ".join(columns.split())
    with (
        connection.cursor() as cursor,
        cast(Any, cursor).copy(f"COPY {table} ({names}) FROM STDIN") as stream,
    ):
        stream.write(rows)
