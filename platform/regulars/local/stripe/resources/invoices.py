"""Invoices, their lines, pending items, payments, and previews."""

from typing import Any

from regulars.local.stripe import faults
from regulars.local.stripe.engine import (
    amounts,
    changing,
    ending,
    invoicing,
    lines,
    paying,
    preview,
    starting,
)  # fmt: skip
from regulars.local.stripe.given import Given, fill, merged, within
from regulars.local.stripe.resources import coupons, methods
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World


def create(world: World, given: Given) -> Thing:
    """Make a draft by hand, of what is pending if that is asked."""
    if not given.get("customer"):
        raise faults.missing("customer")
    customer = world.find("customer", given["customer"], param="customer")
    subscription = None
    if given.get("subscription"):
        subscription = world.find("subscription", given["subscription"], param="subscription")
    behavior = given.get("pending_invoice_items_behavior", "exclude")
    currency = given.get("currency") or customer["currency"] or "usd"
    thing = invoicing.draft(
        world,
        customer=customer,
        currency=currency.lower(),
        reason="manual",
        made=[],
        subscription=subscription,
        advances=given.get("auto_advance", False),
        finalizes_at=world.now(customer) + invoicing.DRAFT_SECONDS,
        pending=behavior == "include",
    )
    fill(thing, given, "collection_method", "description", "footer", "custom_fields")
    if thing["collection_method"] == "send_invoice":
        if given.get("days_until_due") is None:
            raise faults.missing("days_until_due")
        thing["_days_until_due"] = given["days_until_due"]
    if given.get("default_payment_method"):
        thing["default_payment_method"] = methods.named(world, given["default_payment_method"])[
            "id"
        ]
    if given.get("discounts"):
        thing["discounts"] = coupons.redeem(world, given["discounts"], thing)
    return world.save(invoicing.total(world, thing))


def update(world: World, given: Given, key: str) -> Thing:
    """Change an invoice; most of it only while it is a draft."""
    thing = world.find("invoice", key)
    if thing["status"] != "draft" and {*given} - {"metadata", "auto_advance", "expand",
                                                  "default_payment_method"}:  # fmt: skip
        raise faults.Refused("Finalized invoices can't be updated in this way.",
                             code="invoice_not_editable")  # fmt: skip
    fill(thing, given, "auto_advance", "description", "footer", "custom_fields",
         "default_payment_method")  # fmt: skip
    if thing["status"] == "draft" and thing["auto_advance"]:
        thing["automatically_finalizes_at"] = (
            thing["automatically_finalizes_at"] or world.now(thing) + invoicing.DRAFT_SECONDS
        )
    return world.save(thing, event="invoice.updated")


def delete(world: World, given: Given, key: str) -> Thing:
    """Throw a draft away; its pending items wait again."""
    thing = world.find("invoice", key)
    if thing["status"] != "draft" or thing["parent"]:
        raise faults.Refused("You can only delete one-off draft invoices.",
                             code="invoice_not_editable")  # fmt: skip
    for each in world.store.every("invoiceitem", customer=thing["customer"]):
        if each["invoice"] == key:
            each["invoice"] = None
            world.save(each)
    world.store.remove(key)
    world.emit("invoice.deleted", thing)
    return {"id": key, "object": "invoice", "deleted": True}


def listing(world: World, given: Given) -> list[Thing]:
    """List invoices."""
    given.reads("subscription", "status", "collection_method", "created", "due_date")
    found = []
    for each in world.store.every("invoice", customer=given.get("customer")):
        if given.get("subscription") not in (None, each["_subscription"]):
            continue
        if any(given.get(n) not in (None, each[n]) for n in ("status", "collection_method")):
            continue
        if any(n in given and not within(each[n] or 0, given[n]) for n in ("created", "due_date")):
            continue
        found.append(each)
    return found


def finalize(world: World, given: Given, key: str) -> Thing:
    """Close a draft; it collects by itself if it advances."""
    thing = world.find("invoice", key)
    fill(thing, given, "auto_advance")
    invoicing.finalize(world, thing)
    if not thing["amount_due"]:
        paying.collect(world, thing)
    elif thing["auto_advance"]:
        thing["next_payment_attempt"] = world.now(thing) + invoicing.DRAFT_SECONDS
        world.save(thing)
    return thing


def pay(world: World, given: Given, key: str) -> Thing:
    """Pay an invoice now. Raises Declined."""
    thing = world.find("invoice", key)
    if given.get("paid_out_of_band"):
        if thing["status"] not in {"open", "uncollectible"}:
            raise faults.Refused("Invoice is already paid", code="invoice_already_paid")
        return paying.paid_elsewhere(world, thing)
    method = None
    if given.get("payment_method"):
        method = methods.named(world, given["payment_method"])
    return paying.pay_now(world, thing, method, is_off_session=bool(given.get("off_session", True)))


def send(world: World, given: Given, key: str) -> Thing:
    """Send an invoice; a draft is closed first."""
    thing = world.find("invoice", key)
    if thing["status"] == "draft":
        invoicing.finalize(world, thing)
    world.emit("invoice.sent", thing)
    return thing


def void(world: World, given: Given, key: str) -> Thing:
    """Make an open invoice as if it had not been."""
    return paying.void(world, world.find("invoice", key))


def mark_uncollectible(world: World, given: Given, key: str) -> Thing:
    """Write an open invoice off."""
    return paying.uncollectible(world, world.find("invoice", key))


def lines_of(world: World, given: Given, key: str) -> list[Thing]:
    """List the lines of an invoice."""
    found: list[Thing] = world.find("invoice", key)["lines"]["data"]
    return found


def payments(world: World, given: Given) -> list[Thing]:
    """List payments of invoices."""
    given.reads("invoice", "status")
    payment = given.get("payment") or {}
    return [
        each
        for each in world.store.every("invoice_payment")
        if given.get("invoice") in (None, each["invoice"])
        and given.get("status") in (None, each["status"])
        and payment.get("payment_intent") in (None, each["payment"]["payment_intent"])
    ]


def create_item(world: World, given: Given) -> Thing:
    """Write down what the next invoice shall bill, or what a draft bills."""
    if not given.get("customer"):
        raise faults.missing("customer")
    customer = world.find("customer", given["customer"], param="customer")
    wished = (given.get("pricing") or {}).get("price")
    price = world.find("price", wished, param="pricing[price]") if wished else None
    quantity = given.get("quantity", 1)
    amount, currency = given.get("amount"), given.get("currency")
    if price:
        amount, currency = amounts.rounded(amounts.of(price, quantity)), price["currency"]
    if amount is None or not currency:
        raise faults.missing("amount" if amount is None else "currency")
    now = world.now(customer)
    period = given.get("period") or {"start": now, "end": now}
    thing = lines.pending(
        world,
        customer=customer["id"],
        amount=amount,
        currency=currency.lower(),
        description=given.get("description"),
        period=(period["start"], period["end"]),
        price=price,
        quantity=quantity if price else 1,
        subscription=given.get("subscription"),
        is_discountable=given.get("discountable", amount >= 0),
        metadata=merged({}, given.get("metadata", {})),
    )
    if given.get("invoice"):
        _put_on(world, thing, given["invoice"])
    return thing


def _put_on(world: World, item: Thing, key: str) -> None:
    invoice = world.find("invoice", key, param="invoice")
    if invoice["status"] != "draft":
        raise faults.Refused("Finalized invoices can't be changed.", code="invoice_not_editable")
    made = lines.taken(world, item["customer"], invoice["_subscription"], invoice["currency"])
    for each in made:
        about = each["parent"]["invoice_item_details"] or {}
        if about.get("invoice_item") == item["id"]:
            each["invoice"] = key
            invoice["lines"]["data"].append(each)
    item["invoice"] = key
    world.save(item)
    world.save(invoicing.total(world, invoice), event="invoice.updated")


def delete_item(world: World, given: Given, key: str) -> Thing:
    """Forget what waited for the next invoice."""
    thing = world.find("invoiceitem", key)
    if thing["invoice"]:
        raise faults.Refused("The invoice item is on an invoice already.")
    world.store.remove(key)
    world.emit("invoiceitem.deleted", thing)
    return {"id": key, "object": "invoiceitem", "deleted": True}


def items(world: World, given: Given) -> list[Thing]:
    """List invoice items; ``pending`` those that wait."""
    given.reads("invoice")
    pending = given.get("pending")
    return [
        each
        for each in world.store.every("invoiceitem", customer=given.get("customer"))
        if given.get("invoice") in (None, each["invoice"])
        and pending in (None, each["invoice"] is None)
    ]


def create_preview(world: World, given: Given) -> Thing:
    """Give the invoice that would come, now after a change or at the end of the period."""
    if given.get("schedule_details"):
        raise faults.unspoken("schedule_details")
    details = given.get("subscription_details") or {}
    key = given.get("subscription") or _scheduled(world, given, details)
    if not key:
        return _preview_new(world, given, details)
    _ = given.get("customer")
    thing = world.find("subscription", key, param="subscription")
    if thing["status"] in ending.OVER or (thing["cancel_at"] and not details.get("items")):
        raise faults.Refused(
            "No upcoming invoices for customer", code="invoice_upcoming_none", param="subscription"
        )
    how = changing.How.read(details, world.now(thing))

    def run() -> Thing:
        found = world.find("subscription", key)
        before = found["latest_invoice"]
        _change(world, found, given, details, how)
        world.save(found)
        if found["latest_invoice"] != before:
            return world.find("invoice", found["latest_invoice"])
        return preview.next_invoice(world, found)

    return preview.undone(world, run)


def _scheduled(world: World, given: Given, details: dict[str, Any]) -> str | None:
    """Give the subscription whose next invoice a schedule's preview is."""
    if not given.get("schedule"):
        return None
    if details:
        raise faults.Refused(
            "You may not use schedule with subscription fields.", param="subscription_details"
        )
    schedule = world.find("subscription_schedule", given["schedule"], param="schedule")
    if not schedule["subscription"]:
        raise faults.Refused("No upcoming invoices for customer", code="invoice_upcoming_none")
    return str(schedule["subscription"])


def _change(
    world: World, thing: Thing, given: Given, details: dict[str, Any], how: changing.How
) -> None:
    known = {"items", "proration_behavior", "proration_date", "trial_end", "billing_cycle_anchor",
             "billing_mode", "cancel_at_period_end"}  # fmt: skip
    for name in details:
        if name not in known:
            raise faults.unspoken(f"subscription_details[{name}]")
    if given.get("discounts"):
        thing["discounts"] = coupons.redeem(world, given["discounts"], thing)
    if details.get("items"):
        changing.items(world, thing, details["items"], how)
    if details.get("trial_end") == "now":
        changing.restart(world, thing, how)
    if how.resets and thing["billing_cycle_anchor"] != world.now(thing):
        changing.restart(world, thing, how)


def _preview_new(world: World, given: Given, details: dict[str, Any]) -> Thing:
    """Give the first invoice of a subscription that does not exist."""
    if not details.get("items"):
        raise faults.Refused(
            "No upcoming invoices for customer", code="invoice_upcoming_none", param="customer"
        )
    wished: dict[str, Any] = {
        name: details[name] for name in ("items", "trial_end") if name in details
    }
    if given.get("discounts"):
        wished["discounts"] = given["discounts"]
    key = given.get("customer")

    def run() -> Thing:
        from regulars.local.stripe.resources import customers

        customer = world.find("customer", key) if key else customers.create(world, Given({}))
        made = starting.start(world, {**wished, "payment_behavior": "default_incomplete"}, customer)
        invoice = world.find("invoice", made["latest_invoice"])
        return {**invoice, "status": "draft", "number": None}

    return preview.undone(world, run)
