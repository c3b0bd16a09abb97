"""Checkout sessions: what a person is going to pay for, and what comes of it."""

from typing import Any, Final

from regulars.local.stripe import blank, faults
from regulars.local.stripe.engine import amounts, ending, invoicing, lines, paying, starting
from regulars.local.stripe.given import Given, fill, merged, within
from regulars.local.stripe.resources import coupons, customers, intents, methods, plain, setups
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

DAY: Final = 86400
_MODES: Final = ("payment", "setup", "subscription")
_SUBSCRIPTION: Final = frozenset(
    {"billing_mode", "description", "metadata", "proration_behavior", "trial_end",
     "trial_period_days", "trial_settings", "billing_cycle_anchor"}
)  # fmt: skip


def create(world: World, given: Given) -> Thing:
    """Open a session; its page is at ``url``."""
    mode = given.get("mode")
    if mode not in _MODES:
        raise faults.missing("mode")
    plain.needs(given, "success_url")
    _check_spoken(given)
    for one, other in (("customer", "customer_email"), ("allow_promotion_codes", "discounts")):
        if given.get(one) and given.get(other):
            raise faults.Refused(
                f"You may only specify one of these parameters: {one}, {other}.", param=other
            )
    customer = None
    if given.get("customer"):
        customer = world.find("customer", given["customer"], param="customer")
    thing = _opened(world, given, customer, mode)
    totals(world, thing)
    return world.save(thing)


def _check_spoken(given: Given) -> None:
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise faults.unspoken(f"ui_mode={given['ui_mode']}")
    if (given.get("automatic_tax") or {}).get("enabled"):
        raise faults.unspoken("automatic_tax[enabled]=true")
    for name in given.get("subscription_data") or {}:
        if name not in _SUBSCRIPTION:
            raise faults.unspoken(f"subscription_data[{name}]")
    for name in ("allowed_payment_method_types", "saved_payment_method_options", "origin_context"):
        _ = given.get(name)


def _opened(world: World, given: Given, customer: Thing | None, mode: str) -> Thing:
    items = _items(world, given, mode)
    now = world.now(customer)
    key = world.id("cs_test", 58)
    tax_ids = given.get("tax_id_collection") or {}
    thing: Thing = {
        **blank.session(),
        "id": key,
        "created": now,
        "currency": _currency(given, items),
        "customer": customer["id"] if customer else None,
        "customer_creation": given.get("customer_creation")
        or (None if customer else ("always" if mode == "subscription" else "if_required")),
        "discounts": given.get("discounts") or [],
        "expires_at": given.get("expires_at") or now + DAY,
        "metadata": merged({}, given.get("metadata", {})),
        "mode": mode,
        "payment_method_collection": given.get("payment_method_collection", "always")
        if mode == "subscription"
        else None,
        "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
        "success_url": given["success_url"],
        "tax_id_collection": {
            "enabled": tax_ids.get("enabled", False),
            "required": tax_ids.get("required", "never"),
        },
        "url": f"{world.address}/c/pay/{key}",
        "_items": items,
        "_data": given.get("subscription_data") or {},
        "_customer_update": given.get("customer_update") or {},
        "_intent_data": given.get("payment_intent_data") or given.get("setup_intent_data") or {},
        "_clock": customer.get("test_clock") if customer else None,
    }
    for name in ("allow_promotion_codes", "billing_address_collection", "cancel_url",
                 "client_reference_id", "customer_email", "locale", "submit_type"):  # fmt: skip
        thing[name] = given.get(name)
    return thing


def _currency(given: Given, items: list[Thing]) -> str | None:
    currency: str | None = given.get("currency")
    if items:
        currency = items[0]["_price"]["currency"]
        if any(each["_price"]["currency"] != currency for each in items):
            raise faults.Refused("All line items must have the same currency.", param="line_items")
    return currency


def _items(world: World, given: Given, mode: str) -> list[Thing]:
    wished = given.get("line_items") or []
    if not wished and mode != "setup":
        raise faults.missing("line_items")
    made = []
    for n, each in enumerate(wished):
        if each.get("price_data"):
            raise faults.unspoken(f"line_items[{n}][price_data]")
        price = world.find("price", each.get("price", ""), param=f"line_items[{n}][price]")
        if mode == "payment" and price["type"] == "recurring":
            raise faults.Refused(
                "You specified `payment` mode but passed a recurring price. Either switch to "
                "`subscription` mode or use only one-time prices."
            )
        is_metered = (price["recurring"] or {}).get("usage_type") == "metered"
        if is_metered == ("quantity" in each):
            raise faults.Refused("Quantity is required, except for metered prices.",
                                 param=f"line_items[{n}][quantity]")  # fmt: skip
        quantity = each.get("quantity")
        amount = 0 if is_metered else amounts.rounded(amounts.of(price, quantity))
        made.append(
            {
                "id": world.id("li"),
                "object": "item",
                "amount_discount": 0,
                "amount_subtotal": amount,
                "amount_tax": 0,
                "amount_total": amount,
                "currency": price["currency"],
                "description": lines.name_of(world, price),
                "price": price,
                "quantity": quantity,
                "_price": price,
            }
        )
    if mode == "subscription" and not any(e["_price"]["recurring"] for e in made):
        raise faults.Refused("You must provide at least one recurring price in `subscription` mode "
                             "when using prices.")  # fmt: skip
    return made


def totals(world: World, thing: Thing) -> None:
    """Work out what is due on the page now: nothing during a trial."""
    if thing["mode"] == "setup":
        return
    data = thing["_data"]
    is_trial = bool(data.get("trial_end") or data.get("trial_period_days"))
    due = [each for each in thing["_items"] if not (is_trial and each["_price"]["recurring"])]
    subtotal = sum(each["amount_subtotal"] for each in due)
    off = 0
    for each in thing["discounts"]:
        code = world.store.get(each.get("promotion_code") or "")
        coupon = world.find(
            "coupon", code["promotion"]["coupon"] if code else each.get("coupon", ""),
            param="discounts",
        )  # fmt: skip
        coupons.check(world, coupon, currency=thing["currency"], now=world.now(thing))
        if coupon["percent_off"]:
            off = amounts.rounded(amounts.percent(subtotal, coupon["percent_off"]))
        else:
            off = min(subtotal, coupon["amount_off"])
    thing["amount_subtotal"] = subtotal
    thing["amount_total"] = subtotal - off
    thing["total_details"] = {"amount_discount": off, "amount_shipping": 0, "amount_tax": 0}


def line_items(world: World, given: Given, key: str) -> list[Thing]:
    """List what a session is about."""
    found: list[Thing] = world.find("checkout.session", key)["_items"]
    return found


def update(world: World, given: Given, key: str) -> Thing:
    """Change what the caller wrote on a session."""
    return world.save(fill(world.find("checkout.session", key), given))


def expire(world: World, given: Given, key: str) -> Thing:
    """Close a session that nobody completed."""
    thing = world.find("checkout.session", key)
    if thing["status"] != "open":
        raise faults.Refused(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {thing['status']}."
        )
    thing.update(status="expired", url=None)
    world.save(thing)
    world.emit("checkout.session.expired", thing)
    return thing


def listing(world: World, given: Given) -> list[Thing]:
    """List sessions."""
    given.reads("status", "subscription", "payment_intent", "created")
    return [
        each
        for each in world.store.every("checkout.session", customer=given.get("customer"))
        if all(
            given.get(name) in (None, each[name])
            for name in ("status", "subscription", "payment_intent")
        )
        and ("created" not in given or within(each["created"], given["created"]))
    ]


def customer_of(world: World, thing: Thing, *, email: str, name: str) -> Thing:
    """Give the customer of a session; a new one is made the first time."""
    if thing["customer"]:
        return world.find("customer", thing["customer"])
    made = customers.create(world, Given({"email": email, "name": name}))
    thing["customer"] = made["id"]
    world.save(thing)
    return made


def pay(world: World, thing: Thing, method: Thing, customer: Thing) -> Thing | None:
    """Do what the session is for with a card; give the intent that waits for 3-D Secure, if any.

    Raises Declined.
    """
    card = methods.card_of(method)
    if thing["mode"] == "setup":
        return _pay_setup(world, thing, method, customer)
    if thing["mode"] == "payment":
        return _pay_once(world, thing, method, customer)
    if card.declines and not card.attaches and card.asks == "never":
        raise card.refusal()
    return _subscribe(world, thing, method, customer)


def _pay_setup(world: World, thing: Thing, method: Thing, customer: Thing) -> Thing | None:
    intent = world.store.get(thing["setup_intent"] or "") or setups.make(
        world, customer=customer["id"], metadata=thing["_intent_data"].get("metadata")
    )
    thing["setup_intent"] = intent["id"]
    intent["payment_method"] = method["id"]
    setups.attempt(world, intent)
    return intent if intent["status"] == "requires_action" else None


def _pay_once(world: World, thing: Thing, method: Thing, customer: Thing) -> Thing | None:
    data = thing["_intent_data"]
    intent = world.store.get(thing["payment_intent"] or "") or intents.make(
        world,
        amount=thing["amount_total"],
        currency=thing["currency"],
        customer=customer["id"],
        metadata=data.get("metadata"),
        description=data.get("description"),
        future=data.get("setup_future_usage"),
    )
    thing["payment_intent"] = intent["id"]
    intent["payment_method"] = method["id"]
    intents.attempt(world, intent, is_off_session=False)
    intents.settled(world, intent["id"])
    return intent if intent["status"] == "requires_action" else None


def _subscribe(world: World, thing: Thing, method: Thing, customer: Thing) -> Thing | None:
    known = world.store.get(thing["subscription"] or "")
    if known and known["status"] not in ending.OVER:
        invoice = world.find("invoice", known["latest_invoice"])
        paying.pay_with(world, invoice, method, is_off_session=False)
        return _waiting(world, invoice)
    recurring = [each for each in thing["_items"] if each["_price"]["recurring"]]
    once = [each for each in thing["_items"] if not each["_price"]["recurring"]]
    given: dict[str, Any] = {
        **thing["_data"],
        "items": [_wish(each) for each in recurring],
        "add_invoice_items": [_wish(each) for each in once],
        "discounts": thing["discounts"],
        "payment_behavior": "default_incomplete",
    }
    if thing["amount_total"] + min(0, customer["balance"]) <= 0:  # free, or the credit pays it
        return _subscribe_free(world, thing, method, customer, given)
    subscription = starting.start(world, given, customer)
    thing.update(subscription=subscription["id"], invoice=subscription["latest_invoice"])
    world.save(thing)
    invoice = world.find("invoice", subscription["latest_invoice"])
    paying.pay_with(world, invoice, method, is_off_session=False)
    return _waiting(world, invoice)


def _wish(item: Thing) -> dict[str, Any]:
    wish = {"price": item["_price"]["id"]}
    return wish if item["quantity"] is None else {**wish, "quantity": item["quantity"]}


def _subscribe_free(
    world: World, thing: Thing, method: Thing, customer: Thing, given: dict[str, Any]
) -> Thing | None:
    """Start what no card pays now: the card is kept first, then the subscription begins."""
    intent = world.store.get(thing["setup_intent"] or "") or setups.make(
        world, customer=customer["id"]
    )
    thing["setup_intent"] = intent["id"]
    intent["payment_method"] = method["id"]
    setups.attempt(world, intent)
    if intent["status"] == "requires_action":
        return intent
    begin_free(world, thing, method, customer, given)
    return None


def begin_free(
    world: World,
    thing: Thing,
    method: Thing,
    customer: Thing,
    given: dict[str, Any] | None = None,
) -> None:
    """Start the subscription of a session whose card was kept."""
    if given is None:
        given = {
            **thing["_data"],
            "items": [_wish(each) for each in thing["_items"]],
            "discounts": thing["discounts"],
        }
    wished = {**given, "default_payment_method": method["id"], "payment_behavior":
              "allow_incomplete"}  # fmt: skip
    subscription = starting.start(world, wished, customer)
    thing.update(subscription=subscription["id"], invoice=subscription["latest_invoice"])
    world.save(thing)


def _waiting(world: World, invoice: Thing) -> Thing | None:
    intent = world.find("payment_intent", invoice["_payment_intent"])
    if intent["status"] == "requires_payment_method":
        raise intents.declined(intent)
    return intent if intent["status"] == "requires_action" else None


def complete(world: World, thing: Thing) -> Thing:
    """Close a session whose payment is done."""
    customer = world.find("customer", thing["customer"])
    subscription = world.store.get(thing["subscription"] or "")
    invoice = world.store.get(thing["invoice"] or "")
    intent = world.store.get(
        thing["payment_intent"]
        or thing["setup_intent"]
        or (invoice or {}).get("_payment_intent")
        or ""
    )
    if subscription and intent and not subscription["default_payment_method"]:
        subscription["default_payment_method"] = intent["payment_method"]
        world.save(subscription, event="customer.subscription.updated")
    due = invoicing.subscription_of(invoice) if invoice else None
    is_free = bool(due) and not thing["amount_total"]
    thing.update(
        status="complete",
        url=None,
        payment_status="no_payment_required" if thing["mode"] == "setup" or is_free else "paid",
        customer_details={
            "address": customer.get("address"),
            "email": customer["email"],
            "name": customer["name"],
            "phone": customer["phone"],
            "tax_exempt": customer["tax_exempt"],
            "tax_ids": [
                {"type": each["type"], "value": each["value"]}
                for each in world.store.every("tax_id", customer=customer["id"])
            ],
        },
    )
    if thing["mode"] != "setup":
        thing["setup_intent"] = None
    world.save(thing)
    world.emit("checkout.session.completed", thing)
    return thing
