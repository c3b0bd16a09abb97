"""What meters counted for an item in a period."""

from decimal import Decimal

from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World


def used(world: World, item: Thing, start: int, end: int) -> Decimal:
    """Give what was used from ``start`` up to, not including, ``end``."""
    meter = world.find("billing.meter", item["price"]["recurring"]["meter"])
    subscription = world.store.get(item["subscription"]) or {}
    return total(world, meter, subscription.get("customer", ""), start, end)


def total(world: World, meter: Thing, customer: str, start: int, end: int) -> Decimal:
    """Add up the events of a customer as the meter says: sum, count or the last one."""
    mapping = meter["customer_mapping"]["event_payload_key"]
    value = meter["value_settings"]["event_payload_key"]
    found = [
        each
        for each in world.store.every("billing.meter_event")
        if each["event_name"] == meter["event_name"]
        and each["payload"].get(mapping) == customer
        and start <= each["timestamp"] < end
        and not each.get("_is_canceled")
    ]
    match meter["default_aggregation"]["formula"]:
        case "count":
            return Decimal(len(found))
        case "last":
            last = max(found, key=lambda each: each["timestamp"], default=None)
            return Decimal(last["payload"][value]) if last else Decimal(0)
    return sum((Decimal(each["payload"][value]) for each in found), Decimal(0))
