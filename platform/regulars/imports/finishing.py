"""The end of a step: the state that stays, statistics, figures, the audit, and word to a person."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from regulars.audit import Actor
from regulars.customers.models import Consent, Customer, Identity, LifeEvent
from regulars.imports import faults, side_by_side
from regulars.imports.columns.attributes import Subject
from regulars.imports.models import Import
from regulars.imports.services import removing, working
from regulars.outbox import services as outbox
from regulars.points.models import Account, Lot
from regulars.purchases.models import Line, Number, Purchase, Standing

TOLD_AFTER: Final = timedelta(minutes=1)
"""Who waited longer than this has gone on to other work, and gets a mail."""

NOTICE: Final = "imports.tell"
"""Handler that sends that mail; it is registered where mails are written."""

UNEXPECTED: Final = "unexpected"

# The largest first, so that two connections are done at about the same time.
_TABLES: Final[Mapping[str, tuple[type[Model], ...]]] = {
    Subject.CUSTOMERS: (Customer, LifeEvent, Identity, Consent, Account, Lot),
    Subject.PURCHASES: (Line, Purchase, Number, Customer, Identity, Standing),
}


def clock() -> datetime:
    """Return the moment at which a step ended; the one at which it began is long past."""
    return timezone.now()


@contextmanager
def replacing(row: Import, name: str) -> Iterator[None]:
    """Change the row in one transaction, after which the file that `name` replaces goes."""
    with transaction.atomic():
        yield
        if row.rejected_file != name:
            removing.later([row.rejected_file])


def failed(row: Import, fault: faults.FileFault | faults.MappingFault, *, now: datetime) -> None:
    """End with a fault of the file or its columns."""
    if isinstance(fault, faults.FileFault):
        params: dict[str, Any] = fault.params
    else:
        problems = [{"code": each.code, "params": each.params} for each in fault.problems]
        params = {"problems": problems}
    _fail(row, {"code": fault.code, "params": params, "state": row.state}, now=now)


def gave_up(row: Import, *, now: datetime) -> None:
    """End with a fault of ours, after trying often enough."""
    _fail(row, {"code": UNEXPECTED, "params": {}, "state": row.state}, now=now)


def _fail(row: Import, fault: dict[str, Any], *, now: datetime) -> None:
    changes: dict[str, Any] = {
        "state": Import.State.FAILED,
        "phase": "",
        "fault": fault,
        "finished_at": row.finished_at or clock(),
    }
    with transaction.atomic():
        if row.state == Import.State.UPLOADED:  # a file that cannot be read is of no use
            removing.later([row.file])
            changes["file"] = ""
        Import.objects.filter(pk=row.pk, state=row.state).update(**changes)
        _tell_later(row, clock())


def finished(row: Import, actor: Actor, counts: Mapping[str, int]) -> None:
    """Do what follows when everything is in, in the transaction that says so."""
    _announce(row)
    working.note(actor, row, "finished", counts=dict(counts))
    _tell_later(row, clock())


def undone(row: Import, actor: Actor, counts: Mapping[str, int]) -> None:
    """Do what follows when everything is taken back, in the transaction that says so."""
    _announce(row)
    working.note(actor, row, "undone", counts=dict(counts))
    _tell_later(row, clock())


def _announce(row: Import) -> None:
    """Have what is worked out from these tables follow."""
    outbox.enqueue(handler="insights.fold")
    if row.kind == Subject.CUSTOMERS:
        outbox.enqueue(handler="customers.imported")


def analyze(row: Import) -> None:
    """Tell the planner what the tables hold now; nobody else does so before the next query."""
    with closing(side_by_side.shared(_TABLES[row.kind], _analyze)) as done:
        for _each in done:
            pass


def _analyze(model: type[Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'ANALYZE "{model._meta.db_table}"')


def _tell_later(row: Import, at: datetime) -> None:
    began = row.loading_since or row.created_at
    if at - began > TOLD_AFTER:
        outbox.enqueue(handler=NOTICE, payload={"import_id": str(row.pk)})
