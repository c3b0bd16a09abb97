"""Changing the items and times of a subscription, with what that gives back and costs."""

from dataclasses import dataclass
from typing import Any

from regulars.local.stripe import faults
from regulars.local.stripe.engine import (
    invoicing,
    lines,
    paying,
    periods,
    prorating,
    starting,
    usage,
)  # fmt: skip
from regulars.local.stripe.given import merged
from regulars.local.stripe.resources import products
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World


@dataclass(frozen=True, kw_only=True)
class How:
    """How a change is billed.

    ``at`` is the second from which it counts; ``invoices`` and ``prorates`` follow from Stripe's
    proration behaviour, ``behavior`` is its payment behaviour. ``resets`` is whether a new period
    is to begin now; None leaves that to the intervals, for changes that time brings.
    """

    at: int
    prorates: bool = True
    invoices: bool = False
    behavior: str = "allow_incomplete"
    resets: bool | None = None

    @classmethod
    def read(cls, given: dict[str, Any], now: int) -> "How":
        """Read the parameters of an update."""
        proration = given.get("proration_behavior", "create_prorations")
        behavior = given.get("payment_behavior", "allow_incomplete")
        if behavior == "pending_if_incomplete":
            raise faults.unspoken("payment_behavior=pending_if_incomplete")
        return cls(
            at=given.get("proration_date") or now,
            prorates=proration != "none",
            invoices=proration == "always_invoice",
            behavior=behavior,
            resets=(given.get("billing_cycle_anchor") or {}).get("type") == "now",
        )


def items(world: World, thing: Thing, wished: list[dict[str, Any]], how: How) -> None:
    """Change, add and remove items; whoever changes the interval says that a period begins now.

    Stripe's pages contradict each other on a new interval without an anchor: it moves the billing
    date to the day of the change (billing/subscriptions/change-price, "Billing periods"), but with
    flexible billing an anchor is never reset unless one asks (billing/subscriptions/billing-mode/
    compare). So that alone is refused here; with ``billing_cycle_anchor[type]=now`` both agree.
    """
    before = [dict(each) for each in thing["items"]["data"]]
    after, touched, removed = applied(world, thing, wished)
    cycle = starting.check_items(after)
    old = before[0]["price"]["recurring"]
    is_new_cycle = (old["interval"], old["interval_count"]) != (
        cycle["interval"],
        cycle["interval_count"],
    )
    thing["items"]["data"] = after
    if thing["status"] == "trialing":
        for item in after:
            item["current_period_start"] = before[0]["current_period_start"]
            item["current_period_end"] = before[0]["current_period_end"]
        return
    if is_new_cycle and how.resets is False:
        raise faults.unspoken("another interval without billing_cycle_anchor[type]=now")
    if is_new_cycle or how.resets:
        restart(world, thing, how, old=before)
        return
    period = (before[0]["current_period_start"], before[0]["current_period_end"])
    known = {each["id"]: each for each in before}
    usage.settle(world, thing, before, bills=how.prorates)
    for item in removed:
        if how.prorates:
            prorating.credit(world, thing, item, at=how.at)
    for item in touched:
        item["current_period_start"], item["current_period_end"] = period
        if item["price"]["recurring"]["usage_type"] == "metered":
            continue
        if how.prorates:
            if item["id"] in known:
                was = known[item["id"]]
                prorating.credit(world, thing, was, at=how.at)
            prorating.debit(world, thing, item, at=how.at)
        else:
            item["_billed"] = list(item.get("_billed", []))
    if how.invoices:
        bill(world, thing, how)


def applied(
    world: World, thing: Thing, wished: list[dict[str, Any]]
) -> tuple[list[Thing], list[Thing], list[Thing]]:
    """Give all items after a change, those that changed or came, and those that went."""
    after = {each["id"]: each for each in thing["items"]["data"]}
    touched, removed = [], []
    for n, each in enumerate(wished):
        key = each.get("id")
        if key is None:
            item = starting.new_item(world, thing, each, param=f"items[{n}]")
            after[item["id"]] = item
            touched.append(item)
            continue
        if key not in after:
            raise faults.Unknown("subscription_item", key, param=f"items[{n}][id]", status=400)
        if each.get("deleted"):
            removed.append(after.pop(key))
            continue
        item = dict(after[key])
        if "metadata" in each:
            item["metadata"] = merged(item["metadata"], each["metadata"])
        if each.get("price") and each["price"] != item["price"]["id"]:
            price = world.find("price", each["price"], param=f"items[{n}][price]")
            if price["currency"] != thing["currency"]:
                raise faults.Refused("All prices on a subscription must have the same currency.")
            item["price"], item["plan"] = price, products.plan(price)
        if "quantity" in each:
            item["quantity"] = each["quantity"]
        changed = (item["price"]["id"], item.get("quantity")) != (
            after[key]["price"]["id"],
            after[key].get("quantity"),
        )
        after[key] = item
        if changed:
            touched.append(item)
    return list(after.values()), touched, removed


def restart(world: World, thing: Thing, how: How, *, old: list[Thing] | None = None) -> None:
    """Begin a new period now: what is unused is given back, the new period is billed at once."""
    now = world.now(thing)
    before = old if old is not None else thing["items"]["data"]
    if how.prorates and thing["status"] != "trialing":
        for item in before:
            prorating.credit(world, thing, dict(item), at=now)
            if usage.is_metered(item):
                usage.close(world, thing, item)
        for item in filter(usage.is_metered, thing["items"]["data"]):
            item["_counts_from"] = now
    each = starting.check_items(thing["items"]["data"])
    thing["billing_cycle_anchor"] = now
    period = periods.around(now, each["interval"], each["interval_count"], now)
    starting.set_period(thing, period)
    if thing["trial_end"] and thing["trial_end"] > now:
        thing["trial_end"] = now
    if thing["status"] == "trialing":
        thing["status"] = "active"
    bill(world, thing, how, made=starting.ahead(world, thing))


def extend_trial(world: World, thing: Thing, until: int, how: How) -> None:
    """Make the time up to a moment free, and begin to bill then."""
    now = world.now(thing)
    if until <= now:
        raise faults.Refused(
            "Invalid timestamp: must be an integer Unix timestamp in the future.",
            param="trial_end",
        )
    if how.prorates and thing["status"] == "active":
        for item in thing["items"]["data"]:
            prorating.credit(world, thing, item, at=now)
    thing.update(
        trial_end=until,
        trial_start=thing["trial_start"] or now,
        billing_cycle_anchor=until,
        status="trialing",
    )
    starting.set_period(thing, (now, until))
    bill(world, thing, how, made=starting.ahead(world, thing, free=True))


def bill(world: World, thing: Thing, how: How, *, made: list[Thing] | None = None) -> Thing | None:
    """Bill what is pending and what was made, now. Raises Declined with error_if_incomplete."""
    waiting = lines.taken(world, thing["customer"], thing["id"], thing["currency"])
    if not waiting and not made:
        return None
    invoice = invoicing.draft(
        world,
        customer=world.find("customer", thing["customer"]),
        currency=thing["currency"],
        reason="subscription_update",
        made=[*waiting, *(made or [])],
        subscription=thing,
        pending=False,
    )
    starting.net_billed(thing, invoice)
    thing["latest_invoice"] = invoice["id"]
    invoicing.finalize(world, invoice)
    if invoice["amount_due"] and how.behavior == "default_incomplete":
        if thing["status"] == "active":
            thing["status"] = "past_due"
        return invoice
    paying.collect(world, invoice)
    if how.behavior == "error_if_incomplete" and invoice["status"] == "open":
        intent = invoice.get("_payment_intent")
        error = (
            starting.refusal(world.find("payment_intent", intent))
            if intent and invoice["attempted"]
            else faults.Declined("The payment failed.", code="card_declined")
        )
        error.keeps = False
        raise error
    return invoice
