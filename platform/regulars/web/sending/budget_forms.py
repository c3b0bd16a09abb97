"""The form of a contact budget: of the chain, or of a place that differs from it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.messages.budgets import Budget
from regulars.web.forms import Form

_ROWS: Final = 4
_MOST_ROWS: Final = 10
_MINUTES: Final = 60
PURPOSES: Final = (
    ("any", _("greetings and offers together")),
    ("care", _("greetings and care")),
    ("selling", _("offers")),
)


class BudgetForm(Form):
    """Windows, distance and quiet hours. Where a place `may_follow`, each part can be left to what
    holds above it.
    """

    distance = forms.DecimalField(
        label=_("Hours between two contacts"), min_value=0, max_value=744, decimal_places=2
    )
    never_quiet = forms.BooleanField(label=_("No quiet hours"), required=False)
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    quiet_until = forms.TimeField(
        label=_("Quiet until"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    follows_limits = forms.BooleanField(label=_("As above it"), required=False)
    follows_distance = forms.BooleanField(label=_("As above it"), required=False)
    follows_quiet = forms.BooleanField(label=_("As above it"), required=False)

    def __init__(
        self, *args: Any, holds: Budget, own: Mapping[str, Any], may_follow: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.may_follow = may_follow
        self.rows = min(_MOST_ROWS, max(_ROWS, len(holds.limits) + 1))
        for number in range(self.rows):
            for name, field in _fields_of_a_row():
                self.fields[f"{name}_{number}"] = field
        for part in ("limits", "distance", "quiet"):
            if may_follow:
                self.fields[f"follows_{part}"].initial = part not in own
            else:
                del self.fields[f"follows_{part}"]
        self._show(holds)
        if may_follow:
            self.fields["distance"].required = False
        self.dress()

    def _show(self, holds: Budget) -> None:
        minutes = int(holds.distance.total_seconds() // 60)
        hours = minutes / _MINUTES
        self.fields["distance"].initial = int(hours) if hours.is_integer() else round(hours, 2)
        self.fields["never_quiet"].initial = holds.quiet is None
        if holds.quiet is not None:
            self.fields["quiet_from"].initial = f"{holds.quiet.start:%H:%M}"
            self.fields["quiet_until"].initial = f"{holds.quiet.until:%H:%M}"
        for number, limit in enumerate(holds.limits):
            self.fields[f"most_{number}"].initial = limit.most
            self.fields[f"purpose_{number}"].initial = limit.purpose
            self.fields[f"days_{number}"].initial = limit.days

    def lines(self) -> Iterator[dict[str, forms.BoundField]]:
        """Yield the fields of each window, for the page."""
        for number in range(self.rows):
            yield {name: self[f"{name}_{number}"] for name in ("most", "purpose", "days")}

    def clean(self) -> dict[str, Any]:
        """Refuse half a window and half of the quiet hours."""
        given: dict[str, Any] = self.cleaned_data
        if not given.get("follows_limits"):
            for number in range(self.rows):
                most, days = given.get(f"most_{number}"), given.get(f"days_{number}")
                if (most is None) != (days is None) and not self.errors:
                    self.add_error(
                        f"days_{number}", _("Say how many contacts, and in how many days.")
                    )
        if not given.get("follows_distance") and given.get("distance") is None:
            self.add_error("distance", _("Say how many hours, 0 for none."))
        is_quiet = not (given.get("follows_quiet") or given.get("never_quiet"))
        if is_quiet and not (given.get("quiet_from") and given.get("quiet_until")):
            self.add_error("quiet_from", _("Give both times, such as 21:00 and 09:00."))
        return given

    def body(self) -> dict[str, Any]:
        """Return what was typed as `messages.budgets` declares it; parts that follow are absent."""
        given = self.cleaned_data
        body: dict[str, Any] = {}
        if not given.get("follows_limits"):
            body["limits"] = [
                {
                    "purpose": given[f"purpose_{number}"],
                    "days": given[f"days_{number}"],
                    "most": given[f"most_{number}"],
                }
                for number in range(self.rows)
                if given[f"most_{number}"] is not None
            ]
        if not given.get("follows_distance"):
            body["distance"] = round(given["distance"] * _MINUTES)
        if not given.get("follows_quiet"):
            body["quiet"] = (
                None
                if given["never_quiet"]
                else [f"{given['quiet_from']:%H:%M}", f"{given['quiet_until']:%H:%M}"]
            )
        return body


def _fields_of_a_row() -> Iterator[tuple[str, forms.Field]]:
    yield (
        "most",
        forms.IntegerField(label=_("At most"), min_value=0, max_value=1_000, required=False),
    )
    yield "purpose", forms.ChoiceField(label=_("contacts for"), choices=PURPOSES, required=False)
    yield "days", forms.IntegerField(label=_("in days"), min_value=1, max_value=366, required=False)
