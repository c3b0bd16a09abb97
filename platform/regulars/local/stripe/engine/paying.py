"""Paying invoices, failing to, trying again, and giving up as the account is set."""

from typing import Any, Final

from regulars.local.stripe import faults
from regulars.local.stripe.engine import invoicing
from regulars.local.stripe.resources import intents, methods
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

DAY: Final = 86400
DUNNING: Final[dict[str, Any]] = {"retry_days": [3, 5, 7], "afterwards": "unpaid"}
"""Days from each failure to the next try, and what becomes of the subscription after the last:
``unpaid``, ``canceled`` or ``past_due`` (it stays as it is). The operator's page changes it."""


def collect(world: World, invoice: Thing) -> Thing:
    """Try to pay an open invoice by itself; how it went stands in it. Never raises Declined."""
    if invoice["amount_remaining"] <= 0:
        return _paid(world, invoice, intent=None)
    if invoice["collection_method"] == "send_invoice":
        world.emit("invoice.sent", invoice)
        return invoice
    customer = world.find("customer", invoice["customer"])
    subscription = world.store.get(invoice["_subscription"] or "")
    key = invoice["default_payment_method"]
    method = world.store.get(key) if key else methods.default_of(world, customer, subscription)
    if method is None:
        return _failed(world, invoice, is_action_required=False)
    return pay_with(world, invoice, method, is_off_session=True)


def pay_with(world: World, invoice: Thing, method: Thing, *, is_off_session: bool) -> Thing:
    """Try to pay an open invoice with a card."""
    intent = world.find("payment_intent", invoice["_payment_intent"])
    intent["payment_method"] = method["id"]
    world.save(intent)
    intents.attempt(world, intent, is_off_session=is_off_session)
    return after_attempt(world, invoice)


def after_attempt(world: World, invoice: Thing) -> Thing:
    """Carry what became of an invoice's payment intent into the invoice and its subscription."""
    intent = world.find("payment_intent", invoice["_payment_intent"])
    if intent["status"] == "succeeded":
        return _paid(world, invoice, intent=intent)
    return _failed(world, invoice, is_action_required=intent["status"] == "requires_action")


def paid_elsewhere(world: World, invoice: Thing) -> Thing:
    """Write down that an invoice was paid outside Stripe."""
    if invoice.get("_payment_intent"):
        intent = world.find("payment_intent", invoice["_payment_intent"])
        if intent["status"] not in {"succeeded", "canceled"}:
            intents.canceled(world, intent, "automatic")
    return _paid(world, invoice, intent=None)


def _paid(world: World, invoice: Thing, *, intent: Thing | None) -> Thing:
    now = world.now(invoice)
    invoice.update(
        status="paid",
        amount_paid=invoice["amount_due"],
        amount_remaining=0,
        attempted=True,
        auto_advance=False,
        next_payment_attempt=None,
    )
    if intent:
        invoice["attempt_count"] = max(1, invoice["attempt_count"])
    invoice["status_transitions"]["paid_at"] = now
    world.save(invoice)
    for payment in invoicing.payments(world, invoice) if intent else ():
        payment.update(status="paid", amount_paid=invoice["amount_due"])
        payment["status_transitions"]["paid_at"] = now
        world.save(payment, event="invoice_payment.paid")
    world.emit("invoice.paid", invoice)
    world.emit("invoice.payment_succeeded", invoice)
    _restore(world, invoice, intent)
    return invoice


def _restore(world: World, invoice: Thing, intent: Thing | None) -> None:
    """Give a subscription back that waited for this payment."""
    customer = world.find("customer", invoice["customer"])
    still_open = [
        each
        for each in world.store.every("invoice", customer=customer["id"])
        if each["status"] == "open" and each["attempted"]
    ]
    if customer["delinquent"] and not still_open:
        customer["delinquent"] = False
        world.save(customer, event="customer.updated")
    subscription = world.store.get(invoice["_subscription"] or "")
    if subscription is None:
        return
    if (
        subscription["status"] == "incomplete"
        and intent
        and not _has_default(world, subscription, customer)
    ):
        settings = subscription["payment_settings"]
        if settings.get("save_default_payment_method") == "on_subscription":
            subscription["default_payment_method"] = intent["payment_method"]
    is_latest = subscription["latest_invoice"] == invoice["id"]
    waits = subscription["status"] in {"incomplete", "past_due", "unpaid"}
    if waits and (is_latest or not any(e["_subscription"] == subscription["id"]
                                       for e in still_open)):  # fmt: skip
        subscription["status"] = "active"
    world.save(subscription, event="customer.subscription.updated")


def _has_default(world: World, subscription: Thing, customer: Thing) -> bool:
    return methods.default_of(world, customer, subscription) is not None


def _failed(world: World, invoice: Thing, *, is_action_required: bool) -> Thing:
    now = world.now(invoice)
    invoice["attempted"] = True
    invoice["attempt_count"] += 1
    settings = world.store.setting("dunning", DUNNING)
    days = settings["retry_days"]
    is_first_of_all = invoice["billing_reason"] == "subscription_create"
    is_final = False
    if is_first_of_all or not invoice["auto_advance"]:
        invoice["next_payment_attempt"] = None
    elif invoice["_retries"] < len(days):
        invoice["next_payment_attempt"] = now + DAY * days[invoice["_retries"]]
        invoice["_retries"] += 1
    else:
        invoice["next_payment_attempt"] = None
        is_final = True
    world.save(invoice, event="invoice.updated")
    if is_action_required:
        world.emit("invoice.payment_action_required", invoice)
    world.emit("invoice.payment_failed", invoice)
    customer = world.find("customer", invoice["customer"])
    if not customer["delinquent"] and not is_first_of_all:
        customer["delinquent"] = True
        world.save(customer, event="customer.updated")
    subscription = world.store.get(invoice["_subscription"] or "")
    if subscription and subscription["status"] in {"active", "trialing"}:
        subscription["status"] = "past_due"
        world.save(subscription, event="customer.subscription.updated")
    if subscription and is_final:
        _give_up(world, invoice, subscription, settings["afterwards"])
    return invoice


def _give_up(world: World, invoice: Thing, subscription: Thing, how: str) -> None:
    """Do what the account is set to do once no more tries are left."""
    from regulars.local.stripe.engine import ending

    invoice["auto_advance"] = False
    world.save(invoice, event="invoice.updated")
    if how == "canceled":
        ending.cancel(world, subscription, reason="payment_failed")
    elif how == "unpaid" and subscription["status"] == "past_due":
        subscription["status"] = "unpaid"
        world.save(subscription, event="customer.subscription.updated")


def pay_now(world: World, invoice: Thing, method: Thing | None, *, is_off_session: bool) -> Thing:
    """Pay an invoice because somebody asked. Raises Declined, or Refused if nothing can pay."""
    if invoice["status"] == "draft":
        invoicing.finalize(world, invoice)
    if invoice["status"] == "paid":
        raise faults.Refused("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] not in {"open", "uncollectible"}:
        raise faults.Refused(f"This invoice is {invoice['status']} and cannot be paid.")
    if invoice["amount_remaining"] <= 0:
        return _paid(world, invoice, intent=None)
    customer = world.find("customer", invoice["customer"])
    subscription = world.store.get(invoice["_subscription"] or "")
    method = method or methods.default_of(world, customer, subscription)
    if method is None:
        raise faults.Refused(
            "Cannot charge a customer that has no active card",
            code="resource_missing",
        )
    pay_with(world, invoice, method, is_off_session=is_off_session)
    intent = world.find("payment_intent", invoice["_payment_intent"])
    if intent["status"] == "requires_payment_method":
        raise intents.declined(intent)
    if intent["status"] == "requires_action":
        raise faults.Declined(
            "Your card was declined. This transaction requires authentication.",
            code="invoice_payment_intent_requires_action",
            extra={"payment_intent": intent},
        )
    return invoice


def void(world: World, invoice: Thing) -> Thing:
    """Make an open invoice as if it had not been."""
    if invoice["status"] not in {"open", "uncollectible"}:
        raise faults.Refused(
            f"You can only void open or uncollectible invoices; this one is {invoice['status']}."
        )
    invoice.update(status="void", auto_advance=False, next_payment_attempt=None)
    invoice["status_transitions"]["voided_at"] = world.now(invoice)
    _drop_intent(world, invoice, "void_invoice")
    return world.save(invoice, event="invoice.voided")


def uncollectible(world: World, invoice: Thing) -> Thing:
    """Write an open invoice off."""
    if invoice["status"] != "open":
        raise faults.Refused(f"Only open invoices can be written off; this is {invoice['status']}.")
    invoice.update(status="uncollectible", auto_advance=False, next_payment_attempt=None)
    invoice["status_transitions"]["marked_uncollectible_at"] = world.now(invoice)
    return world.save(invoice, event="invoice.marked_uncollectible")


def _drop_intent(world: World, invoice: Thing, reason: str) -> None:
    intent = world.store.get(invoice.get("_payment_intent") or "")
    if intent and intent["status"] not in {"succeeded", "canceled"}:
        intents.canceled(world, intent, reason)
