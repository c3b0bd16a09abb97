"""Who asked for an import, for the audit of what is done in the background."""

from dataclasses import replace

from regulars.audit import ALL, SYSTEM, Actor, ActorKind
from regulars.audit.models import Entry
from regulars.imports.models import Import
from regulars.staff import selectors
from regulars.staff.models import Staff


def who_asked(row: Import) -> Actor:
    """Return the person or key that asked; what they were allowed was decided when they asked."""
    person = staff_of(row)
    if person is not None:
        return replace(selectors.actor_of(person), scope=ALL)
    entry = Entry.objects.filter(object_id=row.pk).order_by("id").first()
    if entry is None or row.actor_id is None:
        return SYSTEM
    return Actor(
        kind=ActorKind(entry.actor_kind),
        id=row.actor_id,
        name=entry.actor_name,
        scope=ALL,
        may=frozenset({"imports.run"}),
    )


def staff_of(row: Import) -> Staff | None:
    """Return the person who brought the file; None for keys and the command line."""
    return Staff.objects.filter(pk=row.actor_id).first() if row.actor_id else None
