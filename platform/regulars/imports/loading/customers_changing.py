"""Changes of customers who are known already, written down so that they can be undone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from regulars.audit import ActorKind
from regulars.customers.services import bulk
from regulars.imports import problems, rejections
from regulars.imports.contract import Job
from regulars.imports.loading import customers_opening as opening
from regulars.imports.loading.customers_comparing import Change, Known, compare
from regulars.imports.loading.customers_known import Differing
from regulars.imports.loading.customers_opening import UNITS
from regulars.imports.loading.customers_staging import heading
from regulars.imports.values import Unfit
from regulars.tenancy import statements
from regulars.tenancy.identifiers import new_id

_REMEMBER: Final = """
INSERT INTO imports_change (import_id, customer_id, before, after)
SELECT %s::uuid, d.customer_id, d.before, d.after
FROM json_to_recordset(%s::json) AS d(customer_id uuid, before jsonb, after jsonb)"""
_MARK_REFUSED: Final = """
UPDATE imports_stagedcustomer SET is_new = NULL WHERE import_id = %s::uuid AND line = ANY(%s)"""


class Changer:
    """Finds and writes what an import changes in customers who are known."""

    def __init__(self, job: Job, *, now: datetime) -> None:
        """Take one import."""
        self._job, self._now = job, now
        self._differing = Differing(job)
        self._by = job.actor.id if job.actor.kind == ActorKind.STAFF else None

    def count(self, *, after: int, to: int) -> int:
        """Return how many customers some lines would change."""
        lines = [line for line, _customer in self._differing.lines(after=after, to=to)]
        known = self._differing.read(lines)
        return sum(1 for each in known if each.state == "active" and self._compare(each))

    def write(self, *, after: int, to: int) -> tuple[int, int]:
        """Write the changes of some lines in the caller's transaction: (changed, refused)."""
        found = self._differing.lines(after=after, to=to)
        if not found:
            return 0, 0
        bulk.lock(ids=[customer for _line, customer in found])
        known = list(self._differing.read([line for line, _customer in found]))
        here = [each for each in known if each.state == "active"]
        changes = [change for each in here if (change := self._compare(each))]
        taken = self._taken(changes)
        refused = [(each, "", Unfit("customer.gone")) for each in known if each not in here]
        refused += [(change.known, *taken[id(change)]) for change in changes if id(change) in taken]
        self._refuse(refused)
        kept = [change for change in changes if id(change) not in taken]
        self._write(kept)
        return len(kept), len(refused)

    def _compare(self, known: Known) -> Change:
        learned = {
            "by": str(self._by) if self._by else None,
            "at": known.row["joined_at"] or self._now.isoformat(),
            "how": "import",
        }
        return compare(
            known,
            overwrites=self._job.options.existing == "update",
            source=self._job.mapping.options.source,
            learned=learned,
        )

    def _taken(self, changes: Sequence[Change]) -> dict[int, tuple[str, Unfit]]:
        """Return which changes want a code or a number that somebody else has by now."""
        codes = {c.after["member_code"]: c for c in changes if c.after.get("member_code")}
        numbers = {pair: c for c in changes for pair in c.numbers}
        found: dict[int, tuple[str, Unfit]] = {}
        unfit = Unfit("customer.key-taken")
        for code in bulk.codes_of_others({code: codes[code].known.customer_id for code in codes}):
            found[id(codes[code])] = ("member_code", unfit)
        owners = {pair: change.known.customer_id for pair, change in numbers.items()}
        for pair in bulk.numbers_of_others(owners):
            found[id(numbers[pair])] = ("card" if pair[0] == "card" else "external_number", unfit)
        return found

    def _refuse(self, refused: Sequence[tuple[Known, str, Unfit]]) -> None:
        if not refused:
            return
        rejections.add(
            import_id=self._job.import_id,
            problems=[
                problems.of(unfit, line=each.line, column=heading(self._job, name), cell=None)
                for each, name, unfit in refused
            ],
        )
        lines = [each.line for each, _name, _unfit in refused]
        statements.run(_MARK_REFUSED, (self._job.import_id, lines))

    def _write(self, changes: Sequence[Change]) -> None:
        remembered = [self._remembered(change) for change in changes]
        bulk.rewrite(
            rows={c.known.customer_id: c.final() for c in changes},
            now=self._now,
        )
        bulk.attach((c.known.customer_id, *pair) for c in changes for pair in c.numbers)
        bulk.set_days(
            [(c.known.customer_id, day) for c in changes for day in c.days], now=self._now
        )
        bulk.consent(
            [(c.known.customer_id, each) for c in changes for each in c.consents],
            by_id=self._by,
            now=self._now,
        )
        bulk.add_notes(
            [
                (UUID(what["after"]["note"]), c.known.customer_id, c.note)
                for c, what in zip(changes, remembered, strict=True)
                if c.note
            ],
            now=self._now,
        )
        self._open(changes)
        data = msgspec.json.encode(remembered).decode()
        statements.run(_REMEMBER, (self._job.import_id, data))

    def _open(self, changes: Iterable[Change]) -> None:
        for unit, _column in UNITS.values():
            rows = [
                (change.known.customer_id, change.openings[unit.value])
                for change in changes
                if unit.value in change.openings
            ]
            if rows:
                opening.post(rows, unit=unit, job=self._job, now=self._now)

    def _remembered(self, change: Change) -> Mapping[str, Any]:
        """Say what was there and what comes, in the form `customers_undoing` reads."""
        after: dict[str, Any] = dict(change.after)
        before: dict[str, Any] = dict(change.before)
        if change.numbers:
            after["numbers"] = change.numbers
        if change.days:
            for day in change.days:
                day.setdefault("id", str(new_id()))
            after["days"] = [{k: v for k, v in day.items() if k != "was"} for day in change.days]
            before["days"] = [day.get("was") for day in change.days]
        if change.consents:
            after["consents"] = change.consents
        if change.note:
            after["note"] = str(new_id())
        if change.openings:
            after["openings"] = change.openings
        return {"customer_id": change.known.customer_id, "before": before, "after": after}
