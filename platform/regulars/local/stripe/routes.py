"""Which operations are spoken, and what does each of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from regulars.local.stripe.resources import (
    account,
    checkout,
    coupons,
    customers,
    intents,
    invoices,
    meters,
    methods,
    portal,
    products,
    schedules,
    setups,
    subscriptions,
)  # fmt: skip
from regulars.local.stripe.resources.plain import Operation, listing, retrieve

_PLACE: Final = re.compile(r"\{\w+\}")
WITHIN_ANSWERS: Final = ("charge", "discount", "plan", "line_item", "item")
"""Objects that come only inside of others."""


@dataclass(frozen=True)
class Route:
    """One operation; every id in its path is written ``{id}``."""

    method: str
    path: str
    does: Operation


def plain(path: str) -> str:
    """Write every id in a path as ``{id}``."""
    return _PLACE.sub("{id}", path)


_CREATE_UPDATE: Final = {
    "customers": ("customer", customers.create, customers.update),
    "products": ("product", products.create, products.update),
    "prices": ("price", products.create_price, products.update_price),
    "coupons": ("coupon", coupons.create, coupons.update),
    "promotion_codes": ("promotion_code", coupons.create_code, coupons.update_code),
    "payment_methods": ("payment_method", methods.create, methods.update),
    "payment_intents": ("payment_intent", intents.create, intents.update),
    "setup_intents": ("setup_intent", setups.create, setups.update),
    "subscriptions": ("subscription", subscriptions.create, subscriptions.update),
    "invoices": ("invoice", invoices.create, invoices.update),
    "subscription_schedules": ("subscription_schedule", schedules.create, schedules.update),
    "billing/meters": ("billing.meter", meters.create, meters.update),
    "webhook_endpoints": (
        "webhook_endpoint",
        account.create_endpoint,
        account.update_endpoint,
    ),
    "checkout/sessions": ("checkout.session", checkout.create, checkout.update),
    "billing_portal/configurations": (
        "billing_portal.configuration",
        portal.create_configuration,
        portal.update_configuration,
    ),
}
_LISTS: Final = {
    "customers": customers.listing,
    "products": products.listing,
    "prices": products.prices,
    "coupons": listing("coupon", "created"),
    "promotion_codes": coupons.codes,
    "payment_methods": methods.listing,
    "payment_intents": listing("payment_intent", "customer", "created"),
    "setup_intents": listing("setup_intent", "customer", "payment_method", "created"),
    "subscriptions": subscriptions.listing,
    "invoices": invoices.listing,
    "subscription_schedules": schedules.listing,
    "billing/meters": listing("billing.meter", "status"),
    "webhook_endpoints": listing("webhook_endpoint"),
    "checkout/sessions": checkout.listing,
    "billing_portal/configurations": listing(
        "billing_portal.configuration", "active", "is_default"
    ),
}
_OTHERS: Final = (
    Route("DELETE", "/v1/customers/{id}", customers.delete),
    Route("GET", "/v1/customers/{id}/payment_methods", customers.payment_methods),
    Route("GET", "/v1/customers/{id}/payment_methods/{id}", customers.payment_method),
    Route("POST", "/v1/customers/{id}/tax_ids", customers.add_tax_id),
    Route("GET", "/v1/customers/{id}/tax_ids", customers.tax_ids),
    Route("GET", "/v1/customers/{id}/tax_ids/{id}", customers.tax_id),
    Route("DELETE", "/v1/customers/{id}/tax_ids/{id}", customers.delete_tax_id),
    Route("POST", "/v1/customers/{id}/balance_transactions", customers.add_to_balance),
    Route("GET", "/v1/customers/{id}/balance_transactions", customers.balance_transactions),
    Route("GET", "/v1/tax_ids/{id}", retrieve("tax_id")),
    Route("DELETE", "/v1/products/{id}", products.delete),
    Route("DELETE", "/v1/coupons/{id}", coupons.delete),
    Route("POST", "/v1/payment_methods/{id}/attach", methods.attach),
    Route("POST", "/v1/payment_methods/{id}/detach", methods.detach),
    Route("POST", "/v1/payment_intents/{id}/confirm", intents.confirm),
    Route("POST", "/v1/payment_intents/{id}/cancel", intents.cancel),
    Route("POST", "/v1/setup_intents/{id}/confirm", setups.confirm),
    Route("POST", "/v1/setup_intents/{id}/cancel", setups.cancel),
    Route("GET", "/v1/charges/{id}", retrieve("charge")),
    Route("GET", "/v1/charges", listing("charge", "customer", "payment_intent", "created")),
    Route("DELETE", "/v1/subscriptions/{id}", subscriptions.cancel),
    Route("POST", "/v1/subscriptions/{id}/resume", subscriptions.resume),
    Route("DELETE", "/v1/subscriptions/{id}/discount", subscriptions.delete_discount),
    Route("GET", "/v1/subscription_items", subscriptions.items),
    Route("POST", "/v1/subscription_items", subscriptions.create_item),
    Route("GET", "/v1/subscription_items/{id}", subscriptions.item),
    Route("POST", "/v1/subscription_items/{id}", subscriptions.update_item),
    Route("DELETE", "/v1/subscription_items/{id}", subscriptions.delete_item),
    Route("DELETE", "/v1/invoices/{id}", invoices.delete),
    Route("POST", "/v1/invoices/create_preview", invoices.create_preview),
    Route("POST", "/v1/invoices/{id}/finalize", invoices.finalize),
    Route("POST", "/v1/invoices/{id}/pay", invoices.pay),
    Route("POST", "/v1/invoices/{id}/send", invoices.send),
    Route("POST", "/v1/invoices/{id}/void", invoices.void),
    Route("POST", "/v1/invoices/{id}/mark_uncollectible", invoices.mark_uncollectible),
    Route("GET", "/v1/invoices/{id}/lines", invoices.lines_of),
    Route("GET", "/v1/invoice_payments", invoices.payments),
    Route("GET", "/v1/invoice_payments/{id}", retrieve("invoice_payment")),
    Route("POST", "/v1/invoiceitems", invoices.create_item),
    Route("GET", "/v1/invoiceitems", invoices.items),
    Route("GET", "/v1/invoiceitems/{id}", retrieve("invoiceitem")),
    Route("DELETE", "/v1/invoiceitems/{id}", invoices.delete_item),
    Route("POST", "/v1/subscription_schedules/{id}/release", schedules.release),
    Route("POST", "/v1/subscription_schedules/{id}/cancel", schedules.cancel),
    Route("POST", "/v1/billing/meters/{id}/deactivate", meters.deactivate),
    Route("POST", "/v1/billing/meters/{id}/reactivate", meters.reactivate),
    Route("GET", "/v1/billing/meters/{id}/event_summaries", meters.summaries),
    Route("POST", "/v1/billing/meter_events", meters.report),
    Route("POST", "/v1/billing/meter_event_adjustments", meters.adjust),
    Route("POST", "/v1/checkout/sessions/{id}/expire", checkout.expire),
    Route("GET", "/v1/checkout/sessions/{id}/line_items", checkout.line_items),
    Route("POST", "/v1/billing_portal/sessions", portal.create),
    Route("GET", "/v1/events", account.events),
    Route("GET", "/v1/events/{id}", retrieve("event")),
    Route("DELETE", "/v1/webhook_endpoints/{id}", account.delete_endpoint),
    Route("POST", "/v1/test_helpers/test_clocks", account.create_clock),
    Route("GET", "/v1/test_helpers/test_clocks", listing("test_helpers.test_clock")),
    Route("GET", "/v1/test_helpers/test_clocks/{id}", retrieve("test_helpers.test_clock")),
    Route("POST", "/v1/test_helpers/test_clocks/{id}/advance", account.advance_clock),
    Route("DELETE", "/v1/test_helpers/test_clocks/{id}", account.delete_clock),
)


def every() -> Iterator[Route]:
    """Give every operation."""
    for noun, (kind, create, update) in _CREATE_UPDATE.items():
        yield Route("POST", f"/v1/{noun}", create)
        yield Route("GET", f"/v1/{noun}", _LISTS[noun])
        yield Route("GET", f"/v1/{noun}/{{id}}", retrieve(kind))
        yield Route("POST", f"/v1/{noun}/{{id}}", update)
    yield from _OTHERS


_BY_LENGTH: Final[dict[tuple[str, int], list[tuple[list[str], Route]]]] = {}
for _route in sorted(every(), key=lambda each: each.path.count("{id}")):
    _steps = _route.path.strip("/").split("/")
    _BY_LENGTH.setdefault((_route.method, len(_steps)), []).append((_steps, _route))


def find(method: str, path: str) -> tuple[Route, list[str]] | None:
    """Give the operation of a request and the ids in its path, or None."""
    given = path.strip("/").split("/")
    for steps, route in _BY_LENGTH.get((method, len(given)), []):
        if all(step in ("{id}", each) for step, each in zip(steps, given, strict=True)):
            ids = [each for step, each in zip(steps, given, strict=True) if step == "{id}"]
            return route, ids
    return None
