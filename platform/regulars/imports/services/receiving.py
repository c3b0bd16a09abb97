"""Taking a file in, looking at it, and saying what its columns mean."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath
from typing import Final
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from regulars.audit import Actor
from regulars.imports import contract, limits, reading, rejected, selectors, storage, surroundings
from regulars.imports.columns import guess, mapping
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Mapping
from regulars.imports.models import Import
from regulars.imports.reading import report as reports
from regulars.imports.reading.report import Choices, FileReport
from regulars.imports.services import working
from regulars.tenancy import limits as tries

LIMIT: Final = limits.DEFAULT.file_bytes
"""Bytes of one file."""

_AT_ONCE: Final = {b"PK\x03\x04": 2 * limits.MIB}
_TEXT_AT_ONCE: Final = 20 * limits.MIB
_PER_HOUR: Final = 120
_OPEN = (Import.State.UPLOADED, Import.State.CHECKED, Import.State.FAILED)


def receive(
    *,
    actor: Actor,
    chunks: Iterable[bytes],
    file_name: str,
    now: datetime,
    kind: Subject | None = None,
    name: str = "",
    is_here: bool = False,
) -> Import:
    """Keep a file and look at it: at once when it is small, in the background when it is not.

    The name of the file is shown and nothing else. With `is_here` the caller looks at a large
    one by `pipeline.drive`.

    :raises faults.FileFault: it cannot be read, or is too large; nothing is kept.
    :raises TooMany: too many files within the hour.
    """
    selectors.permit(actor)
    tries.hit(what="import", who=str(actor.id), most=_PER_HOUR, seconds=3600)
    kept = storage.keep(chunks, limit=LIMIT)
    shown = _shown(file_name)
    row = Import(
        kind=kind or Subject.CUSTOMERS,
        name=(name.strip() or PurePath(shown).stem)[:120],
        file=kept.name,
        file_name=shown,
        file_bytes=kept.size,
        file_digest=kept.digest,
        report={"wanted": {"kind": kind}},
        actor_id=actor.id,
        created_at=now,
    )
    try:
        if _is_small(kept):
            look(row)
        with transaction.atomic():
            row.save(force_insert=True)
            working.note(actor, row, "received", bytes=kept.size)
            if not selectors.is_looked_at(row):
                working.run(row, now=now, is_here=is_here)
    except BaseException:
        storage.remove([kept.name])
        raise
    return row


def look(row: Import) -> None:
    """Look at the file with the choices that were made, and guess its columns; saves nothing.

    What a person assigned before stays where the headings are still the same.

    :raises faults.FileFault: it cannot be read with these choices.
    """
    wanted = row.report.get("wanted", {})
    choices = msgspec.convert(wanted.get("choices", {}), Choices)
    with storage.local(row.file) as path:
        found = reading.inspect(path, choices=choices)
    asked = wanted.get("kind")
    made = guess.guess(
        found.headings,
        found.sample,
        subject=Subject(asked) if asked else None,
        own=surroundings.own(),
        options=surroundings.options(),
    )
    row.kind = made.subject
    row.report = reports.to_builtins(found)
    row.mapping = mapping.to_builtins(_kept(row, found, _without_ours(made.mapping())))


@transaction.atomic
def look_again(
    *,
    actor: Actor,
    import_id: UUID,
    choices: Choices,
    now: datetime,
    kind: Subject | None = None,
    is_here: bool = False,
) -> Import:
    """Read the file in another way: encoding, delimiter, headings, sheet, what its rows are.

    :raises faults.FileFault: it cannot be read like that; what was known of it stays.
    :raises NotNow: it is being worked on, or over.
    """
    row = working.locked(actor=actor, import_id=import_id)
    working.must_be(row, *_OPEN)
    _refuse_written(row)
    plain = msgspec.to_builtins(choices)
    row.report = {"wanted": {"choices": plain, "kind": kind or row.kind}}
    row.state, row.fault, row.preview = Import.State.UPLOADED, None, {}
    if kind is not None and kind != row.kind:
        row.mapping = {}
    if _is_small(storage.Kept(row.file, row.file_bytes, row.file_digest)):
        look(row)
    row.save()
    if not selectors.is_looked_at(row):
        working.run(row, now=now, is_here=is_here)
    return row


@transaction.atomic
def assign(
    *,
    actor: Actor,
    import_id: UUID,
    mapping: Mapping,
    now: datetime,
    options: contract.Options | None = None,
) -> Import:
    """Say what the columns mean, complete or not; `selectors.troubles_of` names what is wrong.

    :raises NotNow: it is being worked on, or over.
    """
    row = working.locked(actor=actor, import_id=import_id)
    working.must_be(row, *_OPEN)
    _refuse_written(row)
    row.kind = mapping.subject
    row.mapping = columns_to_builtins(mapping)
    if options is not None:
        row.options = msgspec.to_builtins(options)
    row.state, row.fault, row.preview = Import.State.UPLOADED, None, {}
    row.save()
    return row


columns_to_builtins = mapping.to_builtins  # the parameter of `assign` hides the module


def _without_ours(made: Mapping) -> Mapping:
    """Leave out what our own file of rejected rows puts before the columns of the source."""
    ours = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            ours |= {str(heading) for heading in rejected.HEADINGS}
    columns = (
        mapping.Assignment(each.heading) if each.heading in ours else each for each in made.columns
    )
    return msgspec.structs.replace(made, columns=tuple(columns))


def _kept(row: Import, found: FileReport, made: Mapping) -> Mapping:
    """Keep what was assigned before when the headings have not changed."""
    if not row.mapping:
        return made
    before = mapping.from_builtins(row.mapping)
    headings = tuple(column.heading for column in before.columns)
    if before.subject is not made.subject or headings != found.headings:
        return made
    return before


def _refuse_written(row: Import) -> None:
    if row.loading_since is not None:
        raise working.NotNow(_("Part of this is brought in already. Take that back first."))


def _is_small(kept: storage.Kept) -> bool:
    """Tell whether looking at the file takes no longer than a person waits for a page."""
    if kept.size <= min(_AT_ONCE.values()):
        return True
    with default_storage.open(kept.name, "rb") as file:
        return kept.size <= _AT_ONCE.get(file.read(4), _TEXT_AT_ONCE)


def _shown(file_name: str) -> str:
    """Reduce a name that a person or program sent to what can be shown."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(" " if unicodedata.category(each)[0] == "C" else each for each in last)
    return " ".join(plain.split())[-200:] or _("File")
