"""What meters counted for an item in a period.

Flexible billing (billing/subscriptions/usage-based/manage-billing-setup, "Update prices
mid-cycle"): what was reported before a metered price is swapped or removed is billed by that price,
as an invoice item; a price that comes counts what is reported from then on. `_counts_from` of an
item keeps that second.
"""

from decimal import Decimal

from regulars.local.stripe.engine import amounts, lines
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World


def used(world: World, item: Thing, start: int, end: int) -> Decimal:
    """Give what was used from ``start`` up to, not including, ``end``."""
    meter = world.find("billing.meter", item["price"]["recurring"]["meter"])
    subscription = world.store.get(item["subscription"]) or {}
    since = item.get("_counts_from", 0)
    return total(world, meter, subscription.get("customer", ""), start, end, reported=(since, None))


def is_metered(item: Thing) -> bool:
    """Say whether an item is billed by what was used."""
    return bool(item["price"]["recurring"]["usage_type"] == "metered")


def settle(world: World, subscription: Thing, before: list[Thing], *, bills: bool = True) -> None:
    """Bill what metered prices counted that a subscription no longer has, and let new ones begin.

    ``before`` are its items as they were. Without ``bills`` what they counted is dropped.
    """
    now = world.now(subscription)
    kept = {each["id"]: each for each in subscription["items"]["data"]}
    for old in before:
        is_same = old["id"] in kept and kept[old["id"]]["price"]["id"] == old["price"]["id"]
        if bills and is_metered(old) and not is_same:
            close(world, subscription, old)
    known = {(each["id"], each["price"]["id"]) for each in before}
    for item in kept.values():
        if is_metered(item) and (item["id"], item["price"]["id"]) not in known:
            item["_counts_from"] = now


def close(world: World, subscription: Thing, item: Thing) -> None:
    """Write down what a metered item counted up to now, for the next invoice."""
    now = world.now(subscription)
    meter = world.find("billing.meter", item["price"]["recurring"]["meter"])
    reported = (item.get("_counts_from", 0), now)
    start = item["current_period_start"]
    used = total(
        world, meter, subscription["customer"], start, item["current_period_end"],
        reported=reported,
    )  # fmt: skip
    item["_counts_from"] = now
    amount = amounts.rounded(amounts.of(item["price"], used))
    if not amount:
        return
    lines.pending(
        world,
        customer=subscription["customer"],
        amount=amount,
        currency=subscription["currency"],
        description=f"{used:f} × {lines.name_of(world, item['price'])}",
        period=(start, now),
        price=item["price"],
        quantity=int(used),
        subscription=subscription["id"],
        item=item["id"],
    )


def total(
    world: World,
    meter: Thing,
    customer: str,
    start: int,
    end: int,
    *,
    reported: tuple[int, int | None] = (0, None),
) -> Decimal:
    """Add up the events of a customer as the meter says: sum, count or the last one.

    They are stamped from ``start`` on and before ``end``, and were ``reported`` likewise.
    """
    since, until = reported
    mapping = meter["customer_mapping"]["event_payload_key"]
    value = meter["value_settings"]["event_payload_key"]
    found = [
        each
        for each in world.store.every("billing.meter_event")
        if each["event_name"] == meter["event_name"]
        and each["payload"].get(mapping) == customer
        and start <= each["timestamp"] < end
        and since <= each["created"]
        and (until is None or each["created"] < until)
        and not each.get("_is_canceled")
    ]
    match meter["default_aggregation"]["formula"]:
        case "count":
            return Decimal(len(found))
        case "last":
            last = max(found, key=lambda each: each["timestamp"], default=None)
            return Decimal(last["payload"][value]) if last else Decimal(0)
    return sum((Decimal(each["payload"][value]) for each in found), Decimal(0))
