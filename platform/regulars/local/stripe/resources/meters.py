"""Meters and what they count."""

from decimal import Decimal, InvalidOperation
from typing import Final

from regulars.local.stripe import faults
from regulars.local.stripe.engine import usage
from regulars.local.stripe.given import Given, fill
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_OLDEST: Final = 35 * 86400
_AHEAD: Final = 300


def create(world: World, given: Given) -> Thing:
    """Make a meter for events of a name."""
    for each in world.store.every("billing.meter"):
        if each["event_name"] == given["event_name"] and each["status"] == "active":
            raise faults.Refused(
                f"There is already an active meter with the event name {each['event_name']}.",
                param="event_name",
                code="resource_already_exists",
            )
    now = world.now()
    thing: Thing = {
        "id": world.id("mtr"),
        "object": "billing.meter",
        "created": now,
        "customer_mapping": given.get("customer_mapping")
        or {"event_payload_key": "stripe_customer_id", "type": "by_id"},
        "default_aggregation": given["default_aggregation"],
        "display_name": given["display_name"],
        "event_name": given["event_name"],
        "event_time_window": given.get("event_time_window"),
        "livemode": False,
        "status": "active",
        "status_transitions": {"deactivated_at": None},
        "updated": now,
        "value_settings": given.get("value_settings") or {"event_payload_key": "value"},
    }
    return world.save(thing, event="billing.meter.created")


def update(world: World, given: Given, key: str) -> Thing:
    """Rename a meter."""
    thing = fill(world.find("billing.meter", key), given, "display_name")
    thing["updated"] = world.now()
    return world.save(thing, event="billing.meter.updated")


def deactivate(world: World, given: Given, key: str) -> Thing:
    """Let a meter count no more."""
    return _turn(world, key, "inactive", "deactivated")


def reactivate(world: World, given: Given, key: str) -> Thing:
    """Let a meter count again."""
    return _turn(world, key, "active", "reactivated")


def _turn(world: World, key: str, status: str, event: str) -> Thing:
    thing = world.find("billing.meter", key)
    if thing["status"] == status:
        raise faults.Refused(f"The meter is already {status}.")
    thing["status"] = status
    thing["status_transitions"]["deactivated_at"] = world.now() if status == "inactive" else None
    return world.save(thing, event=f"billing.meter.{event}")


def report(world: World, given: Given) -> Thing:
    """Take one event; the same identifier counts once."""
    name, payload = given["event_name"], given["payload"]
    meter = next(
        (
            each
            for each in world.store.every("billing.meter")
            if each["event_name"] == name and each["status"] == "active"
        ),
        None,
    )
    if meter is None:
        raise faults.Refused(f"No active meter found for event name {name}.", param="event_name",
                             code="resource_missing")  # fmt: skip
    customer = world.store.get(payload.get(meter["customer_mapping"]["event_payload_key"], ""))
    if customer is None or customer["object"] != "customer":
        raise faults.Refused("The payload names no customer.", param="payload")
    key = meter["value_settings"]["event_payload_key"]
    if meter["default_aggregation"]["formula"] != "count" and not _is_number(payload.get(key)):
        raise faults.Refused(f"The payload's {key} is no number.", param="payload")
    now = world.now(customer)
    moment = given.get("timestamp", now)
    if not now - _OLDEST <= moment <= now + _AHEAD:
        raise faults.Refused(
            "The timestamp must be within the past 35 days or up to 5 minutes in the future.",
            param="timestamp",
            code="timestamp_too_far_in_past" if moment < now else "timestamp_in_future",
        )
    identifier = given.get("identifier") or world.id("evt_meter")
    for each in world.store.every("billing.meter_event"):
        if each["identifier"] == identifier:
            raise faults.Refused(
                f"An event already exists with identifier {identifier}.", param="identifier"
            )
    thing: Thing = {
        "id": world.id("_meter_event"),
        "object": "billing.meter_event",
        "created": now,
        "event_name": name,
        "identifier": identifier,
        "livemode": False,
        "payload": payload,
        "timestamp": moment,
        "_clock": customer.get("test_clock"),
    }
    world.save(thing)
    return {key: value for key, value in thing.items() if key != "id"}


def _is_number(text: object) -> bool:
    try:
        return Decimal(str(text)).is_finite()
    except InvalidOperation:
        return False


def adjust(world: World, given: Given) -> Thing:
    """Take an event back."""
    identifier = (given.get("cancel") or {}).get("identifier")
    for each in world.store.every("billing.meter_event"):
        if each["identifier"] == identifier and each["event_name"] == given["event_name"]:
            each["_is_canceled"] = True
            world.save(each)
            return {
                "object": "billing.meter_event_adjustment",
                "cancel": {"identifier": identifier},
                "event_name": given["event_name"],
                "livemode": False,
                "status": "complete",
                "type": given["type"],
            }
    raise faults.Refused(f"No event has the identifier {identifier}.", param="cancel[identifier]")


def summaries(world: World, given: Given, key: str) -> list[Thing]:
    """Add up what was counted for a customer, whole or by days or hours."""
    meter = world.find("billing.meter", key)
    start, end = given["start_time"], given["end_time"]
    step = {"day": 86400, "hour": 3600}.get(given.get("value_grouping_window", ""), end - start)
    found: list[Thing] = []
    for begin in range(start, end, max(step, 1)):
        stop = min(begin + step, end)
        total = usage.total(world, meter, given["customer"], begin, stop)
        if total or step == end - start:
            found.append(
                {
                    "id": world.id("mtrusg"),
                    "object": "billing.meter_event_summary",
                    "aggregated_value": float(total),
                    "end_time": stop,
                    "livemode": False,
                    "meter": key,
                    "start_time": begin,
                }
            )
    return found[::-1]
