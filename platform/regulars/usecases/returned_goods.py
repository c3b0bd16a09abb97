"""What comes back of a purchase: how much of which line, and the money for it.

Amounts are cumulative and exact: after the last piece exactly what was paid has been given back.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.errors import Conflict
from regulars.kit import points
from regulars.purchases import settling
from regulars.purchases.drafts import PaymentDraft, ReturnDraft, ReturnLine
from regulars.purchases.models import Purchase
from regulars.purchases.selectors import Returnable
from regulars.purchases.settling import DoesNotAddUp, Settled, SettledLine

type Settle = Callable[[int], tuple[PaymentDraft, ...]]


class ReturnTooMuch(Conflict):
    """More would come back than was bought and is left."""

    code = "return-too-much"
    sentence = gettext_lazy("Only %(left)s of line %(position)s can still be returned.")


class NothingLeft(ReturnTooMuch):
    """Everything has come back already."""

    code = "nothing-left-to-return"
    sentence = gettext_lazy("Everything of this purchase has been returned already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What comes back of one line now, and what had come back of it before."""

    line_id: UUID
    position: int
    bought: Decimal
    returned_before: Decimal
    quantity: Decimal
    gross_minor: int
    rounding_minor: int
    paid_minor: int

    @property
    def discount_minor(self) -> int:
        """What was never paid is not given back."""
        return self.gross_minor - self.rounding_minor - self.paid_minor


def parts_of(draft: ReturnDraft, lines: Sequence[Returnable]) -> list[Part]:
    """Work out what comes back of which line. Raises ReturnTooMuch and DoesNotAddUp."""
    asked = (
        _asked(draft.lines, lines) if draft.lines else {each.line.id: each.left for each in lines}
    )
    parts = []
    for each in lines:
        line, quantity = each.line, asked.get(each.line.id, Decimal(0))
        if quantity > each.left:
            raise ReturnTooMuch(left=f"{each.left.normalize():f}", position=line.position)
        without_quantity = not line.quantity and not draft.lines
        kept = each.left - quantity
        part = Part(
            line_id=line.id,
            position=line.position,
            bought=line.quantity,
            returned_before=each.returned,
            quantity=quantity,
            gross_minor=_back(line.gross_minor, line.quantity, kept) - each.gross_minor,
            rounding_minor=_rounding(each, kept),
            paid_minor=_back(line.paid_minor, line.quantity, kept) - each.paid_minor,
        )
        if quantity or (without_quantity and part.gross_minor):
            parts.append(part)
    if not parts:
        raise NothingLeft
    return parts


def _asked(wanted: Iterable[ReturnLine], lines: Sequence[Returnable]) -> dict[UUID, Decimal]:
    """Return how much is asked back by line; the same line may be named twice."""
    by_position = {each.line.position: each.line for each in lines}
    by_id = {each.line.id: each.line for each in lines}
    asked: dict[UUID, Decimal] = {}
    faults: settling.Faults = {}
    for index, want in enumerate(wanted):
        line = by_id.get(want.line_id) if want.line_id else by_position.get(want.position or 0)
        if line is None:
            faults[f"lines.{index}"] = [_("The purchase has no such line.")]
        elif not want.quantity.is_finite() or want.quantity <= 0:
            faults[f"lines.{index}.quantity"] = [_("The quantity must be above zero.")]
        elif want.quantity != want.quantity.quantize(Decimal("0.001")):
            faults[f"lines.{index}.quantity"] = [_("A quantity has at most three decimal places.")]
        else:
            asked[line.id] = asked.get(line.id, Decimal(0)) + want.quantity
    if faults:
        raise DoesNotAddUp(fields=faults)
    return asked


def _back(amount: int, bought: Decimal, kept: Decimal) -> int:
    """Return how much of an amount has gone back once so much is kept; cumulative and exact."""
    if not bought:
        return amount
    return points.taken_back(earned=amount, bought=bought, kept=kept)


def _rounding(each: Returnable, kept: Decimal) -> int:
    """Return the part of the line's share of the receipt's rounding that goes back now."""
    line = each.line
    share = line.gross_minor - line.discount_minor - line.paid_minor
    before = each.gross_minor - each.discount_minor - each.paid_minor
    sign = -1 if share < 0 else 1
    return sign * _back(abs(share), line.quantity, kept) - before


def given_back(
    parts: Sequence[Part], original: Purchase, draft: ReturnDraft, settle: Settle | None
) -> Settled:
    """Return the fact's amounts: negative, and adding up as those of a sale do."""
    lines = {line.id: line for line in original.lines.all()}
    total = sum(part.paid_minor for part in parts)
    payments = settle(total) if settle else draft.payments
    settling.check_payments(payments, total)
    return Settled(
        lines=tuple(
            SettledLine(
                position=index,
                quantity=-part.quantity,
                gross_minor=-part.gross_minor,
                discount_minor=-part.discount_minor,
                paid_minor=-part.paid_minor,
                category=lines[part.line_id].category,
                product_code=lines[part.line_id].product_code,
                product_name=lines[part.line_id].product_name,
            )
            for index, part in enumerate(parts, start=1)
        ),
        gross_minor=-sum(part.gross_minor for part in parts),
        discount_minor=-sum(part.discount_minor for part in parts),
        rounding_minor=-sum(part.rounding_minor for part in parts),
        paid_minor=-total,
        units=-sum((part.quantity for part in parts), Decimal(0)),
        payments=_paid_out(payments),
        extra={},
    )


def negated(settled: Settled) -> Settled:
    """Return a sale's amounts as those of goods that come back without a receipt."""
    return replace(
        settled,
        lines=tuple(
            replace(
                line,
                quantity=-line.quantity,
                gross_minor=-line.gross_minor,
                discount_minor=-line.discount_minor,
                paid_minor=-line.paid_minor,
            )
            for line in settled.lines
        ),
        gross_minor=-settled.gross_minor,
        discount_minor=-settled.discount_minor,
        rounding_minor=-settled.rounding_minor,
        paid_minor=-settled.paid_minor,
        units=-settled.units,
        payments=_paid_out(settled.payments),
    )


def _paid_out(payments: Sequence[PaymentDraft]) -> tuple[PaymentDraft, ...]:
    return tuple(replace(each, amount_minor=-each.amount_minor) for each in payments)
