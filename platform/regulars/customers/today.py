"""Which day it is for a customer: that of their home store, else of the chain's head office."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from regulars.stores.models import Store
from regulars.tenancy import context


class Days(NamedTuple):
    """What day it is at head office, and in the stores where it is another."""

    chain: date
    others: dict[UUID, date]

    def at(self, store_id: UUID | None) -> date:
        """Return what day it is for the customers of a store."""
        return self.chain if store_id is None else self.others.get(store_id, self.chain)

    @property
    def every(self) -> list[date]:
        """The different days it is somewhere, the earliest first."""
        return sorted({self.chain, *self.others.values()})


def by_store(*, now: datetime) -> Days:
    """Return what day it is everywhere in the chain. One statement."""
    chain = now.astimezone(context.current().zone).date()
    zones = dict(Store.objects.values_list("pk", "time_zone"))
    days = {zone: now.astimezone(ZoneInfo(zone)).date() for zone in set(zones.values())}
    return Days(chain, {pk: days[zone] for pk, zone in zones.items() if days[zone] != chain})


def of_store(store_id: UUID | None, *, now: datetime) -> date:
    """Return what day it is for the customers of one store. One statement, without one none."""
    zone = context.current().zone
    if store_id is not None:
        zone = ZoneInfo(Store.objects.values_list("time_zone", flat=True).get(pk=store_id))
    return now.astimezone(zone).date()
