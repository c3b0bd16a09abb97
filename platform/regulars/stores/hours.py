"""Opening hours: when a store is open, in its own zone.

`Store.hours` is ``{"week": {"mon": [["10:00", "22:00"]], …}, "dates": {"2026-10-01": []}}``. A
date overrides its weekday and an empty list means closed. A span whose end is not after its start
runs into the next day (``18:00–02:00``); ``24:00`` is midnight at the end of the day.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from regulars.errors import Invalid
from regulars.stores.models import Store

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_SPANS: Final = 4  # a day
MOST_DATES: Final = 400
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_HORIZON_DAYS: Final = 370
_DAY_MINUTES: Final = 24 * 60

type Hours = dict[str, dict[str, list[list[str]]]]


class HoursRefused(Invalid):
    """The opening hours contradict themselves; the sentence says where."""

    code = "hours-refused"


def business_day(store: Store, instant: datetime) -> date:
    """Return the calendar day of an instant in the store's zone."""
    return instant.astimezone(ZoneInfo(store.time_zone)).date()


def spans(store: Store, day: date) -> list[tuple[datetime, datetime]]:
    """Return when the store opens and closes on a day, as aware times in its zone."""
    if _is_out_of_life(store, day):
        return []
    zone = ZoneInfo(store.time_zone)
    found = []
    for start, end in _written(store.hours, day):
        opens, closes = minutes(start), minutes(end)
        if closes <= opens:
            closes += _DAY_MINUTES
        found.append((_at(day, opens, zone), _at(day, closes, zone)))
    return found


def is_open(store: Store, at: datetime) -> bool:
    """Say whether the store is open at an instant; a night that began yesterday counts."""
    today = business_day(store, at)
    near = [*spans(store, today - timedelta(days=1)), *spans(store, today)]
    return any(start <= at < end for start, end in near)


def next_open_day(store: Store, day: date) -> date | None:
    """Return the first day from `day` on that the store opens; None within a year means never."""
    days = (day + timedelta(days=offset) for offset in range(_HORIZON_DAYS))
    return next((each for each in days if spans(store, each)), None)


def minutes(clock: str) -> int:
    """Return minutes since midnight of ``HH:MM``."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def checked(raw: Mapping[str, Any]) -> Hours:
    """Return opening hours in their canonical form. Raises HoursRefused."""
    week, dates = raw.get("week"), raw.get("dates", {})
    if not isinstance(week, Mapping) or not isinstance(dates, Mapping):
        raise HoursRefused(_("Opening hours need a week and may have exceptions by date."))
    if set(week) - set(WEEKDAYS):
        raise HoursRefused(_("The days of a week are mon, tue, wed, thu, fri, sat and sun."))
    if len(dates) > MOST_DATES:
        raise HoursRefused(_("At most %(most)s days with other hours, please."), most=MOST_DATES)
    return {
        "week": {day: _checked_day(day, week.get(day, [])) for day in WEEKDAYS},
        "dates": {_checked_date(day): _checked_day(day, dates[day]) for day in sorted(dates)},
    }


def _checked_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise HoursRefused(_("%(day)s is not a day."), day=text) from None


def _checked_day(day: str, raw: object) -> list[list[str]]:
    if not isinstance(raw, list) or len(raw) > MOST_SPANS:
        raise HoursRefused(
            _("%(day)s: at most %(most)s times of opening, please."), day=day, most=MOST_SPANS
        )
    for span in raw:
        if not isinstance(span, list | tuple) or len(span) != 2:
            raise HoursRefused(_("%(day)s: give both when you open and when you close."), day=day)
        if not all(isinstance(clock, str) and _CLOCK.fullmatch(clock) for clock in span):
            raise HoursRefused(_("%(day)s: write times as 10:00."), day=day)
        if span[0] == "24:00":
            raise HoursRefused(_("%(day)s: a day begins at 00:00."), day=day)
    ordered = sorted([str(start), str(end)] for start, end in raw)
    closed_until = -1
    for start, end in ordered:
        opens, closes = minutes(start), minutes(end)
        closes += _DAY_MINUTES if closes <= opens else 0
        if opens < closed_until:
            raise HoursRefused(_("%(day)s: two times of opening overlap."), day=day)
        closed_until = closes
    return ordered


def _is_out_of_life(store: Store, day: date) -> bool:
    not_yet = store.opened_on is not None and day < store.opened_on
    no_more = store.closed_on is not None and day >= store.closed_on
    return not_yet or no_more


def _written(hours: Mapping[str, Any], day: date) -> list[list[str]]:
    dates = hours.get("dates", {})
    key = day.isoformat()
    spans_of_day = dates[key] if key in dates else hours["week"].get(WEEKDAYS[day.weekday()], [])
    return list(spans_of_day)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    days, rest = divmod(minute, _DAY_MINUTES)
    wall = time(rest // 60, rest % 60)
    return datetime.combine(day + timedelta(days=days), wall, tzinfo=zone)
