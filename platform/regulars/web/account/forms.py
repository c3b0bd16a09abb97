"""Forms of one's own account."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from regulars.web.context import LANGUAGE_NAMES
from regulars.web.forms import DayField, Form, PhoneField


def language_choices(*, first: str) -> list[tuple[str, str]]:
    """Return the languages to choose from, by their own names, after a word for no choice."""
    return [("", first), *((code, LANGUAGE_NAMES[code]) for code, _name in settings.LANGUAGES)]


def offer_languages(form: forms.Form) -> None:
    """Fill the field `language` with the languages we speak."""
    field = form.fields["language"]
    if isinstance(field, forms.ChoiceField):
        field.choices = language_choices(first=str(_("As the chain")))


def pin_field(**kwargs: Any) -> forms.CharField:
    """Return a field for a PIN: digits, never shown, never filled in by the browser."""
    attributes = {"inputmode": "numeric", "autocomplete": "off", "maxlength": "8"}
    return forms.CharField(
        max_length=8, widget=forms.PasswordInput(attrs=attributes), strip=True, **kwargs
    )


class JoinForm(Form):
    """What an invited person tells us."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("As customers and colleagues know you."),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters; a short sentence is easy to remember."),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_languages(self)


class MeForm(Form):
    """What a person may change of themselves."""

    name = forms.CharField(label=_("Name"), max_length=60)
    phone = PhoneField(label=_("Phone"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    away_until = DayField(
        label=_("Away until"),
        required=False,
        help_text=_(
            "On holiday or ill, that day included. Warnings about your complaints go to whoever"
            " answers for the shop meanwhile."
        ),
    )
    told_by_mail = forms.BooleanField(
        label=_("Tell me by e-mail, the evening before, whose day is tomorrow"), required=False
    )

    def __init__(self, *args: Any, region: str, has_address: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_address:
            del self.fields["told_by_mail"]
        self.fields["phone"].region = region  # type: ignore[attr-defined]
        offer_languages(self)


class AddressForm(Form):
    """A new e-mail address, and the password as proof that it is oneself who asks."""

    email = forms.CharField(
        label=_("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PinForm(Form):
    """A PIN to take turns with on a shared device; who came by PIN gives the present one too."""

    old_pin = pin_field(label=_("Present PIN"), required=False)
    pin = pin_field(
        label=_("New PIN"),
        required=False,
        help_text=_("Four to eight digits. Leave it empty to have none."),
    )


class TurnForm(Form):
    """The PIN of the person whose turn it is."""

    pin = pin_field(label=_("PIN"))
