"""What a person decides on an import: check it, bring it in, stop, take it back."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.errors import Conflict, Invalid
from regulars.imports import allowance, contract, rejections, selectors, staging, surroundings
from regulars.imports.columns import mapping as columns
from regulars.imports.models import Import
from regulars.imports.services import removing, working
from regulars.imports.services.working import NotNow

_State = Import.State


class AlreadyBroughtIn(Conflict):
    """The same file was brought in before, and nobody said that it is meant"""

    code = "import-same-file"
    sentence = _(
        "The same file was brought in before. Say that you mean it to go on: rows that are known "
        "already stay as they are."
    )

    def __init__(self, import_id: UUID) -> None:
        """Take the import that brought it in."""
        super().__init__()
        self.import_id = import_id


class UndoOver(Conflict):
    """The time in which an import can be taken back as a whole is over"""

    code = "import-undo-over"
    sentence = _("An import can be taken back for 30 days. This one is older.")


@transaction.atomic
def check(
    *,
    actor: Actor,
    import_id: UUID,
    options: contract.Options,
    now: datetime,
    is_again: bool = False,
    is_here: bool = False,
) -> Import:
    """Find out in the background what bringing the file in would do; nothing is written yet.

    `is_again` says that a file that was brought in before is meant. While the same check runs
    already nothing happens. With `is_here` the caller does the work by `pipeline.drive`.

    :raises faults.MappingFault: the columns are not assigned correctly.
    :raises AlreadyBroughtIn: the same file stands already.
    :raises Forbidden: opening stores is for those who manage stores.
    """
    row = working.locked(actor=actor, import_id=import_id)
    plain = msgspec.to_builtins(options)
    if row.state == _State.CHECKING and row.options == plain:
        return row
    working.must_be(row, _State.UPLOADED, _State.CHECKED, _State.FAILED)
    if not selectors.is_looked_at(row) or row.loading_since is not None or not row.file:
        raise NotNow
    if options.create_stores:
        require(actor, "stores.manage")
    columns.check(selectors.mapping_of(row), own=surroundings.own())
    before = selectors.same_file(row)
    if before is not None and not is_again:
        raise AlreadyBroughtIn(before.pk)
    row.options, row.preview, row.counts = plain, {}, {}
    working.begin(row, _State.CHECKING, now=now, is_here=is_here)
    return row


@transaction.atomic
def start(*, actor: Actor, import_id: UUID, now: datetime, is_here: bool = False) -> Import:
    """Bring in what was checked, in the background. A second call changes nothing.

    :raises NotNow: it has not been checked.
    :raises allowance.MembersUsedUp: it brings in more new customers than the plan lets imports.
    """
    row = working.locked(actor=actor, import_id=import_id)
    if row.state in {_State.LOADING, _State.DONE}:
        return row
    working.must_be(row, _State.CHECKED)
    allowance.refuse_beyond_plan(row)
    row.loading_since = now
    working.begin(row, _State.LOADING, now=now, is_here=is_here)
    working.note(actor, row, "started", options=row.options)
    return row


@transaction.atomic
def cancel(
    *,
    actor: Actor,
    import_id: UUID,
    now: datetime,
    keeps: bool = False,
    is_here: bool = False,
) -> Import:
    """Call running work off: a check ends, a bringing in is taken back or, if wished, kept so far.

    :raises NotNow: nothing is running.
    """
    row = working.locked(actor=actor, import_id=import_id)
    working.must_be(row, _State.CHECKING, _State.LOADING)
    if row.state == _State.CHECKING:
        row.state, row.phase, row.done, row.total = _State.UPLOADED, "", 0, None
        row.save()
    elif keeps:
        row.state, row.phase, row.finished_at = _State.DONE, "", now
        row.counts = {**row.counts, "stopped": row.done}
        row.save()
        working.run(row, now=now, is_here=is_here)
    else:
        working.begin(row, _State.UNDOING, now=now, is_here=is_here)
    working.note(actor, row, "cancelled", keeps=keeps)
    return row


@transaction.atomic
def undo(*, actor: Actor, import_id: UUID, now: datetime, is_here: bool = False) -> Import:
    """Take an import back as a whole, in the background. A second call changes nothing.

    Purchases are voided, customers that nothing else needs are removed, what was written over in
    others is put back unless it was changed since.

    :raises UndoOver: it is more than 30 days old.
    """
    row = working.locked(actor=actor, import_id=import_id)
    if row.state in {_State.UNDOING, _State.UNDONE}:
        return row
    working.must_be(row, _State.DONE, _State.FAILED)
    if row.loading_since is None:
        raise NotNow
    if not selectors.may_be_undone(row, now=now):
        raise UndoOver
    working.begin(row, _State.UNDOING, now=now, is_here=is_here)
    working.note(actor, row, "undo-started")
    return row


@transaction.atomic
def retry(*, actor: Actor, import_id: UUID, now: datetime, is_here: bool = False) -> Import:
    """Do again what stopped by a fault; raises NotNow if it did not."""
    row = working.locked(actor=actor, import_id=import_id)
    if row.state in selectors.BUSY:
        return row
    working.must_be(row, _State.FAILED)
    stopped_in = _State((row.fault or {}).get("state", _State.CHECKING))
    if stopped_in not in {_State.CHECKING, _State.LOADING, _State.UNDOING}:
        raise NotNow
    if stopped_in == _State.CHECKING:
        columns.check(selectors.mapping_of(row), own=surroundings.own())
    if stopped_in != _State.UNDOING:  # undoing asks what was changed since it was finished
        row.finished_at = None
    working.begin(row, stopped_in, now=now, is_here=is_here)
    working.note(actor, row, "retried")
    return row


@transaction.atomic
def rename(*, actor: Actor, import_id: UUID, name: str, now: datetime) -> Import:
    """Give the group another name."""
    row = working.locked(actor=actor, import_id=import_id)
    if not name.strip():
        raise Invalid(fields={"name": [_("Give it a name.")]})
    row.name = name.strip()[:120]
    row.save(update_fields=["name"])
    return row


@transaction.atomic
def remove(*, actor: Actor, import_id: UUID, now: datetime) -> None:
    """Remove an import of which nothing stands, with its file; raises NotNow for any other."""
    row = working.locked(actor=actor, import_id=import_id)
    working.must_be(row, _State.UPLOADED, _State.CHECKED, _State.FAILED, _State.UNDONE)
    if row.state == _State.FAILED and row.loading_since is not None:
        raise NotNow(_("Part of this is brought in already. Take that back first."))
    working.note(actor, row, "removed")
    removing.later([row.file, row.rejected_file])
    staging.empty(row.pk)
    rejections.forget(import_id=row.pk)
    row.delete()
