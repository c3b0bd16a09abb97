"""The base of every form on a page: looks, phones, money and days. Rules live in the services."""

import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regulars.errors import RegularsError
from regulars.web import money as amounts
from regulars.web import phones

_LARGEST_MINOR = 10**15


class Form(forms.Form):
    """A form whose widgets carry the classes of our look and the hints a phone's keyboard needs."""

    required_css_class = "is-required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.dress()

    def dress(self) -> None:
        """Give every control its look; forms that add fields of their own call it again."""
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _class_of(field.widget))
            if isinstance(field, forms.IntegerField | forms.DecimalField):
                field.widget.attrs.setdefault("inputmode", "decimal")

    def refuse(self, error: RegularsError) -> None:
        """Show a service's refusal where it belongs: at the fields it names, else on top."""
        error.settle()
        placed = False
        for name, faults in error.fields.items():
            if name in self.fields:
                self.add_error(name, [str(fault) for fault in faults])
                placed = True
        if not placed:
            self.add_error(None, str(error))


class PhoneField(forms.CharField):
    """A telephone number as people write it; cleans to E.164 or to an empty string."""

    default_error_messages = {"invalid_phone": _("This is not a telephone number we can read.")}

    def __init__(self, *, region: str = "CN", **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
        )
        kwargs.setdefault("max_length", 30)
        super().__init__(**kwargs)
        self.region = region

    def clean(self, value: Any) -> str:
        """Return the number as E.164. Raises ValidationError."""
        text = unicodedata.normalize("NFKC", str(super().clean(value) or ""))
        if not text:
            return ""
        try:
            return phones.parse(text, region=self.region)
        except ValueError:
            raise ValidationError(
                self.error_messages["invalid_phone"], code="invalid_phone"
            ) from None

    def prepare_value(self, value: Any) -> Any:
        """Show a stored number spaced for reading, and what was typed as it was typed."""
        return phones.revealed(value) if str(value or "").startswith("+") else value


class MoneyField(forms.CharField):
    """An amount as people write it (``1,280.50``, ``¥1280``); cleans to integer minor units."""

    default_error_messages = {
        "invalid_money": _("Write an amount such as 1,280.50."),
        "too_fine": _("This currency has at most %(places)s decimal places."),
        "too_large": _("This amount is too large."),
        "negative": _("An amount below zero is not possible here."),
    }

    def __init__(self, *, currency: str = "CNY", minimum: int | None = 0, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        )
        super().__init__(**kwargs)
        self.currency = currency
        self.minimum = minimum

    def clean(self, value: Any) -> int | None:
        """Return minor units, or None when nothing was written. Raises ValidationError."""
        text = unicodedata.normalize("NFKC", str(super().clean(value) or ""))
        text = text.replace(amounts.symbol(self.currency).strip(), "").replace("¥", "")
        text = text.replace(amounts.MINUS, "-").replace(",", "").replace(" ", "")
        if not text:
            return None
        minor = self._to_minor(text)
        if self.minimum is not None and minor < self.minimum:
            raise ValidationError(self.error_messages["negative"], code="negative")
        return minor

    def prepare_value(self, value: Any) -> Any:
        """Show stored minor units in major ones, and what was typed as it was typed."""
        if not isinstance(value, int):
            return value
        return f"{amounts.major(value, self.currency):f}"

    def _to_minor(self, text: str) -> int:
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            raise ValidationError(self.error_messages["invalid_money"], code="invalid_money")
        if abs(amount) > _LARGEST_MINOR:
            raise ValidationError(self.error_messages["too_large"], code="too_large")
        places = amounts.exponent(self.currency)
        minor = amount.scaleb(places)
        if minor != minor.to_integral_value():
            message = self.error_messages["too_fine"]
            raise ValidationError(message, code="too_fine", params={"places": places})
        return int(minor)


class DayField(forms.DateField):
    """A day, picked with the device's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a date the way the browser's control reads it."""
        return value.isoformat() if isinstance(value, date) else value


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
