"""Handing goods over: which checklists of the vertical are for a purchase, and what was seen to."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from regulars import registry
from regulars.followups.models import Handover
from regulars.kit import Basket, Line
from regulars.kit import Handover as Checklist
from regulars.kit.plans import fitting_lines
from regulars.purchases.models import Purchase


def for_purchase(purchase: Purchase, *, also: Collection[str] = ()) -> tuple[Checklist, ...]:
    """Return the checklists that fit some line of a purchase, in the vertical's order.

    `also` are keys of checklists that were gone through already: they stay, retired or not.
    """
    basket = _basket(purchase)
    return tuple(
        each
        for each in registry.vertical().handovers
        if each.key in also or (not each.retired and fitting_lines(each.where, basket))
    )


def of_purchase(purchase_id: UUID) -> dict[str, Handover]:
    """Return what was gone through for a purchase, by checklist, with who did; one statement."""
    rows = Handover.objects.filter(purchase_id=purchase_id).select_related("by", "store")
    return {row.handover: row for row in rows}


def keep(
    *,
    purchase: Purchase,
    done: Mapping[str, Collection[str]],
    by_id: UUID | None,
    store_id: UUID,
    now: datetime,
) -> list[str]:
    """Write down what was seen to, by checklist; returns the checklists that say more or less now.

    Two statements. Whoever saves last is right; saving the same again changes nothing.
    """
    known = of_purchase(purchase.pk)
    changed = [
        key
        for key, items in done.items()
        if sorted(items) != sorted(known[key].done if key in known else ())
    ]
    rows = [
        Handover(
            customer_id=purchase.customer_id,
            purchase_id=purchase.pk,
            handover=key,
            done=sorted(done[key]),
            by_id=by_id,
            store_id=store_id,
            at=now,
        )
        for key in changed
    ]
    Handover.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["purchase_id", "handover"],
        update_fields=["done", "by", "store", "at"],
    )
    return changed


def _basket(purchase: Purchase) -> Basket:
    lines = tuple(
        Line(
            net_minor=max(0, each.paid_minor),
            quantity=each.quantity,
            category=each.category,
            product=each.product_code,
            list_minor=each.gross_minor,
            extra=each.extra,
        )
        for each in purchase.lines.all()
        if each.quantity > 0
    )
    return Basket(lines=lines, occurred_on=purchase.business_day, extra=purchase.extra)
