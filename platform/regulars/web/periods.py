"""The period a page is about, and the one it is compared with, read from its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from regulars.web import forms

PRESETS = [
    ("today", _("Today")),
    ("yesterday", _("Yesterday")),
    ("7d", _("7 days")),
    ("30d", _("30 days")),
    ("90d", _("90 days")),
    ("365d", _("365 days")),
    ("week", _("This week")),
    ("month", _("This month")),
    ("quarter", _("This quarter")),
    ("year", _("This year")),
    ("last-week", _("Last week")),
    ("last-month", _("Last month")),
    ("last-quarter", _("Last quarter")),
    ("last-year", _("Last year")),
    ("custom", _("Choose days")),
]
COMPARISONS = [
    ("previous", _("with the period before")),
    ("year", _("with a year earlier")),
    ("custom", _("with other days")),
    ("none", _("without comparison")),
]
_DEFAULT = "30d"
_LONGEST = timedelta(days=3700)
_EARLIEST, _LATEST = date(1900, 1, 1), date(2099, 12, 31)  # a year earlier is still a date
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days, both ends included; `compare_start` is None without a comparison."""

    preset: str
    start: date
    end: date
    comparison: str
    compare_start: date | None
    compare_end: date | None

    @property
    def days(self) -> int:
        """Return how many days the period has."""
        return (self.end - self.start).days + 1


class PeriodForm(forms.Form):
    """The form behind ``<c-period>``. `chosen` is always usable: faults fall back to 30 days."""

    period = django_forms.ChoiceField(choices=PRESETS, required=False, label=_("Period"))
    start = forms.DayField(required=False, label=_("From"))
    end = forms.DayField(required=False, label=_("To"))
    compare = django_forms.ChoiceField(choices=COMPARISONS, required=False, label=_("Compare"))
    compare_start = forms.DayField(required=False, label=_("From"))
    compare_end = forms.DayField(required=False, label=_("To"))

    def __init__(self, data: Mapping[str, Any], *, today: date, default: str = _DEFAULT) -> None:
        super().__init__(data)
        self.today = today
        self.default = default
        self.chosen = self._read()

    def clean(self) -> dict[str, Any]:
        """Refuse days that do not make a period."""
        cleaned = super().clean() or self.cleaned_data
        for choice, first, last in (
            ("period", "start", "end"),
            ("compare", "compare_start", "compare_end"),
        ):
            if cleaned.get(choice) == "custom":
                self._check(first, last, cleaned)
        return cleaned

    def _check(self, first: str, last: str, cleaned: Mapping[str, Any]) -> None:
        start, end = cleaned.get(first), cleaned.get(last)
        if not start or not end:
            if first not in self.errors and last not in self.errors:
                self.add_error(last, _("Choose both days."))
        elif start > end:
            self.add_error(last, _("The last day lies before the first."))
        elif start < _EARLIEST or end > _LATEST:
            self.add_error(last, _("Choose days of this century or the one before."))
        elif end - start > _LONGEST:
            self.add_error(last, _("At most ten years at once."))

    def _read(self) -> Period:
        good = self.is_valid()
        cleaned = self.cleaned_data if good else {}
        preset = cleaned.get("period") or self.default
        comparison = cleaned.get("compare") or "previous"
        if preset == "custom":
            start, end = cleaned["start"], cleaned["end"]
        else:
            start, end = _preset(preset, today=self.today)
        if comparison == "custom":
            before: tuple[date, date] | None = cleaned["compare_start"], cleaned["compare_end"]
        else:
            before = _compared(preset, comparison, start=start, end=end)
        return Period(
            preset=preset,
            start=start,
            end=end,
            comparison=comparison,
            compare_start=before[0] if before else None,
            compare_end=before[1] if before else None,
        )


def _preset(preset: str, *, today: date) -> tuple[date, date]:
    if preset == "yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    if preset.endswith("d"):
        return today - timedelta(days=int(preset.removesuffix("d")) - 1), today
    unit = preset.removeprefix("last-")
    start = _beginning(unit, today)
    if unit == preset:
        return start, today
    end = start - timedelta(days=1)
    return _beginning(unit, end), end


def _beginning(unit: str, on: date) -> date:
    """Return the first day of the day, week, month, quarter or year of `on`."""
    if unit == "today":
        return on
    if unit == "week":
        return on - timedelta(days=on.weekday())
    months = _MONTHS[unit]
    return on.replace(month=(on.month - 1) // months * months + 1, day=1)


def _compared(preset: str, comparison: str, *, start: date, end: date) -> tuple[date, date] | None:
    """Return the days to compare with: of a week, month, quarter or year its same days before."""
    if comparison == "none":
        return None
    if comparison == "year":
        return _months_earlier(start, 12), _months_earlier(end, 12)
    unit = preset.removeprefix("last-")
    if unit != preset and unit in _MONTHS:  # a whole month is compared with a whole month
        last = start - timedelta(days=1)
        return _beginning(unit, last), last
    if unit in _MONTHS:
        # A month so far is compared with the same days of the month before, not with all of it.
        return _months_earlier(start, _MONTHS[unit]), _months_earlier(end, _MONTHS[unit])
    length = timedelta(days=7) if unit == "week" else end - start + timedelta(days=1)
    return start - length, end - length


def _months_earlier(on: date, months: int) -> date:
    index = on.year * 12 + on.month - 1 - months
    year, month = divmod(index, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return first.replace(day=min(on.day, (following - first).days))
