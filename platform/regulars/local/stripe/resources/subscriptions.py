"""Subscriptions and their items."""

from typing import Any, Final

from regulars.local.stripe import faults
from regulars.local.stripe.engine import changing, ending, starting
from regulars.local.stripe.given import Given, fill, within
from regulars.local.stripe.resources import coupons, methods, plain
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_AT_START: Final = (
    "add_invoice_items", "billing_cycle_anchor", "billing_mode", "cancel_at",
    "cancel_at_period_end", "collection_method", "currency", "days_until_due",
    "default_payment_method", "description", "discounts", "items", "metadata", "off_session",
    "payment_behavior", "payment_settings", "proration_behavior", "trial_end", "trial_from_plan",
    "trial_period_days", "trial_settings",
)  # fmt: skip
_PLAIN: Final = ("collection_method", "days_until_due", "description")


def create(world: World, given: Given) -> Thing:
    """Start a subscription."""
    plain.needs(given, "customer", "items")
    customer = world.find("customer", given["customer"], param="customer")
    wished = {name: given[name] for name in _AT_START if name in given}
    if isinstance(wished.get("cancel_at"), str):
        raise faults.unspoken(f"cancel_at={wished['cancel_at']}")
    for n, each in enumerate(wished["items"]):
        _spoken(each, {"price", "quantity", "metadata"}, f"items[{n}]")
    _automatic_tax(given)
    return starting.start(world, wished, customer)


def _spoken(given: dict[str, Any], known: set[str], param: str) -> None:
    for name in given:
        if name not in known:
            raise faults.unspoken(f"{param}[{name}]")


def _automatic_tax(given: Given) -> None:
    if (given.get("automatic_tax") or {}).get("enabled"):
        raise faults.unspoken("automatic_tax[enabled]=true")


def listing(world: World, given: Given) -> list[Thing]:
    """List subscriptions; without ``status`` all that are not canceled."""
    given.reads("collection_method", "created")
    status, price = given.get("status"), given.get("price")
    customer, clock = given.get("customer"), given.get("test_clock")
    found = []
    for each in world.store.every("subscription", customer=customer):
        prices = [item["price"]["id"] for item in each["items"]["data"]]
        if status is None and each["status"] in ending.OVER:
            continue
        if status == "ended" and each["status"] not in ending.OVER:
            continue
        if status not in (None, "all", "ended", each["status"]) or price not in (None, *prices):
            continue
        if not customer and each["test_clock"] != clock:
            continue
        if given.get("collection_method") not in (None, each["collection_method"]):
            continue
        if "created" in given and not within(each["created"], given["created"]):
            continue
        found.append(each)
    return found


def update(world: World, given: Given, key: str) -> Thing:
    """Change a subscription: its times, its items, its payment, in this order."""
    thing = world.find("subscription", key)
    _check_changeable(thing, given)
    now = world.now(thing)
    how = changing.How.read(given, now)
    _ = given.get("off_session"), given.get("proration_behavior"), given.get("proration_date")
    _ = given.get("payment_behavior")
    _automatic_tax(given)
    _settings(world, thing, given)
    _ending(thing, given, now)
    if given.get("items"):
        for n, each in enumerate(given["items"]):
            _spoken(each, {"id", "price", "quantity", "metadata", "deleted"}, f"items[{n}]")
        changing.items(world, thing, given["items"], how)
    if given.get("trial_end") == "now":
        if thing["status"] == "trialing":
            changing.restart(world, thing, how)
    elif "trial_end" in given:
        changing.extend_trial(world, thing, given["trial_end"], how)
    if how.resets and thing["billing_cycle_anchor"] != now:
        changing.restart(world, thing, how)
    return world.save(thing, event="customer.subscription.updated")


def _check_changeable(thing: Thing, given: Given) -> None:
    if thing["status"] in ending.OVER:
        raise faults.Refused(
            "A canceled subscription can only update its cancellation_details and metadata.",
            code="resource_missing",
        )
    if thing["status"] == "incomplete" and ("items" in given or "trial_end" in given):
        raise faults.Refused(
            "This subscription has an incomplete first payment: pay or void its invoice first.",
            param="items",
        )


def _settings(world: World, thing: Thing, given: Given) -> None:
    fill(thing, given, *_PLAIN)
    if "pause_collection" in given:
        pause = given["pause_collection"]
        thing["pause_collection"] = (
            {"behavior": pause["behavior"], "resumes_at": pause.get("resumes_at")}
            if pause
            else None
        )
    if "default_payment_method" in given:
        wished = given["default_payment_method"]
        method = methods.named(world, wished) if wished else None
        if method and method["customer"] != thing["customer"]:
            raise faults.Refused(
                "The payment method must be attached to the customer.",
                param="default_payment_method",
                code="resource_missing",
            )
        thing["default_payment_method"] = method["id"] if method else None
    if given.get("payment_settings"):
        thing["payment_settings"] = {**thing["payment_settings"], **given["payment_settings"]}
    if given.get("trial_settings"):
        thing["trial_settings"]["end_behavior"].update(given["trial_settings"]["end_behavior"])
    if "discounts" in given:
        _discounts(world, thing, given["discounts"])


def _discounts(world: World, thing: Thing, wished: Any) -> None:
    if wished == []:
        return
    kept = coupons.redeem(world, wished, thing) if wished else []
    for key in thing["discounts"]:
        discount = world.store.get(key)
        if key not in kept and discount:
            world.emit("customer.discount.deleted", coupons.gone(discount))
    thing["discounts"] = kept


def _ending(thing: Thing, given: Given, now: int) -> None:
    """Set or take back that the subscription ends."""
    details = given.get("cancellation_details") or {}
    if "cancel_at_period_end" in given:
        ends = given["cancel_at_period_end"]
        end = min(each["current_period_end"] for each in thing["items"]["data"])
        thing.update(
            cancel_at_period_end=ends,
            cancel_at=end if ends else None,
            canceled_at=now if ends else None,
        )
    elif "cancel_at" in given:
        at = given["cancel_at"] or None
        if isinstance(at, str):
            at = _end_of_period(thing, at)
        thing.update(cancel_at=at, cancel_at_period_end=False, canceled_at=now if at else None)
    if details or "cancel_at_period_end" in given or "cancel_at" in given:
        ends = bool(thing["cancel_at"])
        thing["cancellation_details"] = {
            **thing["cancellation_details"],
            **{name: value or None for name, value in details.items()},
            "reason": "cancellation_requested" if ends else None,
        }


def _end_of_period(thing: Thing, which: str) -> int:
    """Give the moment that ``min_period_end`` or ``max_period_end`` stands for now."""
    choose = {"min_period_end": min, "max_period_end": max}.get(which)
    if choose is None:
        raise faults.unspoken(f"cancel_at={which}")
    return choose(int(each["current_period_end"]) for each in thing["items"]["data"])


def cancel(world: World, given: Given, key: str) -> Thing:
    """End a subscription now."""
    thing = world.find("subscription", key)
    if thing["status"] in ending.OVER:
        raise faults.Unknown("subscription", key)
    details = given.get("cancellation_details") or {}
    return ending.cancel(
        world,
        thing,
        gives_back=bool(given.get("prorate")),
        invoices=bool(given.get("invoice_now")),
        details=details,
    )


def resume(world: World, given: Given, key: str) -> Thing:
    """Let a paused subscription go on, from now."""
    thing = world.find("subscription", key)
    if thing["status"] != "paused":
        raise faults.Refused("Only a paused subscription can be resumed.")
    for name in ("billing_cycle_anchor", "proration_behavior", "proration_date"):
        _ = given.get(name)
    thing.update(status="active", status_details=None)
    changing.restart(world, thing, changing.How(at=world.now(thing), prorates=False))
    world.save(thing)
    world.emit("customer.subscription.resumed", thing)
    return thing


def delete_discount(world: World, given: Given, key: str) -> Thing:
    """Take the discount of a subscription away."""
    thing = world.find("subscription", key)
    if not thing["discounts"]:
        raise faults.Unknown("discount", key)
    discount = world.find("discount", thing["discounts"][-1])
    _discounts(world, thing, "")
    world.save(thing, event="customer.subscription.updated")
    return coupons.gone(discount)


def items(world: World, given: Given) -> list[Thing]:
    """List the items of a subscription."""
    found: list[Thing] = world.find("subscription", given["subscription"], param="subscription")[
        "items"
    ]["data"]
    return found


def item(world: World, given: Given, key: str) -> Thing:
    """Give one item."""
    return _item(world, key)[1]


def _item(world: World, key: str) -> tuple[Thing, Thing]:
    owner = world.store.owner(key)
    for each in owner["items"]["data"] if owner else ():
        if owner and each["id"] == key:
            return owner, each
    raise faults.Unknown("subscription_item", key)


def create_item(world: World, given: Given) -> Thing:
    """Add an item to a subscription."""
    thing = world.find("subscription", given["subscription"], param="subscription")
    known = {each["id"] for each in thing["items"]["data"]}
    wished = {n: given[n] for n in ("price", "quantity", "metadata") if n in given}
    _change(world, given, thing, wished)
    return next(each for each in thing["items"]["data"] if each["id"] not in known)


def update_item(world: World, given: Given, key: str) -> Thing:
    """Change an item."""
    thing, _ = _item(world, key)
    wished = {n: given[n] for n in ("price", "quantity", "metadata") if n in given}
    _change(world, given, thing, {"id": key, **wished})
    return _item(world, key)[1]


def delete_item(world: World, given: Given, key: str) -> Thing:
    """Take an item away."""
    thing, _ = _item(world, key)
    _change(world, given, thing, {"id": key, "deleted": True})
    return {"id": key, "object": "subscription_item", "deleted": True}


def _change(world: World, given: Given, thing: Thing, wished: Thing) -> None:
    how = changing.How.read(given, world.now(thing))
    for name in ("proration_behavior", "proration_date", "payment_behavior"):
        _ = given.get(name)
    _check_changeable(thing, given)
    changing.items(world, thing, [wished], how)
    world.save(thing, event="customer.subscription.updated")
