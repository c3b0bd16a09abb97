"""Ending subscriptions: at once, at the end of the period, or because nobody paid."""

from regulars.local.stripe.engine import invoicing, lines, paying, prorating, usage
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

OVER = frozenset({"canceled", "incomplete_expired"})


def cancel(
    world: World,
    subscription: Thing,
    *,
    reason: str = "cancellation_requested",
    gives_back: bool = False,
    invoices: bool = False,
    details: Thing | None = None,
) -> Thing:
    """End a subscription now; ``gives_back`` credits unused time, ``invoices`` bills the rest."""
    now = world.now(subscription)
    if gives_back and subscription["status"] != "trialing":
        for item in subscription["items"]["data"]:
            prorating.credit(world, subscription, item, at=now)
    is_new = subscription["status"] == "incomplete"
    known = subscription.get("cancellation_details") or {}
    subscription.update(
        status="incomplete_expired" if is_new else "canceled",
        ended_at=now,
        canceled_at=subscription["canceled_at"] or now,
        cancel_at_period_end=False if reason == "payment_failed" else
        subscription["cancel_at_period_end"],
        cancellation_details={
            "comment": None, "feedback": None, "feedback_option": None, **known, **(details or {}),
            "reason": known.get("reason") or reason,
        },
    )  # fmt: skip
    for each in world.store.every("invoice", customer=subscription["customer"]):
        if each["_subscription"] != subscription["id"]:
            continue
        if is_new and each["status"] == "open":
            paying.void(world, each)
        elif each["status"] in {"draft", "open"} and each["auto_advance"]:
            each.update(
                auto_advance=False, next_payment_attempt=None, automatically_finalizes_at=None
            )
            world.save(each, event="invoice.updated")
    if invoices:
        _last_invoice(world, subscription, now)
    _release(world, subscription)
    if is_new:
        return world.save(subscription, event="customer.subscription.updated")
    world.save(subscription)
    world.emit("customer.subscription.deleted", subscription)
    return subscription


def _last_invoice(world: World, subscription: Thing, now: int) -> None:
    """Bill what was used until now and what is pending."""
    made = []
    for item in subscription["items"]["data"]:
        if item["price"]["recurring"]["usage_type"] == "metered":
            period = (item["current_period_start"], now)
            used = usage.used(world, item, *period)
            if used:
                made.append(lines.of_usage(world, item, used, period))
    waiting = lines.taken(
        world, subscription["customer"], subscription["id"], subscription["currency"]
    )
    if not made and not waiting:
        return
    invoice = invoicing.draft(
        world,
        customer=world.find("customer", subscription["customer"]),
        currency=subscription["currency"],
        reason="subscription_update",
        made=[*waiting, *made],
        subscription=subscription,
        pending=False,
    )
    subscription["latest_invoice"] = invoice["id"]
    paying.collect(world, invoicing.finalize(world, invoice))


def _release(world: World, subscription: Thing) -> None:
    schedule = world.store.get(subscription.get("schedule") or "")
    if schedule and schedule["status"] in {"active", "not_started"}:
        schedule.update(status="canceled", canceled_at=world.now(subscription), current_phase=None)
        subscription["schedule"] = None
        world.save(schedule, event="subscription_schedule.canceled")
