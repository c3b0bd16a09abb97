"""Reading imports: the list, one of them, what is wrong with its columns, what it would be."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.errors import Forbidden, NotFound
from regulars.imports import contract, faults, reading, surroundings
from regulars.imports.columns import guess, mapping
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Mapping, Trouble
from regulars.imports.models import Import, Rejection
from regulars.imports.reading import report
from regulars.purchases import selectors as purchases
from regulars.purchases.models import Purchase
from regulars.tenancy.identifiers import first_id

KEPT: Final = timedelta(days=30)
"""How long files are kept and undoing is offered after an import is over."""

BUSY: Final = frozenset({Import.State.CHECKING, Import.State.LOADING, Import.State.UNDOING})
"""States in which something runs in the background."""

_WRITTEN: Final = (Import.State.LOADING, Import.State.DONE)


def permit(actor: Actor) -> None:
    """Do nothing if the actor may bring files in for the whole chain; raises Forbidden."""
    require(actor, "imports.run")
    if not actor.scope.everything:
        raise Forbidden


def visible(actor: Actor) -> QuerySet[Import]:
    """Return the imports of the chain, the newest first; raises Forbidden."""
    permit(actor)
    return Import.objects.order_by("-id")


def get(*, actor: Actor, import_id: UUID) -> Import:
    """Return one import; raises Forbidden, NotFound."""
    found = visible(actor).filter(pk=import_id).first()
    if found is None:
        raise NotFound
    return found


def is_looked_at(row: Import) -> bool:
    """Tell whether the file has been read and its columns guessed."""
    return "digest" in row.report


def is_busy(row: Import) -> bool:
    """Tell whether something runs in the background, so that asking again makes sense."""
    is_waiting = row.state == Import.State.UPLOADED and not is_looked_at(row)
    return row.state in BUSY or is_waiting


def report_of(row: Import) -> reading.FileReport:
    """Return what looking at the file found."""
    return report.from_builtins(row.report)


def mapping_of(row: Import) -> Mapping:
    """Return what every column means, as it was last decided."""
    return mapping.from_builtins(row.mapping)


def options_of(row: Import) -> contract.Options:
    """Return what a person decided beyond the columns."""
    return msgspec.convert(row.options, contract.Options)


def preview_of(row: Import) -> contract.Preview:
    """Return what matching found; empty before it ran."""
    return msgspec.convert(row.preview, contract.Preview)


def guess_of(row: Import, *, kind: Subject | None = None) -> guess.Guess:
    """Guess anew what the columns mean, with a score and alternatives for each."""
    found = report_of(row)
    return guess.guess(
        found.headings,
        found.sample,
        subject=kind or Subject(row.kind),
        own=surroundings.own(),
        options=surroundings.options(),
    )


def troubles_of(row: Import) -> list[Trouble]:
    """Name everything that keeps the columns from being brought in as they are assigned."""
    return mapping.troubles(mapping_of(row), own=surroundings.own())


def same_file(row: Import) -> Import | None:
    """Return the latest other import of the same file that stands, if there is one."""
    others = Import.objects.filter(file_digest=row.file_digest, state__in=_WRITTEN)
    return others.exclude(pk=row.pk).order_by("-id").first()


def purchases_of(
    row: Import, *, actor: Actor, after: UUID | None = None, limit: int
) -> list[Purchase]:
    """Return what an import of purchases brought in, as far as somebody sees its stores.

    A minute is allowed for in which the clock of this machine and the database's may differ.
    """
    until = (row.finished_at or timezone.now()) + timedelta(minutes=1)
    return purchases.of_import(
        row.pk,
        scope=actor.scope,
        after=after or first_id(row.created_at - timedelta(minutes=1)),
        before=first_id(until),
        limit=limit,
    )


def kept_until(row: Import) -> datetime | None:
    """Return until when files are kept and undoing is offered; None while it is not over."""
    return row.finished_at + KEPT if row.finished_at else None


def may_be_undone(row: Import, *, now: datetime) -> bool:
    """Tell whether it can be taken back as a whole."""
    if row.state == Import.State.FAILED:
        return row.loading_since is not None
    until = kept_until(row)
    return row.state == Import.State.DONE and until is not None and now < until


def fault_of(row: Import) -> str:
    """Say in the language in use why it stopped; empty when it did not."""
    if row.fault is None:
        return ""
    code, params = row.fault["code"], row.fault["params"]
    if code in faults.SENTENCES:
        return str(faults.FileFault(code, **params))
    if code == faults.MappingFault.code:
        return str(faults.MappingFault([Trouble(**each) for each in params["problems"]]))
    return _(
        "Something went wrong on our side, and trying again did not help. What was written so far "
        "is marked as part of this import. Try again, or take it back."
    )


class Rejected(NamedTuple):
    """A row that was not taken in."""

    line: int
    problems: list[dict[str, Any]]


def rejected(*, import_id: UUID, limit: int) -> Sequence[Rejected]:
    """Return the first rows that were not taken in."""
    rows = Rejection.objects.filter(import_id=import_id).order_by("line")[:limit]
    return [Rejected(row.line, row.problems) for row in rows]
