"""What Stripe sends only when it is expanded."""

from typing import Any

from regulars.local.stripe import shapes
from regulars.local.stripe.store import Store, Thing


def _payments(store: Store, invoice: Thing) -> Thing:
    found = store.get(invoice.get("_payment") or "")
    url = f"/v1/invoice_payments?invoice={invoice['id']}"
    return shapes.page([found] if found else [], url=url)


def _confirmation(store: Store, invoice: Thing) -> dict[str, Any] | None:
    intent = store.get(invoice.get("_payment_intent") or "")
    if intent is None:
        return None
    return {"client_secret": intent["client_secret"], "type": "payment_intent"}


def _subscriptions(store: Store, customer: Thing) -> Thing:
    found = store.every("subscription", customer=customer["id"])
    running = [each for each in found if each["status"] not in {"canceled", "incomplete_expired"}]
    return shapes.page(running, url=f"/v1/customers/{customer['id']}/subscriptions")


def _tax_ids(store: Store, customer: Thing) -> Thing:
    found = store.every("tax_id", customer=customer["id"])
    return shapes.page(found, url=f"/v1/customers/{customer['id']}/tax_ids")


def _items(store: Store, session: Thing) -> Thing:
    return shapes.page(session["_items"], url=f"/v1/checkout/sessions/{session['id']}/line_items")


def _products(store: Store, coupon: Thing) -> Any:
    return coupon.get("applies_to")


shapes.INCLUDED.update(
    {
        ("invoice", "payments"): _payments,
        ("invoice", "confirmation_secret"): _confirmation,
        ("customer", "subscriptions"): _subscriptions,
        ("customer", "tax_ids"): _tax_ids,
        ("checkout.session", "line_items"): _items,
        ("coupon", "applies_to"): _products,
    }
)
