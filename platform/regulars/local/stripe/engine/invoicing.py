"""Invoices from draft to open: lines, discounts, totals, the customer's balance, numbers."""

from decimal import Decimal
from typing import Any, Final

from regulars.local.stripe import blank, faults, shapes
from regulars.local.stripe.engine import amounts, lines
from regulars.local.stripe.resources import coupons, intents
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import ACCOUNT, World

DRAFT_SECONDS: Final = 3600
"""How long an automatic draft stays open for changes before it is finalised."""


def draft(
    world: World,
    *,
    customer: Thing,
    currency: str,
    reason: str,
    made: list[Thing],
    subscription: Thing | None = None,
    advances: bool = True,
    finalizes_at: int | None = None,
    pending: bool = True,
) -> Thing:
    """Write an invoice down: what was pending first, then the lines that were made for it."""
    sub = subscription or {}
    now = world.now(customer)
    if pending:
        made = [*lines.taken(world, customer["id"], sub.get("id"), currency), *made]
    key = world.id("in")
    thing: Thing = {
        **blank.invoice(),
        "id": key,
        "auto_advance": advances,
        "automatically_finalizes_at": finalizes_at if advances else None,
        "billing_reason": reason,
        "collection_method": sub.get("collection_method", "charge_automatically"),
        "created": now,
        "currency": currency,
        "customer": customer["id"],
        "customer_tax_exempt": customer["tax_exempt"],
        "description": sub.get("description"),
        "discounts": _standing(world, sub, now),
        "lines": shapes.page(made, url=f"/v1/invoices/{key}/lines"),
        "period_end": now,
        "period_start": sub.get("_period_start", now),
        "webhooks_delivered_at": now,
        "_subscription": sub.get("id"),
        "_days_until_due": sub.get("days_until_due"),
    }
    if subscription:
        details = {"metadata": sub["metadata"], "subscription": sub["id"]}
        thing["parent"] = {"type": "subscription_details", "subscription_details": details}
    for name in ("address", "email", "name", "phone", "shipping"):
        thing[f"customer_{name}"] = customer.get(name)
    thing["customer_tax_ids"] = [
        {"type": each["type"], "value": each["value"]}
        for each in world.store.every("tax_id", customer=customer["id"])
    ]
    _adopt(world, thing)
    total(world, thing)
    return world.save(thing, event="invoice.created")


def _adopt(world: World, thing: Thing) -> None:
    """Make lines this invoice's own."""
    for each in thing["lines"]["data"]:
        each["invoice"] = thing["id"]
        parent = each["parent"]
        about = parent["subscription_item_details"] or parent["invoice_item_details"]
        item = world.store.get(about["invoice_item"] or "")
        if item:
            item["invoice"] = thing["id"]
            world.save(item)


def _standing(world: World, subscription: Thing, now: int) -> list[str]:
    """Give the discounts of a subscription that hold now."""
    standing = []
    for key in subscription.get("discounts", []):
        discount = world.store.get(key)
        if discount is None or discount["_used"] or (discount["end"] or now + 1) <= now:
            continue
        standing.append(key)
    return standing


def total(world: World, thing: Thing) -> Thing:
    """Work out discounts and totals of a draft."""
    data = thing["lines"]["data"]
    for each in data:
        each["discount_amounts"] = []
    for key in thing["discounts"]:
        _discount(world, data, key)
    taken: dict[str, int] = dict.fromkeys(thing["discounts"], 0)
    for each in data:
        for part in each["discount_amounts"]:
            taken[part["discount"]] += part["amount"]
    subtotal = sum(each["amount"] for each in data)
    whole = subtotal - sum(taken.values())
    customer = world.store.get(thing["customer"]) or {}
    balance = customer.get("balance", 0) if thing["status"] == "draft" else 0
    due = max(0, whole + balance) if whole > 0 else 0
    thing.update(
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal,
        total=whole,
        total_excluding_tax=whole,
        total_discount_amounts=[{"amount": n, "discount": key} for key, n in taken.items()],
        total_pretax_credit_amounts=[],
        total_taxes=[],
        starting_balance=balance,
        ending_balance=None,
        amount_due=due,
        amount_remaining=due,
    )
    return thing


def _discount(world: World, data: list[Thing], key: str) -> None:
    discount = world.store.get(key)
    coupon = coupons.of(world, discount) if discount else {}
    products = (coupon.get("applies_to") or {}).get("products")
    open_lines = [each for each in data if each["discountable"] and each["amount"] > 0]
    if products:
        open_lines = [
            each
            for each in open_lines
            if ((each["pricing"] or {}).get("price_details") or {}).get("product") in products
        ]
    left = [each["amount"] - sum(p["amount"] for p in each["discount_amounts"])
            for each in open_lines]  # fmt: skip
    if coupon.get("percent_off") is not None:
        rate = Decimal(str(coupon["percent_off"])) / 100
        parts = [amounts.rounded(amount * rate) for amount in left]
    else:
        parts = _spread(min(coupon.get("amount_off") or 0, sum(left)), left)
    for each, part in zip(open_lines, parts, strict=True):
        if part:
            each["discount_amounts"].append({"amount": part, "discount": key})


def _spread(amount: int, over: list[int]) -> list[int]:
    """Spread an amount over others in proportion; the last takes what rounding leaves."""
    whole = sum(over)
    parts: list[int] = []
    for n, each in enumerate(over):
        is_last = n == len(over) - 1
        parts.append(
            amount - sum(parts) if is_last else amounts.rounded(Decimal(amount * each) / whole)
        )
    return parts


def finalize(world: World, thing: Thing) -> Thing:
    """Close a draft: it gets its number, and either nothing is due or a payment intent waits."""
    if thing["status"] != "draft":
        raise faults.Refused(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
            code="invoice_not_editable",
        )
    customer = world.find("customer", thing["customer"])
    total(world, thing)
    now = world.now(thing)
    thing["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    customer["next_invoice_sequence"] += 1
    customer["currency"] = customer["currency"] or thing["currency"]
    _apply_balance(world, thing, customer)
    thing.update(
        status="open",
        effective_at=now,
        automatically_finalizes_at=None,
        hosted_invoice_url=f"{world.address}/i/{ACCOUNT}/{thing['id']}",
        invoice_pdf=f"{world.address}/i/{ACCOUNT}/{thing['id']}?print=1",
    )
    thing["status_transitions"]["finalized_at"] = now
    if thing["collection_method"] == "send_invoice":
        thing["due_date"] = now + 86400 * (thing["_days_until_due"] or 0)
    _use_up(world, thing)
    world.save(thing)
    world.emit("invoice.finalized", thing)
    if thing["amount_due"] > 0:
        _intent(world, thing)
    return thing


def _apply_balance(world: World, thing: Thing, customer: Thing) -> None:
    before = customer["balance"]
    if thing["total"] < 0:
        customer["balance"] = before + thing["total"]
    elif before:
        customer["balance"] = before + min(thing["total"], -before) if before < 0 else 0
    thing["ending_balance"] = customer["balance"]
    world.save(customer, event="customer.updated" if before != customer["balance"] else None)


def _use_up(world: World, thing: Thing) -> None:
    """Note that discounts for one time were used, and take them from the subscription."""
    subscription = world.store.get(thing["_subscription"] or "")
    for part in thing["total_discount_amounts"]:
        discount = world.store.get(part["discount"])
        if discount is None or not part["amount"]:
            continue
        if coupons.of(world, discount).get("duration") == "once":
            discount["_used"] = True
            world.save(discount)
            if subscription and discount["id"] in subscription["discounts"]:
                subscription["discounts"].remove(discount["id"])
                world.save(subscription, event="customer.subscription.updated")
                world.emit("customer.discount.deleted", coupons.gone(discount))


def _intent(world: World, thing: Thing) -> None:
    intent = intents.make(
        world,
        amount=thing["amount_due"],
        currency=thing["currency"],
        customer=thing["customer"],
        description=f"Invoice {thing['number']}",
        invoice=thing["id"],
        future="off_session" if thing["_subscription"] else None,
    )
    payment: Thing = {
        "id": world.id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": thing["amount_due"],
        "created": world.now(thing),
        "currency": thing["currency"],
        "invoice": thing["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
        "_clock": world.clock_of(thing),
    }
    thing["_payment_intent"] = intent["id"]
    thing["_payment"] = payment["id"]
    world.save(payment)
    world.save(thing)


def payments(world: World, thing: Thing) -> list[Thing]:
    """Give the payments of an invoice."""
    found: list[Any] = [world.store.get(thing.get("_payment") or "")]
    return [each for each in found if each]


def subscription_of(thing: Thing) -> str | None:
    """Give the subscription that an invoice is for."""
    parent = thing["parent"]
    return parent["subscription_details"]["subscription"] if parent else None
