"""Coupons, promotion codes, and the discounts made of them."""

from typing import Any, Final

from regulars.local.stripe import faults
from regulars.local.stripe.engine import periods
from regulars.local.stripe.given import Given, fill
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_RESTRICTIONS: Final = {
    "first_time_transaction": False,
    "minimum_amount": None,
    "minimum_amount_currency": None,
}


def create(world: World, given: Given) -> Thing:
    """Make a coupon of a percentage or an amount."""
    key = given.get("id") or world.id("", 8)[1:]
    if world.store.get(key):
        raise faults.Refused("Coupon already exists.", code="resource_already_exists")
    percent, amount = given.get("percent_off"), given.get("amount_off")
    if (percent is None) == (amount is None):
        raise faults.Refused("Must provide percent_off or amount_off.", param="percent_off")
    if amount is not None and not given.get("currency"):
        raise faults.Refused("You must pass currency when passing amount_off", param="currency")
    duration = given.get("duration", "once")
    if (duration == "repeating") != ("duration_in_months" in given):
        raise faults.Refused(
            "Must provide duration_in_months if and only if duration is repeating.",
            param="duration_in_months",
        )
    thing: Thing = {
        "id": key,
        "object": "coupon",
        "amount_off": amount,
        "created": world.now(),
        "currency": given["currency"].lower() if amount is not None else None,
        "duration": duration,
        "duration_in_months": given.get("duration_in_months"),
        "livemode": False,
        "max_redemptions": given.get("max_redemptions"),
        "metadata": {},
        "name": given.get("name"),
        "percent_off": float(percent) if percent is not None else None,
        "redeem_by": given.get("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    if given.get("applies_to"):
        thing["applies_to"] = {"products": given["applies_to"].get("products", [])}
    fill(thing, given)
    return world.save(thing, event="coupon.created")


def update(world: World, given: Given, key: str) -> Thing:
    """Rename a coupon; what it gives never changes."""
    thing = world.find("coupon", key)
    return world.save(fill(thing, given, "name"), event="coupon.updated")


def delete(world: World, given: Given, key: str) -> Thing:
    """Delete a coupon; discounts made of it stay."""
    thing = world.find("coupon", key)
    world.store.remove(key)
    world.store.put({**thing, "id": f"_{key}", "object": "_coupon"}, clock=None)
    world.emit("coupon.deleted", thing)
    return {"id": key, "object": "coupon", "deleted": True}


def of(world: World, discount: Thing) -> Thing:
    """Give the coupon of a discount, also one that was deleted since."""
    key = discount["source"]["coupon"]
    return world.store.get(key) or world.store.get(f"_{key}") or {}


def create_code(world: World, given: Given) -> Thing:
    """Make a promotion code that people type."""
    promotion = given["promotion"]
    if promotion["type"] != "coupon":
        raise faults.unspoken(f"promotion[type]={promotion['type']}")
    coupon = world.find("coupon", promotion.get("coupon", ""), param="promotion[coupon]")
    code = given.get("code") or world.id("", 8)[1:].upper()
    for each in world.store.every("promotion_code"):
        if each["active"] and each["code"].lower() == code.lower():
            raise faults.Refused(
                "An active promotion code with `code: " + code + "` already exists.", param="code"
            )
    thing: Thing = {
        "id": world.id("promo"),
        "object": "promotion_code",
        "active": given.get("active", True),
        "code": code,
        "created": world.now(),
        "customer": given.get("customer"),
        "expires_at": given.get("expires_at"),
        "livemode": False,
        "max_redemptions": given.get("max_redemptions"),
        "metadata": {},
        "promotion": {"type": "coupon", "coupon": coupon["id"]},
        "restrictions": {**_RESTRICTIONS, **(given.get("restrictions") or {})},
        "times_redeemed": 0,
    }
    return world.save(fill(thing, given), event="promotion_code.created")


def update_code(world: World, given: Given, key: str) -> Thing:
    """Open or close a promotion code."""
    thing = fill(world.find("promotion_code", key), given, "active")
    return world.save(thing, event="promotion_code.updated")


def codes(world: World, given: Given) -> list[Thing]:
    """List promotion codes."""
    given.reads("active", "customer", "code")
    coupon = given.get("coupon")
    return [
        each
        for each in world.store.every("promotion_code")
        if all(given.get(n) in (None, each[n]) for n in ("active", "customer"))
        and (given.get("code") is None or each["code"].lower() == given["code"].lower())
        and coupon in (None, each["promotion"]["coupon"])
    ]


def typed(world: World, code: str, *, customer: str | None, currency: str, total: int) -> Thing:
    """Give the promotion code that a person typed, if it holds now. Raises Refused."""
    for each in world.store.every("promotion_code"):
        if each["code"].lower() == code.strip().lower() and each["active"]:
            _check_code(world, each, customer=customer, currency=currency, total=total)
            return each
    raise faults.Refused("This promotion code is invalid.", code="promotion_code_invalid")


def _check_code(
    world: World, code: Thing, *, customer: str | None, currency: str, total: int | None
) -> None:
    owner = world.store.get(customer) if customer else None
    limits, now = code["restrictions"], world.now(owner)
    coupon = world.find("coupon", code["promotion"]["coupon"], param="promotion_code")
    paid_before = customer and any(
        each["status"] == "paid" and each["total"] > 0
        for each in world.store.every("invoice", customer=customer)
    )
    floor = limits["minimum_amount"]
    if (
        not code["active"]
        or (code["expires_at"] or now + 1) <= now
        or code["times_redeemed"] >= (code["max_redemptions"] or code["times_redeemed"] + 1)
        or code["customer"] not in (None, customer)
        or (limits["first_time_transaction"] and paid_before)
        or (floor and total is not None and limits["minimum_amount_currency"] != currency)
        or (floor and total is not None and total < floor)
    ):
        raise faults.Refused(
            f"The promotion code {code['code']} cannot be redeemed.",
            param="promotion_code",
            code="promotion_code_invalid",
        )
    check(world, coupon, currency=currency, now=now)


def check(world: World, coupon: Thing, *, currency: str, now: int) -> None:
    """Raise Refused if a coupon cannot be redeemed."""
    if (
        not coupon["valid"]
        or (coupon["redeem_by"] or now + 1) <= now
        or coupon["times_redeemed"] >= (coupon["max_redemptions"] or coupon["times_redeemed"] + 1)
    ):
        raise faults.Refused(
            f"Coupon expired: {coupon['id']}", param="coupon", code="coupon_expired"
        )
    if coupon["currency"] not in (None, currency):
        raise faults.Refused(
            f"The coupon is in {coupon['currency']}, the purchase in {currency}.", param="coupon"
        )


def redeem(world: World, wished: list[dict[str, Any]], owner: Thing) -> list[str]:
    """Turn ``{"coupon"}``, ``{"promotion_code"}`` or ``{"discount"}`` into ids of discounts.

    ``owner`` is a subscription or an invoice with its customer and currency.
    """
    kept = []
    for each in wished:
        if each.get("discount"):
            kept.append(str(each["discount"]))
            continue
        code = None
        if each.get("promotion_code"):
            code = world.find("promotion_code", each["promotion_code"], param="promotion_code")
            _check_code(
                world, code, customer=owner["customer"], currency=owner["currency"], total=None
            )
            code["times_redeemed"] += 1
            world.save(code, event="promotion_code.updated")
        key = code["promotion"]["coupon"] if code else each.get("coupon", "")
        kept.append(_discount(world, key, owner, code=code)["id"])
    return kept


def _discount(world: World, key: str, owner: Thing, *, code: Thing | None) -> Thing:
    coupon = world.find("coupon", key, param="coupon")
    now = world.now(owner)
    check(world, coupon, currency=owner["currency"], now=now)
    coupon["times_redeemed"] += 1
    most = coupon["max_redemptions"]
    coupon["valid"] = most is None or coupon["times_redeemed"] < most
    world.save(coupon, event="coupon.updated")
    months = coupon["duration_in_months"]
    on_subscription = owner["object"] == "subscription"
    thing: Thing = {
        "id": world.id("di"),
        "object": "discount",
        "checkout_session": None,
        "customer": owner["customer"],
        "end": periods.after(now, "month", months) if months else None,
        "invoice": None if on_subscription else owner["id"],
        "promotion_code": code["id"] if code else None,
        "source": {"type": "coupon", "coupon": coupon["id"]},
        "start": now,
        "subscription": owner["id"] if on_subscription else None,
        "_used": False,
    }
    return world.save(thing, event="customer.discount.created")


def gone(discount: Thing) -> Thing:
    """Give a discount as it looks when it was taken away."""
    return {**discount, "deleted": True}
