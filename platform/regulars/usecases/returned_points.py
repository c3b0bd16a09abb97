"""What returns of a purchase do to its points, by line and quantity."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from regulars import registry
from regulars.audit import Actor
from regulars.points import returning
from regulars.points.returning import Money, Share, Undone
from regulars.purchases import selectors
from regulars.purchases.models import Purchase
from regulars.usecases.returned_goods import Part


def undo(
    *,
    original: Purchase,
    return_id: UUID,
    parts: Sequence[Part],
    paid_back_before: int,
    store_id: UUID,
    actor: Actor,
    now: datetime,
) -> Undone:
    """Take back what the returned goods earned and give back what was spent on them."""
    if original.customer_id is None:
        return Undone()
    kept_before = original.paid_minor - paid_back_before
    return returning.undo(
        customer_id=original.customer_id,
        original_id=original.id,
        return_id=return_id,
        shares=[
            Share(
                position=part.position,
                bought=part.bought,
                kept_before=part.bought - part.returned_before,
                kept_after=part.bought - part.returned_before - part.quantity,
            )
            for part in parts
        ],
        money=Money(
            bought=original.paid_minor,
            kept_before=kept_before,
            kept_after=kept_before - sum(part.paid_minor for part in parts),
        ),
        policy=registry.policy("points.after-return"),
        grace_days=registry.policy("points.given-back-days"),
        store_id=store_id,
        actor=actor,
        now=now,
    )


def catch_up(original: Purchase, *, actor: Actor, now: datetime) -> None:
    """Take back what returns that came before the points had been posted would have taken."""
    bought = {line.id: line for line in original.lines.all()}
    returned: dict[UUID, Decimal] = {}
    paid_back = 0
    returns = Purchase.objects.filter(original_id=original.id, kind=Purchase.Kind.RETURN)
    for each in selectors.with_lines(returns).order_by("id"):
        parts = []
        for line in each.lines.all():
            if line.original_line_id is None:
                continue
            was = bought[line.original_line_id]
            before = returned.get(was.id, Decimal(0))
            returned[was.id] = before - line.quantity
            parts.append(
                Part(
                    line_id=was.id,
                    position=was.position,
                    bought=was.quantity,
                    returned_before=before,
                    quantity=-line.quantity,
                    gross_minor=-line.gross_minor,
                    rounding_minor=0,
                    paid_minor=-line.paid_minor,
                )
            )
        undo(
            original=original,
            return_id=each.id,
            parts=parts,
            paid_back_before=paid_back,
            store_id=each.store_id,
            actor=actor,
            now=now,
        )
        paid_back -= each.paid_minor
