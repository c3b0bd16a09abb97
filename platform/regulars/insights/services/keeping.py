"""Which periods are kept ready: those of today, and those somebody looked at in the last days."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from regulars.insights.models import CHAIN, Period
from regulars.insights.periods import Days, prepared
from regulars.insights.services import locking, writing

_FORGOTTEN_AFTER: Final = timedelta(days=3)
_PREPARED_FOR: Final = timedelta(days=14)


def kept() -> dict[Days, date | None]:
    """Return the periods that are kept, and the day on which each was last asked for."""
    rows = Period.objects.filter(group_id=CHAIN)
    return {
        Days(first, last): asked
        for first, last, asked in rows.values_list("first_day", "last_day", "asked_on")
    }


def keep(*, periods: Iterable[Days], today: date) -> None:
    """Keep the figures of these periods ready for every store, region and the chain from now on."""
    with transaction.atomic():
        locking.lock(wait=True)
        wanted = set(periods)
        known = kept()
        fill(dict.fromkeys(wanted - known.keys()), groups=None)
        _mark(wanted, today)


def prepare(*, today: date) -> int:
    """Keep today's periods where somebody looks, and forget what nobody does; return how many."""
    known = kept()
    asked = [on for on in known.values() if on is not None]
    if not asked or max(asked) < today - _PREPARED_FOR:
        wanted: set[Days] = set()
    else:
        wanted = {each for days in prepared(today) for each in (days, days.until)}
    stale = {
        days
        for days, on in known.items()
        if days not in wanted and (on is None or on < today - _FORGOTTEN_AFTER)
    }
    if stale:
        with transaction.atomic():
            locking.lock(wait=True)
            _forget(stale)
    for days in sorted(wanted - known.keys()):
        with transaction.atomic():  # one at a time, so that nobody waits for long
            locking.lock(wait=True)
            if days not in kept():
                fill({days: None}, groups=None)
    return len(wanted)


def fill(periods: dict[Days, date | None], *, groups: Collection[UUID] | None) -> None:
    """Compute periods from the days, under the lock, for some groups or for all."""
    if not periods:
        return
    parameters = {
        "firsts": [each.first for each in periods],
        "lasts": [each.last for each in periods],
        "groups": None if groups is None else sorted(groups),
    }
    with connection.cursor() as cursor:
        cursor.execute(writing.KEPT, parameters)
    for asked_on in {on for on in periods.values() if on}:
        _mark([days for days, on in periods.items() if on == asked_on], asked_on)


def _mark(periods: Iterable[Days], asked_on: date) -> None:
    condition = _any_of(periods)
    if condition:
        Period.objects.filter(condition, group_id=CHAIN).update(asked_on=asked_on)


def _forget(periods: Iterable[Days]) -> None:
    condition = _any_of(periods)
    if condition:
        Period.objects.filter(condition).delete()


def _any_of(periods: Iterable[Days]) -> Q:
    condition = Q()
    for days in periods:
        condition |= Q(first_day=days.first, last_day=days.last)
    return condition
