"""Billing portal: its configuration, and sessions that lead to its page."""

import copy
from typing import Any, Final

from regulars.local.stripe import faults
from regulars.local.stripe.given import Given, fill
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_FEATURES: Final[dict[str, Any]] = {
    "customer_update": {
        "allowed_updates": ["address", "email", "name", "tax_id"],
        "enabled": True,
    },
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {
            "enabled": False,
            "options": ["too_expensive", "missing_features", "switched_service", "unused", "other"],
        },
        "enabled": True,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_pause": {
        "duration": {"interval_options": [], "type": "indefinite"}, "enabled": False,
    },
    "subscription_update": {
        "default_allowed_updates": [],
        "enabled": False,
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}  # fmt: skip
_UNSPOKEN: Final = ("subscription_pause", "subscription_update")
_UPDATES: Final = frozenset({"address", "email", "name", "tax_id"})


def create_configuration(world: World, given: Given, *, is_default: bool = False) -> Thing:
    """Say what the portal offers."""
    thing: Thing = {
        "id": world.id("bpc"),
        "object": "billing_portal.configuration",
        "active": True,
        "business_profile": given.get("business_profile") or {},
        "created": world.now(),
        "default_return_url": given.get("default_return_url"),
        "features": _features(copy.deepcopy(_FEATURES), given.get("features") or {}),
        "is_default": is_default,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "updated": world.now(),
    }
    fill(thing, given, "name")
    return world.save(thing, event="billing_portal.configuration.created")


def _features(features: dict[str, Any], wished: dict[str, Any]) -> dict[str, Any]:
    for name, values in wished.items():
        if name in _UNSPOKEN and values.get("enabled"):
            raise faults.unspoken(f"features[{name}]")
        features[name] = {**features[name], **values}
    unknown = set(features["customer_update"]["allowed_updates"] or ()) - _UPDATES
    if features["customer_update"]["enabled"] and unknown:
        raise faults.unspoken(f"features[customer_update][allowed_updates][]={min(unknown)}")
    return features


def update_configuration(world: World, given: Given, key: str) -> Thing:
    """Change what the portal offers."""
    thing = world.find("billing_portal.configuration", key)
    thing["features"] = _features(thing["features"], given.get("features") or {})
    if given.get("business_profile"):
        thing["business_profile"] = {**thing["business_profile"], **given["business_profile"]}
    fill(thing, given, "active", "default_return_url", "name")
    thing["updated"] = world.now()
    return world.save(thing, event="billing_portal.configuration.updated")


def default_configuration(world: World) -> Thing:
    """Give the configuration of sessions that name none; made when it is first needed."""
    for each in world.store.every("billing_portal.configuration"):
        if each["is_default"]:
            return each
    return create_configuration(world, Given({}), is_default=True)


def create(world: World, given: Given) -> Thing:
    """Open the portal for a customer; the address is good for that person alone."""
    if not given.get("customer"):
        raise faults.missing("customer")
    customer = world.find("customer", given["customer"], param="customer")
    if given.get("configuration"):
        configuration = world.find(
            "billing_portal.configuration", given["configuration"], param="configuration"
        )
    else:
        configuration = default_configuration(world)
    key = world.id("bps")
    thing: Thing = {
        "id": key,
        "object": "billing_portal.session",
        "configuration": configuration["id"],
        "created": world.now(customer),
        "customer": customer["id"],
        "flow": _flow(world, customer, given.get("flow_data")),
        "livemode": False,
        "locale": given.get("locale"),
        "return_url": given.get("return_url") or configuration["default_return_url"],
        "url": f"{world.address}/p/session/{key}",
        "_opened_at": world.now(),
    }
    return world.save(thing, event="billing_portal.session.created")


def _flow(world: World, customer: Thing, wished: dict[str, Any] | None) -> dict[str, Any] | None:
    if not wished:
        return None
    kind = wished["type"]
    if kind not in {"payment_method_update", "subscription_cancel"}:
        raise faults.unspoken(f"flow_data[type]={kind}")
    cancel = wished.get("subscription_cancel")
    if kind == "subscription_cancel":
        key = (cancel or {}).get("subscription", "")
        subscription = world.find(
            "subscription", key, param="flow_data[subscription_cancel][subscription]"
        )
        if subscription["customer"] != customer["id"]:
            raise faults.Refused("The subscription belongs to another customer.")
    return {
        "after_completion": wished.get("after_completion") or {"type": "portal_homepage"},
        "subscription_cancel": {"subscription": cancel["subscription"]} if cancel else None,
        "type": kind,
    }
