"""A renewal that is not paid: tries, states, and how it ends."""

from typing import Any

import pytest
import stripe

from regulars.local.stripe import server
from tests.simulated_stripe import Shop, second

DUE = second(2026, 2, 28, 11)
DAY = 86400


def late(shop: Shop, card: str = "pm_card_chargeCustomerFail") -> tuple[Any, Any]:
    """Give a customer whose renewal failed at `DUE`, and the subscription."""
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(2_900))
    shop.use_card(customer.id, card)
    shop.clock.to(DUE)
    return customer, subscription


def state(shop: Shop, subscription: Any) -> tuple[str, str, int | None]:
    found = shop.client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    invoice = found.latest_invoice
    return found.status, invoice.status, invoice.next_payment_attempt


def test_a_failed_renewal_is_tried_again_after_3_5_and_7_days_and_then_unpaid(
    shop: Shop,
) -> None:
    customer, subscription = late(shop)
    seen = [state(shop, subscription)]
    for days in (3, 5, 7):
        shop.clock.by("day", days)
        seen.append(state(shop, subscription))

    assert seen == [
        ("past_due", "open", DUE + 3 * DAY),
        ("past_due", "open", DUE + 8 * DAY),
        ("past_due", "open", DUE + 15 * DAY),
        ("unpaid", "open", None),
    ]
    invoice = shop.client.invoices.list({"customer": customer.id}).data[0]
    assert (invoice.attempt_count, invoice.attempted) == (4, True)
    assert shop.client.customers.retrieve(customer.id).delinquent


@pytest.mark.parametrize("how", ["canceled", "past_due"])
def test_how_it_ends_is_set(shop: Shop, simulator: server.Server, how: str) -> None:
    simulator.store.set("dunning", {"retry_days": [1], "afterwards": how})
    _, subscription = late(shop)

    shop.clock.by("day", 2)

    assert state(shop, subscription)[0] == how


def test_the_events_of_a_failure_come_in_stripes_order(shop: Shop) -> None:
    late(shop)
    events = shop.events()

    assert events[events.index("charge.failed") : -1] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.updated",
        "invoice.payment_failed",
        "customer.updated",
        "customer.subscription.updated",
    ]


def test_paying_at_any_point_restores_everything(shop: Shop) -> None:
    customer, subscription = late(shop)
    shop.clock.by("day", 20)
    assert state(shop, subscription)[0] == "unpaid"
    shop.use_card(customer.id, "pm_card_visa")
    invoice = shop.client.subscriptions.retrieve(subscription.id).latest_invoice

    shop.client.invoices.pay(invoice)

    assert state(shop, subscription) == ("active", "paid", None)
    assert not shop.client.customers.retrieve(customer.id).delinquent


def test_a_new_card_is_used_by_the_next_try(shop: Shop) -> None:
    customer, subscription = late(shop)
    shop.use_card(customer.id, "pm_card_visa")

    shop.clock.by("day", 3)

    assert state(shop, subscription) == ("active", "paid", None)


def test_an_unpaid_subscription_goes_on_drafting_what_nobody_collects(shop: Shop) -> None:
    customer, _ = late(shop)
    shop.clock.to(second(2026, 4, 2))

    newest = shop.client.invoices.list({"customer": customer.id}).data[0]
    assert (newest.status, newest.auto_advance) == ("draft", False)


def test_a_renewal_that_needs_3d_secure_says_so(shop: Shop) -> None:
    _, subscription = late(shop, "pm_card_authenticationRequired")

    assert "invoice.payment_action_required" in shop.events()
    assert state(shop, subscription)[0] == "past_due"
    invoice = shop.client.subscriptions.retrieve(subscription.id).latest_invoice
    with pytest.raises(stripe.CardError) as refused:
        shop.client.invoices.pay(invoice)
    assert refused.value.code == "invoice_payment_intent_requires_action"


def test_an_upgrade_that_must_be_paid_is_not_made_when_the_card_fails(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(2_900))
    shop.use_card(customer.id, "pm_card_chargeCustomerFail")
    before = (shop.invoices(customer), len(shop.events()))
    item = subscription["items"].data[0]

    with pytest.raises(stripe.CardError):
        shop.client.subscriptions.update(
            subscription.id,
            {"items": [{"id": item.id, "quantity": 9}], "proration_behavior": "always_invoice",
             "payment_behavior": "error_if_incomplete"},
        )  # fmt: skip

    assert shop.client.subscription_items.retrieve(item.id).quantity == 1
    assert (shop.invoices(customer), len(shop.events())) == before
