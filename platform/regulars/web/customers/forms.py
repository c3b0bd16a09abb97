"""What is typed about a customer. Forms collect; the services decide."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars import moments
from regulars.customers import consents
from regulars.customers.models import Customer
from regulars.customers.questions import Question
from regulars.customers.services import HOW
from regulars.kit import Field
from regulars.kit.fields import Value
from regulars.tenancy.context import current
from regulars.web import vertical_fields
from regulars.web.forms import DayField, Form, PhoneField

ADDRESS: Final = ("province", "city", "district", "line", "postcode")


def _line(label: Any, *, most: int = 200, required: bool = False) -> forms.CharField:
    """Return a control of one line that the browser does not fill in from another customer."""
    off = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=most, required=required, widget=off)


def _by_people(ways: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the ways in which a person learns something, leaving out those of programs."""
    return [(key, words) for key, words in ways.items() if key not in ("import", "api")]


class NewCustomerForm(Form):
    """A name and a phone; `anyway` after the warning that somebody has this phone."""

    name = _line(_("Name"), most=200)
    phone = PhoneField(label=_("Phone"), required=False)
    anyway = forms.BooleanField(label=_("It is somebody else with the same phone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].region = current().country  # type: ignore[attr-defined]


class FileForm(Form):
    """The basic file. A phone that may not be read stays as it is unless a new one is typed."""

    name = _line(_("Name"), most=200)
    phone = PhoneField(label=_("Phone"), required=False)
    gender = forms.ChoiceField(
        label=_("Gender"), required=False, choices=[("", "—"), *Customer.Gender.choices]
    )
    age_band = _line(_("Age"), most=10)
    email = forms.CharField(
        label=_("E-mail"), required=False, max_length=254, widget=forms.EmailInput()
    )
    member_code = _line(_("Member code"), most=60)
    province = _line(_("Province"), most=200)
    city = _line(_("City"), most=200)
    district = _line(_("District"), most=200)
    line = _line(_("Street and number"), most=200)
    postcode = _line(_("Postcode"), most=200)
    anyway = forms.BooleanField(label=_("It is somebody else with the same phone"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, customer: Customer, phone_open: bool, **kwargs: Any) -> None:
        self.phone_open = phone_open
        address = {part: customer.address.get(part, "") for part in ADDRESS}
        names = ("name", "gender", "age_band", "email", "member_code")
        initial = {name: getattr(customer, name) for name in names}
        phone = customer.phone if phone_open else ""
        seen = customer.changed_at.isoformat()
        super().__init__(
            *args, initial={**initial, **address, "phone": phone, "seen": seen}, **kwargs
        )
        self.fields["phone"].region = current().country  # type: ignore[attr-defined]
        if not phone_open and customer.phone:
            self.fields["phone"].help_text = _("Leave this empty to keep the number as it is.")

    def values(self) -> dict[str, Any]:
        """Return the columns for the service."""
        data = self.cleaned_data
        names = ("name", "gender", "age_band", "email", "member_code")
        values: dict[str, Any] = {name: data[name] for name in names}
        values["address"] = {part: data[part] for part in ADDRESS}
        if self.phone_open or data["phone"]:
            values["phone"] = data["phone"]
        return values

    @property
    def typed_phone(self) -> str:
        """Return the phone as it was sent, though it was refused."""
        try:
            return str(self.fields["phone"].clean(self["phone"].value()))
        except forms.ValidationError:
            return ""

    def seen_at(self) -> datetime | None:
        """Return when the form was opened, for noticing that somebody else changed the file."""
        try:
            return moments.read(self.cleaned_data["seen"])
        except ValueError:
            return None


class HowForm(Form):
    """How something was learned; the base of forms that keep it with what was learned."""

    how = forms.ChoiceField(
        label=_("How do you know?"),
        choices=_by_people(HOW),
        initial="conversation",
    )


class AnswersForm(HowForm):
    """The deep profile, with suggestions beside free answers."""

    def __init__(
        self,
        *args: Any,
        asked: Sequence[Question],
        customer: Customer,
        language: str,
        **kwargs: Any,
    ) -> None:
        held = {key: answer.get("value", "") for key, answer in customer.profile.items()}
        initial = {f"profile.{each.key}": held.get(each.key, "") for each in asked}
        super().__init__(*args, initial=initial, **kwargs)
        self.asked = asked
        controls = vertical_fields.controls(
            [each.field for each in asked], language=language, prefix="profile."
        )
        self.suggestions: dict[str, list[str]] = {}
        for each in asked:
            name = f"profile.{each.key}"
            if each.suggestions:
                words = [label.text(language) for label in each.suggestions]
                self.suggestions[name] = words
                controls[name].widget.attrs["list"] = f"suggested-{each.key}"
        self.fields = {**controls, **self.fields}
        self.dress()

    def rows(self) -> Iterable[tuple[forms.BoundField, list[str]]]:
        """Return each question with its suggestions."""
        return [(self[name], self.suggestions.get(name, [])) for name in self.fields]

    def values(self) -> dict[str, Any]:
        """Return the answers by key; an empty one takes the answer away."""
        return {each.key: self.cleaned_data[f"profile.{each.key}"] for each in self.asked}


class ExtraForm(HowForm):
    """The vertical's fields of a customer."""

    def __init__(
        self,
        *args: Any,
        declared: Sequence[Field],
        held: dict[str, Any],
        language: str,
        **kwargs: Any,
    ) -> None:
        self.declared = declared
        initial = {f"extra.{each.key}": typed(held.get(each.key)) for each in declared}
        super().__init__(*args, initial=initial, **kwargs)
        controls = vertical_fields.controls(declared, language=language, prefix="extra.")
        self.fields = {**controls, **self.fields}
        self.dress()

    def values(self) -> dict[str, Any]:
        """Return what was typed by key; an empty one takes the value away."""
        return {each.key: self.cleaned_data[f"extra.{each.key}"] for each in self.declared}


class PossessionForm(Form):
    """A thing a customer has, with the fields of its kind."""

    title = _line(_("What colleagues call it"), most=120)
    acquired_on = DayField(label=_("Since"), required=False)

    def __init__(
        self,
        *args: Any,
        declared: Sequence[Field],
        held: dict[str, Any],
        language: str,
        **kwargs: Any,
    ) -> None:
        self.declared = declared
        own = {f"extra.{each.key}": typed(held.get(each.key)) for each in declared}
        kwargs["initial"] = {**own, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        controls = vertical_fields.controls(declared, language=language, prefix="extra.")
        self.fields = {**controls, **self.fields}
        self.dress()

    def values(self) -> dict[str, Any]:
        """Return what was typed by key."""
        return {each.key: self.cleaned_data[f"extra.{each.key}"] for each in self.declared}


class ConsentForm(Form):
    """A yes or a no."""

    purpose = forms.ChoiceField(label=_("What for"))
    channel = forms.ChoiceField(
        label=_("By which way"),
        required=False,
        choices=[("", _("every way")), *consents.CHANNELS.items()],
    )
    given = forms.ChoiceField(
        label=_("Their answer"),
        choices=[("yes", _("They agree")), ("no", _("They do not want it"))],
        widget=forms.RadioSelect,
    )
    how = forms.ChoiceField(
        label=_("How did they say so?"),
        choices=[
            (key, words) for key, words in consents.HOW.items() if key not in ("import", "api")
        ],
    )

    def __init__(self, *args: Any, purposes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = purposes  # type: ignore[attr-defined]


class NoteForm(Form):
    """A note for colleagues."""

    text = forms.CharField(
        label=_("Note"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write what colleagues should know.")},
    )
    is_warning = forms.BooleanField(
        label=_("Show it on top of the customer's card in every shop"), required=False
    )


class NumberForm(Form):
    """A card, a further phone, or a number of another system."""

    source = forms.ChoiceField(
        label=_("What it is"),
        choices=[("card", _("Card")), ("phone", _("Further phone")), ("", _("Another system"))],
        required=False,
    )
    system = _line(_("Name of the other system"), most=40)
    number = _line(_("Number"), most=100, required=True)

    def clean(self) -> dict[str, Any]:
        """Ask for the system's name where it is needed."""
        data = super().clean() or self.cleaned_data
        if not data.get("source") and not (data.get("system") or "").strip():
            self.add_error("system", _("Write which system the number is of."))
        return data


class ReasonForm(Form):
    """How a customer asked for their data."""

    asked = _line(_("How did they ask for it?"), most=200, required=True)


class EraseForm(Form):
    """The customer's name, typed, so that nobody is erased by a slip."""

    typed = _line(_("Type it here"))
    reason = _line(_("How did they ask for it?"), most=200, required=True)

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_typed(self) -> str:
        """Compare without spaces and case."""
        written = str(self.cleaned_data["typed"])
        if "".join(written.split()).casefold() != "".join(self.expected.split()).casefold():
            raise forms.ValidationError(_("This is not the same. Nothing was erased."))
        return written


def typed(value: Value) -> Any:
    """Return a stored value as its control shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value
