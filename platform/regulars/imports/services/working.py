"""What the services share: a locked row, its state, and the work written down for it."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.services import record
from regulars.errors import Conflict, NotFound
from regulars.imports import selectors
from regulars.imports.models import Import
from regulars.outbox import services as outbox

HANDLER: Final = "imports.run"
LEASE: Final = timedelta(minutes=2)
"""How long the background work may be silent before another worker takes it over."""


class NotNow(Conflict):
    """The import is not in a state in which this can be done"""

    code = "import-not-now"
    sentence = _("This import has moved on meanwhile. Please look at where it is now.")


def locked(*, actor: Actor, import_id: UUID) -> Import:
    """Lock an import for a change, in the caller's transaction; raises Forbidden, NotFound."""
    row = selectors.visible(actor).select_for_update().filter(pk=import_id).first()
    if row is None:
        raise NotFound
    return row


def must_be(row: Import, *states: Import.State) -> None:
    """Do nothing if the import is in one of the states; raises NotNow."""
    if row.state not in states:
        raise NotNow


def run(row: Import, *, now: datetime, is_here: bool) -> None:
    """Write the work down that the state of the import asks for.

    With `is_here` the caller does it at once by `pipeline.drive`; the work is written down all the
    same, for later, so that it is finished by a worker if the caller dies.
    """
    key = f"{HANDLER}:{uuid4().hex}"
    payload = {"import_id": str(row.pk), "key": key}
    due_at = now + LEASE if is_here else None
    outbox.enqueue(handler=HANDLER, payload=payload, key=key, due_at=due_at)


def begin(row: Import, state: Import.State, *, now: datetime, is_here: bool = False) -> None:
    """Put the import into a state in which the background works, and ask for that work."""
    row.state, row.phase, row.done, row.total, row.fault = state, "", 0, None, None
    row.save()
    run(row, now=now, is_here=is_here)


def note(actor: Actor, row: Import, action: str, **data: object) -> None:
    """Write down who did what to an import, without a name that a person gave to the file."""
    record(
        actor=actor,
        action=f"import.{action}",
        object_kind="import",
        object_id=row.pk,
        data={"kind": row.kind, **data},
    )
