"""Invoices that would come: the same engine, and nothing of it stays."""

from collections.abc import Callable
from typing import Any

from regulars.local.stripe.engine import cycle
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World


class _Undone(Exception):
    """Ends a trial run; what it wrote is rolled back."""


def undone(world: World, run: Callable[[], Thing]) -> Thing:
    """Do something, give the invoice it made, and undo all of it."""
    kept: list[dict[str, Any]] = []
    dues = world.due
    try:
        with world.store.transaction("trial"):
            invoice = run()
            invoice["id"] = f"upcoming_{invoice['id']}"
            invoice["lines"]["url"] = f"/v1/invoices/{invoice['id']}/lines"
            kept.append(invoice)
            raise _Undone
    except _Undone:
        world.due = dues
    (invoice,) = kept
    return invoice


def next_invoice(world: World, thing: Thing) -> Thing:
    """Give the invoice that the end of the current period will bring."""
    key = thing["id"]

    def run() -> Thing:
        found = world.find("subscription", key)
        before = world.moment
        world.moment = min(e["current_period_end"] for e in found["items"]["data"])
        try:
            from regulars.local.stripe.engine import phases

            phases.advance(world, found, world.moment)
            invoice = cycle.invoice_cycle(world, found, cycle.renew(world, found))
            invoice["next_payment_attempt"] = invoice["automatically_finalizes_at"]
            return invoice
        finally:
            world.moment = before

    return undone(world, run)
