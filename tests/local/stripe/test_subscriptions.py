"""Subscriptions: starting, changing, ending, and what each costs."""

from typing import Any

import pytest
import stripe

from tests.simulated_stripe import Shop, second


def item_of(shop: Shop, subscription: Any) -> Any:
    return shop.client.subscriptions.retrieve(subscription.id)["items"].data[0]


def lines_of(invoice: Any) -> list[tuple[int, bool]]:
    return [
        (each.amount, each.parent.subscription_item_details.proration)
        for each in invoice.lines.data
    ]


def test_the_period_lives_on_the_item_and_the_subscription_on_the_invoices_parent(
    shop: Shop,
) -> None:
    subscription = shop.subscribe(
        shop.customer(), shop.price(2_900), 2, expand=["latest_invoice.payments"]
    )

    item = subscription["items"].data[0]
    invoice = subscription.latest_invoice
    assert item.current_period_start == second(2026, 1, 31, 10)
    assert item.current_period_end == second(2026, 2, 28, 10)
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert (invoice.amount_paid, invoice.status, subscription.status) == (5_800, "paid", "active")
    assert invoice.payments.data[0].payment.type == "payment_intent"
    for gone in ("subscription", "charge", "payment_intent", "paid"):
        assert gone not in invoice


def test_the_events_of_a_first_payment_come_in_stripes_order(shop: Shop) -> None:
    customer, price = shop.customer(), shop.price(2_900)
    before = len(shop.events())

    shop.subscribe(customer, price)

    assert shop.events()[before:] == [
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
    ]


def test_a_renewal_is_drafted_first_and_charged_an_hour_later(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(2_900))
    shop.clock.to(second(2026, 2, 28, 10))

    draft = shop.client.invoices.list({"customer": customer.id}).data[0]
    before = len(shop.events())
    shop.clock.to(second(2026, 2, 28, 11))

    assert (draft.status, draft.billing_reason) == ("draft", "subscription_cycle")
    assert draft.automatically_finalizes_at == second(2026, 2, 28, 11)
    assert shop.client.invoices.retrieve(draft.id).status == "paid"
    assert shop.events()[before:] == [
        "test_helpers.test_clock.advancing",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "test_helpers.test_clock.ready",
    ]
    assert item_of(shop, subscription).current_period_end == second(2026, 3, 31, 10)


def test_an_upgrade_with_prorations_waits_for_the_next_invoice(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(9_000))
    shop.clock.to(second(2026, 2, 14, 10))  # 14 of 28 days are left

    changed = shop.client.subscription_items.update(item_of(shop, subscription).id, {"quantity": 2})
    shop.clock.to(second(2026, 3, 1))

    assert changed.quantity == 2
    renewal = shop.client.invoices.list({"customer": customer.id}).data[0]
    assert lines_of(renewal) == [(-4_500, True), (9_000, True), (18_000, False)]
    assert renewal.total == 22_500


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [("none", 0), ("create_prorations", 0), ("always_invoice", 4_500)],
)
def test_how_a_change_is_billed_is_asked_for(shop: Shop, behavior: str, expected: int) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(9_000))
    shop.clock.to(second(2026, 2, 14, 10))

    shop.client.subscriptions.update(
        subscription.id,
        {
            "items": [{"id": item_of(shop, subscription).id, "quantity": 2}],
            "proration_behavior": behavior,
        },
    )

    billed = sum(total for _, _, total in shop.invoices(customer)[1:])
    waiting = shop.client.invoice_items.list({"customer": customer.id, "pending": True}).data
    assert billed == expected
    assert sum(each.amount for each in waiting) == (4_500 if behavior == "create_prorations" else 0)


def test_a_preview_is_what_then_comes_and_leaves_nothing_behind(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(2_999), 3)
    shop.clock.to(second(2026, 2, 11, 17))
    items = [{"id": item_of(shop, subscription).id, "quantity": 4}]
    before = (len(shop.events()), shop.invoices(customer))
    details = {"items": items, "proration_behavior": "always_invoice"}

    now = shop.client.invoices.create_preview(
        {"subscription": subscription.id, "subscription_details": details}
    )
    later = shop.client.invoices.create_preview(
        {"subscription": subscription.id, "subscription_details": {"items": items}}
    )
    assert (len(shop.events()), shop.invoices(customer)) == before
    shop.client.subscriptions.update(subscription.id, details)

    assert shop.invoices(customer)[-1][2] == now.total
    assert later.total == now.total + 4 * 2_999
    assert now.id.startswith("upcoming_in_")


def test_a_trial_without_a_card_can_end_in_a_pause_and_be_resumed(shop: Shop) -> None:
    customer = shop.customer(None)
    subscription = shop.subscribe(
        customer,
        shop.price(2_900),
        trial_period_days=14,
        trial_settings={"end_behavior": {"missing_payment_method": "pause"}},
    )
    shop.clock.to(second(2026, 2, 20))

    paused = shop.client.subscriptions.retrieve(subscription.id)
    shop.use_card(customer.id, "pm_card_visa")
    resumed = shop.client.subscriptions.resume(
        subscription.id, {"billing_cycle_anchor": {"type": "now"}}
    )

    assert "customer.subscription.trial_will_end" in shop.events()
    assert "customer.subscription.paused" in shop.events()
    assert (paused.status, resumed.status) == ("paused", "active")
    assert shop.invoices(customer)[-1] == ("subscription_update", "paid", 2_900)


def test_a_cancelled_plan_lasts_to_the_end_and_can_be_taken_back_until_then(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(2_900))
    ends = shop.client.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    kept = shop.client.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    shop.client.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    shop.clock.to(second(2026, 3, 3))

    gone = shop.client.subscriptions.retrieve(subscription.id)
    assert (ends.status, ends.cancel_at) == ("active", second(2026, 2, 28, 10))
    assert (kept.cancel_at, kept.canceled_at) == (None, None)
    assert (gone.status, gone.ended_at) == ("canceled", second(2026, 2, 28, 10))
    assert gone.cancellation_details.reason == "cancellation_requested"
    assert len(shop.invoices(customer)) == 1
    assert shop.events()[-2] == "customer.subscription.deleted"


def test_metered_use_is_billed_after_the_period(shop: Shop) -> None:
    client = shop.client
    meter = client.billing.meters.create(
        {
            "display_name": "Messages",
            "event_name": "messages",
            "default_aggregation": {"formula": "sum"},
        }
    )
    metered = shop.price(5, recurring={"usage_type": "metered", "meter": meter.id})
    customer = shop.customer()
    subscription = client.subscriptions.create(
        {"customer": customer.id, "items": [{"price": shop.price(1_000).id, "quantity": 1},
                                            {"price": metered.id}]}
    )  # fmt: skip
    for n, day in enumerate((3, 9, 27)):
        shop.clock.to(second(2026, 2, day))
        payload = {"stripe_customer_id": customer.id, "value": "100"}
        client.billing.meter_events.create(
            {"event_name": "messages", "payload": payload, "identifier": f"m{n}"}
        )
    with pytest.raises(stripe.InvalidRequestError, match="already exists with identifier m1"):
        client.billing.meter_events.create(
            {"event_name": "messages", "payload": payload, "identifier": "m1"}
        )
    shop.clock.to(second(2026, 3, 1))

    summary = client.billing.meters.event_summaries.list(
        meter.id,
        {"customer": customer.id, "start_time": second(2026, 2, 1),
         "end_time": second(2026, 2, 28)},
    )  # fmt: skip
    assert summary.data[0].aggregated_value == 300
    assert shop.invoices(customer)[-1] == ("subscription_cycle", "paid", 1_000 + 300 * 5)
    assert subscription.status == "active"


def test_a_coupon_for_one_time_a_code_for_some_months(shop: Shop) -> None:
    client = shop.client
    coupon = client.coupons.create(
        {"percent_off": 33.3, "duration": "repeating", "duration_in_months": 2}
    )
    code = client.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "WELCOME"}
    )
    once = client.coupons.create({"amount_off": 500, "currency": "usd", "duration": "once"})
    first, second_one = shop.customer(), shop.customer()
    price = shop.price(9_999)
    shop.subscribe(first, price, discounts=[{"promotion_code": code.id}])
    shop.subscribe(second_one, price, discounts=[{"coupon": once.id}])
    shop.clock.to(second(2026, 5, 1))

    # 99.99 × 33.3 % = 33.30 off, twice; then whole.
    assert [total for _, _, total in shop.invoices(first)] == [6_669, 6_669, 9_999, 9_999]
    assert [total for _, _, total in shop.invoices(second_one)] == [9_499, 9_999, 9_999, 9_999]
    assert client.promotion_codes.retrieve(code.id).times_redeemed == 1


def test_what_is_given_back_is_a_part_of_what_was_paid_and_not_of_the_price(shop: Shop) -> None:
    half = shop.client.coupons.create({"percent_off": 50, "duration": "forever"})
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(9_000), 2, discounts=[{"coupon": half.id}])
    shop.clock.to(second(2026, 2, 14, 10))

    shop.client.subscription_items.update(
        item_of(shop, subscription).id, {"quantity": 1, "proration_behavior": "always_invoice"}
    )

    # Paid 90.00, half of the period is left: −45.00; one costs 45.00 net, +22.50.
    assert shop.invoices(customer)[-1][2] == -2_250
    assert shop.client.customers.retrieve(customer.id).balance == -2_250


def test_confirming_the_intent_of_the_first_invoice_makes_the_subscription_active(
    shop: Shop,
) -> None:
    subscription = shop.subscribe(
        shop.customer(None),
        shop.price(2_900),
        payment_behavior="default_incomplete",
        payment_settings={"save_default_payment_method": "on_subscription"},
        expand=["latest_invoice.payments", "latest_invoice.confirmation_secret"],
    )
    invoice = subscription.latest_invoice
    intent = invoice.payments.data[0].payment.payment_intent

    with pytest.raises(stripe.CardError):
        shop.client.payment_intents.confirm(
            intent, {"payment_method": "pm_card_visa_chargeDeclined"}
        )
    between = shop.client.subscriptions.retrieve(subscription.id).status
    paid = shop.client.payment_intents.confirm(intent, {"payment_method": "pm_card_visa"})

    found = shop.client.subscriptions.retrieve(subscription.id)
    assert invoice.confirmation_secret.client_secret == paid.client_secret
    assert (between, found.status) == ("incomplete", "active")
    assert found.default_payment_method == paid.payment_method


def test_a_trial_can_ask_for_a_card_by_a_setup_intent(shop: Shop) -> None:
    subscription = shop.subscribe(
        shop.customer(None),
        shop.price(2_900),
        trial_period_days=14,
        payment_behavior="default_incomplete",
    )

    shop.client.setup_intents.confirm(
        subscription.pending_setup_intent, {"payment_method": "pm_card_visa"}
    )

    found = shop.client.subscriptions.retrieve(subscription.id)
    assert (found.status, found.pending_setup_intent) == ("trialing", None)
    assert found.default_payment_method


def test_nothing_pays_without_a_card(shop: Shop) -> None:
    customer, price = shop.customer(None), shop.price(2_900)

    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source"):
        shop.subscribe(customer, price)
    waiting = shop.subscribe(customer, price, payment_behavior="default_incomplete")
    shop.clock.by("day")

    assert waiting.status == "incomplete"
    assert shop.client.subscriptions.retrieve(waiting.id).status == "incomplete_expired"
    assert shop.invoices(customer) == [("subscription_create", "void", 2_900)]
