"""Writing the audit."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from regulars.audit.actors import Actor
from regulars.audit.models import Entry


def record(
    *,
    actor: Actor,
    action: str,
    object_kind: str = "",
    object_id: UUID | None = None,
    store_id: UUID | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write down who did what, in the caller's transaction. `data` must hold no secret."""
    entry = drafted(
        actor=actor,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        store_id=store_id,
        data=data,
    )
    entry.save(force_insert=True)


def drafted(
    *,
    actor: Actor,
    action: str,
    object_kind: str = "",
    object_id: UUID | None = None,
    store_id: UUID | None = None,
    data: Mapping[str, Any] | None = None,
) -> Entry:
    """Return what `record` would write down, for whoever writes it together with other rows."""
    return Entry(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        address=actor.address,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        store_id=store_id,
        data=dict(data or {}),
    )
