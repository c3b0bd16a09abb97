"""Receipts of a file become purchases, and are taken back as a whole.

Lines are staged with what they say of their receipt, receipts are judged set by set in SQL, and
come in by ranges of their hash, each range in a transaction of its own: first what stands by
itself, then the returns of goods that were bought. What is in is known by its number, so a repeat
goes on where it was ended. Customers, standings, owners and points follow at the end.

A receipt that both sells and takes goods back is refused as a whole: a purchase is one or the
other, and the returned goods need a number of their own to be told from a repeat.
"""

from collections import Counter
from contextlib import closing
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from regulars.imports import rejections, side_by_side
from regulars.imports.contract import Job, Preview, Tell
from regulars.imports.drafts import PurchaseLineDraft
from regulars.imports.loading import (
    opening,
    purchases_buyers,
    purchases_following,
    purchases_returning,
    purchases_sql,
    purchases_staging,
    purchases_undoing,
)
from regulars.imports.loading.purchases_judging import Buckets, Judging
from regulars.imports.loading.purchases_staging import Staging, Written
from regulars.imports.shapes import Shaped
from regulars.tenancy import context

_LINES_AT_ONCE: Final = 40_000
_LINES_JUDGED: Final = 50_000
_TRIES: Final = 3
_GOOD: Final = ("new", "back", "same", "ours")


class PurchaseLoader:
    """Takes the purchases of one import in; see `contract.Loader`."""

    def __init__(self, job: Job) -> None:
        """Prepare; nothing is read yet."""
        self._job = job
        self._staging = Staging(job.import_id, zone=context.current().zone)

    def begin(self) -> None:
        """Empty what this import has staged."""
        self._staging.begin()

    def prepare(self, shaped: Shaped[PurchaseLineDraft]) -> Written:
        """Write the receipts of a batch down."""
        return self._staging.prepare(shaped)

    def stage(self, shaped: Shaped[PurchaseLineDraft], prepared: Written) -> None:
        """Keep a batch, and which receipts have a line that could not be read."""
        self._staging.stage(shaped, prepared)

    def match(self, *, now: datetime, tell: Tell) -> Preview:
        """Judge every receipt, and reject the lines of those that may not come in."""
        purchases_staging.analyze()
        judging = Judging(self._job)
        tally = Tally()
        unknown = self._job.options.unknown_customers
        strangers = 0
        pieces: list[Buckets | None] = [*judging.ranges(_LINES_JUDGED)]
        if unknown == "create":
            pieces.insert(0, None)  # the strangers, whom only the whole file tells apart
        with closing(side_by_side.shared(pieces, lambda some: _judge(judging, some))) as judged:
            tell(0, len(pieces))
            for done, found in enumerate(judged, start=1):
                if isinstance(found, int):
                    strangers = found
                else:
                    tally.add(found)
                tell(done, len(pieces))
        for back in purchases_returning.judged(judging):
            tally.add([back])
        return Preview(
            new=tally.receipts["new"],
            same=tally.receipts["same"],
            rejected=rejections.count(import_id=self._job.import_id),
            details={
                "lines": tally.lines,
                "returns": tally.returns,
                "sales_minor": tally.paid,
                "first_day": tally.first.isoformat() if tally.first else None,
                "last_day": tally.last.isoformat() if tally.last else None,
                "anonymous": tally.anonymous + (tally.strange if unknown == "anonymous" else 0),
                "customers_new": strangers,
                "stores_unknown": judging.unknown_stores,
                "guides_unknown": judging.unknown_guides,
            },
        )

    def load(self, *, now: datetime, tell: Tell) -> dict[str, int]:
        """Write what may come in; returns what is in by now, and what was known already."""
        judging = Judging(self._job)
        counts: Counter[str] = Counter(stores=self._open_stores(judging))
        if counts["stores"]:
            judging = Judging(self._job, judging.staged)
        if self._job.options.unknown_customers == "create":
            counts["customers"] = purchases_buyers.make(judging, now=now)
        ranges = judging.ranges(_LINES_AT_ONCE)
        written = side_by_side.shared(ranges, lambda some: self._load(judging, some, now))
        with closing(written):
            tell(0, len(ranges))
            for done, found in enumerate(written, start=1):
                counts.update(found)
                tell(done, len(ranges))
        counts.update(purchases_returning.load(judging, now=now))
        counts.update(purchases_following.follow(self._job, now=now, tell=tell))
        return dict(counts)

    def end(self) -> None:
        """Remove what was staged."""
        purchases_staging.forget(self._job.import_id)

    def undo(self, *, now: datetime, tell: Tell) -> dict[str, int]:
        """Void what was written, free its numbers, and let go of customers nobody needs."""
        return purchases_undoing.undo(self._job, now=now, tell=tell)

    def _load(self, judging: Judging, some: Buckets, now: datetime) -> Counter[str]:
        """Write a range; again, when a till or a merge came in between."""
        more: dict[str, Any] = {**some.plain(), "actor": self._job.actor.id, "now": now}
        for _try in range(_TRIES):
            with transaction.atomic():
                row = judging.run(purchases_sql.load(judging.said), **more)[0]
                wanted, written, lines, ours, same, bad, our_lines = row
                if bad:
                    judging.reject(some)
            if wanted == written:
                break
        return Counter(purchases=written + ours, lines=lines + our_lines, same=same)

    def _open_stores(self, judging: Judging) -> int:
        """Open the stores that the file names and nobody knows, if that was asked for."""
        if not self._job.options.create_stores:
            return 0
        return opening.open_stores(actor=self._job.actor, named=judging.unknown_stores)


def _judge(judging: Judging, some: Buckets | None) -> list[tuple[Any, ...]] | int:
    """Judge a range and write down its receipts that may not come in; or count the strangers."""
    if some is None:
        return purchases_buyers.count(judging)
    rows = judging.run(purchases_sql.tally(judging.said), **some.plain())
    if any(row[0] not in _GOOD for row in rows):
        with transaction.atomic():
            judging.reject(some)
    return rows


class Tally:
    """Adds up what judging found."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.receipts: Counter[str] = Counter()
        self.lines = self.returns = self.paid = self.anonymous = self.strange = 0
        self.first: Any = None
        self.last: Any = None

    def add(self, rows: list[tuple[Any, ...]]) -> None:
        """Take rows of TALLY."""
        for verdict, kind, count, lines, paid, first, last, anonymous, strange in rows:
            if verdict == "back":
                continue
            self.receipts[verdict] += count
            if verdict != "new":
                continue
            self.lines += lines
            self.paid += paid
            self.anonymous += anonymous
            self.strange += strange
            self.returns += count if kind == "return" else 0
            self.first = first if self.first is None else min(self.first, first)
            self.last = last if self.last is None else max(self.last, last)
