"""Forms of the rules pages."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.kit import Bonus, Label, Rate, Spend, Tier
from regulars.registry.policies import POLICIES, Policy, Value
from regulars.web.forms import Form

_MOST = 10**6
_WORDS = {
    "floor": _("Rounded down"),
    "half-up": _("Rounded to the nearest"),
    "ceiling": _("Rounded up"),
    "debt": _("Carried as a debt that the next points pay"),
    "clamp": _("Forgotten: the balance stops at zero"),
    "02-28": _("28 February"),
    "03-01": _("1 March"),
}
type Editable = Rate | Bonus | Spend | Tier
# Which numbers of a rule head office may change without a vertical's author.
NUMBERS: Mapping[type, Mapping[str, Any]] = {
    Rate: {"points": _("Points"), "per": _("For every")},
    Bonus: {
        "points": _("Points"),
        "per": _("For every"),
        "flat": _("Points per purchase"),
        "each": _("Points per piece"),
        "times": _("Times"),
    },
    Spend: {
        "price": _("Price in points"),
        "point_value": _("A point is worth"),
        "block": _("In steps of (points)"),
        "minimum": _("From (points)"),
    },
    Tier: {
        "threshold": _("Reached at"),
        "months": _("Months that count"),
        "keeps": _("Months it is kept"),
    },
}


class PolicyForm(Form):
    """Every policy of the chain on one page."""

    def __init__(self, *args: Any, values: Mapping[str, Value], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, declared in POLICIES.items():
            if declared.page:
                continue
            field = _field(declared)
            field.initial = values[key]
            field.widget.attrs.setdefault(
                "class",
                "form-check-input"
                if isinstance(field, forms.BooleanField)
                else "form-select"
                if isinstance(field, forms.ChoiceField)
                else "form-control",
            )
            self.fields[key] = field

    def changes(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return what differs from the values that hold."""
        given: dict[str, Value] = self.cleaned_data
        return {key: value for key, value in given.items() if value != values[key]}


def _field(declared: Policy) -> forms.Field:
    label: Any = declared.label  # Django's promise of a text has a type of its own
    if declared.choices:
        choices = [(choice, _WORDS.get(choice, choice)) for choice in declared.choices]
        return forms.ChoiceField(label=label, choices=choices)
    if isinstance(declared.default, bool):
        return forms.BooleanField(label=label, required=False)
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=declared.minimum,
        max_value=declared.maximum,
    )


class RuleForm(Form):
    """The numbers of one rule, and the sentence the customer reads."""

    def __init__(self, *args: Any, rule: Editable, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        for name, label in NUMBERS[type(rule)].items():
            value = getattr(rule, name)
            if not value:  # a bonus has one of four forms; the others stay out
                continue
            field: forms.Field = (
                forms.IntegerField(label=label, min_value=0, max_value=_MOST, initial=value)
                if isinstance(value, int)
                else forms.DecimalField(
                    label=label, min_value=0, max_digits=18, decimal_places=6, initial=value
                )
            )
            field.widget.attrs.update({"class": "form-control", "inputmode": "decimal"})
            self.fields[name] = field
        words = rule.label if isinstance(rule, Tier) else rule.says
        for name, label, text in (
            ("zh_hans", _("Simplified Chinese"), words.zh_hans),
            ("zh_hant", _("Traditional Chinese"), words.zh_hant),
            ("en", _("English"), words.en),
        ):
            field = forms.CharField(label=label, initial=text, max_length=200, required=False)
            field.widget.attrs["class"] = "form-control"
            self.fields[name] = field

    def changed_rule(self) -> Editable:
        """Return the rule with what was typed; the vertical checks it when it is saved."""
        numbers = {
            name: Decimal(value) if isinstance(getattr(self.rule, name), Decimal) else value
            for name, value in self.cleaned_data.items()
            if name in NUMBERS[type(self.rule)]
        }
        words = Label(**{name: self.cleaned_data[name] for name in ("zh_hans", "zh_hant", "en")})
        naming = {"label" if isinstance(self.rule, Tier) else "says": words}
        changed: Editable = replace(cast(Any, self.rule), **numbers, **naming)
        return changed
