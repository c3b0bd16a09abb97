"""The editor of opening hours: a week of up to two spans a day, and days that differ."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from regulars.stores.hours import WEEKDAYS
from regulars.stores.models import Store

SPANS: Final = 2
DAY_NAMES: Final = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
}


@dataclass(frozen=True, kw_only=True)
class WeekdayRow:
    """One weekday of the editor, with the names and values of its four fields."""

    key: str
    name: str
    fields: list[tuple[str, str, str, str]]  # name and value of the opening, of the closing


@dataclass(frozen=True, kw_only=True)
class Exceptional:
    """Days in a row that have the same other hours."""

    first: date
    last: date
    spans: list[list[str]]
    is_past: bool


def week_rows(week: dict[str, list[list[str]]]) -> list[WeekdayRow]:
    """Return the editor's rows for a week of opening hours."""
    rows = []
    for key in WEEKDAYS:
        spans = [*week.get(key, []), *([["", ""]] * SPANS)][:SPANS]
        fields = [
            (f"{key}-{number}-opens", opens, f"{key}-{number}-closes", closes)
            for number, (opens, closes) in enumerate(spans)
        ]
        rows.append(WeekdayRow(key=key, name=str(DAY_NAMES[key]), fields=fields))
    return rows


def read_week(data: QueryDict) -> dict[str, list[list[str]]]:
    """Return the week somebody filled in; a span with one time only is kept for the service to
    refuse, an empty one is left out."""
    week: dict[str, list[list[str]]] = {}
    for key in WEEKDAYS:
        spans = []
        for number in range(SPANS):
            span = [data.get(f"{key}-{number}-{end}", "").strip() for end in ("opens", "closes")]
            if any(span):
                spans.append(span)
        week[key] = spans
    return week


def merged(store: Store, *, week: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the store's hours with another week, keeping a third span nobody could edit."""
    hours = {"week": dict(store.hours["week"]), "dates": dict(store.hours.get("dates", {}))}
    if week is not None:
        for key, spans in week.items():
            hours["week"][key] = spans + hours["week"].get(key, [])[SPANS:]
    return hours


def exceptions(store: Store, *, today: date) -> list[Exceptional]:
    """Return the days that differ, neighbours with the same hours taken together."""
    found: list[Exceptional] = []
    for text, spans in sorted(store.hours.get("dates", {}).items()):
        day = date.fromisoformat(text)
        before = found[-1] if found else None
        if before and before.spans == spans and before.last + timedelta(days=1) == day:
            found[-1] = Exceptional(first=before.first, last=day, spans=spans, is_past=day < today)
        else:
            found.append(Exceptional(first=day, last=day, spans=spans, is_past=day < today))
    return found
