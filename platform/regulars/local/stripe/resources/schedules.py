"""Subscription schedules: what a subscription becomes, and when."""

from typing import Any

from regulars.local.stripe import faults
from regulars.local.stripe.engine import ending, phases
from regulars.local.stripe.given import Given, fill, merged
from regulars.local.stripe.resources import plain
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_PHASE = frozenset(
    {"items", "start_date", "end_date", "duration", "proration_behavior", "metadata", "discounts",
     "trial", "trial_end", "billing_cycle_anchor"}
)  # fmt: skip


def create(world: World, given: Given) -> Thing:
    """Make a schedule of a subscription that runs, or one that starts later."""
    if given.get("from_subscription"):
        return _of_subscription(world, given)
    plain.needs(given, "customer", "phases")
    customer = world.find("customer", given["customer"], param="customer")
    now = world.now(customer)
    start = given.get("start_date", now)
    start = now if start == "now" else start
    thing = _empty(world, customer, given)
    thing["phases"] = _phases(world, given["phases"], start)
    if start <= now:
        world.save(thing, event="subscription_schedule.created")
        return phases.begin(world, thing)
    return world.save(thing, event="subscription_schedule.created")


def _empty(world: World, customer: Thing, given: Given) -> Thing:
    wished = given.get("default_settings") or {}
    return {
        "id": world.id("sub_sched"),
        "object": "subscription_schedule",
        "billing_mode": {
            "type": "flexible", "flexible": {"proration_discounts": "included"},
            "updated_at": world.now(customer),
        },
        "created": world.now(customer),
        "current_phase": None,
        "customer": customer["id"],
        "default_settings": {
            "billing_cycle_anchor": "automatic",
            "collection_method": wished.get("collection_method", "charge_automatically"),
            "default_payment_method": wished.get("default_payment_method"),
            "invoice_settings": {"issuer": {"type": "self"}},
        },
        "end_behavior": given.get("end_behavior", "release"),
        "livemode": False,
        "metadata": merged({}, given.get("metadata", {})),
        "pause_schedules": [],
        "phases": [],
        "status": "not_started",
        "subscription": None,
        "test_clock": customer.get("test_clock"),
    }  # fmt: skip


def _of_subscription(world: World, given: Given) -> Thing:
    subscription = world.find("subscription", given["from_subscription"], param="from_subscription")
    if subscription["schedule"]:
        raise faults.Refused(
            "You cannot migrate a subscription that is already attached to a schedule: "
            f"{subscription['schedule']}.",
            param="from_subscription",
        )
    if subscription["status"] in ending.OVER:
        raise faults.Refused("The subscription has ended.", param="from_subscription")
    if "phases" in given:
        raise faults.Refused("You can't set `phases` if `from_subscription` is set.",
                             param="phases")  # fmt: skip
    customer = world.find("customer", subscription["customer"])
    thing = _empty(world, customer, given)
    first = subscription["items"]["data"][0]
    thing["phases"] = [
        _phase(
            [_item(each["price"], each.get("quantity")) for each in subscription["items"]["data"]],
            start=first["current_period_start"],
            end=first["current_period_end"],
            currency=subscription["currency"],
            given={"metadata": {}, "trial_end": subscription["trial_end"]},
        )
    ]
    thing.update(
        status="active",
        subscription=subscription["id"],
        current_phase=phases.span(thing["phases"][0]),
    )
    subscription["schedule"] = thing["id"]
    world.save(thing, event="subscription_schedule.created")
    world.save(subscription, event="customer.subscription.updated")
    return thing


def _item(price: Thing, quantity: int | None) -> Thing:
    return {
        "price": price["id"],
        "plan": price["id"],
        "quantity": quantity,
        "discounts": [],
        "metadata": {},
        "tax_rates": [],
    }


def _phase(
    items: list[Thing], *, start: int, end: int, currency: str, given: dict[str, Any]
) -> Thing:
    trial = given.get("trial_end") or (end if given.get("trial") else None)
    return {
        "add_invoice_items": [],
        "billing_cycle_anchor": given.get("billing_cycle_anchor"),
        "currency": currency,
        "default_tax_rates": [],
        "discounts": given.get("discounts") or [],
        "end_date": end,
        "items": items,
        "metadata": given.get("metadata") or {},
        "proration_behavior": given.get("proration_behavior", "create_prorations"),
        "start_date": start,
        "trial_end": trial if trial and trial > start else None,
    }


def _phases(world: World, wished: list[dict[str, Any]], start: int) -> list[Thing]:
    made: list[Thing] = []
    for n, each in enumerate(wished):
        for name in each:
            if name not in _PHASE:
                raise faults.unspoken(f"phases[{n}][{name}]")
        begins = each.get("start_date", start)
        begins = start if begins == "now" else begins
        if made and begins != made[-1]["end_date"]:
            raise faults.Refused(
                "The start date of a phase must be the end date of the one before.",
                param=f"phases[{n}][start_date]",
            )
        prices = [
            world.find("price", item.get("price", ""), param=f"phases[{n}][items][{m}][price]")
            for m, item in enumerate(each["items"])
        ]
        _check_interval(prices[0], made, each, param=f"phases[{n}]")
        end = each.get("end_date")
        end = start if end == "now" else end
        if end is None:
            lasts = each.get("duration") or prices[0]["recurring"]
            end = phases.until(begins, lasts)
        if end <= begins:
            raise faults.Refused("A phase must end after it starts.", param=f"phases[{n}]")
        items = [
            _item(price, item.get("quantity", None if _is_metered(price) else 1))
            for price, item in zip(prices, each["items"], strict=True)
        ]
        phase = _phase(items, start=begins, end=end, currency=prices[0]["currency"], given=each)
        made.append({**phase, "_cycle": _cycle(prices[0])})
        start = end
    return made


def _is_metered(price: Thing) -> bool:
    return bool(price["recurring"]["usage_type"] == "metered")


def _cycle(price: Thing) -> list[Any]:
    return [price["recurring"]["interval"], price["recurring"]["interval_count"]]


def _check_interval(price: Thing, made: list[Thing], given: Thing, *, param: str) -> None:
    """Refuse a phase of another interval that does not say when its first period begins.

    Why is said at `changing.items`.
    """
    is_other = bool(made) and made[-1]["_cycle"] != _cycle(price)
    if is_other and given.get("billing_cycle_anchor") != "phase_start":
        raise faults.unspoken(f"{param}: another interval without billing_cycle_anchor=phase_start")


def update(world: World, given: Given, key: str) -> Thing:
    """Change what is still to come."""
    thing = world.find("subscription_schedule", key)
    _check_open(thing)
    fill(thing, given, "end_behavior")
    behavior = given.get("proration_behavior")
    if given.get("phases"):
        now = world.now(thing)
        start = (thing["current_phase"] or {}).get("start_date", now)
        made = _phases(world, given["phases"], start)
        current = next((p for p in made if p["start_date"] <= now < p["end_date"]), None)
        if thing["status"] == "active" and current is None:
            raise faults.Refused("The current phase must be among the phases.", param="phases")
        before = next((p for p in thing["phases"] if p["start_date"] <= now < p["end_date"]), None)
        thing["phases"] = made
        if thing["status"] == "active" and current:
            thing["current_phase"] = phases.span(current)
            if before and before["items"] != current["items"]:
                subscription = world.find("subscription", thing["subscription"])
                phases.enter(
                    world,
                    subscription,
                    {**current, "proration_behavior": behavior or current["proration_behavior"]},
                )
    return world.save(thing, event="subscription_schedule.updated")


def _check_open(thing: Thing) -> None:
    if thing["status"] not in {"active", "not_started"}:
        raise faults.Refused(
            f"You cannot change a subscription schedule that is currently in the "
            f"`{thing['status']}` status."
        )


def release(world: World, given: Given, key: str) -> Thing:
    """Let the subscription go on as it is, without the schedule."""
    thing = world.find("subscription_schedule", key)
    _check_open(thing)
    _ = given.get("preserve_cancel_date")
    return phases.release(world, thing, world.store.get(thing["subscription"] or ""))


def cancel(world: World, given: Given, key: str) -> Thing:
    """End a schedule and its subscription at once."""
    thing = world.find("subscription_schedule", key)
    _check_open(thing)
    subscription = world.store.get(thing["subscription"] or "")
    if subscription:
        ending.cancel(
            world,
            subscription,
            gives_back=bool(given.get("prorate", True)),
            invoices=bool(given.get("invoice_now", True)),
        )
        return thing
    thing.update(status="canceled", canceled_at=world.now(thing))
    return world.save(thing, event="subscription_schedule.canceled")


def listing(world: World, given: Given) -> list[Thing]:
    """List schedules; by default also those that are over."""
    scheduled = given.get("scheduled")
    return [
        each
        for each in world.store.every("subscription_schedule", customer=given.get("customer"))
        if not scheduled or each["status"] == "not_started"
    ]
