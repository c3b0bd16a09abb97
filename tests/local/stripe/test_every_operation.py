"""Every operation that is served: each parameter it takes is checked, and so is what it answers."""

from collections.abc import Iterator
from typing import Any

import pytest

from regulars.local.stripe import faults, parameters, routes
from tests.local.stripe.conforming import Watched
from tests.simulated_stripe import Clock, Shop, second

type Steps = tuple[str, ...]
METADATA = {"metadata": {"of": "tour"}}
WRONG = {
    "integer": "ten",
    "boolean": "maybe",
    "number": "much",
    "decimal": "much",
    "string": {"no such": "thing"},
    "map": "text",
}


def test_every_operation_answers_as_the_client_declares_it(watched: Watched, shop: Shop) -> None:
    for part in (customers, catalogue, coupons, cards, intents, subscriptions, schedules, invoices,
                 meters, account, sessions):  # fmt: skip
        part(shop)

    assert {f"{each.method} {each.path}" for each in routes.every()} == watched.answered


def noun(service: Any, made: Any, change: dict[str, Any] | None = None, **listing: Any) -> Any:
    """List, read and change what was made."""
    assert service.list({"limit": 1, **listing}).data
    assert service.retrieve(made.id).id == made.id
    return service.update(made.id, METADATA if change is None else change)


def customers(shop: Shop) -> None:
    client, made = shop.client, shop.customer()
    noun(client.customers, made, test_clock=shop.clock.id)
    (card,) = client.customers.payment_methods.list(made.id).data
    client.customers.payment_methods.retrieve(made.id, card.id)
    tax = client.customers.tax_ids.create(made.id, {"type": "eu_vat", "value": "DE123456789"})
    client.customers.tax_ids.list(made.id)
    client.customers.tax_ids.retrieve(made.id, tax.id)
    client.tax_ids.retrieve(tax.id)
    client.customers.tax_ids.delete(made.id, tax.id)
    client.customers.balance_transactions.create(made.id, {"amount": -100, "currency": "usd"})
    client.customers.balance_transactions.list(made.id)
    client.customers.delete(made.id)


def catalogue(shop: Shop) -> None:
    client, price = shop.client, shop.price(2_900)
    noun(client.prices, price)
    noun(client.products, client.products.retrieve(price.product))
    client.products.delete(client.products.create({"name": "Never sold"}).id)


def coupons(shop: Shop) -> None:
    client = shop.client
    coupon = client.coupons.create({"percent_off": 10, "duration": "forever"})
    noun(client.coupons, coupon)
    code = client.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}})
    noun(client.promotion_codes, code)
    customer = shop.customer()
    subscribed = shop.subscribe(customer, shop.price(2_900), discounts=[{"coupon": coupon.id}])
    client.subscriptions.delete_discount(subscribed.id)
    client.coupons.delete(client.coupons.create({"amount_off": 5, "currency": "usd"}).id)


def cards(shop: Shop) -> None:
    client, customer = shop.client, shop.customer(None)
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    made = client.payment_methods.create({"type": "card", "card": card})
    client.payment_methods.attach(made.id, {"customer": customer.id})
    noun(client.payment_methods, made, customer=customer.id)
    client.payment_methods.detach(made.id)


def intents(shop: Shop) -> None:
    client, customer = shop.client, shop.customer()
    owed = {"amount": 500, "currency": "usd", "customer": customer.id}
    made = client.payment_intents.create(owed)
    noun(client.payment_intents, made)
    client.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})
    client.payment_intents.cancel(client.payment_intents.create(owed).id)
    (charge,) = client.charges.list({"customer": customer.id}).data
    client.charges.retrieve(charge.id)
    kept = client.setup_intents.create({"customer": customer.id})
    noun(client.setup_intents, kept)
    client.setup_intents.confirm(kept.id, {"payment_method": "pm_card_visa"})
    client.setup_intents.cancel(client.setup_intents.create({"customer": customer.id}).id)


def subscriptions(shop: Shop) -> None:
    client, customer = shop.client, shop.customer()
    made = shop.subscribe(customer, shop.price(2_900))
    noun(client.subscriptions, made, customer=customer.id)
    items = client.subscription_items
    more = items.create({"subscription": made.id, "price": shop.price(1_000).id, "quantity": 2})
    noun(items, more, {"quantity": 3}, subscription=made.id)
    items.delete(more.id)
    client.subscriptions.cancel(made.id)
    pauses: Any = {"trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}
    trial = shop.subscribe(shop.customer(None), shop.price(2_900), trial_period_days=1, **pauses)
    shop.clock.by("day", 2)
    client.payment_methods.attach("pm_card_visa", {"customer": trial.customer})
    client.subscriptions.resume(trial.id)


def schedules(shop: Shop) -> None:
    client, customer = shop.client, shop.customer()
    service, price = client.subscription_schedules, shop.price(9_000)
    made = service.create({"from_subscription": shop.subscribe(customer, price).id})
    noun(service, made, {"end_behavior": "release"}, customer=customer.id)
    service.release(made.id)
    phase = {"items": [{"price": price.id}], "duration": {"interval": "month"}}
    starts = {"start_date": shop.clock.now + 86_400, "phases": [phase]}
    service.cancel(service.create({"customer": customer.id, **starts}).id)


def invoices(shop: Shop) -> None:
    client, customer = shop.client, shop.customer()
    service, owed = client.invoices, {"customer": customer.id, "amount": 700, "currency": "usd"}
    item = client.invoice_items.create(owed)
    client.invoice_items.list({"customer": customer.id})
    client.invoice_items.retrieve(item.id)
    made = service.create({"customer": customer.id, "pending_invoice_items_behavior": "include"})
    noun(service, made, customer=customer.id)
    service.finalize_invoice(made.id)
    service.line_items.list(made.id)
    service.pay(made.id)
    (payment,) = client.invoice_payments.list({"invoice": made.id}).data
    client.invoice_payments.retrieve(payment.id)
    client.invoice_items.delete(client.invoice_items.create(owed).id)
    price = shop.price(2_900)
    service.create_preview(
        {"customer": customer.id, "subscription_details": {"items": [{"price": price.id}]}}
    )
    service.delete(service.create({"customer": customer.id}).id)
    for ending in (service.void_invoice, service.mark_uncollectible):
        client.invoice_items.create(owed)
        terms = {"collection_method": "send_invoice", "days_until_due": 3}
        sent = service.create(
            {"customer": customer.id, "pending_invoice_items_behavior": "include", **terms}
        )
        service.send_invoice(sent.id)
        ending(sent.id)


def meters(shop: Shop) -> None:
    client, customer, now = shop.client, shop.customer(), shop.clock.now
    meter = client.billing.meters.create(
        {
            "display_name": "Messages",
            "event_name": "message",
            "default_aggregation": {"formula": "sum"},
        }
    )
    noun(client.billing.meters, meter, {"display_name": "Messages sent"})
    told = {"stripe_customer_id": customer.id, "value": "7"}
    event = client.billing.meter_events.create(
        {"event_name": "message", "payload": told, "timestamp": now, "identifier": "m1"}
    )
    day = now - now % 86_400
    span = {"customer": customer.id, "start_time": day, "end_time": day + 86_400}
    assert client.billing.meters.event_summaries.list(meter.id, span).data
    cancel = {"type": "cancel", "cancel": {"identifier": event.identifier}}
    client.billing.meter_event_adjustments.create({"event_name": "message", **cancel})
    client.billing.meters.deactivate(meter.id)
    client.billing.meters.reactivate(meter.id)


def account(shop: Shop) -> None:
    client = shop.client
    address = {"url": "http://127.0.0.1:9/", "enabled_events": ["charge.refunded"]}
    endpoint = client.webhook_endpoints.create(address)
    noun(client.webhook_endpoints, endpoint)
    client.webhook_endpoints.delete(endpoint.id)
    found = client.events.list({"limit": 100}).data
    client.events.retrieve(found[0].id)
    other = Clock.at(client, second(2026, 1, 1))
    other.by("day")
    client.test_helpers.test_clocks.list()
    client.test_helpers.test_clocks.delete(other.id)


def sessions(shop: Shop) -> None:
    client, customer = shop.client, shop.customer()
    items = [{"price": shop.price(2_900).id, "quantity": 1}]
    made = client.checkout.sessions.create(
        {"mode": "subscription", "line_items": items, "success_url": "http://127.0.0.1:9/"}
    )
    noun(client.checkout.sessions, made)
    client.checkout.sessions.line_items.list(made.id)
    client.checkout.sessions.expire(made.id)
    portal = client.billing_portal
    shows = {"features": {"invoice_history": {"enabled": True}}}
    noun(portal.configurations, portal.configurations.create(shows), {"name": "Ours"})
    portal.sessions.create({"customer": customer.id})


def places(kind: Any, within: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Give every parameter below one, by the steps to it, and its kind."""
    kind = parameters._shared(kind)
    if isinstance(kind, dict):
        for name, inner in kind.items():
            here = (*within, name.removesuffix("!"))
            yield here, parameters._shared(inner)
            yield from places(inner, here)
    elif isinstance(kind, list) and kind[0] == "list":
        yield from places(kind[1], (*within, "0"))
    elif isinstance(kind, list) and kind[0] == "or empty":
        yield from places(kind[1], within)
    elif isinstance(kind, list) and kind[0] == "either":
        maps = [each for each in kind[1:] if isinstance(parameters._shared(each), dict)]
        for each in maps:
            yield from places(each, within)


def wrong(kind: Any) -> Any:
    """Give a value that is none of a kind; None if every value is one."""
    kind = parameters._shared(kind)
    match kind:
        case "any":
            return None
        case str():
            return WRONG[kind]
        case dict():
            return "text"
        case ["enum", *_]:
            return "no_such"
        case ["list", _]:
            return "text"
        case ["or empty", inner]:
            return wrong(inner)
        case ["either", *kinds]:
            texts = "string" in kinds
            maps = any(isinstance(parameters._shared(each), dict) or each == "map"
                       for each in kinds)  # fmt: skip
            return None if texts and maps else ["x"] if texts else "no_such"
    raise ValueError(kind)


def nested(steps: Steps, value: Any) -> Any:
    """Put a value where steps lead, into maps and lists."""
    for step in reversed(steps):
        value = [value] if step == "0" else {step: value}
    return value


def path(steps: Steps) -> str:
    return steps[0] + "".join(f"[{step}]" for step in steps[1:])


def refused(operation: str, steps: Steps, value: Any) -> str | None:
    """Return the parameter that a check refuses for a value at some place."""
    try:
        parameters.check(operation, nested(steps, value))
    except faults.Refused as error:
        return error.param
    return None


def declared() -> Iterator[tuple[str, Any]]:
    for operation, kind in parameters.table()["kinds"].items():
        yield operation, parameters._shared(parameters._shared(kind)["takes"])


def test_each_parameter_of_each_operation_is_refused_when_its_type_is_another() -> None:
    passed, tried = [], 0
    for operation, takes in declared():
        for steps, kind in places(takes):
            value = wrong(kind)
            if value is None:
                continue
            tried += 1
            if not (refused(operation, steps, value) or "").startswith(path(steps)):
                passed.append(f"{operation}: {path(steps)}={value}")

    assert passed == []
    assert tried > 4_000


def test_inside_of_each_parameter_what_is_unknown_or_missing_is_refused_by_its_name() -> None:
    passed, tried = [], 0
    for operation, takes in declared():
        inside = [((), takes), *places(takes)]
        for steps, kind in inside:
            if not isinstance(kind, dict):
                continue
            unknown = (*steps, "no_such")
            wanted = [name[:-1] for name in kind if name.endswith("!")][:1]
            tried += 1 + len(wanted)
            if refused(operation, unknown, "1") != path(unknown):
                passed.append(f"{operation}: {path(unknown)}")
            passed += [
                f"{operation}: without {path((*steps, name))}"
                for name in wanted
                if refused(operation, steps, {}) != path((*steps, name))
            ]

    assert passed == []
    assert tried > 500


def test_positive_control_a_table_that_forgets_a_type_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loose = {"takes": {"amount": "string"}, "gives": "any"}
    monkeypatch.setitem(parameters.table()["kinds"], "POST /v1/payment_intents", loose)

    assert refused("POST /v1/payment_intents", ("amount",), WRONG["integer"]) is None
