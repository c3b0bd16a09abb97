"""What a change in the middle of a period gives back and costs, by the second.

By the second, from the start of the period and the moment of the change (Stripe's pages
billing/subscriptions/prorations and billing/scripts/prorations). Flexible billing (the default
since 2025-09-30): what is given back is a part of what was really billed, discounts taken off, in
one line for each amount that was billed (billing/subscriptions/billing-mode/compare, "Credit
proration calculations"); `_billed` of an item keeps what that was.
"""

from decimal import Decimal
from typing import Any

from regulars.local.stripe.engine import amounts, lines
from regulars.local.stripe.resources import coupons
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World


def billed(amount: int, start: int, end: int, line: Thing | None = None) -> dict[str, Any]:
    """Note what was billed for an item and which time it pays for."""
    return {"amount": amount, "start": start, "end": end, "line": line["id"] if line else None}


def credit(world: World, subscription: Thing, item: Thing, *, at: int) -> None:
    """Write down what is given back for the time of an item that is not used."""
    notes = item.get("_billed", [])
    item["_billed"] = []
    for note in notes:
        left = amounts.share(note["amount"], start=note["start"], end=note["end"], since=at)
        amount = -amounts.rounded(left)
        if amount:
            _credit(world, subscription, item, amount, line=note["line"], at=at)


def _credit(
    world: World, subscription: Thing, item: Thing, amount: int, *, line: str | None, at: int
) -> None:
    invoice = subscription["latest_invoice"]
    title = lines.name_of(world, item["price"])
    lines.pending(
        world,
        customer=subscription["customer"],
        amount=amount,
        currency=subscription["currency"],
        description=f"Unused time on {item['quantity']} × {title} after {lines.day(at)}",
        period=(at, item["current_period_end"]),
        price=item["price"],
        quantity=item["quantity"],
        subscription=subscription["id"],
        item=item["id"],
        credited={"invoice": invoice, "invoice_line_items": [line]} if line and invoice else None,
        is_proration=True,
        is_discountable=False,
    )


def debit(world: World, subscription: Thing, item: Thing, *, at: int) -> None:
    """Write down what the rest of the period costs with an item as it is now."""
    start, end = item["current_period_start"], item["current_period_end"]
    whole = amounts.of(item["price"], item["quantity"]) * _kept(world, subscription, item)
    amount = amounts.rounded(amounts.share(whole, start=start, end=end, since=at))
    item["_billed"] = [billed(amount, at, end)]
    if not amount:
        return
    title = lines.name_of(world, item["price"])
    lines.pending(
        world,
        customer=subscription["customer"],
        amount=amount,
        currency=subscription["currency"],
        description=f"Remaining time on {item['quantity']} × {title} after {lines.day(at)}",
        period=(at, end),
        price=item["price"],
        quantity=item["quantity"],
        subscription=subscription["id"],
        item=item["id"],
        is_proration=True,
        is_discountable=False,
    )


def _kept(world: World, subscription: Thing, item: Thing) -> Decimal:
    """Give the part of a price that the percentages of a subscription's discounts leave."""
    kept = Decimal(1)
    for key in subscription["discounts"]:
        discount = world.store.get(key)
        coupon = coupons.of(world, discount) if discount else {}
        products = (coupon.get("applies_to") or {}).get("products")
        if coupon.get("percent_off") and coupon["duration"] != "once":
            if products and item["price"]["product"] not in products:
                continue
            kept *= 1 - Decimal(str(coupon["percent_off"])) / 100
    return kept
