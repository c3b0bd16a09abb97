"""The forms of sign-up. Whether a name can be had is decided by the service."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from regulars.billing import plans
from regulars.registry import loading
from regulars.tenancy.signup import Wish
from regulars.web.forms import Form

COMMON_ZONES = (
    "Asia/Shanghai",
    "Asia/Urumqi",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Kuala_Lumpur",
    "Asia/Tokyo",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
)
CURRENCIES = ("CNY", "HKD", "TWD", "SGD", "MYR", "JPY", "USD", "EUR", "GBP", "AUD")


class SignupForm(Form):
    """Everything a new chain has to say; industry, language and zone are filled in as guesses."""

    company = forms.CharField(
        label=_("Company"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    subdomain = forms.CharField(
        label=_("Address of your workspace"),
        max_length=63,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    vertical = forms.ChoiceField(label=_("Industry"))
    owner_name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    owner_email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        min_length=10,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. A sentence of four words is good."),
        error_messages={"min_length": _("This is too short: at least 10 characters.")},
    )
    language = forms.ChoiceField(label=_("Language"))
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])
    time_zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = translation.get_language() or settings.LANGUAGE_CODE
        choices: dict[str, list[tuple[str, Any]]] = {
            "vertical": [
                (key, each.name.text(language)) for key, each in loading.installed().items()
            ],
            "language": list(settings.LANGUAGES),
            "time_zone": zones(),
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = offered
        self.fields["language"].initial = language
        self.fields["currency"].initial = plans.CURRENCIES[0]
        self.fields["time_zone"].initial = COMMON_ZONES[0]

    def clean_password(self) -> str:
        """Refuse passwords that are guessed first."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password

    def wish(self) -> Wish:
        """Return what was asked for."""
        return Wish(**{name: self.cleaned_data[name] for name in Wish.__dataclass_fields__})


def zones() -> list[tuple[str, Any]]:
    """Offer the zones where our chains are first, then all of them."""
    named = [(zone, zone.replace("_", " ")) for zone in COMMON_ZONES]
    others = sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")
    )
    rest = [(zone, zone.replace("_", " ")) for zone in others if zone not in COMMON_ZONES]
    return [(_("Most used"), named), (_("All time zones"), rest)]  # type: ignore[list-item]


class SubdomainForm(Form):
    """Another wish, after the first was taken."""

    subdomain = forms.CharField(label=_("Address of your workspace"), max_length=63)


class WhichChainForm(Form):
    """The address we should write to."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
