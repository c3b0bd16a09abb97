"""The loader of customers: who they are, what is new, what changes, and taking it all back."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, OperationalError, transaction

from regulars.imports import rejections, side_by_side
from regulars.imports.contract import Job, Preview, Tell
from regulars.imports.drafts import CustomerDraft
from regulars.imports.loading import customers_counting as counting
from regulars.imports.loading import customers_stores as stores
from regulars.imports.loading.customers_changing import Changer
from regulars.imports.loading.customers_known import ranges
from regulars.imports.loading.customers_matching import Matcher
from regulars.imports.loading.customers_progress import Piece, Progress
from regulars.imports.loading.customers_staging import Stager, Written
from regulars.imports.loading.customers_undoing import Undoer
from regulars.imports.loading.customers_writing import Writer
from regulars.imports.shapes import Shaped
from regulars.tenancy import statements

_EMPTY: Final = "DELETE FROM imports_stagedcustomer WHERE import_id = %s::uuid"
_TRIES: Final = 5
_MOMENTARY: Final = frozenset({"23505", "40P01", "40001"})
"""Somebody took a number, or waits for us, in this very moment: another look finds it settled."""
_END: Final = -1


class CustomerLoader:
    """Takes the rows of one file of customers in; see `contract.Loader`.

    Who is it: our id, else the number of the other system, the member code, the card, else phone
    and name. Imported history starts nothing: no message, no follow-up, no points earned.
    """

    def __init__(self, job: Job) -> None:
        """Take one import."""
        self._job = job
        self._stager: Stager | None = None

    def begin(self) -> None:
        """Empty what this import has staged."""
        statements.run(_EMPTY, (self._job.import_id,))
        self._stager = Stager(self._job)

    def prepare(self, shaped: Shaped[CustomerDraft]) -> Written:
        """Clean the rows of a batch as they will be kept."""
        assert self._stager is not None  # noqa: S101  (begin comes first)
        return self._stager.prepare(shaped.drafts)

    def stage(self, shaped: Shaped[CustomerDraft], prepared: Written) -> None:
        """Keep a batch; rows whose store or guide nobody knows are refused."""
        assert self._stager is not None  # noqa: S101
        self._stager.stage(prepared)
        rejections.add(import_id=self._job.import_id, problems=prepared.problems)

    def match(self, *, now: datetime, tell: Tell) -> Preview:
        """Find out who each row is, and what would change. Repeatable."""
        tell(0, None)
        Matcher(self._job).match(lambda: tell(0, None))
        total = counting.staged(self._job)
        changer = Changer(self._job, now=now)
        done = changed = 0
        for after, to, lines in ranges(self._job):
            changed += changer.count(after=after, to=to)
            tell(done := done + lines, total)
        new, known = counting.new(self._job), counting.known(self._job)
        return Preview(
            new=new,
            changed=changed,
            same=known - changed,
            rejected=rejections.count(import_id=self._job.import_id),
            details=self._details(),
        )

    def load(self, *, now: datetime, tell: Tell) -> dict[str, int]:
        """Write what was matched, some thousand lines in each transaction.

        Two transactions at a time; goes on where the last ones ended. Returns ``new``,
        ``changed``, ``same``, and ``refused``: rows refused since they were matched.
        """
        progress = Progress(self._job.import_id, "load")
        if progress.at == _END:
            return progress.plain()
        with transaction.atomic():
            stores.open_named(self._job)
        writer, changer = Writer(self._job, now=now), Changer(self._job, now=now)
        total = counting.staged(self._job)
        pieces = progress.left(ranges(self._job, after=progress.at or 0))
        done = total - sum(lines for _after, _to, lines in pieces)

        def load(piece: Piece) -> int:
            after, to, lines = piece
            _persistently(lambda: self._load(writer, changer, after, to))
            return lines

        with closing(side_by_side.shared(pieces, load)) as loaded:
            for lines in loaded:
                tell(done := done + lines, total)
        progress = Progress(self._job.import_id, "load")
        progress.keep(_END)
        return progress.plain()

    def end(self) -> None:
        """Remove what was staged."""
        statements.run(_EMPTY, (self._job.import_id,))

    def undo(self, *, now: datetime, tell: Tell) -> dict[str, int]:
        """Take back as a whole what was written; goes on where its last transaction ended.

        Returns ``removed``, ``restored``, and what was kept and why: ``kept`` (new customers who
        were used since) with ``kept_<reason>`` (some have several), and ``kept_values`` (changed
        customers of whom somebody changed a value again).
        """
        return Undoer(self._job, now=now).undo(tell, within=_persistently)

    def _load(self, writer: Writer, changer: Changer, after: int, to: int) -> None:
        """Write some lines, and that they are written, in the caller's transaction."""
        known = counting.known(self._job, after=after, to=to)
        changed, refused = changer.write(after=after, to=to)
        wanted = counting.new(self._job, after=after, to=to)
        made = writer.write(after=after, to=to)
        counted = {
            "new": made,
            "changed": changed,
            "same": known - changed - refused,
            "refused": wanted - made + refused,
        }
        progress = Progress(self._job.import_id, "load", holds=True)
        progress.add(counted, after=after, to=to)

    def _details(self) -> dict[str, Any]:
        places = self._stager.places if self._stager else None
        doubtful, lines = counting.doubtful(self._job)
        found: dict[str, Any] = {"doubtful": doubtful, "doubtful_lines": lines}
        if places is not None:
            found["stores_unknown"] = dict(places.stores_unknown.most_common(100))
            found["guides_unknown"] = dict(places.guides_unknown.most_common(100))
        return {**found, **counting.openings(self._job)}


def _persistently(work: Callable[[], None]) -> None:
    """Do one transaction's work, again if somebody else's work crossed it."""
    for attempt in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                work()
        except (IntegrityError, OperationalError) as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if attempt == _TRIES or state not in _MOMENTARY:
                raise
        else:
            return
