"""Forms of the team. What somebody may give is offered; the service decides."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.staff import granting
from regulars.staff.granting import Place
from regulars.staff.models import Role, Staff
from regulars.stores import selectors as stores
from regulars.web.account.forms import offer_languages, pin_field
from regulars.web.forms import DayField, Form, PhoneField


class PlaceForm(Form):
    """A role and the places it is for."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.Select(attrs={"data-role": ""}))
    regions = forms.MultipleChoiceField(
        label=_("Regions"), required=False, widget=forms.CheckboxSelectMultiple
    )
    stores = forms.MultipleChoiceField(
        label=_("Stores"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("role", [(role.value, role.label) for role in granting.grantable_roles(actor)])
        regions = granting.grantable_regions(actor)
        self._offer("regions", [(str(each.pk), each.name) for each in regions])
        shops = stores.open_stores(actor.scope).values_list("pk", "code", "name")
        self._offer("stores", [(str(pk), f"{name} ({code})") for pk, code, name in shops])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def place(self) -> Place:
        """Return what was chosen; regions count for region managers only."""
        data = self.cleaned_data
        is_regional = data["role"] == Role.REGION_MANAGER
        return Place(
            role=data["role"],
            region_ids=tuple(map(UUID, data["regions"])) if is_regional else (),
            store_ids=tuple(map(UUID, data["stores"])),
        )


class InviteForm(PlaceForm):
    """Somebody new, with an e-mail address."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("We send a link there that is valid for seven days."),
    )
    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    language = forms.ChoiceField(label=_("Language of the e-mail"), required=False)
    field_order = ("email", "name", "role", "regions", "stores", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_languages(self)


class ColleagueForm(PlaceForm):
    """A guide without an e-mail address, who uses the shop's shared device."""

    name = forms.CharField(label=_("Name"), max_length=60)
    number = forms.CharField(label=_("Staff number"), max_length=30, required=False)
    pin = pin_field(
        label=_("PIN"),
        help_text=_("Four to eight digits. Tell it to them; they can change it themselves."),
    )
    field_order = ("name", "number", "stores", "pin")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["role"], self.fields["regions"]

    def place(self) -> Place:
        """Return the stores that were chosen, for a guide."""
        return Place(role=Role.GUIDE, store_ids=tuple(map(UUID, self.cleaned_data["stores"])))


class PersonForm(Form):
    """What a manager writes down of a colleague."""

    name = forms.CharField(label=_("Name"), max_length=60)
    number = forms.CharField(
        label=_("Staff number"),
        max_length=30,
        required=False,
        help_text=_("As tills and files know them."),
    )
    phone = PhoneField(label=_("Phone"), required=False)
    away_until = DayField(
        label=_("Away until"),
        required=False,
        help_text=_(
            "On holiday or ill, that day included. Warnings about their complaints go to whoever"
            " answers for the shop meanwhile."
        ),
    )

    def __init__(self, *args: Any, region: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(PhoneField, self.fields["phone"]).region = region


class ColleaguePinForm(Form):
    """A PIN set for a colleague."""

    pin = pin_field(
        label=_("New PIN"),
        required=False,
        help_text=_("Four to eight digits. Leave it empty to take it away."),
    )


class LeaveForm(Form):
    """Who takes over the customers of somebody who leaves."""

    successor = forms.ChoiceField(label=_("Their customers go to"), required=False)

    def __init__(self, *args: Any, colleagues: list[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["successor"])
        field.choices = [
            ("", _("nobody yet: the store's manager hands them out")),
            *((str(each.pk), each.name) for each in colleagues),
        ]

    def successor_id(self) -> UUID | None:
        """Return who was chosen, if anybody."""
        chosen = self.cleaned_data["successor"]
        return UUID(chosen) if chosen else None
