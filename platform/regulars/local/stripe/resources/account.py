"""What belongs to the account itself: events, webhook endpoints, test clocks."""

import fnmatch
import secrets
from typing import Final

from regulars.local.stripe import faults
from regulars.local.stripe.engine import falling_due
from regulars.local.stripe.given import Given, fill, within
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_MOST_AHEAD: Final = 2 * 366 * 86400


def events(world: World, given: Given) -> list[Thing]:
    """List what happened, the newest first."""
    given.reads("created", "delivery_success")
    kinds = given.get("types") or ([given["type"]] if given.get("type") else ["*"])
    return [
        each
        for each in world.store.every("event")
        if any(fnmatch.fnmatchcase(each["type"], kind) for kind in kinds)
        and ("created" not in given or within(each["created"], given["created"]))
        and ("delivery_success" not in given
             or given["delivery_success"] == (each["pending_webhooks"] == 0))
    ]  # fmt: skip


def create_endpoint(world: World, given: Given) -> Thing:
    """Register an address that is told of events; its secret is shown this once."""
    if not given["url"].startswith(("http://", "https://")):
        raise faults.Refused("Invalid URL: An explicit scheme (such as https) must be provided.",
                             param="url", code="url_invalid")  # fmt: skip
    _ = given.get("api_version"), given.get("connect")
    thing = endpoint(world, given["url"], given["enabled_events"], key=world.id("we"))
    fill(thing, given, "description")
    world.save(thing)
    return {**thing, "secret": thing["_secret"]}


def endpoint(
    world: World, url: str, kinds: list[str], *, key: str, secret: str | None = None
) -> Thing:
    """Write an endpoint down, or write down anew where it is."""
    known = world.store.get(key) or {}
    thing: Thing = {
        "id": key,
        "object": "webhook_endpoint",
        "api_version": None,
        "created": known.get("created", world.now()),
        "description": known.get("description"),
        "enabled_events": kinds,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_secret": secret or known.get("_secret") or f"whsec_{secrets.token_urlsafe(24)}",
    }
    return world.save(thing)


def update_endpoint(world: World, given: Given, key: str) -> Thing:
    """Move an endpoint, change what it is told, or turn it off."""
    thing = world.find("webhook_endpoint", key)
    fill(thing, given, "description", "enabled_events", "url")
    if "disabled" in given:
        thing["status"] = "disabled" if given["disabled"] else "enabled"
    return world.save(thing)


def delete_endpoint(world: World, given: Given, key: str) -> Thing:
    """Forget an endpoint."""
    world.find("webhook_endpoint", key)
    world.store.remove(key)
    return {"id": key, "object": "webhook_endpoint", "deleted": True}


def create_clock(world: World, given: Given) -> Thing:
    """Make a clock that stands still until it is told to move."""
    if given.get("customer"):
        raise faults.unspoken("customer")
    thing: Thing = {
        "id": world.id("clock"),
        "object": "test_helpers.test_clock",
        "created": world.now(),
        "deletes_after": world.now() + 30 * 86400,
        "frozen_time": given["frozen_time"],
        "livemode": False,
        "name": given.get("name"),
        "status": "ready",
        "status_details": {},
    }
    return world.save(thing, event="test_helpers.test_clock.created")


def advance_clock(world: World, given: Given, key: str) -> Thing:
    """Move a clock ahead and do all that falls due on the way, in its order.

    The answer says ``advancing`` as Stripe's does; the clock is ``ready`` when asked next.
    """
    thing = world.find("test_helpers.test_clock", key)
    target = given["frozen_time"]
    if target <= thing["frozen_time"]:
        raise faults.Refused(
            "`frozen_time` must be after the current frozen time.", param="frozen_time"
        )
    if target > thing["frozen_time"] + _MOST_AHEAD:
        raise faults.Refused("A clock moves two years at most.", param="frozen_time")
    move_clock(world, thing, target)
    return {
        **thing,
        "status": "advancing",
        "status_details": {"advancing": {"target_frozen_time": target}},
    }


def move_clock(world: World, thing: Thing, target: int) -> None:
    """Do what falls due up to a moment, and let the clock stand there."""
    world.emit("test_helpers.test_clock.advancing", thing)
    falling_due.work_until(world, target, clock=thing["id"])
    thing["frozen_time"] = target
    world.save(thing)
    world.emit("test_helpers.test_clock.ready", thing)


def delete_clock(world: World, given: Given, key: str) -> Thing:
    """Forget a clock and everything on it."""
    world.find("test_helpers.test_clock", key)
    for each in world.store.of_clock(key):
        world.store.remove(each)
    world.store.remove(key)
    return {"id": key, "object": "test_helpers.test_clock", "deleted": True}
