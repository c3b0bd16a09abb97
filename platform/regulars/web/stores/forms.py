"""Forms of stores and regions."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.stores.models import Region, Store
from regulars.web.forms import DayField, Form, PhoneField
from regulars.web.signup.forms import zones

LONGEST_EXCEPTION_DAYS = 60


class StoreForm(Form):
    """What is written down of a store; who may not change everything gets fewer fields."""

    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=60)
    code = forms.CharField(
        label=_("Code"), max_length=30, help_text=_("As tills and files know the store.")
    )
    region_id = forms.ChoiceField(label=_("Region"), required=False)
    phone = PhoneField(label=_("Phone"), required=False)
    province = forms.CharField(label=_("Province"), max_length=40, required=False)
    city = forms.CharField(label=_("City"), max_length=40, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    opened_on = DayField(label=_("Opened on"), required=False)
    ownership = forms.ChoiceField(label=_("Owner of the store"), choices=Store.Ownership.choices)
    shares_customers = forms.BooleanField(label=_("Head office sees its customers"), required=False)
    shares_figures = forms.BooleanField(label=_("Head office sees its figures"), required=False)

    def __init__(self, *args: Any, region: str, only: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PhoneField, self.fields["phone"]).region = region
        cast(forms.ChoiceField, self.fields["time_zone"]).choices = zones()
        names = Region.objects.order_by("code").values_list("pk", "name")
        cast(forms.ChoiceField, self.fields["region_id"]).choices = [
            ("", _("no region")),
            *((str(pk), name) for pk, name in names),
        ]
        for name in set(self.fields) - only:
            del self.fields[name]

    def facts(self) -> dict[str, Any]:
        """Return the fields as the service takes them."""
        data = dict(self.cleaned_data)
        if "region_id" in data:
            data["region_id"] = UUID(data["region_id"]) if data["region_id"] else None
        return data


class RegionForm(Form):
    """A region's code and name."""

    code = forms.CharField(label=_("Code"), max_length=30)
    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=60)


class CloseForm(Form):
    """From which day on a store is closed for good."""

    on = DayField(label=_("Closed from"))


class ExceptionForm(Form):
    """Days with other hours than their weekday: a holiday, an inventory, a long night."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"), required=False)
    opens = forms.TimeField(
        label=_("Opens"),
        required=False,
        input_formats=["%H:%M"],
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("Leave both empty for a day on which the store stays closed."),
    )
    closes = forms.TimeField(
        label=_("Closes"),
        required=False,
        input_formats=["%H:%M"],
        widget=forms.TimeInput(attrs={"type": "time"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse half a time and days in the wrong order."""
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("This day is before the first one."))
        elif first and last and (last - first).days >= LONGEST_EXCEPTION_DAYS:
            self.add_error("last", _("At most 60 days at once, please."))
        if (data.get("opens") is None) != (data.get("closes") is None):
            self.add_error("closes", _("Give both when you open and when you close."))
        return data

    def days(self) -> list[str]:
        """Return the days that are meant, in ISO form."""
        first = self.cleaned_data["first"]
        last = self.cleaned_data["last"] or first
        return [
            (first + timedelta(days=offset)).isoformat()
            for offset in range((last - first).days + 1)
        ]

    def spans(self) -> list[list[str]]:
        """Return the hours of each of these days; none means closed."""
        opens, closes = self.cleaned_data["opens"], self.cleaned_data["closes"]
        return [[f"{opens:%H:%M}", f"{closes:%H:%M}"]] if opens is not None else []


class PasteForm(Form):
    """Rows copied from a spreadsheet."""

    rows = forms.CharField(
        label=_("Rows of the spreadsheet"),
        strip=False,
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": "10", "spellcheck": "false", "wrap": "off"}),
    )
