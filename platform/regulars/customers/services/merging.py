"""Two records that are one person become one (H2), and two again when that was a mistake.

`usecases.merge` calls these in order, with both rows locked; the other domains move theirs.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.customers import search_terms
from regulars.customers.models import Consent, Customer, Identity, LifeEvent, Note, Possession
from regulars.customers.selectors import visibility
from regulars.errors import Conflict, Invalid, NotFound

# Values of which one record's wins; profile and extra are joined key by key.
VALUES: Final = (
    "name",
    "phone",
    "member_code",
    "gender",
    "age_band",
    "email",
    "address",
    "language",
    "time_zone",
    "owner_id",
    "home_store_id",
)
_JOINED: Final = ("profile", "extra")
_CHILDREN: Final[dict[str, type[Any]]] = {
    "identities": Identity,
    "life_events": LifeEvent,
    "possessions": Possession,
    "consents": Consent,
    "notes": Note,
}
_IDS: Final = frozenset({"owner_id", "home_store_id"})


class SamePerson(Invalid):
    """A record cannot be merged with itself."""

    code = "same-record"
    sentence = _("These are the same record. Choose two different ones.")


class NotMerged(Conflict):
    """The record is not merged, or its merge cannot be undone now."""

    code = "not-merged"
    sentence = _("This record is not merged with another, so there is nothing to undo.")


class LaterMergeFirst(Conflict):
    """The customer it was merged into was itself merged since."""

    code = "later-merge-first"
    sentence = _("The customer it was merged into was merged again. Undo that merge first.")


def lock_pair(*, actor: Actor, kept_id: UUID, absorbed_id: UUID) -> tuple[Customer, Customer]:
    """Lock both records, lower key first, and return (kept, absorbed).

    Raises Forbidden, SamePerson, NotFound when either is not in the actor's scope or not active.
    """
    require(actor, "customers.merge")
    if kept_id == absorbed_id:
        raise SamePerson
    rows = Customer.objects.select_for_update().filter(
        visibility.within(actor.scope),
        state=Customer.State.ACTIVE,
        pk__in=[kept_id, absorbed_id],
    )
    found = {row.pk: row for row in rows.order_by("pk")}
    if len(found) != 2:
        raise NotFound
    return found[kept_id], found[absorbed_id]


def lock_merged(*, actor: Actor, absorbed_id: UUID) -> tuple[Customer, Customer]:
    """Lock a merged record and its survivor, and return (kept, absorbed).

    Raises Forbidden, NotFound, NotMerged, LaterMergeFirst.
    """
    require(actor, "customers.merge")
    reaches = visibility.reaches(actor.scope)
    merged = Customer.objects.filter(pk=absorbed_id).first()
    if merged is None:
        raise NotFound
    if merged.merged_into_id is None or merged.merge is None:
        raise NotMerged if reaches(merged.owner_id, merged.home_store_id) else NotFound
    rows = Customer.objects.select_for_update().filter(pk__in=[merged.pk, merged.merged_into_id])
    found = {row.pk: row for row in rows.order_by("pk")}
    absorbed = found[merged.pk]
    if absorbed.merged_into_id not in found or absorbed.merge is None:
        raise NotMerged  # somebody else undid it while we waited
    kept = found[absorbed.merged_into_id]
    if not reaches(kept.owner_id, kept.home_store_id):
        raise NotFound
    if absorbed.merge["into"] != str(kept.pk) or kept.state != Customer.State.ACTIVE:
        raise LaterMergeFirst
    return kept, absorbed


def absorb(
    *, kept: Customer, absorbed: Customer, take: Collection[str], now: datetime
) -> dict[str, Any]:
    """Let the kept record take the absorbed one's values, and close the absorbed one.

    What is empty is filled; of VALUES named in `take` the absorbed record's wins. Returns, for
    `merge`, what changed: column (or column and key) → before and after.
    """
    changes: dict[str, Any] = {}
    for column in VALUES:
        ours, theirs = getattr(kept, column), getattr(absorbed, column)
        if theirs and theirs != ours and (not ours or column in take):
            changes[column] = {"before": _plain(ours), "after": _plain(theirs)}
            setattr(kept, column, theirs)
    for column in _JOINED:
        ours, theirs = getattr(kept, column), getattr(absorbed, column)
        added = {key: value for key, value in theirs.items() if key not in ours}
        if added:
            changes[column] = added
            setattr(kept, column, {**ours, **added})
    if absorbed.joined_at < kept.joined_at:
        changes["joined_at"] = {
            "before": kept.joined_at.isoformat(),
            "after": absorbed.joined_at.isoformat(),
        }
        kept.joined_at = absorbed.joined_at
    if "member_code" in changes:
        # A code is unique: the absorbed record lends it, `release` gives it back.
        Customer.objects.filter(pk=absorbed.pk).update(member_code=None)
        absorbed.member_code = None
    kept.pinyin, kept.initials, kept.tokens = search_terms.of(kept.name, kept.phone)
    kept.changed_at = now
    kept.save()
    return changes


def reassign(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
    """Move what belongs to the absorbed record; earlier merges into it follow. JSON-able."""
    moved: dict[str, Any] = {}
    for name, model in _CHILDREN.items():
        rows = model._default_manager.filter(customer=absorbed_id)
        moved[name] = [str(pk) for pk in rows.values_list("pk", flat=True)]
        rows.update(customer=kept_id)
    earlier = Customer.objects.filter(merged_into=absorbed_id)
    moved["absorbed"] = [str(pk) for pk in earlier.values_list("pk", flat=True)]
    earlier.update(merged_into=kept_id)
    return moved


def close(
    *,
    kept: Customer,
    absorbed: Customer,
    moved: Mapping[str, Any],
    changes: Mapping[str, Any],
    actor: Actor,
    reason: str,
    now: datetime,
) -> None:
    """Mark the absorbed record as merged, with all it takes to undo that."""
    absorbed.state = Customer.State.MERGED
    absorbed.merged_into = kept
    absorbed.merge = {
        "into": str(kept.pk),
        "by": str(actor.id) if actor.id else None,
        "by_name": actor.name,
        "at": now.isoformat(),
        "reason": reason[:200],
        "changes": dict(changes),
        "moved": dict(moved),
    }
    absorbed.changed_at = now
    absorbed.save(update_fields=["state", "merged_into", "merge", "changed_at"])


def give_back(*, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime) -> None:
    """Move back exactly what `reassign` moved, as far as it is still the survivor's."""
    for name, model in _CHILDREN.items():
        ids = moved.get(name, [])
        model._default_manager.filter(pk__in=ids, customer=kept_id).update(customer=absorbed_id)
    earlier = Customer.objects.filter(pk__in=moved.get("absorbed", []), merged_into=kept_id)
    earlier.update(merged_into=absorbed_id)


def release(*, kept: Customer, absorbed: Customer, now: datetime) -> None:
    """Make the absorbed record active again, and take back from the kept one what it took.

    A value that was changed since the merge stays: somebody knew better.
    """
    changes = (absorbed.merge or {}).get("changes", {})
    for column in VALUES:
        change = changes.get(column)
        if change and _plain(getattr(kept, column)) == change["after"]:
            setattr(kept, column, _read(column, change["before"]))
            if column == "member_code":
                absorbed.member_code = change["after"]
    for column in _JOINED:
        added = changes.get(column, {})
        ours = getattr(kept, column)
        setattr(kept, column, {k: v for k, v in ours.items() if added.get(k, ...) != v})
    change = changes.get("joined_at")
    if change and kept.joined_at.isoformat() == change["after"]:
        kept.joined_at = datetime.fromisoformat(change["before"])
    kept.pinyin, kept.initials, kept.tokens = search_terms.of(kept.name, kept.phone)
    kept.changed_at = absorbed.changed_at = now
    kept.save()
    absorbed.state, absorbed.merged_into, absorbed.merge = Customer.State.ACTIVE, None, None
    absorbed.save()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _read(column: str, value: Any) -> Any:
    return UUID(value) if value and column in _IDS else value
