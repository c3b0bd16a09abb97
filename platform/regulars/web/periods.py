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
    ("7d", _("7 days")),
    ("30d", _("30 days")),
    ("90d", _("90 days")),
    ("month", _("This month")),
    ("quarter", _("This quarter")),
    ("year", _("This year")),
    ("365d", _("365 days")),
    ("custom", _("Choose days")),
]
COMPARISONS = [
    ("previous", _("with the period before")),
    ("year", _("with a year earlier")),
    ("none", _("without comparison")),
]
_DEFAULT = "30d"
_LONGEST = timedelta(days=3700)


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
    """The form behind ``<c-period>``. `period` is always usable: faults fall back to 30 days."""

    period = django_forms.ChoiceField(choices=PRESETS, required=False, label=_("Period"))
    start = forms.DayField(required=False, label=_("From"))
    end = forms.DayField(required=False, label=_("To"))
    compare = django_forms.ChoiceField(choices=COMPARISONS, required=False, label=_("Compare"))

    def __init__(self, data: Mapping[str, Any], *, today: date, default: str = _DEFAULT) -> None:
        super().__init__(data)
        self.today = today
        self.default = default
        self.chosen = self._read()

    def clean(self) -> dict[str, Any]:
        """Refuse days that do not make a period."""
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if cleaned.get("period") == "custom":
            if not start or not end:
                self.add_error("end", _("Choose both days."))
            elif start > end:
                self.add_error("end", _("The last day lies before the first."))
            elif end - start > _LONGEST:
                self.add_error("end", _("At most ten years at once."))
        return cleaned

    def _read(self) -> Period:
        good = self.is_valid()
        cleaned = self.cleaned_data
        preset = (cleaned.get("period") or self.default) if good else self.default
        comparison = cleaned.get("compare") or "previous"
        if preset == "custom":
            start, end = cleaned["start"], cleaned["end"]
        else:
            start, end = _preset(preset, today=self.today)
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
    starts = {
        "today": today,
        "month": today.replace(day=1),
        "quarter": today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
        "year": today.replace(month=1, day=1),
    }
    if preset in starts:
        return starts[preset], today
    return today - timedelta(days=int(preset.removesuffix("d")) - 1), today


def _compared(preset: str, comparison: str, *, start: date, end: date) -> tuple[date, date] | None:
    if comparison == "none":
        return None
    months = {"month": 1, "quarter": 3, "year": 12}.get(preset)
    if comparison == "year":
        return _months_earlier(start, 12), _months_earlier(end, 12)
    if months:
        # A month so far is compared with the same days of the month before, not with all of it.
        return _months_earlier(start, months), _months_earlier(end, months)
    length = end - start + timedelta(days=1)
    return start - length, end - length


def _months_earlier(on: date, months: int) -> date:
    index = on.year * 12 + on.month - 1 - months
    year, month = divmod(index, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return first.replace(day=min(on.day, (following - first).days))
