"""What becomes of each staged receipt: the parameters of a judgement, its tally, its refusals."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import connection

from regulars.imports import rejections
from regulars.imports.contract import Job
from regulars.imports.loading import opening, purchases_sql
from regulars.imports.loading.places import Places
from regulars.imports.loading.purchases_rows import BUCKETS
from regulars.imports.models import Import
from regulars.imports.problems import Problem
from regulars.points import tiers
from regulars.purchases.drafts import MEANS
from regulars.purchases.settling import MOST_LINES
from regulars.tenancy import context, statements
from regulars.tenancy.identifiers import first_id

BAD: Final = ("refused", "differs", "too-many-lines", "taken", "store", "amount", "buyer")
_LINES_AT_ONCE: Final = 5_000
_STORE, _GUIDE, _ALL = 1, 2, 3
_STAGED: Final = """
SELECT grouping(store, guide), store, guide, sum(lines) FROM imports_stagedreceipt
WHERE import_id = %s GROUP BY GROUPING SETS ((store), (guide), ()) ORDER BY store, guide"""

type Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Buckets:
    """Some receipts that follow one another by their hash."""

    first: int
    last: int

    def plain(self) -> dict[str, int]:
        """Return the bounds as a statement's parameters."""
        return {"first": self.first, "last": self.last}


@dataclass(frozen=True, slots=True)
class Staged:
    """How many lines are staged, in all and by the texts that name their store and guide."""

    lines: int
    stores: Counter[str]
    guides: Counter[str]

    @classmethod
    def read(cls, import_id: UUID) -> "Staged":
        """Go through what is staged once."""
        found: dict[int, dict[str, int]] = {_STORE: {}, _GUIDE: {}, _ALL: {}}
        for which, store, guide, lines in statements.every(_STAGED, (import_id,)):
            text = store if which == _STORE else guide
            if text is not None or which == _ALL:
                found[which][text or ""] = int(lines or 0)
        return cls(found[_ALL].get("", 0), Counter(found[_STORE]), Counter(found[_GUIDE]))


class Judging:
    """Judges the staged receipts of one import, as the chain is now."""

    def __init__(self, job: Job, staged: Staged | None = None) -> None:
        """Look up the stores and guides that the file names; `staged` is read unless known."""
        self.job = job
        self.staged = staged or Staged.read(job.import_id)
        self.said = purchases_sql.said(job.mapping)
        self.places = Places.read()
        self.stores, self.guides = self.staged.stores, self.staged.guides
        self._amounts = tiers.currency_exponent(context.current().currency)
        named = {
            text: self.places.store(text) or self.places.store(opening.code_of(text))
            for text in self.stores
        }
        opens = job.options.create_stores
        known = [(text, place) for text, place in named.items() if place or opens]
        guides = [(text, key) for text in self.guides if (key := self.places.guide(text))]
        self.unknown_stores = {text: self.stores[text] for text in named if not named[text]}
        self.unknown_guides = {
            text: count for text, count in self.guides.items() if not self.places.guide(text)
        }
        self._parameters: dict[str, Any] = {
            "import": job.import_id,
            "source": job.mapping.options.source,
            "unknown": job.options.unknown_customers,
            "most_lines": MOST_LINES,
            "stores": [text for text, _place in known],
            "store_ids": [place and place.id for _text, place in known],
            "guides": [text for text, _key in guides],
            "guide_ids": [key for _text, key in guides],
            "means": list(MEANS),
            "bad": list(BAD),
        }

    def ranges(self, lines: int) -> list[Buckets]:
        """Divide what is staged into ranges of about so many lines each, which two can share."""
        pieces = max(1, -(-self.staged.lines // lines))
        step = -(-BUCKETS // (pieces + pieces % 2 if pieces > 1 else 1))
        return [Buckets(first, first + step - 1) for first in range(0, BUCKETS, step)]

    def run(self, sql: str, **more: Any) -> list[Row]:
        """Run a statement of purchases_sql with the parameters of the judgement."""
        with connection.cursor() as cursor:
            cursor.execute(sql, {**self._parameters, **more})
            return list(cursor.fetchall()) if cursor.description else []

    def reject(self, some: Buckets) -> None:
        """Write down each line of the receipts of a range that may not come in, and why."""
        with self.streamed(purchases_sql.rejected(self.said), **some.plain()) as pages:
            for rows in pages:
                problems = [self._problem(row) for row in rows]
                rejections.add(import_id=self.job.import_id, problems=problems)

    @contextmanager
    def streamed(self, sql: str, **more: Any) -> Iterator[Iterator[list[Row]]]:
        """Run a statement and hand its rows out, some thousand at a time, across transactions."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql, {**self._parameters, **more})
            yield iter(lambda: cursor.fetchmany(_LINES_AT_ONCE), [])

    def _problem(self, row: Row) -> Problem:
        verdict, refused, differs, store, day, paid, number, source, line = row
        params: dict[str, Any] = {}
        match verdict:
            case "refused":
                code, params = "receipt.other-line", {"line": refused}
            case "differs":
                code = f"receipt.differs.{differs}"
            case "too-many-lines":
                code, params = "receipt.too-many-lines", {"most": MOST_LINES}
            case "taken":
                code, params = "receipt.number-taken", self._known(source, number, day, paid)
            case "store":
                code, params = "store.unknown", {"name": store}
            case _:
                code = f"receipt.{verdict}"
        return Problem(line, "", code, "", params)

    def _known(self, source: str, number: str, day: Any, paid: int) -> dict[str, Any]:
        amount = Decimal(paid).scaleb(-self._amounts)
        return {
            "number": number,
            "source": source,
            "day": day.isoformat() if day else "",
            "amount": f"{amount:f}",
        }


def floor(job: Job) -> UUID:
    """Return a key before which nothing of the import can stand: keys are in the order of time.

    The import's own row says when, by the clock that makes the keys; a minute is allowed for in
    which the clock of this machine may differ from that of the database.
    """
    began: datetime = Import.objects.values_list("created_at", flat=True).get(pk=job.import_id)
    return first_id(began - timedelta(minutes=1))
