"""The background work on an import: looking, checking, bringing in, taking back.

``drive`` does whatever the state of an import asks for until it comes to rest. It can be killed
at any point and called again: checking begins anew, loading and undoing go on where their last
transaction ended. One drives at a time, held by a lock of the session that ends with it. Who calls
the work off changes the state; the next word of progress notices.
"""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import connection, transaction

from regulars.imports import (
    acting,
    contract,
    faults,
    finishing,
    loading,
    reading,
    rejected,
    rejections,
    selectors,
    shapes,
    side_by_side,
    staging,
    storage,
    surroundings,
)
from regulars.imports.columns.attributes import Subject
from regulars.imports.models import Import
from regulars.imports.services import receiving
from regulars.tenancy import context

type Watch = Callable[[str, int, int | None], None]
"""Told (phase, done, total) of the running work."""

_State = Import.State
_PROGRESS: Final = frozenset({"work", "at"})
"""Beside their counts, loaders keep how far they are."""

_PATIENCE: Final = 5.0
"""Seconds to wait for somebody who is about to stop driving."""


class Busy(RuntimeError):
    """Somebody else drives this import; ask again later."""


class Telling:
    """Writes down how far the work is, and notices that it was called off."""

    def __init__(self, row: Import, phase: str, watch: Watch | None) -> None:
        self._row, self._phase, self._watch = row, phase, watch
        self(0, None)

    def __call__(self, done: int, total: int | None) -> None:
        """Take a word of progress; raises contract.Stopped when the import has another state."""
        still = Import.objects.filter(pk=self._row.pk, state=self._row.state)
        if not still.update(phase=self._phase, done=done, total=total):
            raise contract.Stopped
        if self._watch is not None:
            self._watch(self._phase, done, total)


def drive(*, import_id: UUID, now: datetime, watch: Watch | None = None) -> Import | None:
    """Do what the state of the import asks for until it rests; None when it is gone.

    What the file or its columns are to blame for ends in the state FAILED; any other fault is
    raised, so that the caller tries again. Raises Busy when somebody else is at it.
    """
    with _alone(import_id):
        while True:
            row = Import.objects.filter(pk=import_id).first()
            if row is None:
                return None
            step = _step(row)
            if step is None:
                _tidy(row)
                return row
            try:
                step(row, now, watch)
            except contract.Stopped:
                continue
            except (faults.FileFault, faults.MappingFault) as fault:
                finishing.failed(row, fault, now=now)


def _step(row: Import) -> Callable[[Import, datetime, Watch | None], None] | None:
    if row.state == _State.UPLOADED and not selectors.is_looked_at(row):
        return _look
    steps = {_State.CHECKING: _check, _State.LOADING: _load, _State.UNDOING: _undo}
    return steps.get(_State(row.state))


def _look(row: Import, now: datetime, watch: Watch | None) -> None:
    Telling(row, "looking", watch)
    wanted = row.report
    try:
        receiving.look(row)
    except faults.FileFault as fault:
        if not wanted["wanted"].get("choices"):
            raise
        # What somebody chose does not fit: say so, and look once more by our own guess.
        said = {"code": fault.code, "params": fault.params, "state": row.state}
        plain = {"wanted": {**wanted["wanted"], "choices": {}}}
        _moved(row, where={"report": wanted}, report=plain, fault=said)
        return
    _moved(row, where={"report": wanted}, kind=row.kind, report=row.report, mapping=row.mapping)


def _check(row: Import, now: datetime, watch: Watch | None) -> None:
    job = _job(row)
    loader = loading.of(job)
    preview, staged = _stage_and_match(row, job, loader, now, watch)
    name = ""
    if preview.rejected:
        name = rejected.write(row, tell=Telling(row, "rejected", watch), actor=job.actor)
    with finishing.replacing(row, name):
        _moved(
            row,
            state=_State.CHECKED,
            phase="",
            preview={**msgspec.to_builtins(preview), "staged": staged},
            rejected_file=name,
        )


def _stage_and_match(
    row: Import,
    job: contract.Job,
    loader: contract.Loader,
    now: datetime,
    watch: Watch | None,
) -> tuple[contract.Preview, int]:
    """Read the whole file into the staging table, and find out what would happen."""
    with transaction.atomic():
        rejections.forget(import_id=row.pk)
        loader.begin()
    tell = Telling(row, "reading", watch)
    report = selectors.report_of(row)
    shaper = _shaper(job, now)
    staged = blank = done = 0
    total = report.rows if report.is_exact else None
    prepared = _prepared(row, report, shaper, loader)
    with closing(prepared) as batches:
        for length, shaped, rows in batches:
            with transaction.atomic():
                rejections.add(import_id=row.pk, problems=shaped.problems)
                loader.stage(shaped, rows)
            staged += len(shaped.drafts)
            blank += shaped.blank
            done += length
            tell(done, total)
    preview = loader.match(now=now, tell=Telling(row, "matching", watch))
    count = rejections.count(import_id=row.pk)
    details = {**preview.details, "blank": blank}
    return msgspec.structs.replace(preview, rejected=count, details=details), staged


def _prepared(
    row: Import, report: reading.FileReport, shaper: Any, loader: contract.Loader
) -> Generator[tuple[int, shapes.Shaped[Any], Any]]:
    """Yield how many rows a batch has, what they say, and what is to be staged of them.

    The next ones are made while the database takes one.
    """

    def made() -> Generator[tuple[int, shapes.Shaped[Any], Any]]:
        for batch in batches:
            shaped = shaper.shape(batch)
            yield len(batch), shaped, loader.prepare(shaped)

    with (
        storage.local(row.file) as path,
        closing(reading.batches(path, report)) as batches,
        closing(side_by_side.ahead(made())) as ahead,
    ):
        yield from ahead


def _shaper(job: contract.Job, now: datetime) -> Any:
    own = surroundings.own()
    if job.mapping.subject is Subject.PURCHASES:
        return shapes.PurchaseShaper(job.mapping, now=now, own=own)
    consented = surroundings.sensitive(own)
    return shapes.CustomerShaper(job.mapping, now=now, own=own, consented=consented)


def _load(row: Import, now: datetime, watch: Watch | None) -> None:
    job = _job(row)
    loader = loading.of(job)
    before = rejections.count(import_id=row.pk)
    if _is_lost(row):
        _stage_and_match(row, job, loader, now, watch)
    counts = loader.load(now=now, tell=Telling(row, "writing", watch))
    count = rejections.count(import_id=row.pk)
    name = row.rejected_file
    if count != before:
        name = rejected.write(row, tell=Telling(row, "rejected", watch), actor=job.actor)
    finishing.analyze(row)
    with finishing.replacing(row, name):
        loader.end()
        _moved(
            row,
            state=_State.DONE,
            phase="",
            counts={**counts, "rejected": count},
            preview={**row.preview, "loaded": {**counts, "rejected": count}},
            rejected_file=name,
            finished_at=finishing.clock(),
        )
        finishing.finished(row, job.actor, counts)


def _undo(row: Import, now: datetime, watch: Watch | None) -> None:
    job = _job(row)
    loader = loading.of(job)
    undone = loader.undo(now=now, tell=Telling(row, "undoing", watch))
    finishing.analyze(row)
    with transaction.atomic():
        loader.end()
        _moved(
            row,
            state=_State.UNDONE,
            phase="",
            counts={**row.preview.get("loaded", {}), "undone": undone},
            finished_at=finishing.clock(),
        )
        finishing.undone(row, job.actor, undone)


def _job(row: Import) -> contract.Job:
    return contract.Job(
        import_id=row.pk,
        mapping=selectors.mapping_of(row),
        options=selectors.options_of(row),
        actor=acting.who_asked(row),
        loading_since=row.loading_since,
    )


def _moved(row: Import, *, where: dict[str, Any] | None = None, **changes: Any) -> None:
    """Write the end of a step, unless somebody called it off meanwhile."""
    still = Import.objects.filter(pk=row.pk, state=row.state, **(where or {}))
    if not still.update(**changes):
        raise contract.Stopped


def _is_lost(row: Import) -> bool:
    """Tell whether rows were staged that are not there: their tables do not survive a crash."""
    return bool(row.preview.get("staged")) and not staging.has(row.pk)


def _tidy(row: Import) -> None:
    """Remove what a step that was called off or failed has left, but for what may go on."""
    if row.state == _State.DONE and _PROGRESS & row.counts.keys():
        Import.objects.filter(pk=row.pk).update(counts=_counted(row))
    if row.state not in {_State.CHECKED, _State.FAILED} and staging.has(row.pk):
        staging.empty(row.pk)


def _counted(row: Import) -> dict[str, Any]:
    """Return what was counted so far, without what loaders keep beside it to go on from."""
    return {key: value for key, value in row.counts.items() if key not in _PROGRESS}


@contextmanager
def _alone(import_id: UUID) -> Iterator[None]:
    """Hold the lock of an import; the database lets go of it when the connection ends."""
    name = f"{context.current().schema_name}:import:{import_id}"
    until = time.monotonic() + _PATIENCE
    while not _asked("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name):
        if time.monotonic() > until:
            raise Busy(str(import_id))
        time.sleep(0.1)
    try:
        yield
    finally:
        _asked("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)


def _asked(sql: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [name])
        return bool(cursor.fetchone()[0])
