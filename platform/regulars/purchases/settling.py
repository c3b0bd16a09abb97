"""From a draft to amounts that add up, or a refusal that names every place at fault."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final, Literal

from django.utils.translation import gettext as _

from regulars.errors import Invalid, Text
from regulars.kit import Vertical, fields, points
from regulars.purchases.drafts import (
    EXCHANGE,
    OF_THE_LEDGER,
    LineDraft,
    PaymentDraft,
    PurchaseDraft,
)

MOST_LINES: Final = 1000
LARGEST_MINOR: Final = 10**15
LARGEST_QUANTITY: Final = Decimal(10**9)
_MEANS: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
_STEP: Final = Decimal("0.001")

type Faults = dict[str, list[Text]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledLine:
    """A line whose amounts are final; `paid_minor` bears its share of discount and rounding."""

    position: int
    quantity: Decimal
    gross_minor: int
    discount_minor: int
    paid_minor: int
    category: str = ""
    product_code: str = ""
    product_name: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A purchase whose amounts add up."""

    lines: tuple[SettledLine, ...]
    gross_minor: int
    discount_minor: int
    rounding_minor: int
    paid_minor: int
    units: Decimal
    payments: tuple[PaymentDraft, ...]
    extra: Mapping[str, Any]


class DoesNotAddUp(Invalid):
    """Amounts contradict each other, or a value cannot be accepted; `fields` says where."""

    code = "purchase-invalid"


def settle(draft: PurchaseDraft, *, vertical: Vertical, language: str) -> Settled:
    """Check a draft and compute what each line paid. Raises DoesNotAddUp with every fault."""
    faults: Faults = {}
    _check_lines(draft.lines, faults)
    if faults:
        raise DoesNotAddUp(fields=faults)
    gross = sum(line.gross_minor for line in draft.lines)
    own = sum(line.discount_minor for line in draft.lines)
    discount = own if draft.discount_minor is None else draft.discount_minor
    paid = gross - discount - draft.rounding_minor
    _check_totals(draft, gross=gross, own=own, discount=discount, paid=paid, faults=faults)
    _check_payments(draft.payments, paid, faults)
    if faults:
        raise DoesNotAddUp(fields=faults)
    extras = [
        _cleaned(vertical, "line", line.extra, language, f"lines.{index}.extra", faults)
        for index, line in enumerate(draft.lines)
    ]
    extra = _cleaned(vertical, "purchase", draft.extra, language, "extra", faults)
    if faults:
        raise DoesNotAddUp(fields=faults)
    lines = _spread(draft, discount - own, extras, vertical)
    return Settled(
        lines=lines,
        gross_minor=gross,
        discount_minor=discount,
        rounding_minor=draft.rounding_minor,
        paid_minor=paid,
        units=sum((line.quantity for line in lines), Decimal(0)),
        payments=draft.payments,
        extra=extra,
    )


def check_texts(texts: Mapping[str, tuple[str, int, bool]], faults: Faults) -> None:
    """Check texts given as (text, longest, needed) by the name of their field."""
    for name, (text, longest, needed) in texts.items():
        if needed and not text.strip():
            faults.setdefault(name, []).append(_("This is needed."))
        elif len(text) > longest or any(sign < " " or sign == "\x7f" for sign in text):
            faults.setdefault(name, []).append(
                _("At most %(longest)s characters, and no control characters.")
                % {"longest": longest}
            )


def check_payments(payments: Sequence[PaymentDraft], paid_minor: int) -> None:
    """Check that payments, when there are any, add up to what was paid. Raises DoesNotAddUp."""
    faults: Faults = {}
    _check_payments(payments, paid_minor, faults)
    if faults:
        raise DoesNotAddUp(fields=faults)


def digest(*parts: object) -> bytes:
    """Return 16 bytes that are equal for equal content, to tell a repeat from a contradiction."""
    return blake2b(_DIGESTED.encode(parts).encode(), digest_size=16).digest()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


# The text itself is never kept, but digests are: it must stay as it is.
_DIGESTED: Final = json.JSONEncoder(default=_plain, sort_keys=True, ensure_ascii=False)


def _check_lines(lines: Sequence[LineDraft], faults: Faults) -> None:
    if not 1 <= len(lines) <= MOST_LINES:
        faults["lines"] = [_("A purchase has 1 to %(most)s lines.") % {"most": MOST_LINES}]
        return
    for index, line in enumerate(lines):
        place = f"lines.{index}"
        if not 0 <= line.gross_minor <= LARGEST_MINOR:
            faults[f"{place}.gross_minor"] = [_("The amount must be from 0.")]
        elif not 0 <= line.discount_minor <= line.gross_minor:
            faults[f"{place}.discount_minor"] = [_("A discount is from 0 to the whole amount.")]
        quantity = line.quantity
        if not (quantity.is_finite() and 0 <= quantity < LARGEST_QUANTITY):
            faults[f"{place}.quantity"] = [_("The quantity must be from 0.")]
        elif quantity != quantity.quantize(_STEP):
            faults[f"{place}.quantity"] = [_("A quantity has at most three decimal places.")]
        check_texts(
            {
                f"{place}.category": (line.category, 80, False),
                f"{place}.product_code": (line.product_code, 60, False),
                f"{place}.product_name": (line.product_name, 160, False),
            },
            faults,
        )


def _check_totals(
    draft: PurchaseDraft, *, gross: int, own: int, discount: int, paid: int, faults: Faults
) -> None:
    if not own <= discount <= gross:
        faults["discount_minor"] = [
            _("The receipt's discount is at least its lines' and at most everything.")
        ]
    elif paid < 0 or (gross - discount == 0 and draft.rounding_minor):
        faults["rounding_minor"] = [_("There is not that much to round.")]
    if draft.paid_minor is not None and draft.paid_minor != paid:
        faults["paid_minor"] = [
            _("Gross %(gross)s less discount %(discount)s and rounding %(rounding)s is %(paid)s.")
            % {
                "gross": gross,
                "discount": discount,
                "rounding": draft.rounding_minor,
                "paid": paid,
            }
        ]


def _check_payments(payments: Sequence[PaymentDraft], paid: int, faults: Faults) -> None:
    for index, payment in enumerate(payments):
        place = f"payments.{index}.means"
        if payment.means in OF_THE_LEDGER:
            faults[place] = [_("Points and stored value cannot be used to pay here.")]
        elif not _MEANS.fullmatch(payment.means):
            faults[place] = [_("A means of payment is a short word of a-z, 0-9 and -.")]
    total = sum(payment.amount_minor for payment in payments)
    if payments and total != paid:
        faults["payments"] = [
            _("The payments add up to %(total)s, but %(paid)s is to be paid.")
            % {"total": total, "paid": paid}
        ]
    if any(payment.amount_minor < 0 and payment.means != EXCHANGE for payment in payments):
        faults.setdefault("payments", []).append(_("A payment cannot be below zero."))


def _spread(
    draft: PurchaseDraft, beyond: int, extras: Sequence[Mapping[str, Any]], vertical: Vertical
) -> tuple[SettledLine, ...]:
    """Spread the receipt's own discount and its rounding over the lines.

    Categories are written by their declared keys.
    """
    left = [line.gross_minor - line.discount_minor for line in draft.lines]
    more = points.allocate(beyond, left)
    net = [amount - part for amount, part in zip(left, more, strict=True)]
    sign = -1 if draft.rounding_minor < 0 else 1
    rounding = points.allocate(abs(draft.rounding_minor), net)
    return tuple(
        SettledLine(
            position=index + 1,
            quantity=line.quantity,
            gross_minor=line.gross_minor,
            discount_minor=line.discount_minor + more[index],
            paid_minor=net[index] - sign * rounding[index],
            category=_category(vertical, line.category.strip()),
            product_code=line.product_code.strip(),
            product_name=line.product_name.strip(),
            extra=extras[index],
        )
        for index, line in enumerate(draft.lines)
    )


def _category(vertical: Vertical, written: str) -> str:
    return (vertical.category(written) if written else "") or written


def _cleaned(
    vertical: Vertical,
    on: Literal["purchase", "line"],
    raw: Mapping[str, object],
    language: str,
    place: str,
    faults: Faults,
) -> Mapping[str, Any]:
    """Clean vertical values. A missing one is asked for later; it never stops a sale."""
    if not raw:
        return {}
    declared = vertical.fields_on(on, retired=True)
    cleaned, problems = fields.clean(declared, raw, language=language)
    for problem in problems:
        if problem.code != "required":
            faults.setdefault(f"{place}.{problem.key}", []).append(problem.sentence)
    return cleaned
