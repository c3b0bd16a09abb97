"""The nouns that have no test of their own."""

from pathlib import Path
from typing import Any

import pytest
import stripe

from tests import simulated_stripe
from tests.simulated_stripe import Shop, second


def test_a_lookup_key_belongs_to_one_price_and_can_move(client: Any) -> None:
    product = client.products.create({"name": "Chain"})
    call = {"product": product.id, "currency": "cny", "unit_amount": 29_900,
            "recurring": {"interval": "month"}, "lookup_key": "chain-monthly-cny"}  # fmt: skip
    first = client.prices.create(call)
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        client.prices.create(call)

    moved = client.prices.create({**call, "unit_amount": 31_900, "transfer_lookup_key": True})

    found = client.prices.list({"lookup_keys": ["chain-monthly-cny"]}).data
    assert [each.id for each in found] == [moved.id]
    assert client.prices.retrieve(first.id).lookup_key is None
    assert (moved.unit_amount, str(moved.unit_amount_decimal)) == (31_900, "31900")


@pytest.mark.parametrize(
    ("mode", "expected"), [("graduated", 10 * 100 + 5 * 80), ("volume", 15 * 80)]
)
def test_a_price_of_tiers_is_added_up_as_its_mode_says(
    shop: Shop, mode: str, expected: int
) -> None:
    price = shop.client.prices.create(
        {
            "product": shop.client.products.create({"name": "Chain"}).id,
            "currency": "usd",
            "recurring": {"interval": "month"},
            "billing_scheme": "tiered",
            "tiers_mode": mode,
            "tiers": [{"up_to": 10, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 80}],
        }
    )
    customer = shop.customer()

    shop.subscribe(customer, price, 15)

    assert shop.invoices(customer)[0][2] == expected


def test_tax_ids_are_kept_and_stand_on_invoices(shop: Shop) -> None:
    customer = shop.customer(tax_id_data=[{"type": "eu_vat", "value": "DE123456789"}])
    added = shop.client.customers.tax_ids.create(
        customer.id, {"type": "cn_tin", "value": "123456789012345678"}
    )
    shop.client.customers.tax_ids.delete(customer.id, added.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.client.customers.tax_ids.create(customer.id, {"type": "eu_vat", "value": "1"})

    invoice = shop.subscribe(customer, shop.price(100), expand=["latest_invoice"]).latest_invoice

    assert refused.value.code == "tax_id_invalid"
    assert [each.value for each in invoice.customer_tax_ids] == ["DE123456789"]


def test_promotion_codes_hold_only_for_whom_they_are_meant(shop: Shop) -> None:
    coupon = shop.client.coupons.create({"percent_off": 20, "duration": "once"})
    code = shop.client.promotion_codes.create(
        {
            "promotion": {"type": "coupon", "coupon": coupon.id},
            "max_redemptions": 1,
            "restrictions": {"first_time_transaction": True},
        }
    )
    old, new, late = shop.customer(), shop.customer(), shop.customer()
    price = shop.price(1_000)
    shop.subscribe(old, price)
    given: dict[str, Any] = {"discounts": [{"promotion_code": code.id}]}

    with pytest.raises(stripe.InvalidRequestError, match="cannot be redeemed"):
        shop.subscribe(old, price, **given)
    shop.subscribe(new, price, **given)
    with pytest.raises(stripe.InvalidRequestError, match="cannot be redeemed"):
        shop.subscribe(late, price, **given)

    assert shop.invoices(new)[0][2] == 800


def test_an_invoice_by_hand_bills_what_waits(shop: Shop) -> None:
    client, customer = shop.client, shop.customer()
    client.invoice_items.create(
        {"customer": customer.id, "amount": 1_200, "currency": "usd", "description": "Training"}
    )
    draft = client.invoices.create(
        {"customer": customer.id, "pending_invoice_items_behavior": "include"}
    )
    closed = client.invoices.finalize_invoice(draft.id)
    paid = client.invoices.pay(draft.id)

    assert (draft.status, draft.total, draft.number) == ("draft", 1_200, None)
    assert closed.number.endswith("-0001")
    assert (paid.status, paid.amount_remaining) == ("paid", 0)
    assert client.invoices.line_items.list(draft.id).data[0].description == "Training"
    with pytest.raises(stripe.InvalidRequestError):
        client.invoices.void_invoice(draft.id)


def test_invoices_can_be_sent_written_off_and_made_void(shop: Shop) -> None:
    client, price = shop.client, shop.price(1_000)
    customer = shop.customer(None)
    call: dict[str, Any] = {"collection_method": "send_invoice", "days_until_due": 7}
    subscription = shop.subscribe(customer, price, **call)
    shop.clock.by("day", 9)

    late = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (subscription.status, late.status) == ("active", "past_due")
    assert "invoice.overdue" in shop.events()
    written_off = client.invoices.mark_uncollectible(late.latest_invoice.id)
    void = client.invoices.void_invoice(late.latest_invoice.id)
    assert (written_off.status, void.status) == ("uncollectible", "void")


def test_a_deleted_customer_has_no_subscription_any_more(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(1_000))

    gone = shop.client.customers.delete(customer.id)

    assert gone.deleted
    assert shop.client.customers.retrieve(customer.id).deleted
    assert shop.client.subscriptions.retrieve(subscription.id).status == "canceled"


def test_a_detached_card_pays_nothing_any_more(shop: Shop) -> None:
    customer = shop.customer()
    card = shop.client.customers.retrieve(customer.id).invoice_settings.default_payment_method

    shop.client.payment_methods.detach(card)

    found = shop.client.customers.retrieve(customer.id)
    assert found.invoice_settings.default_payment_method is None
    assert shop.client.customers.payment_methods.list(customer.id).data == []


def test_a_paused_collection_drafts_and_takes_nothing(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(1_000))
    shop.client.subscriptions.update(
        subscription.id,
        {"pause_collection": {"behavior": "void", "resumes_at": second(2026, 3, 15)}},
    )

    shop.clock.to(second(2026, 4, 1))

    assert [each[1] for each in shop.invoices(customer)] == ["paid", "void", "paid"]
    assert shop.client.subscriptions.retrieve(subscription.id).pause_collection is None


def test_a_clock_moves_only_ahead_and_takes_everything_with_it(shop: Shop) -> None:
    customer = shop.customer()
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.test_helpers.test_clocks.advance(
            shop.clock.id, {"frozen_time": shop.clock.now - 1}
        )

    shop.client.test_helpers.test_clocks.delete(shop.clock.id)

    with pytest.raises(stripe.InvalidRequestError):
        shop.client.customers.retrieve(customer.id)


def test_a_session_nobody_completes_expires(shop: Shop) -> None:
    session = shop.client.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": shop.customer(None).id,
            "line_items": [{"price": shop.price(1_000).id, "quantity": 1}],
            "success_url": "https://aurum.example/",
        }
    )
    shop.clock.by("day", 2)

    found = shop.client.checkout.sessions.retrieve(session.id, {"expand": ["line_items"]})
    assert (found.status, found.url) == ("expired", None)
    assert found.line_items.data[0].amount_total == 1_000
    assert "checkout.session.expired" in shop.events()


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "simulator.sqlite3"
    with simulated_stripe.running(file) as simulator:
        client = simulated_stripe.client(simulator)
        shop = Shop(client, simulated_stripe.Clock.at(client, second(2026, 1, 31, 10)))
        customer = shop.customer()
        shop.subscribe(customer, shop.price(1_000))
    with simulated_stripe.running(file) as simulator:
        shop.client = shop.clock.client = simulated_stripe.client(simulator)

        shop.clock.to(second(2026, 3, 1))

        assert [total for _, _, total in shop.invoices(customer)] == [1_000, 1_000]


def test_the_portal_offers_what_its_configuration_says(shop: Shop) -> None:
    client, customer = shop.client, shop.customer()
    made = client.billing_portal.configurations.create(
        {"features": {"subscription_cancel": {"enabled": False},
                      "invoice_history": {"enabled": True}}}
    )  # fmt: skip
    changed = client.billing_portal.configurations.update(made.id, {"name": "Chains"})
    subscription = shop.subscribe(customer, shop.price(1_000))
    session = client.billing_portal.sessions.create(
        {
            "customer": customer.id,
            "configuration": made.id,
            "flow_data": {
                "type": "subscription_cancel",
                "subscription_cancel": {"subscription": subscription.id},
            },
        }
    )

    assert (changed.name, changed.is_default) == ("Chains", False)
    assert changed.features.subscription_cancel.mode == "at_period_end"
    assert session.flow.subscription_cancel.subscription == subscription.id
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.billing_portal.configurations.create(
            {"features": {"subscription_pause": {"enabled": True}}}
        )
    assert refused.value.code == "simulator_unsupported"


def test_what_was_made_can_be_changed_listed_and_deleted(client: Any) -> None:
    product = client.products.create({"name": "Start", "metadata": {"plan": "start"}})
    coupon = client.coupons.create({"percent_off": 12.5, "duration": "forever", "name": "Spring"})
    code = client.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}})
    meter = client.billing.meters.create(
        {
            "display_name": "Texts",
            "event_name": "texts",
            "default_aggregation": {"formula": "count"},
        }
    )
    endpoint = client.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/", "enabled_events": ["invoice.paid"]}
    )

    assert client.products.update(product.id, {"active": False}).active is False
    assert client.coupons.update(coupon.id, {"name": "Summer"}).name == "Summer"
    assert client.promotion_codes.update(code.id, {"active": False}).active is False
    assert client.promotion_codes.list({"code": code.code, "active": True}).data == []
    assert client.billing.meters.deactivate(meter.id).status == "inactive"
    assert client.billing.meters.reactivate(meter.id).status == "active"
    assert client.webhook_endpoints.update(endpoint.id, {"disabled": True}).status == "disabled"
    assert client.coupons.list().data[0].percent_off == 12.5
    for nouns, key in (
        (client.products, product.id),
        (client.coupons, coupon.id),
        (client.webhook_endpoints, endpoint.id),
    ):
        assert nouns.delete(key).deleted
        with pytest.raises(stripe.InvalidRequestError):
            nouns.retrieve(key)
