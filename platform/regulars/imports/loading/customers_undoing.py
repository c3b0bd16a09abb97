"""An import of customers taken back as a whole (chunk by chunk, each in one transaction).

A new customer whom nobody has used since goes as if never there: removed, or where a consent, a
posting or a voided purchase refers to the row (those are never removed), emptied. Somebody used
since stays, and is counted by reason. A customer who was there before gets the earlier values back
where they still are what the import wrote. Balances brought along are taken back by the ledger, as
far as unspent.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from regulars.customers.services import bulk
from regulars.imports.contract import Job, Tell
from regulars.imports.loading import customers_keys as keys
from regulars.imports.loading import customers_restoring as restoring
from regulars.imports.loading.customers_opening import UNITS
from regulars.imports.loading.customers_progress import Progress
from regulars.points import openings
from regulars.tenancy import statements

AT_ONCE: Final = 2_000
_END: Final = "end"
_MADE: Final = """
SELECT id FROM customers_customer
WHERE id > %s::uuid AND id < %s::uuid AND import_id = %s::uuid AND state <> 'erased'
ORDER BY id LIMIT %s"""
_CHANGED: Final = """
SELECT customer_id, before, after FROM imports_change
WHERE import_id = %s::uuid AND customer_id > %s::uuid ORDER BY customer_id LIMIT %s"""
USED: Final = {
    "merged": "c.state = 'merged' OR EXISTS (SELECT FROM customers_customer m"
    " WHERE m.merged_into_id = c.id)",
    "purchases": """EXISTS (SELECT FROM purchases_purchase p WHERE p.customer_id = c.id
      AND p.kind <> 'void' AND NOT EXISTS (
        SELECT FROM purchases_purchase v WHERE v.original_id = p.id AND v.kind = 'void'))""",
    "points": """EXISTS (SELECT FROM points_account a JOIN points_posting p ON p.account_id = a.id
      WHERE a.customer_id = c.id AND p.verb <> 'opening'
        AND p.key <> 'undo:opening:' || c.id || ':' || a.unit)""",
    "possessions": "EXISTS (SELECT FROM customers_possession p WHERE p.customer_id = c.id)",
    "gifts": "EXISTS (SELECT FROM followups_gift g WHERE g.customer_id = c.id)",
    "follow_ups": "EXISTS (SELECT FROM followups_task t WHERE t.customer_id = c.id"
    " AND t.state = 'done')",
    "contacts": "EXISTS (SELECT FROM messaging_contact m WHERE m.customer_id = c.id)",
    "notes": "EXISTS (SELECT FROM customers_note n WHERE n.customer_id = c.id AND n.id <> c.id)",
    # By somebody, or by another file; an owner or store that came with a purchase is none of them.
    "changed": """c.changed_at <> c.created_at AND (
      EXISTS (SELECT FROM audit_entry e WHERE e.object_id = c.id)
      OR EXISTS (SELECT FROM imports_change x WHERE x.customer_id = c.id))""",
}
"""Why a new customer stays: each a condition on the row `c`. A domain that comes to hold rows of
customers adds its own."""
_REASONS: Final = ", ".join(f"({condition}) AS {reason}" for reason, condition in USED.items())
_JUDGE: Final = f"""
SELECT c.id, {_REASONS},
  EXISTS (SELECT FROM customers_consent k WHERE k.customer_id = c.id)
    OR EXISTS (SELECT FROM points_account a WHERE a.customer_id = c.id)
    OR EXISTS (SELECT FROM purchases_purchase p WHERE p.customer_id = c.id) AS is_referred_to
FROM customers_customer c WHERE c.id = ANY(%s) ORDER BY c.id"""

type Within = Callable[[Callable[[], None]], None]


class Undoer:
    """Takes one import of customers back."""

    def __init__(self, job: Job, *, now: datetime) -> None:
        """Take one import."""
        self._job, self._now = job, now
        self._progress = Progress(job.import_id, "undo")

    def undo(self, tell: Tell, *, within: Within) -> dict[str, int]:
        """Take it back, each step in a transaction of `within`; returns the counts."""
        progress = self._progress
        done = progress.counts["removed"] + progress.counts["kept"] + progress.counts["restored"]
        while progress.at != _END:
            before = progress.counts.copy()
            at = progress.at

            def step() -> None:
                progress.counts = before.copy()  # noqa: B023
                self._step(at)  # noqa: B023

            within(step)
            done += AT_ONCE
            tell(done, None)
        return progress.plain()

    def _step(self, at: list[str] | None) -> None:
        phase, last = at or ("new", "")
        went = self._new(last) if phase == "new" else self._changed(last)
        following: list[str] | str = ["changed", ""] if phase == "new" else _END
        self._progress.keep([phase, str(went)] if went else following)

    def _new(self, last: str) -> UUID | None:
        """Take back some of the new customers; return the last of them."""
        if self._job.loading_since is None:
            return None
        span = keys.span(self._job.loading_since)
        after = UUID(last) if last else UUID(int=span.first.int - 1)
        rows = statements.every(_MADE, (after, span.end, self._job.import_id, AT_ONCE))
        ids: list[UUID] = [row[0] for row in rows]
        if not ids:
            return None
        bulk.lock(ids=ids)
        self._take_openings(ids)
        gone: list[UUID] = []
        emptied: list[UUID] = []
        for pk, *reasons, is_referred_to in statements.every(_JUDGE, (ids,)):
            why = [reason for reason, holds in zip(USED, reasons, strict=True) if holds]
            if why:
                self._progress.counts.update(["kept", *(f"kept_{reason}" for reason in why)])
            else:
                (emptied if is_referred_to else gone).append(pk)
        bulk.remove(ids=gone)
        bulk.blank(ids=emptied, now=self._now)
        self._progress.counts["removed"] += len(gone) + len(emptied)
        return ids[-1]

    def _changed(self, last: str) -> UUID | None:
        """Give some customers their earlier values back; return the last of them."""
        after = UUID(last) if last else UUID(int=0)
        rows = statements.every(_CHANGED, (self._job.import_id, after, AT_ONCE))
        if not rows:
            return None
        bulk.lock(ids=[row[0] for row in rows])
        self._take_openings([row[0] for row in rows if "openings" in restoring.plain(row[2])])
        counts: Counter[str] = restoring.restore(rows, job=self._job, now=self._now)
        self._progress.counts.update(counts)
        return UUID(str(rows[-1][0]))

    def _take_openings(self, ids: Iterable[UUID]) -> None:
        for unit, _column in UNITS.values():
            openings.take_back(customer_ids=ids, unit=unit, actor=self._job.actor, now=self._now)
