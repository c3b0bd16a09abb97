"""What time does to a subscription: trials end, periods follow each other, the end comes."""

from regulars.local.stripe.engine import (
    ending,
    invoicing,
    lines,
    paying,
    periods,
    phases,
    starting,
    usage,
)  # fmt: skip
from regulars.local.stripe.resources import methods
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

DAY = 86400
UPCOMING = 7 * DAY
TRIAL_ENDS_SOON = 3 * DAY
INCOMPLETE = 23 * 3600


def due(thing: Thing) -> int | None:
    """Give the second at which a subscription next wants attention."""
    if thing["status"] in ending.OVER or thing["status"] == "paused":
        return None
    if thing["status"] == "incomplete":
        return int(thing["created"] + INCOMPLETE)
    end = _end(thing)
    moments = [end]
    if thing["cancel_at"]:
        moments.append(thing["cancel_at"])
    pause = thing.get("pause_collection") or {}
    if pause.get("resumes_at"):
        moments.append(pause["resumes_at"])
    if thing["trial_end"] and thing["status"] == "trialing" and not thing.get("_is_warned"):
        moments.append(max(thing["trial_end"] - TRIAL_ENDS_SOON, thing["created"]))
    if thing.get("_announced") != end and not thing["cancel_at"]:
        moments.append(max(end - UPCOMING, thing["items"]["data"][0]["current_period_start"]))
    return int(min(moments))


def _end(thing: Thing) -> int:
    return min(int(each["current_period_end"]) for each in thing["items"]["data"])


def work(world: World, thing: Thing, at: int) -> None:
    """Do the one thing that is due first."""
    pause = thing.get("pause_collection") or {}
    if thing["status"] == "incomplete":
        ending.cancel(world, thing)
    elif pause.get("resumes_at") and pause["resumes_at"] <= at:
        thing["pause_collection"] = None
        world.save(thing, event="customer.subscription.updated")
    elif _end(thing) <= at:
        phases.advance(world, thing, at)
        _turn(world, thing, at)
    elif thing["cancel_at"] and thing["cancel_at"] <= at:
        ending.cancel(world, thing, gives_back=True, invoices=True)
    elif _is_trial_warning(thing, at):
        thing["_is_warned"] = True
        world.save(thing)
        world.emit("customer.subscription.trial_will_end", thing)
    else:
        thing["_announced"] = _end(thing)
        world.save(thing)
        _announce(world, thing)


def _is_trial_warning(thing: Thing, at: int) -> bool:
    end = thing["trial_end"]
    return bool(
        end
        and thing["status"] == "trialing"
        and not thing.get("_is_warned")
        and end - TRIAL_ENDS_SOON <= at
    )


def _announce(world: World, thing: Thing) -> None:
    """Send ``invoice.upcoming`` with the invoice that is going to come."""
    from regulars.local.stripe.engine import preview

    world.emit("invoice.upcoming", preview.next_invoice(world, thing))


def _turn(world: World, thing: Thing, at: int) -> None:
    """End a period: the subscription ends with it or begins the next."""
    end = _end(thing)
    if thing["status"] in ending.OVER:
        return
    if thing["cancel_at"] and thing["cancel_at"] <= end:
        ending.cancel(world, thing, invoices=True)
        return
    if thing["status"] == "trialing" and not _survives_trial(world, thing):
        return
    made = renew(world, thing)
    world.save(thing, event="customer.subscription.updated")
    invoice_cycle(world, thing, made)


def _survives_trial(world: World, thing: Thing) -> bool:
    customer = world.find("customer", thing["customer"])
    how = thing["trial_settings"]["end_behavior"]["missing_payment_method"]
    has_method = methods.default_of(world, customer, thing) is not None
    if has_method or how == "create_invoice" or thing["collection_method"] == "send_invoice":
        return True
    if how == "cancel":
        ending.cancel(world, thing)
        return False
    now = world.now(thing)
    thing["status"] = "paused"
    thing["status_details"] = {
        "paused": {
            "type": "subscription",
            "subscription": {"type": "trial_end_without_payment_method"},
            "transitioned_at": now,
        }
    }
    world.save(thing)
    world.emit("customer.subscription.paused", thing)
    return False


def renew(world: World, thing: Thing) -> list[Thing]:
    """Begin the next period of every item and give the lines of the invoice for it."""
    made = []
    ended = [
        (item, (item["current_period_start"], item["current_period_end"]))
        for item in thing["items"]["data"]
    ]
    for item, period in ended:
        each = item["price"]["recurring"]
        following = periods.around(
            thing["billing_cycle_anchor"], each["interval"], each["interval_count"], period[1]
        )
        item["current_period_start"], item["current_period_end"] = following
        thing["_period_start"] = period[0]
        if each["usage_type"] == "metered" and thing["status"] != "trialing":
            made.append(lines.of_usage(world, item, usage.used(world, item, *period), period))
    if thing["status"] == "trialing":
        thing["status"] = "active"
    return [*starting.ahead(world, thing), *made]


def invoice_cycle(world: World, thing: Thing, made: list[Thing]) -> Thing:
    """Draft the invoice of a period that begins; it is finalised an hour later."""
    pause = thing.get("pause_collection") or {}
    advances = thing["status"] != "unpaid" and not pause
    now = world.now(thing)
    invoice = invoicing.draft(
        world,
        customer=world.find("customer", thing["customer"]),
        currency=thing["currency"],
        reason="subscription_cycle",
        made=made,
        subscription=thing,
        advances=advances,
        finalizes_at=now + invoicing.DRAFT_SECONDS,
    )
    starting.net_billed(thing, invoice)
    thing["latest_invoice"] = invoice["id"]
    world.save(thing, event="customer.subscription.updated")
    if pause.get("behavior") == "void":
        paying.void(world, invoicing.finalize(world, invoice))
    elif pause.get("behavior") == "mark_uncollectible":
        paying.uncollectible(world, invoicing.finalize(world, invoice))
    return invoice
