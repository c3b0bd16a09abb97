"""Form controls for the fields a vertical declares. They collect; the kit cleans what was typed."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars.kit import Field

_KNOWN = (("", _("not known")), ("true", _("yes")), ("false", _("no")))


def controls(
    declared: Iterable[Field], *, language: str, prefix: str = ""
) -> dict[str, forms.Field]:
    """Return one control per field, named by its key (after `prefix`), none of them required."""
    return {f"{prefix}{field.key}": control(field, language=language) for field in declared}


def control(field: Field, *, language: str) -> forms.Field:
    """Return the control that suits a field's kind; its value stays as it was typed."""
    label = field.label.text(language)
    if field.unit is not None:
        label = f"{label} ({field.unit.label.text(language)})"
    facts: dict[str, Any] = {
        "label": label,
        "required": False,
        "help_text": field.help.text(language) if field.help else "",
    }
    match field.kind:
        case "choice":
            return forms.CharField(widget=forms.Select(choices=_choices(field, language)), **facts)
        case "choices":
            options = _choices(field, language)[1:]
            return forms.MultipleChoiceField(
                choices=options, widget=forms.CheckboxSelectMultiple, **facts
            )
        case "boolean":
            return forms.CharField(widget=forms.Select(choices=_KNOWN), **facts)
        case "date":
            return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **facts)
        case "integer" | "rating":
            return forms.CharField(widget=_number("numeric"), **facts)
        case "decimal" | "measure":
            return forms.CharField(widget=_number("decimal"), **facts)
    return forms.CharField(max_length=field.max_length, **facts)


def typed(
    cleaned: Mapping[str, Any], declared: Iterable[Field], *, prefix: str = ""
) -> dict[str, Any]:
    """Return what was typed, by key and without what was left empty, for the kit to clean."""
    values = {field.key: cleaned.get(f"{prefix}{field.key}") for field in declared}
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _choices(field: Field, language: str) -> list[tuple[str, str]]:
    live = [(each.key, each.label.text(language)) for each in field.choices if not each.retired]
    return [("", "—"), *live]


def _number(mode: str) -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off"})
