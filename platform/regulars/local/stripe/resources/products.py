"""Products and prices."""

from decimal import Decimal
from typing import Any, Final

from regulars.local.stripe import faults
from regulars.local.stripe.given import Given, fill, merged
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_PLAIN: Final = ("active", "description", "name", "images", "marketing_features", "shippable",
                 "statement_descriptor", "tax_code", "unit_label", "url")  # fmt: skip
_LARGEST: Final = 99_999_999


def create(world: World, given: Given) -> Thing:
    """Make a product, with its default price if one is described."""
    key = given.get("id") or world.id("prod", 14)
    if world.store.get(key):
        raise faults.Refused(
            f"Product with ID '{key}' already exists.", param="id", code="resource_already_exists"
        )
    thing: Thing = {
        "id": key,
        "object": "product",
        "active": True,
        "created": world.now(),
        "default_price": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "type": given.get("type", "service"),
        "updated": world.now(),
    }
    fill(thing, given, *_PLAIN)
    world.save(thing, event="product.created")
    if given.get("default_price_data"):
        price = _make(world, {**given["default_price_data"], "product": key})
        thing["default_price"] = price["id"]
        world.save(thing, event="product.updated")
    return thing


def update(world: World, given: Given, key: str) -> Thing:
    """Change a product."""
    thing = world.find("product", key)
    fill(thing, given, *_PLAIN)
    if given.get("default_price"):
        price = world.find("price", given["default_price"], param="default_price")
        if price["product"] != key:
            raise faults.Refused("The price belongs to another product.", param="default_price")
        thing["default_price"] = price["id"]
    thing["updated"] = world.now()
    return world.save(thing, event="product.updated")


def delete(world: World, given: Given, key: str) -> Thing:
    """Delete a product that has no price."""
    thing = world.find("product", key)
    if any(each["product"] == key for each in world.store.every("price")):
        raise faults.Refused(
            "This product cannot be deleted because it has one or more user-created prices."
        )
    world.store.remove(key)
    world.emit("product.deleted", thing)
    return {"id": key, "object": "product", "deleted": True}


def listing(world: World, given: Given) -> list[Thing]:
    """List products."""
    given.reads("active")
    ids = given.get("ids")
    return [
        each
        for each in world.store.every("product")
        if given.get("active") in (None, each["active"]) and (not ids or each["id"] in ids)
    ]


def create_price(world: World, given: Given) -> Thing:
    """Make a price."""
    if given.get("product_data"):
        product = create(world, Given(given["product_data"]))
    else:
        product = world.find("product", given.get("product", ""), param="product")
    values = {name: given[name] for name in given if name not in {"product_data", "expand"}}
    return _make(world, {**values, "product": product["id"]})


def _make(world: World, given: dict[str, Any]) -> Thing:
    taken = given.get("lookup_key")
    for each in world.store.every("price") if taken else ():
        if each.get("lookup_key") == taken:
            if not given.get("transfer_lookup_key"):
                raise faults.Refused(
                    f"A price (`{each['id']}`) already uses that lookup key.", param="lookup_key"
                )
            each["lookup_key"] = None
            world.save(each, event="price.updated")
    thing: Thing = {
        "id": world.id("price"),
        "object": "price",
        "active": given.get("active", True),
        "billing_scheme": given.get("billing_scheme", "per_unit"),
        "created": world.now(),
        "currency": given["currency"].lower(),
        "livemode": False,
        "lookup_key": taken,
        "metadata": merged({}, given.get("metadata", {})),
        "nickname": given.get("nickname"),
        "product": given["product"],
        "recurring": _recurring(world, given.get("recurring")),
        "tax_behavior": given.get("tax_behavior", "unspecified"),
        "transform_quantity": given.get("transform_quantity"),
        "type": "recurring" if given.get("recurring") else "one_time",
        **_amounts(given),
    }
    for name in ("custom_unit_amount", "currency_options"):
        if given.get(name):
            raise faults.unspoken(name)
    return world.save(thing, event="price.created")


def _recurring(world: World, given: dict[str, Any] | None) -> dict[str, Any] | None:
    if not given:
        return None
    meter = given.get("meter")
    if meter:
        world.find("billing.meter", meter, param="recurring[meter]")
    usage = given.get("usage_type", "licensed")
    if (usage == "metered") != bool(meter):
        raise faults.Refused(
            "A metered price needs a meter, and only a metered one has it.",
            param="recurring[meter]",
        )
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count", 1),
        "meter": meter,
        "trial_period_days": given.get("trial_period_days"),
        "usage_type": usage,
    }


def _amounts(given: dict[str, Any]) -> dict[str, Any]:
    """Give the fields that say what one unit costs."""
    if given.get("billing_scheme") == "tiered":
        if not given.get("tiers") or not given.get("tiers_mode"):
            raise faults.missing("tiers")
        tiers = [
            {
                "flat_amount": each.get("flat_amount"),
                "flat_amount_decimal": _decimal(each.get("flat_amount")),
                "unit_amount": each.get("unit_amount"),
                "unit_amount_decimal": _decimal(
                    each.get("unit_amount_decimal", each.get("unit_amount"))
                ),
                "up_to": None if each["up_to"] == "inf" else each["up_to"],
            }
            for each in given["tiers"]
        ]
        return {"tiers": tiers, "tiers_mode": given["tiers_mode"], "unit_amount": None}
    amount, exact = given.get("unit_amount"), given.get("unit_amount_decimal")
    if (amount is None) == (exact is None):
        raise faults.Refused(
            "You must specify exactly one of `unit_amount` and `unit_amount_decimal`.",
            param="unit_amount",
        )
    if amount is not None and not 0 <= amount <= _LARGEST:
        code = "parameter_invalid_integer" if amount < 0 else "amount_too_large"
        raise faults.Refused("Invalid non-negative integer", param="unit_amount", code=code)
    exact = Decimal(exact or 0) if amount is None else Decimal(amount)
    return {
        "unit_amount": int(exact) if exact == exact.to_integral_value() else None,
        "unit_amount_decimal": _decimal(exact),
    }


def _decimal(value: Any) -> str | None:
    if value is None:
        return None
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def update_price(world: World, given: Given, key: str) -> Thing:
    """Change what may be changed of a price: never its amount."""
    thing = world.find("price", key)
    if given.get("lookup_key") and given["lookup_key"] != thing.get("lookup_key"):
        for each in world.store.every("price"):
            if each.get("lookup_key") == given["lookup_key"]:
                if not given.get("transfer_lookup_key"):
                    raise faults.Refused(
                        f"A price (`{each['id']}`) already uses that lookup key.",
                        param="lookup_key",
                    )
                each["lookup_key"] = None
                world.save(each, event="price.updated")
    _ = given.get("transfer_lookup_key")
    fill(thing, given, "active", "lookup_key", "nickname", "tax_behavior")
    return world.save(thing, event="price.updated")


def prices(world: World, given: Given) -> list[Thing]:
    """List prices, also by what they repeat and by lookup keys."""
    given.reads("active", "currency", "product", "type")
    recurring = given.get("recurring") or {}
    keys = given.get("lookup_keys")
    return [
        each
        for each in world.store.every("price")
        if all(
            given.get(name) in (None, each[name])
            for name in ("active", "currency", "product", "type")
        )
        and (keys is None or each["lookup_key"] in keys)
        and all((each["recurring"] or {}).get(name) == value for name, value in recurring.items())
    ]


def plan(price: Thing) -> Thing:
    """Give a price in the older form that subscription items still carry beside it."""
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price.get("unit_amount_decimal"),
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "meter": recurring["meter"],
        "nickname": price["nickname"],
        "product": price["product"],
        "trial_period_days": recurring["trial_period_days"],
        "usage_type": recurring["usage_type"],
    }
