"""Changing regions and stores. Stores are closed, never deleted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.audit.services import record
from regulars.billing import entitlements
from regulars.errors import Conflict, Forbidden, Invalid, NotFound
from regulars.outbox import services as outbox
from regulars.stores import hours as opening
from regulars.stores import selectors
from regulars.stores.models import Region, Store, every_day
from regulars.tenancy import context

CHANGED: Final = "stores.number-changed"
"""Handler that is told when stores were opened or closed."""
# What only head office changes; a store's own manager changes the rest.
OFFICE_ONLY: Final = frozenset({"code", "region_id", "ownership", "opened_on"})
_SHARING: Final = {
    "shares_customers": "withheld_customers",
    "shares_figures": "withheld_figures",
}


class CodeTaken(Conflict):
    """Another store or region has this code."""

    code = "code-taken"
    sentence = _("This code is already in use. Please choose another one.")


class SharingIsTheirs(Forbidden):
    """Head office cannot give itself what a franchise keeps back (H4)."""

    code = "sharing-is-the-franchises"
    sentence = _("Only the franchise's own manager can share this with head office.")


class ClosedAlready(Conflict):
    """Another closing day would open the store again, whatever the plan allows."""

    code = "store-closed-already"
    sentence = _("This store is closed already. Open it again first.")


class StoresUsedUp(Forbidden):
    """The plan allows no more open stores"""

    code = "plan-stores"
    sentence = _(
        "Your plan %(plan)s includes %(allowed)s open stores, and you have %(open)s. An owner can "
        "choose a larger plan under Settings → Subscription; or close a store first."
    )


@dataclass(frozen=True, kw_only=True)
class StoreFacts:
    """Everything a store is told about itself; see `models.Store`."""

    code: str
    name: str
    time_zone: str
    region_id: UUID | None = None
    ownership: str = Store.Ownership.OWN
    shares_customers: bool = True
    shares_figures: bool = True
    phone: str = ""
    province: str = ""
    city: str = ""
    address: str = ""
    hours: Mapping[str, Any] = field(default_factory=every_day)
    opened_on: date | None = None


@transaction.atomic
def add(*, actor: Actor, facts: StoreFacts) -> Store:
    """Open a store. Raises Invalid, HoursRefused, CodeTaken or StoresUsedUp."""
    return add_many(actor=actor, rows=[facts])[0]


@transaction.atomic
def add_many(*, actor: Actor, rows: Sequence[StoreFacts]) -> list[Store]:
    """Open stores, all of them or none, in a constant number of statements.

    Raises Invalid, HoursRefused, StoresUsedUp or CodeTaken (whose `params["codes"]` are those
    taken).
    """
    require(actor, "stores.manage")
    _one_at_a_time()
    _refuse_beyond_plan(len(rows))
    ready = [Store(**_checked(asdict(row))) for row in rows]
    codes = [store.code for store in ready]
    _refuse_taken_codes(codes)
    made = Store.objects.bulk_create(ready)
    record(
        actor=actor,
        action="store.added",
        object_kind="store",
        object_id=made[0].id if len(made) == 1 else None,
        data={"codes": codes},
    )
    outbox.enqueue(handler=CHANGED)
    return made


@transaction.atomic
def edit(*, actor: Actor, store_id: UUID, changes: Mapping[str, Any]) -> Store:
    """Change what is given of `StoreFacts`; returns the store, unchanged if nothing differs.

    Raises NotFound outside the actor's scope, Forbidden for what is head office's, Invalid,
    HoursRefused, CodeTaken and SharingIsTheirs.
    """
    store = _locked(actor, store_id)
    now_is = {name: getattr(store, name) for name in changes}
    wanted = _checked({**_facts_of(store), **changes})
    changed = {name: wanted[name] for name in changes if wanted[name] != now_is[name]}
    require(actor, "stores.manage" if OFFICE_ONLY & set(changed) else "stores.edit")
    _refuse_taking(actor, store, changed)
    if not changed:
        return store
    if "code" in changed:
        _one_at_a_time()
        _refuse_taken_codes([changed["code"]])
    for name, value in changed.items():
        setattr(store, name, value)
    store.save(update_fields=list(changed))
    record(
        actor=actor,
        action="store.changed",
        object_kind="store",
        object_id=store.id,
        store_id=store.id,
        data={"changed": sorted(changed)},
    )
    return store


@transaction.atomic
def close(*, actor: Actor, store_id: UUID, on: date) -> Store:
    """Close a store for good from a day on. Its purchases, people and customers stay.

    The day may be moved until it has come. Raises NotFound, Invalid or ClosedAlready.
    """
    require(actor, "stores.manage")
    store = _locked(actor, store_id)
    if not selectors.is_open(store):
        raise ClosedAlready
    if store.opened_on is not None and on < store.opened_on:
        raise Invalid(fields={"on": [_("The store was not open yet on this day.")]})
    return _set_closed(actor, store, on, "store.closed")


@transaction.atomic
def reopen(*, actor: Actor, store_id: UUID) -> Store:
    """Take back the closing of a store. Raises NotFound or StoresUsedUp."""
    require(actor, "stores.manage")
    store = _locked(actor, store_id)
    if not selectors.is_open(store):
        _one_at_a_time()
        _refuse_beyond_plan(1)
    return _set_closed(actor, store, None, "store.reopened")


@transaction.atomic
def forget_devices(*, actor: Actor, store_id: UUID) -> Store:
    """End every shared tablet of the store at once, for instance when one was stolen."""
    require(actor, "stores.edit")
    store = _locked(actor, store_id)
    store.device_epoch += 1
    store.save(update_fields=["device_epoch"])
    _record_store(actor, store, "store.devices-forgotten")
    return store


@transaction.atomic
def add_region(*, actor: Actor, code: str, name: str) -> Region:
    """Make a region. Raises Invalid or CodeTaken."""
    require(actor, "stores.manage")
    _one_at_a_time()
    code, name = _checked_names(code=code, name=name)
    if Region.objects.filter(code=code).exists():
        raise CodeTaken(fields={"code": [CodeTaken.sentence]})
    region = Region(code=code, name=name)
    region.save(force_insert=True)
    record(actor=actor, action="region.added", object_kind="region", object_id=region.id)
    return region


@transaction.atomic
def edit_region(*, actor: Actor, region_id: UUID, code: str, name: str) -> Region:
    """Rename a region or change its code. Raises NotFound, Invalid or CodeTaken."""
    require(actor, "stores.manage")
    _one_at_a_time()
    region = Region.objects.select_for_update().filter(pk=region_id).first()
    if region is None:
        raise NotFound
    code, name = _checked_names(code=code, name=name)
    if Region.objects.filter(code=code).exclude(pk=region_id).exists():
        raise CodeTaken(fields={"code": [CodeTaken.sentence]})
    region.code, region.name = code, name
    region.save(update_fields=["code", "name"])
    record(actor=actor, action="region.changed", object_kind="region", object_id=region.id)
    return region


def _refuse_beyond_plan(number: int) -> None:
    """Raise StoresUsedUp if so many more stores may not be open (S3); what is open stays.

    Whoever opens them holds the turn of `_one_at_a_time`: two never take the last place.
    """
    found = entitlements.of(context.current())
    if found.stores is None:
        return
    already = selectors.count_open()
    if already + number > found.stores:
        raise StoresUsedUp(plan=found.plan.name, allowed=found.stores, open=already)


def _one_at_a_time() -> None:
    """Wait for other changes to end, so that two never take the same code, or the last place."""
    with outbox.in_order("stores"):
        return


def _locked(actor: Actor, store_id: UUID) -> Store:
    reached = actor.scope.everything or store_id in actor.scope.store_ids
    store = Store.objects.select_for_update().filter(pk=store_id).first() if reached else None
    if store is None:
        raise NotFound
    return store


def _facts_of(store: Store) -> dict[str, Any]:
    return {name: getattr(store, name) for name in StoreFacts.__dataclass_fields__}


@cache
def _time_zones() -> set[str]:
    """Return the zones there are; each look through the files of all zones takes 20 ms."""
    return available_timezones()


def _checked(facts: dict[str, Any]) -> dict[str, Any]:
    code, name = _checked_names(code=facts["code"], name=facts["name"])
    if facts["time_zone"] not in _time_zones():
        raise Invalid(fields={"time_zone": [_("Choose a time zone from the list.")]})
    if facts["ownership"] not in Store.Ownership.values:
        raise Invalid(fields={"ownership": [_("Choose own store or franchise.")]})
    try:
        hours = opening.checked(facts["hours"])
    except opening.HoursRefused as refusal:
        refusal.fields["hours"] = [str(refusal)]
        raise
    return {**facts, "code": code, "name": name, "hours": hours}


def _checked_names(*, code: str, name: str) -> tuple[str, str]:
    code, name = " ".join(code.split()), " ".join(name.split())
    faults: dict[str, list[Any]] = {}
    if not code or len(code) > 30 or not code.isprintable():
        faults["code"] = [_("A code has 1 to 30 characters.")]
    if not name or len(name) > 60 or not name.isprintable():
        faults["name"] = [_("A name has 1 to 60 characters.")]
    if faults:
        raise Invalid(fields=faults)
    return code, name


def _refuse_taken_codes(codes: Iterable[str]) -> None:
    wanted = list(codes)
    taken = set(Store.objects.filter(code__in=wanted).values_list("code", flat=True))
    taken |= {code for code in wanted if wanted.count(code) > 1}
    if taken:
        raise CodeTaken(
            _("These codes are already in use: %(codes)s."),
            fields={"code": [CodeTaken.sentence]},
            codes=", ".join(sorted(taken)),
        )


def _refuse_taking(actor: Actor, store: Store, changed: Mapping[str, Any]) -> None:
    """Refuse to look behind what a franchise keeps back by flipping its flags oneself."""
    for name, withheld in _SHARING.items():
        kept_back = store.id in getattr(actor.scope, withheld)
        if kept_back and (changed.get(name) or "ownership" in changed):
            raise SharingIsTheirs


def _set_closed(actor: Actor, store: Store, on: date | None, action: str) -> Store:
    store.closed_on = on
    store.save(update_fields=["closed_on"])
    _record_store(actor, store, action)
    outbox.enqueue(handler=CHANGED)
    return store


def _record_store(actor: Actor, store: Store, action: str) -> None:
    record(actor=actor, action=action, object_kind="store", object_id=store.id, store_id=store.id)
