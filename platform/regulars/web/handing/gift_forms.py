"""Forms of gifts: what the chain gives to whom, and which one is handed over."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars import registry
from regulars.customers import questions
from regulars.followups.occasions import gifts
from regulars.followups.occasions.gifts import Gift
from regulars.kit import Field
from regulars.web.forms import Form, MoneyField
from regulars.web.today import words

_TASTE: Final = "taste-"
_LONGEST: Final = 200
_BETWEEN: Final = re.compile(r"[,;，；、\n]+")


class GiftForm(Form):
    """What is given, for what, to whom, and what one costs."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Gift"), max_length=120)
    cost_minor = MoneyField(label=_("What one costs"))
    occasions = forms.MultipleChoiceField(
        label=_("Given for"), widget=forms.CheckboxSelectMultiple, required=False
    )
    tiers = forms.MultipleChoiceField(
        label=_("Levels"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None chosen: every level."),
    )

    def __init__(
        self, *args: Any, currency: str, language: str, gift: Gift | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, initial=_initial(gift), **kwargs)
        self.gift = gift
        self.fields["cost_minor"].currency = currency  # type: ignore[attr-defined]
        self.fields["occasions"].choices = [  # type: ignore[attr-defined]
            (kind, words.occasion(kind, label="", title="", language=language))
            for kind in gifts.kinds()
        ]
        self.fields["tiers"].choices = [  # type: ignore[attr-defined]
            (tier.key, tier.label.text(language))
            for tier in registry.vertical().tiers
            if not tier.retired
        ]
        self.tastes = {each.key: each for each in _of_taste(gift)}
        for key, field in self.tastes.items():
            self.fields[f"{_TASTE}{key}"] = _control(field, language)
        self.dress()

    def by_taste(self) -> Iterator[forms.BoundField]:
        """Return the controls of taste, which stand apart."""
        for key in self.tastes:
            yield self[f"{_TASTE}{key}"]

    def read(self) -> Gift:
        """Return the gift as typed; a new one is called by the form's key, so it comes once."""
        data = self.cleaned_data
        tastes = {key: _several(data.get(f"{_TASTE}{key}")) for key in self.tastes}
        once = data.get("once")
        return Gift(
            key=self.gift.key if self.gift else f"gift-{once.hex}" if once else "",
            title=data["title"].strip(),
            occasions=tuple(data["occasions"]),
            cost_minor=data["cost_minor"] or 0,
            tiers=tuple(data["tiers"]),
            tastes={key: wanted for key, wanted in tastes.items() if wanted},
        )


class GivingForm(Form):
    """Which gift is handed over for which occasion."""

    kind = forms.CharField(widget=forms.HiddenInput)
    source = forms.UUIDField(widget=forms.HiddenInput)
    on = forms.DateField(widget=forms.HiddenInput)
    gift = forms.CharField(error_messages={"required": _("Choose a gift.")})

    @property
    def occasion(self) -> tuple[str, UUID, Any]:
        """Return kind, source and day of the occasion."""
        data = self.cleaned_data
        return data["kind"], data["source"], data["on"]


def _of_taste(gift: Gift | None) -> list[Field]:
    """Return what says something of taste, and whatever the gift asks for already."""
    asked = set(gift.tastes) if gift else set()
    own = [
        each.field
        for each in questions.questions()
        if each.field.choices or each.suggestions or each.key in {"hobbies", *asked}
    ]
    extra = [
        each
        for each in questions.extra_fields()
        if each.kind in ("choice", "choices", "text") or each.key in asked
    ]
    return [each for each in (*own, *extra) if not each.sensitive or each.key in asked]


def _control(field: Field, language: str) -> forms.Field:
    facts: dict[str, Any] = {"label": field.label.text(language), "required": False}
    if field.choices:
        choices = [(c.key, c.label.text(language)) for c in field.choices if not c.retired]
        return forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **facts
        )
    return forms.CharField(
        max_length=_LONGEST, help_text=_("Words that fit, with commas between them."), **facts
    )


def _initial(gift: Gift | None) -> Mapping[str, Any]:
    if gift is None:
        return {}
    declared = {each.key: each for each in _of_taste(gift)}
    return {
        "title": gift.title,
        "cost_minor": gift.cost_minor,
        "occasions": list(gift.occasions),
        "tiers": list(gift.tiers),
        **{
            f"{_TASTE}{key}": list(wanted) if declared[key].choices else ", ".join(wanted)
            for key, wanted in gift.tastes.items()
            if key in declared
        },
    }


def _several(value: str | Sequence[str] | None) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [each.strip() for each in _BETWEEN.split(value)]
    return tuple(dict.fromkeys(each for each in value or () if each))
