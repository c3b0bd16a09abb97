"""The form of how a chain presents itself."""

import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.tenancy import accent
from regulars.web.forms import Form

OWN: Final = "own"
# Each can be read as it is on light surfaces (a test sees to it), and none is close to another.
PALETTE: Final = (
    (accent.BRAND, pgettext_lazy("colour", "Jade")),
    ("#1f6b3a", pgettext_lazy("colour", "Pine")),
    ("#0a6b86", pgettext_lazy("colour", "Lake")),
    ("#1d5fa8", pgettext_lazy("colour", "Blue")),
    ("#3d4fb3", pgettext_lazy("colour", "Indigo")),
    ("#6b3fa0", pgettext_lazy("colour", "Violet")),
    ("#b3125f", pgettext_lazy("colour", "Peony")),
    ("#a62639", pgettext_lazy("colour", "Wine")),
    ("#b3341b", pgettext_lazy("colour", "Cinnabar")),
    ("#8a5300", pgettext_lazy("colour", "Amber")),
    ("#6b5b2e", pgettext_lazy("colour", "Bronze")),
    ("#46525c", pgettext_lazy("colour", "Slate")),
)


class LookForm(Form):
    """A name, and a colour of the palette or one's own; `colour()` is the one that counts."""

    name = forms.CharField(
        label=_("Name of the chain"),
        max_length=120,
        help_text=_("On every page, in e-mails and in authenticator apps."),
    )
    pick = forms.ChoiceField(
        label=_("Colour"),
        widget=forms.RadioSelect,
        choices=[*PALETTE, (OWN, _("Own colour"))],
    )
    accent = forms.CharField(
        label=_("Own colour"),
        required=False,
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "#b3125f"}
        ),
        help_text=_("As your designers write it, for example #b3125f."),
    )

    def clean_accent(self) -> str:
        """Return the colour as ``#rrggbb`` if it was written in one of the usual ways."""
        return hex_of(self.cleaned_data["accent"])

    def clean(self) -> dict[str, Any]:
        """Insist on a colour where somebody wants their own."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("pick") == OWN and not cleaned.get("accent"):
            self.add_error("accent", ValidationError(_("Write your colour, or pick another one.")))
        return cleaned

    def colour(self) -> str:
        """Return what to keep: empty for ours, so that it follows if ours ever changes."""
        picked = self.cleaned_data["accent" if self.cleaned_data["pick"] == OWN else "pick"]
        return "" if picked == accent.BRAND else str(picked)


def initial(*, name: str, colour: str) -> dict[str, str]:
    """Return what the form shows for a chain as it is."""
    present = colour or accent.BRAND
    is_ours = present in dict(PALETTE)
    return {"name": name, "pick": present if is_ours else OWN, "accent": "" if is_ours else present}


def wished(values: Mapping[str, Any]) -> str:
    """Return the colour somebody is looking at, which may be no colour at all."""
    pick = str(values.get("pick", ""))
    return hex_of(str(values.get("accent", ""))) if pick == OWN else pick


def hex_of(text: str) -> str:
    """Return ``#rrggbb`` for ``#RGB``, ``rrggbb`` and full-width signs; other texts as they are."""
    text = unicodedata.normalize("NFKC", text).strip().lower()
    digits = text.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    return f"#{digits}" if accent.is_colour(f"#{digits}") else text
