"""Subscription schedules: what a phase changes when it begins."""

from regulars.local.stripe.engine import changing, periods, starting, usage
from regulars.local.stripe.resources import coupons, methods
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World


def due(schedule: Thing) -> int | None:
    """Give the second at which a schedule itself wants attention: its start, or a phase's end."""
    if schedule["status"] == "not_started":
        return int(schedule["phases"][0]["start_date"])
    if schedule["status"] == "active":
        return int(schedule["current_phase"]["end_date"])
    return None


def work(world: World, schedule: Thing, at: int) -> None:
    """Start a schedule, or take it to its next phase."""
    if schedule["status"] == "not_started":
        begin(world, schedule)
        return
    subscription = world.find("subscription", schedule["subscription"])
    advance(world, subscription, at)


def begin(world: World, schedule: Thing) -> Thing:
    """Start the subscription of a schedule with its first phase."""
    customer = world.find("customer", schedule["customer"])
    phase = schedule["phases"][0]
    wished = [
        {"price": e["price"], **({} if e["quantity"] is None else {"quantity": e["quantity"]})}
        for e in phase["items"]
    ]
    given = {
        "items": wished,
        "metadata": phase["metadata"],
        "default_payment_method": schedule["default_settings"]["default_payment_method"],
        "trial_end": phase["trial_end"],
    }
    if methods.default_of(world, customer, given) is None:
        given["payment_behavior"] = "default_incomplete"
    subscription = starting.start(world, given, customer)
    subscription["schedule"] = schedule["id"]
    world.save(subscription)
    schedule.update(status="active", subscription=subscription["id"], current_phase=span(phase))
    return world.save(schedule, event="subscription_schedule.updated")


def span(phase: Thing) -> dict[str, int]:
    """Give start and end of a phase."""
    return {"start_date": phase["start_date"], "end_date": phase["end_date"]}


def advance(world: World, subscription: Thing, at: int) -> None:
    """Take a subscription to the phase that holds ``at``; after the last the schedule ends."""
    schedule = world.store.get(subscription.get("schedule") or "")
    while (
        schedule and schedule["status"] == "active" and schedule["current_phase"]["end_date"] <= at
    ):
        end = schedule["current_phase"]["end_date"]
        following = [each for each in schedule["phases"] if each["start_date"] >= end]
        if not following:
            _finish(world, schedule, subscription)
            return
        phase = following[0]
        schedule["current_phase"] = span(phase)
        enter(world, subscription, phase)
        world.save(schedule, event="subscription_schedule.updated")


def enter(world: World, subscription: Thing, phase: Thing) -> None:
    """Give a subscription the items of a phase."""
    now = world.now(subscription)
    left = {each["price"]["id"]: each["id"] for each in subscription["items"]["data"]}
    wished = []
    for each in phase["items"]:
        known = left.pop(each["price"], None)
        if known is None and left and len(phase["items"]) == len(subscription["items"]["data"]):
            known = _alike(world, subscription, each["price"], left)
        quantity = each.get("quantity")
        wished.append(
            {
                **({"id": known} if known else {}),
                "price": each["price"],
                **({} if quantity is None else {"quantity": quantity}),
            }
        )
    wished += [{"id": key, "deleted": True} for key in left.values()]
    if phase["metadata"]:
        subscription["metadata"] = {**subscription["metadata"], **phase["metadata"]}
    if phase.get("discounts"):
        subscription["discounts"] = coupons.redeem(world, phase["discounts"], subscription)
    behavior = phase["proration_behavior"]
    how = changing.How(at=now, prorates=behavior != "none", invoices=behavior == "always_invoice")
    ends_now = all(e["current_period_end"] <= now for e in subscription["items"]["data"])
    if ends_now:
        resets = phase["billing_cycle_anchor"] == "phase_start"
        _swap(world, subscription, wished, now, resets=resets)
    else:
        changing.items(world, subscription, wished, how)
    world.save(subscription, event="customer.subscription.updated")


def _alike(world: World, subscription: Thing, price: str, left: dict[str, str]) -> str | None:
    """Take the item that a price follows on: one that is paid in the same way."""
    wanted = world.find("price", price)["recurring"]["usage_type"]
    for each in subscription["items"]["data"]:
        key = each["price"]["id"]
        if key in left and each["price"]["recurring"]["usage_type"] == wanted:
            return left.pop(key)
    return None


def _swap(
    world: World, subscription: Thing, wished: list[Thing], now: int, *, resets: bool
) -> None:
    """Change items at the very end of a period: nothing is left to give back or to cost."""
    before = subscription["items"]["data"]
    start, end = before[0]["current_period_start"], before[0]["current_period_end"]
    after, _, _ = changing.applied(world, subscription, wished)
    starting.check_items(after)
    for item in after:
        item.update(current_period_start=start, current_period_end=end, _billed=[])
    subscription["items"]["data"] = after
    usage.settle(world, subscription, before)
    if resets:
        subscription["billing_cycle_anchor"] = now


def _finish(world: World, schedule: Thing, subscription: Thing) -> None:
    """End a schedule: its subscription goes on, or ends with it."""
    from regulars.local.stripe.engine import ending

    now = world.now(schedule)
    schedule["current_phase"] = None
    if schedule["end_behavior"] == "cancel":
        schedule.update(status="completed", completed_at=now)
        world.save(schedule, event="subscription_schedule.completed")
        ending.cancel(world, subscription, invoices=True)
        return
    release(world, schedule, subscription)


def release(world: World, schedule: Thing, subscription: Thing | None) -> Thing:
    """Let a subscription go on without its schedule."""
    schedule.update(
        status="released",
        released_at=world.now(schedule),
        released_subscription=schedule["subscription"],
        subscription=None,
        current_phase=None,
    )
    if subscription:
        subscription["schedule"] = None
        world.save(subscription, event="customer.subscription.updated")
    return world.save(schedule, event="subscription_schedule.released")


def until(start: int, duration: Thing, times: int = 1) -> int:
    """Give the end of a phase that lasts some intervals."""
    return periods.after(start, duration["interval"], duration.get("interval_count", 1) * times)
