"""Brings one file in as a person does on the page: hand it in, correct its columns, check, start.

May be called again after any end: what an earlier call brought in stays, and what it began goes on
from its last transaction.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any, Final

import msgspec

from regulars.audit import Actor
from regulars.imports import contract, pipeline, selectors, services
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Assignment
from regulars.imports.columns.mapping import Mapping as Columns
from regulars.imports.limits import MIB
from regulars.imports.models import Import
from regulars.local import faults

_State = Import.State
_PAUSE: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A file, and what a person says of it on the page.

    `columns` are the corrections to what was guessed, by heading; `values` those to how amounts,
    days and numbers are read (see `columns.mapping.Options`).
    """

    kind: Subject
    path: Path
    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    options: contract.Options


def bring_in(plan: Plan, *, actor: Actor, now: datetime, watch: pipeline.Watch) -> Import:
    """Bring the file in, or finish doing so; returns the import, which is done.

    Raises PartFailedError with the reason when it cannot be brought in.
    """
    row = _known(plan) or _handed_in(plan, actor=actor, now=now)
    if row.state == _State.FAILED:
        row = services.retry(actor=actor, import_id=row.pk, now=now, is_here=True)
    while row.state != _State.DONE:
        if selectors.is_busy(row):
            row = _drive(row, now=now, watch=watch)
        elif row.state == _State.UPLOADED:
            row = _check(plan, row, actor=actor, now=now)
        elif row.state == _State.CHECKED:
            row = services.start(actor=actor, import_id=row.pk, now=now, is_here=True)
        elif row.state == _State.UNDONE:
            row = _handed_in(plan, actor=actor, now=now)
        else:
            raise faults.PartFailedError(f"{plan.name}: {selectors.fault_of(row)}")
    return row


def _known(plan: Plan) -> Import | None:
    """Find the latest import of this very file that was not taken back."""
    with plan.path.open("rb") as file:
        digest = file_digest(file, lambda: blake2b(digest_size=16)).hexdigest()
    same = Import.objects.filter(kind=plan.kind, file_digest=digest)
    return same.exclude(state=_State.UNDONE).order_by("-id").first()


def _handed_in(plan: Plan, *, actor: Actor, now: datetime) -> Import:
    return services.receive(
        actor=actor,
        chunks=_chunks(plan.path),
        file_name=plan.path.name,
        kind=plan.kind,
        name=plan.name,
        now=now,
        is_here=True,
    )


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(MIB):
            yield chunk


def _check(plan: Plan, row: Import, *, actor: Actor, now: datetime) -> Import:
    corrected = _corrected(selectors.mapping_of(row), plan)
    services.assign(actor=actor, import_id=row.pk, mapping=corrected, now=now)
    return services.check(
        actor=actor, import_id=row.pk, options=plan.options, now=now, is_here=True
    )


def _corrected(guessed: Columns, plan: Plan) -> Columns:
    columns = tuple(
        Assignment(each.heading, plan.columns.get(each.heading, each.attribute))
        for each in guessed.columns
    )
    options = msgspec.structs.replace(guessed.options, **plan.values)
    return msgspec.structs.replace(guessed, columns=columns, options=options)


def _drive(row: Import, *, now: datetime, watch: pipeline.Watch) -> Import:
    """Do what the import waits for; where a worker is at it already, wait for that."""
    try:
        driven = pipeline.drive(import_id=row.pk, now=now, watch=watch)
    except pipeline.Busy:
        time.sleep(_PAUSE)
        driven = Import.objects.filter(pk=row.pk).first()
        if driven is not None:
            watch(driven.phase, driven.done, driven.total)
    if driven is None:
        raise faults.PartFailedError("Somebody removed the import while it was under way.")
    return driven
