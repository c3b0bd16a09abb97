"""The worker's side of imports."""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from regulars.imports import finishing, pipeline, storage
from regulars.imports.models import Import
from regulars.imports.services import clean_up, removing, working
from regulars.outbox import handler, schedule
from regulars.outbox import services as outbox

_TRIES: Final = 4
_LOG = logging.getLogger(__name__)


@handler(working.HANDLER, lease=working.LEASE)
def run(*, import_id: str, key: str, now: datetime) -> None:
    """Do what an import asks for; after some tries the fault is shown to whoever asked."""

    def alive(phase: str, done: int, total: int | None) -> None:
        outbox.extend(handler=working.HANDLER, key=key, lease=working.LEASE, now=finishing.clock())

    try:
        pipeline.drive(import_id=UUID(import_id), now=now, watch=alive)
    except pipeline.Busy:
        raise
    except Exception:
        if outbox.attempts(key=key) < _TRIES:
            raise
        _LOG.exception("Import %s was given up", import_id)
        row = Import.objects.filter(pk=import_id).first()
        if row is not None:
            finishing.gave_up(row, now=now)


@handler(removing.HANDLER)
def remove_files(*, names: list[str], now: datetime) -> None:
    """Remove files from the storage."""
    storage.remove(names)


@schedule.nightly("imports.clean-up")
def tidy(*, now: datetime) -> None:
    """Remove what is past its time."""
    clean_up(now=now)
