"""When a step is due: on a day on which the store is open (clocks.md 12)."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from regulars.stores import hours
from regulars.stores.models import Store
from regulars.tenancy import context

_LOOK_BACK: Final = 14  # days


class OpenDays:
    """The open days of the chain's stores, or of one alone, for one piece of work. One statement.

    Without any store it is head office that is asked, which is always open.
    """

    def __init__(self, *only: UUID | None) -> None:
        stores = Store.objects.filter(pk__in=[each for each in only if each])
        self._stores = {store.pk: store for store in (stores if only else Store.objects.all())}
        self._zone = context.current().zone
        self._after: dict[tuple[UUID, date], date] = {}

    def zone(self, store_id: UUID | None) -> ZoneInfo:
        """Return the store's time zone; without a store head office's."""
        store = self._stores.get(store_id) if store_id else None
        return ZoneInfo(store.time_zone) if store else self._zone

    def today(self, store_id: UUID | None, *, now: datetime) -> date:
        """Return what day it is in the store."""
        return now.astimezone(self.zone(store_id)).date()

    def on_or_after(self, store_id: UUID | None, day: date) -> date:
        """Return the first day from `day` on that the store opens; `day` if it never does."""
        store = self._stores.get(store_id) if store_id else None
        if store is None:
            return day
        found = self._after.get((store.pk, day))
        if found is None:
            found = self._after[store.pk, day] = hours.next_open_day(store, day) or day
        return found

    def before(self, store_id: UUID | None, day: date, *, known_day: date) -> date:
        """Return when something is due that comes before a known day, such as a birthday.

        A closed day is moved on as ever, unless that is the known day or later: then back to the
        last day the store opens before; `day` if it did not within two weeks.
        """
        moved = self.on_or_after(store_id, day)
        store = self._stores.get(store_id) if store_id else None
        if moved < known_day or store is None:
            return moved
        earlier = (day - timedelta(days=number) for number in range(1, _LOOK_BACK))
        return next((each for each in earlier if hours.spans(store, each)), day)
