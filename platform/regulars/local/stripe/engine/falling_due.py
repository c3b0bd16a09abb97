"""Time: what falls due when a clock moves, in the order in which it would have happened."""

from collections.abc import Callable
from typing import Any, Final

from regulars.local.stripe.engine import cycle, invoicing, paying, phases
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_MOST: Final = 20_000


def _invoice_due(thing: Thing) -> int | None:
    if thing["status"] == "draft":
        return thing["automatically_finalizes_at"] if thing["auto_advance"] else None
    if thing["status"] == "open":
        if thing["due_date"] and not thing.get("_is_overdue"):
            return int(thing["due_date"])
        return thing["next_payment_attempt"] if thing["auto_advance"] else None
    return None


def _invoice_work(world: World, thing: Thing, at: int) -> None:
    if thing["status"] == "draft":
        invoicing.finalize(world, thing)
        paying.collect(world, thing)
    elif thing["due_date"] and not thing.get("_is_overdue"):
        thing["_is_overdue"] = True
        world.save(thing)
        world.emit("invoice.overdue", thing)
        _late(world, thing)
    else:
        paying.collect(world, thing)


def _late(world: World, invoice: Thing) -> None:
    subscription = world.store.get(invoice["_subscription"] or "")
    if subscription and subscription["status"] == "active":
        subscription["status"] = "past_due"
        world.save(subscription, event="customer.subscription.updated")


def _session_due(thing: Thing) -> int | None:
    return int(thing["expires_at"]) if thing["status"] == "open" else None


def _session_work(world: World, thing: Thing, at: int) -> None:
    thing.update(status="expired", url=None)
    world.save(thing)
    world.emit("checkout.session.expired", thing)


_DUE: Final[dict[str, Callable[[Thing], int | None]]] = {
    "subscription": cycle.due,
    "invoice": _invoice_due,
    "subscription_schedule": phases.due,
    "checkout.session": _session_due,
}
_WORK: Final[dict[str, Callable[[World, Thing, int], None]]] = {
    "subscription": cycle.work,
    "invoice": _invoice_work,
    "subscription_schedule": phases.work,
    "checkout.session": _session_work,
}


def due(thing: dict[str, Any]) -> int | None:
    """Give the second at which an object wants attention, or None."""
    find = _DUE.get(thing["object"])
    return find(thing) if find and not thing.get("deleted") else None


def work_until(world: World, moment: int, *, clock: str | None) -> int:
    """Do everything that falls due up to a moment, each at its own second; say how many."""
    for done in range(_MOST):
        thing = world.store.first_due(clock=clock, until=moment)
        if thing is None:
            return done
        at = thing["_due"]
        world.moment = at
        try:
            _WORK[thing["object"]](world, thing, at)
        finally:
            world.moment = None
    raise RuntimeError("More than can fall due has fallen due")
