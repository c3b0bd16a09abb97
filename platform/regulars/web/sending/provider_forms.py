"""What a provider must be told, as a form: secrets are written, never shown again."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.messages.gateways import chosen
from regulars.messages.gateways.catalog import Provider
from regulars.messages.gateways.contract import TryLater
from regulars.web.forms import Form

_SECURITIES: Final = (
    ("starttls", _("STARTTLS (port 587)")),
    ("tls", _("TLS (port 465)")),
    ("none", _("none (inside your own network only)")),
)
_LONGEST: Final = 500


def kept(slot: str, provider: Provider, key: str) -> bool:
    """Say whether a slot's provider has been told something; what cannot be unsealed is lost."""
    if chosen.provider_of(slot) != provider.key:
        return False
    try:
        return chosen.is_kept(slot, key)
    except TryLater:
        return False


def shown(slot: str, provider: Provider) -> dict[str, str]:
    """Return what may be shown of what a slot's provider was told."""
    if chosen.provider_of(slot) != provider.key:
        return {}
    try:
        return chosen.shown(slot)
    except TryLater:
        return {}


class ProviderForm(Form):
    """The settings of one provider. The secret of the callback is made by us."""

    new_secret = forms.BooleanField(
        label=_("Make a new callback address; the one so far stops working"), required=False
    )

    def __init__(self, *args: Any, slot: str, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slot, self.provider = slot, provider
        known = shown(slot, provider)
        self.has_proof = any(each.key == chosen.PROOF for each in provider.settings)
        self.proof_kept = kept(slot, provider, chosen.PROOF)
        for each in provider.settings:
            if each.key == chosen.PROOF:
                continue
            is_kept = each.secret and kept(slot, provider, each.key)
            field: forms.Field
            if each.key == "security":
                field = forms.ChoiceField(label=_("Encryption"), choices=_SECURITIES)
            elif each.secret:
                field = forms.CharField(
                    widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
                    help_text=_("Kept. Type only to replace it.") if is_kept else "",
                )
            else:
                field = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}))
            if each.key != "security":
                field.label = str(each.label)
            field.required = each.required and not is_kept
            field.initial = known.get(each.key, "")
            if isinstance(field, forms.CharField):
                field.widget.attrs["maxlength"] = str(_LONGEST)
            self.fields[each.key] = field
        if not (self.has_proof and self.proof_kept):
            del self.fields["new_secret"]
        self.order_fields([*(name for name in self.fields if name != "new_secret"), "new_secret"])
        self.dress()

    def values(self, *, proof: str) -> dict[str, str]:
        """Return what was typed, with a new secret of the callback if there is one."""
        given = {each.key: self.cleaned_data.get(each.key, "") for each in self.provider.settings}
        return {**given, chosen.PROOF: proof} if self.has_proof and proof else given

    @property
    def wants_proof(self) -> bool:
        """Say whether a secret of the callback is to be made."""
        is_renewed = bool(self.cleaned_data.get("new_secret"))
        return self.has_proof and (is_renewed or not self.proof_kept)
