"""What is typed at the counter: a basket of a few lines, or what comes back."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from regulars import registry
from regulars.kit import Field
from regulars.purchases.drafts import MEANS, LineDraft, PaymentDraft, PurchaseDraft, ReturnLine
from regulars.purchases.selectors import Returnable
from regulars.web import vertical_fields
from regulars.web.counter.place import Counter
from regulars.web.forms import Form, MoneyField, PhoneField

ROWS: Final = 8
SOURCE: Final = "counter"
_CODE: Final = re.compile(r"(?=.*\d)[A-Za-z0-9._/-]{4,60}")  # what a scanner types


@dataclass(frozen=True, slots=True)
class Row:
    """The controls of one line; further rows stay folded until they are used."""

    number: int
    controls: tuple[forms.BoundField, ...]
    extras: tuple[forms.BoundField, ...]
    is_open: bool


class BasketForm(Form):
    """Lines with goods, category, quantity and amount; the vertical's own fields on demand."""

    def __init__(self, *args: Any, currency: str, language: str, **kwargs: Any) -> None:
        self.vertical = registry.vertical()
        self.line_fields: Sequence[Field] = self.vertical.fields_on("line")
        super().__init__(*args, **kwargs)
        categories = [
            ("", _("Category")),
            *(
                (each.key, each.label.text(language))
                for each in self.vertical.categories
                if not each.retired
            ),
        ]
        for row in range(ROWS):
            self._add_row(row, currency, language, categories)
        self.dress()

    def _add_row(
        self, row: int, currency: str, language: str, categories: list[tuple[str, Any]]
    ) -> None:
        start = f"line{row}-"
        self.fields[f"{start}goods"] = forms.CharField(
            label=_("Goods or code"),
            required=False,
            max_length=160,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        self.fields[f"{start}category"] = forms.ChoiceField(
            label=_("Category"), required=False, choices=categories
        )
        self.fields[f"{start}quantity"] = forms.DecimalField(
            label=_("Quantity"),
            required=False,
            min_value=Decimal("0.001"),
            max_value=Decimal(10**6),
            decimal_places=3,
            widget=forms.TextInput(attrs={"placeholder": "1", "autocomplete": "off"}),
        )
        self.fields[f"{start}amount"] = MoneyField(
            label=_("Amount"), currency=currency, required=False
        )
        self.fields |= vertical_fields.controls(self.line_fields, language=language, prefix=start)

    def rows(self) -> Iterator[Row]:
        """Return the rows as the page shows them."""
        for row in range(ROWS):
            start = f"line{row}-"
            names = [f"{start}{name}" for name in ("goods", "category", "quantity", "amount")]
            extras = [f"{start}{field.key}" for field in self.line_fields]
            filled = any(self[name].value() for name in (*names, *extras))
            yield Row(
                number=row + 1,
                controls=tuple(self[name] for name in names),
                extras=tuple(self[name] for name in extras),
                is_open=row == 0 or filled,
            )

    def lines(self) -> tuple[LineDraft, ...]:
        """Return the lines that have an amount."""
        return tuple(
            self._line(f"line{row}-")
            for row in range(ROWS)
            if self.cleaned_data.get(f"line{row}-amount") is not None
        )

    def _line(self, start: str) -> LineDraft:
        data = self.cleaned_data
        goods = (data.get(f"{start}goods") or "").strip()
        is_code = _CODE.fullmatch(goods) is not None
        return LineDraft(
            gross_minor=data[f"{start}amount"],
            quantity=data.get(f"{start}quantity") or Decimal(1),
            category=data.get(f"{start}category") or "",
            product_code=goods if is_code else "",
            product_name="" if is_code else goods,
            extra=vertical_fields.typed(data, self.line_fields, prefix=start),
        )


class SaleForm(BasketForm):
    """A basket, who serves, and how it is paid."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False)
    guide = forms.ChoiceField(label=_("Guide"), required=False)
    discount = MoneyField(label=_("Discount on the receipt"), required=False)
    rounding = MoneyField(label=_("Rounded off"), required=False)
    means = forms.ChoiceField(label=_("Paid by"), choices=list(MEANS.items()))
    other_means = forms.ChoiceField(
        label=_("Partly by"), choices=[("", "—"), *MEANS.items()], required=False
    )
    other_amount = MoneyField(label=_("That part"), required=False)

    def __init__(self, *args: Any, counter: Counter, currency: str, **kwargs: Any) -> None:
        self.counter = counter
        super().__init__(*args, currency=currency, **kwargs)
        for name in ("discount", "rounding", "other_amount"):
            self.fields[name].currency = currency  # type: ignore[attr-defined]
        self.purchase_fields: Sequence[Field] = self.vertical.fields_on("purchase")
        self.fields |= vertical_fields.controls(
            self.purchase_fields, language=kwargs["language"], prefix="sale-"
        )
        guides = [("", "—"), *((str(each.pk), each.name) for each in counter.guides)]
        self.fields["guide"].choices = guides  # type: ignore[attr-defined]
        self.fields["guide"].initial = str(counter.guide_id or "")
        self.dress()

    def extras(self) -> list[forms.BoundField]:
        """Return the vertical's fields of the whole purchase."""
        return [self[f"sale-{field.key}"] for field in self.purchase_fields]

    def draft(self, *, customer_id: UUID | None, now: datetime) -> PurchaseDraft:
        """Return what was typed; a double tap carries the same `once` and so the same number."""
        data = self.cleaned_data
        lines = self.lines()
        own = sum(line.discount_minor for line in lines)
        discount = data.get("discount") or 0
        rounding = data.get("rounding") or 0
        paid = sum(line.gross_minor for line in lines) - own - discount - rounding
        return PurchaseDraft(
            store_id=self.counter.store.pk,
            source=SOURCE,
            number=number_of(data.get("once")),
            occurred_at=now,
            lines=lines,
            customer_id=customer_id,
            guide_id=UUID(data["guide"]) if data.get("guide") else None,
            discount_minor=discount + own,
            rounding_minor=rounding,
            payments=self.payments(paid),
            extra=vertical_fields.typed(data, self.purchase_fields, prefix="sale-"),
        )

    def payments(self, paid: int) -> tuple[PaymentDraft, ...]:
        """Return how an amount is paid: all by one means, or a part of it by another."""
        data = self.cleaned_data
        part = data.get("other_amount") or 0
        if data.get("other_means") and part:
            return (
                PaymentDraft(means=data.get("means") or "other", amount_minor=paid - part),
                PaymentDraft(means=data["other_means"], amount_minor=part),
            )
        return (PaymentDraft(means=data.get("means") or "other", amount_minor=paid),)


class ReturnForm(BasketForm):
    """How much of which line comes back, and what goes out instead."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=120)
    means = forms.ChoiceField(label=_("Money by"), choices=list(MEANS.items()))

    def __init__(self, *args: Any, lines: Sequence[Returnable], **kwargs: Any) -> None:
        self.goods = [each for each in lines if each.left > 0]
        super().__init__(*args, **kwargs)
        for each in self.goods:
            self.fields[f"back-{each.line.position}"] = forms.DecimalField(
                label=each.line.product_name or each.line.product_code or each.line.category,
                required=False,
                min_value=Decimal(0),
                max_value=each.left,
                decimal_places=3,
                widget=forms.TextInput(attrs={"placeholder": "0", "autocomplete": "off"}),
            )
        self.dress()

    def goods_back(self) -> list[tuple[Returnable, forms.BoundField]]:
        """Return each line that may come back with its control."""
        return [(each, self[f"back-{each.line.position}"]) for each in self.goods]

    def returned(self) -> tuple[ReturnLine, ...]:
        """Return what comes back."""
        found = [
            (each.line.position, self.cleaned_data.get(f"back-{each.line.position}"))
            for each in self.goods
        ]
        return tuple(
            ReturnLine(position=position, quantity=quantity)
            for position, quantity in found
            if quantity
        )


class NewCustomerForm(Form):
    """Name and phone, no more (P1); neither is needed by itself."""

    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    phone = PhoneField(label=_("Phone"), required=False)
    anyway = forms.BooleanField(label=_("Another person uses the same phone"), required=False)


def number_of(once: UUID | None) -> str:
    """Return the receipt number a form's key stands for: ten signs that people can read out."""
    if once is None:
        return ""
    signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = once.int >> 70 if once.int else 0
    return "".join(signs[(number >> (5 * place)) & 31] for place in range(10))
