"""The evening before, by mail: whose day is tomorrow, to whom it matters (C6).

At five in the afternoon of each store's clock, once a day to each person: to guides about their
customers, to store managers about those of the store who have no guide. Who it is to is decided
here; `web.handing.telling` writes the mail.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from regulars import registry
from regulars.billing import resting
from regulars.followups.occasions import telling
from regulars.outbox import handler, schedule
from regulars.outbox import services as outbox
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy import context

POLICY: Final = "care.tell-by-mail"
MAIL: Final = "care.mail-tomorrow"
HOUR: Final = 17
DAY: Final = timedelta(days=1)


@schedule.every("care.tell-tomorrow", minutes=15)
@resting.unless_paused
def look_at_the_clocks(*, now: datetime) -> None:
    """Ask for the mails of each zone in which the evening has come; one statement by day."""
    if not registry.policy(POLICY):
        return
    zones = {context.current().time_zone, *Store.objects.values_list("time_zone", flat=True)}
    for zone in sorted(zones):
        local = now.astimezone(ZoneInfo(zone))
        if local.hour >= HOUR:
            outbox.enqueue(
                handler="care.tell-zone",
                payload={"zone": zone, "day": str(local.date())},
                key=f"care.tell-zone:{zone}:{local.date()}",
            )


@handler("care.tell-zone")
def tell_zone(*, zone: str, day: str, now: datetime) -> None:
    """Ask for a mail to each person of a zone who has something to be told.

    Five statements at most, and one for each mail.
    """
    if is_over(zone=zone, day=day, now=now):
        return
    owners: set[UUID] = set()
    stores: set[UUID] = set()
    for owner_id, store_id in telling.tomorrow(now=now):
        if owner_id is not None:
            owners.add(owner_id)
        elif store_id is not None:
            stores.add(store_id)
    loose: dict[UUID, list[str]] = defaultdict(list)
    for manager_id, store_id in _managers(stores):
        loose[manager_id].append(str(store_id))
    reachable = Staff.objects.filter(
        pk__in=owners | set(loose), state=Staff.State.ACTIVE, told_by_mail=True
    ).exclude(Q(email=None) | Q(email=""))
    for pk, at in reachable.values_list("pk", "home_store__time_zone"):
        if (at or context.current().time_zone) == zone:
            told = {"staff_id": str(pk), "stores": loose.get(pk, []), "zone": zone, "day": day}
            outbox.enqueue(handler=MAIL, payload=told, key=f"{MAIL}:{pk}:{day}")


def is_over(*, zone: str, day: str, now: datetime) -> bool:
    """Say whether tomorrow has come meanwhile: then there is nothing to tell any more."""
    return now.astimezone(ZoneInfo(zone)).date() != date.fromisoformat(day)


def _managers(store_ids: set[UUID]) -> Iterator[tuple[UUID, UUID]]:
    """Yield (manager, store) of these stores; two statements."""
    people = Staff.objects.filter(role=Role.STORE_MANAGER, state=Staff.State.ACTIVE)
    for place in ("home_store", "assignments__store"):
        rows = people.filter(**{f"{place}__in": store_ids})
        yield from rows.values_list("pk", place).distinct()
