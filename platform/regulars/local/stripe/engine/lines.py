"""Lines of invoices, and the pending items that become lines."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from regulars.local.stripe.engine import amounts
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World


def name_of(world: World, price: Thing) -> str:
    """Give the name a price has on invoices: its product's."""
    product = world.store.get(price["product"])
    return str(product["name"]) if product else price["product"]


def day(moment: int) -> str:
    """Write a day as invoices do."""
    when = datetime.fromtimestamp(moment, UTC)
    return f"{when.day} {when:%b %Y}"


def money(price: Thing) -> str:
    """Write a price as invoices do, e.g. ``USD 29.00 / month``."""
    amount = Decimal(price.get("unit_amount_decimal") or 0)
    minor = amount if price["currency"] in {"jpy", "krw", "vnd"} else amount / 100
    each = price["recurring"]
    every = f"{each['interval_count']} {each['interval']}s" * (each["interval_count"] > 1)
    return f"{price['currency'].upper()} {minor:.2f} / {every or each['interval']}"


def line(
    world: World,
    *,
    amount: int,
    currency: str,
    description: str,
    period: tuple[int, int],
    price: Thing | None = None,
    quantity: Decimal | int = 1,
    subscription: str | None = None,
    item: str | None = None,
    invoice_item: str | None = None,
    credited: dict[str, Any] | None = None,
    is_proration: bool = False,
    is_discountable: bool = True,
) -> Thing:
    """Make a line; amounts are minor units, the period is its start and end."""
    about: dict[str, Any] = {
        "invoice_item": invoice_item,
        "proration": is_proration,
        "proration_details": {"credited_items": credited} if is_proration else None,
        "subscription": subscription,
    }
    kind = "subscription_item_details" if item else "invoice_item_details"
    parent = {
        "type": kind,
        "invoice_item_details": None if item else about,
        "subscription_item_details": {**about, "subscription_item": item} if item else None,
    }
    return {
        "id": world.id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": description,
        "discount_amounts": [],
        "discountable": is_discountable,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "parent": parent,
        "period": {"start": period[0], "end": period[1]},
        "pretax_credit_amounts": [],
        "pricing": pricing(price, amount, quantity),
        "quantity": int(quantity) if Decimal(quantity) == int(quantity) else None,
        "quantity_decimal": format(Decimal(quantity), "f"),
        "subscription": subscription,
        "subtotal": amount,
        "taxes": [],
    }


def pricing(price: Thing | None, amount: int, quantity: Decimal | int) -> dict[str, Any] | None:
    """Say by which price an amount came about."""
    if price is None:
        return None
    unit = price.get("unit_amount_decimal")
    if unit is None:
        unit = format((Decimal(amount) / (quantity or 1)).quantize(Decimal("0.01")), "f")
    return {
        "type": "price_details",
        "price_details": {"price": price["id"], "product": price["product"]},
        "unit_amount_decimal": unit,
    }


def of_item(world: World, item: Thing, period: tuple[int, int], *, free: bool = False) -> Thing:
    """Make the line of a licensed item for a whole period; a trial costs nothing."""
    price, quantity = item["price"], item["quantity"]
    amount = 0 if free else amounts.rounded(amounts.of(price, quantity))
    title = name_of(world, price)
    words = f"{quantity} × {title}"
    words = f"Free trial for {words}" if free else f"{words} (at {money(price)})"
    return line(
        world,
        amount=amount,
        currency=price["currency"],
        description=words,
        period=period,
        price=price,
        quantity=quantity,
        subscription=item["subscription"],
        item=item["id"],
    )


def of_usage(world: World, item: Thing, used: Decimal, period: tuple[int, int]) -> Thing:
    """Make the line of a metered item for what was used in a period that has ended."""
    price = item["price"]
    title = name_of(world, price)
    return line(
        world,
        amount=amounts.rounded(amounts.of(price, used)),
        currency=price["currency"],
        description=f"{used:f} × {title} (at {money(price)})",
        period=period,
        price=price,
        quantity=used,
        subscription=item["subscription"],
        item=item["id"],
    )


def pending(
    world: World,
    *,
    customer: str,
    amount: int,
    currency: str,
    description: str | None,
    period: tuple[int, int],
    price: Thing | None = None,
    quantity: int = 1,
    subscription: str | None = None,
    item: str | None = None,
    credited: dict[str, Any] | None = None,
    is_proration: bool = False,
    is_discountable: bool = True,
    metadata: dict[str, str] | None = None,
) -> Thing:
    """Write an invoice item down that waits for the next invoice."""
    thing: Thing = {
        "id": world.id("ii"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": currency,
        "customer": customer,
        "date": 0,
        "description": description,
        "discountable": is_discountable,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": metadata or {},
        "net_amount": amount,
        "parent": {
            "type": "subscription_details",
            "subscription_details": {"subscription": subscription, "subscription_item": item},
        }
        if subscription
        else None,
        "period": {"start": period[0], "end": period[1]},
        "pricing": pricing(price, amount, quantity),
        "proration": is_proration,
        "proration_details": None,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": [],
        "test_clock": None,
        "_price": price,
        "_subscription": subscription,
        "_item": item,
        "_credited": credited,
    }
    thing["test_clock"] = world.clock_of(thing)
    thing["date"] = world.now(thing)
    return world.save(thing, event="invoiceitem.created")


def taken(world: World, customer: str, subscription: str | None, currency: str) -> list[Thing]:
    """Turn what waits for the next invoice of a subscription into lines, the oldest first."""
    lines = []
    for each in reversed(world.store.every("invoiceitem", customer=customer)):
        if each["invoice"] or each["currency"] != currency:
            continue
        if each["_subscription"] not in (None, subscription):
            continue
        made = line(
            world,
            amount=each["amount"],
            currency=currency,
            description=each["description"] or "",
            period=(each["period"]["start"], each["period"]["end"]),
            price=each["_price"],
            quantity=each["quantity"],
            subscription=each["_subscription"],
            item=each["_item"],
            invoice_item=each["id"],
            credited=each["_credited"],
            is_proration=each["proration"],
            is_discountable=each["discountable"],
        )
        lines.append(made)
    return lines
