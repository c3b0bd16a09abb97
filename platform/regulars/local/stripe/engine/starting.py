"""Starting a subscription: items, trial, anchor, first invoice, first payment."""

from typing import Any, Final

from regulars.local.stripe import blank, faults, shapes
from regulars.local.stripe.engine import (
    amounts,
    invoicing,
    lines,
    paying,
    periods,
    prorating,
)  # fmt: skip
from regulars.local.stripe.given import merged
from regulars.local.stripe.resources import coupons, intents, methods, products, setups
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

DAY: Final = 86400
MOST_ITEMS: Final = 20


def new_item(world: World, subscription: Thing, wished: dict[str, Any], *, param: str) -> Thing:
    """Make an item of a subscription from ``{"price", "quantity"}``. Raises Refused."""
    if not wished.get("price"):
        raise faults.missing(f"{param}[price]")
    price = world.find("price", wished["price"], param=f"{param}[price]")
    if price["type"] != "recurring":
        raise faults.Refused(
            "The price specified is set to `type=one_time` but this field only accepts prices "
            "with `type=recurring`.",
            param=f"{param}[price]",
        )
    if not price["active"]:
        raise faults.Refused(f"The price specified is inactive: {price['id']}", param=param)
    if price["currency"] != subscription["currency"]:
        raise faults.Refused("All prices on a subscription must have the same currency.")
    is_metered = price["recurring"]["usage_type"] == "metered"
    if is_metered and "quantity" in wished:
        raise faults.Refused(
            "Quantity should not be specified where usage_type is `metered`.", param=param
        )
    key = world.id("si", 14)
    world.store.own(key, owner=subscription["id"])
    return {
        "id": key,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": world.now(subscription),
        "current_period_end": 0,
        "current_period_start": 0,
        "discounts": [],
        "metadata": merged({}, wished.get("metadata", {})),
        "plan": products.plan(price),
        "price": price,
        "subscription": subscription["id"],
        "tax_rates": [],
        **({} if is_metered else {"quantity": wished.get("quantity", 1)}),
        "_billed": [],
    }


def check_items(items: list[Thing]) -> dict[str, Any]:
    """Give what all items repeat by. Raises Refused for too many or for different ones."""
    if not items:
        raise faults.Refused("A subscription must have at least one active item.", param="items")
    if len(items) > MOST_ITEMS:
        raise faults.Refused(f"A subscription has at most {MOST_ITEMS} items.", param="items")
    if len({each["price"]["id"] for each in items}) < len(items):
        raise faults.Refused(
            "Cannot add multiple subscription items with the same price.", param="items"
        )
    cycles = {(e["price"]["recurring"]["interval"], e["price"]["recurring"]["interval_count"])
              for e in items}  # fmt: skip
    if len(cycles) > 1:
        raise faults.unspoken("items of different intervals on one subscription")
    found: dict[str, Any] = items[0]["price"]["recurring"]
    return found


def start(world: World, given: dict[str, Any], customer: Thing) -> Thing:
    """Start a subscription. ``given`` are checked parameters as `subscriptions.create` takes them.

    Raises Declined with ``error_if_incomplete``, Refused if nothing could pay.
    """
    now = world.now(customer)
    items = given.get("items") or []
    first = world.find("price", (items or [{}])[0].get("price", ""), param="items[0][price]")
    thing = _empty(world, given, customer, currency=first["currency"], now=now)
    world.store.put(thing, clock=customer.get("test_clock"))
    made = [new_item(world, thing, each, param=f"items[{n}]") for n, each in enumerate(items)]
    cycle = check_items(made)
    thing["items"]["data"] = made
    _set_times(thing, given, cycle, now)
    if given.get("discounts"):
        thing["discounts"] = coupons.redeem(world, given["discounts"], thing)
    if given.get("cancel_at_period_end"):
        thing.update(
            cancel_at_period_end=True, canceled_at=now, cancel_at=made[0]["current_period_end"]
        )
    elif isinstance(given.get("cancel_at"), int):
        thing.update(cancel_at=given["cancel_at"], canceled_at=now)
    if given.get("default_payment_method"):
        method = methods.named(world, given["default_payment_method"])
        if method["customer"] != customer["id"]:
            raise faults.Refused(
                "The payment method must be attached to the customer.",
                param="default_payment_method",
                code="resource_missing",
            )
        thing["default_payment_method"] = method["id"]
    _check_payable(world, thing, given, customer)
    world.save(thing)
    world.emit("customer.subscription.created", thing)
    _first_invoice(world, thing, given, customer)
    return thing


def _empty(
    world: World, given: dict[str, Any], customer: Thing, *, currency: str, now: int
) -> Thing:
    key = world.id("sub")
    mode = given.get("billing_mode") or {"type": "flexible"}
    if mode["type"] != "flexible":
        raise faults.unspoken("billing_mode[type]=classic")
    thing: Thing = {
        **blank.subscription(),
        "id": key,
        "billing_cycle_anchor": now,
        "billing_mode": {
            "type": "flexible",
            "flexible": {"proration_discounts": "included"},
            "updated_at": now,
        },
        "collection_method": given.get("collection_method", "charge_automatically"),
        "created": now,
        "currency": currency,
        "customer": customer["id"],
        "days_until_due": given.get("days_until_due"),
        "items": shapes.page([], url=f"/v1/subscription_items?subscription={key}"),
        "metadata": merged({}, given.get("metadata", {})),
        "start_date": now,
        "test_clock": customer.get("test_clock"),
        "_period_start": now,
    }
    thing["payment_settings"] |= given.get("payment_settings") or {}
    if thing["collection_method"] == "send_invoice" and thing["days_until_due"] is None:
        raise faults.missing("days_until_due")
    if given.get("trial_settings"):
        thing["trial_settings"]["end_behavior"].update(given["trial_settings"]["end_behavior"])
    for name in ("description", "pause_collection"):
        if given.get(name):
            thing[name] = given[name]
    return thing


def _set_times(thing: Thing, given: dict[str, Any], cycle: dict[str, Any], now: int) -> None:
    """Set trial, anchor and the first period of every item."""
    end = given.get("trial_end")
    days = given.get("trial_period_days") or (
        cycle["trial_period_days"] if given.get("trial_from_plan") else None
    )
    if end == "now":
        end = None
    elif end is None and days:
        end = now + DAY * days
    if end is not None and end <= now:
        raise faults.Refused("Invalid timestamp: must be an integer Unix timestamp in the future.",
                             param="trial_end")  # fmt: skip
    anchor = given.get("billing_cycle_anchor") or now
    if anchor < now:
        raise faults.Refused("billing_cycle_anchor cannot be in the past.",
                             param="billing_cycle_anchor")  # fmt: skip
    if end is not None:
        thing.update(trial_start=now, trial_end=end, status="trialing")
        period, anchor = (now, end), given.get("billing_cycle_anchor") or end
    elif anchor > now:
        period = (now, anchor)
        if anchor > periods.after(now, cycle["interval"], cycle["interval_count"]):
            raise faults.Refused("billing_cycle_anchor cannot be later than next natural billing "
                                 "date.", param="billing_cycle_anchor")  # fmt: skip
    else:
        period = periods.around(anchor, cycle["interval"], cycle["interval_count"], now)
    thing["billing_cycle_anchor"] = anchor
    set_period(thing, period)


def set_period(thing: Thing, period: tuple[int, int]) -> None:
    """Give every item the same current period."""
    thing["_period_start"] = period[0]
    for item in thing["items"]["data"]:
        item["current_period_start"], item["current_period_end"] = period


def _check_payable(world: World, thing: Thing, given: dict[str, Any], customer: Thing) -> None:
    is_free = thing["trial_end"] is not None
    waits = given.get("payment_behavior") == "default_incomplete"
    if is_free or waits or thing["collection_method"] == "send_invoice":
        return
    costs = any(amounts.of(e["price"], e["quantity"]) for e in licensed(thing))
    if costs and methods.default_of(world, customer, thing) is None:
        raise faults.Refused(
            "This customer has no attached payment source or default payment method. Please "
            "consider adding a default payment method. For more information, visit "
            "https://stripe.com/docs/billing/subscriptions/payment-methods-setting"
            "#payment-method-priority.",
            code="resource_missing",
        )


def licensed(thing: Thing) -> list[Thing]:
    """Give the items that are paid ahead, by quantity."""
    return [
        each
        for each in thing["items"]["data"]
        if each["price"]["recurring"]["usage_type"] == "licensed"
    ]


def ahead(world: World, thing: Thing, *, free: bool = False) -> list[Thing]:
    """Make the lines that pay the current period ahead, and note what was billed."""
    made = []
    for item in licensed(thing):
        period = (item["current_period_start"], item["current_period_end"])
        line = lines.of_item(world, item, period, free=free)
        item["_billed"] = [prorating.billed(line["amount"], *period, line)]
        made.append(line)
    return made


def net_billed(thing: Thing, invoice: Thing) -> None:
    """Lower what was noted as billed by the discounts of the invoice that bills it."""
    off = {
        line["id"]: sum(part["amount"] for part in line["discount_amounts"])
        for line in invoice["lines"]["data"]
    }
    for item in thing["items"]["data"]:
        for note in item["_billed"]:
            note["amount"] -= off.pop(note["line"], 0)


def _first_lines(world: World, thing: Thing, given: dict[str, Any]) -> list[Thing]:
    """Make the lines of the first invoice: a trial, a whole period, or a part up to the anchor."""
    is_partial = thing["billing_cycle_anchor"] > thing["created"] and not thing["trial_end"]
    if not is_partial:
        return ahead(world, thing, free=thing["trial_end"] is not None)
    if given.get("proration_behavior") == "none":
        return []
    made = []
    for item in licensed(thing):
        start, end = item["current_period_start"], item["current_period_end"]
        each = item["price"]["recurring"]
        begin = periods.after(end, each["interval"], -each["interval_count"])
        part = amounts.share(
            amounts.of(item["price"], item["quantity"]), start=begin, end=end, since=start
        )
        line = lines.of_item(world, item, (start, end))
        line["amount"] = line["subtotal"] = amounts.rounded(part)
        line["parent"]["subscription_item_details"]["proration"] = True
        item["_billed"] = [prorating.billed(line["amount"], start, end, line)]
        made.append(line)
    return made


def _first_invoice(world: World, thing: Thing, given: dict[str, Any], customer: Thing) -> None:
    made = _first_lines(world, thing, given)
    for each in given.get("add_invoice_items") or []:
        price = world.find("price", each.get("price", ""), param="add_invoice_items[0][price]")
        quantity = each.get("quantity", 1)
        made.append(
            lines.line(
                world,
                amount=amounts.rounded(amounts.of(price, quantity)),
                currency=price["currency"],
                description=lines.name_of(world, price),
                period=(thing["created"], thing["created"]),
                price=price,
                quantity=quantity,
            )
        )
    sends = thing["collection_method"] == "send_invoice"
    invoice = invoicing.draft(
        world,
        customer=customer,
        currency=thing["currency"],
        reason="subscription_create",
        made=made,
        subscription=thing,
        finalizes_at=thing["created"] + invoicing.DRAFT_SECONDS if sends else None,
    )
    net_billed(thing, invoice)
    thing["latest_invoice"] = invoice["id"]
    if sends:
        thing["status"] = "trialing" if thing["trial_end"] else "active"
        world.save(thing, event="customer.subscription.updated")
        return
    world.save(thing)
    invoicing.finalize(world, invoice)
    behavior = given.get("payment_behavior", "allow_incomplete")
    waits = behavior == "default_incomplete"
    if waits and not invoice["amount_due"] and not methods.default_of(world, customer, thing):
        intent = setups.make(world, customer=customer["id"], subscription=thing["id"])
        thing["pending_setup_intent"] = intent["id"]
    if invoice["amount_due"] and waits:
        world.save(thing)
        return
    paying.collect(world, invoice)
    if behavior == "error_if_incomplete" and thing["status"] == "incomplete":
        intent = world.find("payment_intent", invoice["_payment_intent"])
        error = refusal(intent)
        error.keeps = False
        raise error
    world.save(thing)


def refusal(intent: Thing) -> faults.Declined:
    """Give the error of a payment that failed or waits for its holder."""
    if intent["status"] == "requires_action":
        return faults.Declined(
            "Payment for this subscription requires additional user action before it can be "
            "completed successfully.",
            code="subscription_payment_intent_requires_action",
        )
    return intents.declined(intent)
