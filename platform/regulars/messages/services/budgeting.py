"""Changing how often customers may be contacted."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.errors import Invalid, Text
from regulars.messages import budgets
from regulars.outbox import services as outbox
from regulars.registry.models import Declaration

_PERMISSION: Final = "rules.manage"
_LOCK: Final = "messages.budget"
_PARTS: Final = frozenset({"limits", "distance", "quiet"})
_LONGEST_DAYS: Final = 366
_LONGEST_DISTANCE: Final = 60 * 24 * 31  # minutes
_MOST: Final = 1_000
_MOST_LIMITS: Final = 10


class BudgetRefused(Invalid):
    """What was declared is no budget; `fields` says where."""

    code = "budget-refused"
    sentence = _("This contact budget cannot be saved. Please look at the marked places.")


@transaction.atomic
def set_part(
    *,
    actor: Actor,
    body: Mapping[str, Any],
    now: datetime,
    region_id: UUID | None = None,
    store_id: UUID | None = None,
    tier: str = "",
) -> None:
    """Declare what holds in a place, or for a tier there; what it says of (other) tiers stays.

    An empty `body` makes the more general one hold again. Raises as `set_budget`.
    """
    require(actor, _PERMISSION)
    with outbox.in_order(_LOCK):
        row = Declaration.objects.filter(**_place(region_id, store_id)).first()
    before: dict[str, Any] = row.body if row else {}
    tiers = dict(before.get("tiers", {}))
    own = dict(body)
    if tier:
        tiers.pop(tier, None)
        tiers |= {tier: own} if own else {}
        own = {key: value for key, value in before.items() if key != "tiers"}
    set_budget(
        actor=actor,
        body={**own, "tiers": tiers} if tiers else own,
        region_id=region_id,
        store_id=store_id,
        now=now,
    )


@transaction.atomic
def set_budget(
    *,
    actor: Actor,
    body: Mapping[str, Any],
    now: datetime,
    region_id: UUID | None = None,
    store_id: UUID | None = None,
) -> None:
    """Declare the budget of the chain, a region or a store, as in `budgets`; replaces what was.

    An empty `body` makes the more general one hold again. Raises Forbidden, BudgetRefused.
    """
    require(actor, _PERMISSION)
    faults = dict(_faults(body))
    if region_id is not None and store_id is not None:
        faults["store"] = [_("Choose a region or a store, not both.")]
    if faults:
        raise BudgetRefused(fields=faults)
    place = _place(region_id, store_id)
    with outbox.in_order(_LOCK):
        if body:
            Declaration.objects.update_or_create(
                **place, defaults={"body": dict(body), "changed_at": now}
            )
        else:
            Declaration.objects.filter(**place).delete()
    audit.record(
        actor=actor,
        action="budget.changed",
        object_kind="region" if region_id else "store" if store_id else "chain",
        object_id=region_id or store_id,
        store_id=store_id,
        data={"body": dict(body)},
    )


def _place(region_id: UUID | None, store_id: UUID | None) -> dict[str, Any]:
    return {
        "noun": budgets.NOUN,
        "key": budgets.KEY,
        "region_id": region_id,
        "store_id": store_id,
    }


def _faults(body: Mapping[str, Any], *, within: str = "") -> Iterator[tuple[str, list[Text]]]:
    tiers = {} if within else body.get("tiers", {})
    unknown = set(body) - _PARTS - (set() if within else {"tiers"})
    if unknown:
        yield within or "body", [_("Unknown: %(names)s") % {"names": ", ".join(sorted(unknown))}]
    limits = body.get("limits", [])
    if not (isinstance(limits, list) and len(limits) <= _MOST_LIMITS and all(map(_fits, limits))):
        yield f"{within}limits", [_("Say how many contacts in how many days, and for what.")]
    if not _is_number(body.get("distance", 0), 0, _LONGEST_DISTANCE):
        yield f"{within}distance", [_("Give the minutes between two contacts.")]
    if not _are_hours(body.get("quiet")):
        yield f"{within}quiet", [_("Give two times of the day, such as 21:00 and 09:00.")]
    if not isinstance(tiers, dict):
        yield "tiers", [_("Give the exceptions by tier.")]
        return
    for key, part in tiers.items():
        if isinstance(part, dict):
            yield from _faults(part, within=f"tiers.{key}.")
        else:
            yield f"tiers.{key}", [_("Give the exceptions by tier.")]


def _fits(limit: Any) -> bool:
    return (
        isinstance(limit, dict)
        and set(limit) == {"purpose", "days", "most"}
        and limit["purpose"] in ("any", "care", "selling")
        and _is_number(limit["days"], 1, _LONGEST_DAYS)
        and _is_number(limit["most"], 0, _MOST)
    )


def _is_number(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _are_hours(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, list) or len(value) != 2:
        return False
    try:
        return all(time.fromisoformat(each).tzinfo is None for each in value)
    except (TypeError, ValueError):
        return False
