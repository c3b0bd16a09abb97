"""A year of a chain on a test clock; every amount was worked out by hand."""

from typing import Any

from tests import simulated_stripe
from tests.simulated_stripe import Clock, Shop, second


def test_a_year_of_a_chain_is_billed_to_the_cent(client: Any) -> None:
    shop = Shop(client, Clock.at(client, second(2026, 3, 2)))
    clock = shop.clock
    monthly = shop.price(29_900, currency="cny")
    yearly = shop.price(299_000, "year", currency="cny")
    customer = shop.customer()

    # 30 days of trial from 2 March: free.
    subscription = shop.subscribe(customer, monthly, 3, trial_period_days=30)
    assert (subscription.status, subscription.trial_end) == ("trialing", second(2026, 4, 1))

    # 1 April: 3 × 299.00 = 897.00.
    clock.to(second(2026, 4, 11))
    # 11 April, 20 of 30 days left: −897.00 × 20/30 = −598.00; +1,495.00 × 20/30 = +996.67.
    item = client.subscriptions.retrieve(subscription.id)["items"].data[0]
    client.subscription_items.update(
        item.id, {"quantity": 5, "proration_behavior": "always_invoice"}
    )

    # 1 May: 5 × 299.00 = 1,495.00.
    clock.to(second(2026, 5, 16, 12))
    # 16 May, 12:00, 15.5 of 31 days left: −1,495.00 / 2 = −747.50; a year for 5: 14,950.00.
    client.subscriptions.update(
        subscription.id,
        {
            "items": [{"id": item.id, "price": yearly.id}],
            "billing_cycle_anchor": {"type": "now"},
        },
    )
    period = client.subscriptions.retrieve(subscription.id)["items"].data[0]
    assert period.current_period_start == second(2026, 5, 16, 12)
    assert period.current_period_end == second(2027, 5, 16, 12)

    fails_and_is_fixed(shop, customer, subscription)
    shrinks_leaves_and_returns(shop, customer, subscription, monthly)

    assert shop.invoices(customer) == [
        ("subscription_create", "paid", 0),
        ("subscription_cycle", "paid", 89_700),
        ("subscription_update", "paid", 39_867),
        ("subscription_cycle", "paid", 149_500),
        ("subscription_update", "paid", 1_420_250),
        ("subscription_cycle", "paid", 1_495_000),
        ("subscription_update", "paid", -274_900),
        ("subscription_update", "paid", -CREDIT_AT_THE_END),
        ("subscription_create", "paid", 119_600),
    ]
    paid = client.payment_intents.list({"customer": customer.id, "limit": 100}).data
    received = sum(each.amount_received for each in paid)
    assert received == 89_700 + 39_867 + 149_500 + 1_420_250 + 1_495_000


CREDIT_AT_THE_END = 946_016


def fails_and_is_fixed(shop: Shop, customer: Any, subscription: Any) -> None:
    client, clock = shop.client, shop.clock
    # A year later the card fails; two days after that another one pays the same invoice.
    clock.to(second(2027, 5, 1))
    shop.use_card(customer.id, "pm_card_chargeCustomerFail")
    clock.to(second(2027, 5, 18))
    late = client.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert (late.status, late.latest_invoice.status) == ("past_due", "open")
    assert late.latest_invoice.next_payment_attempt == second(2027, 5, 19, 13)
    shop.use_card(customer.id, "pm_card_visa")
    client.invoices.pay(late.latest_invoice.id)
    assert client.subscriptions.retrieve(subscription.id).status == "active"


def shrinks_leaves_and_returns(shop: Shop, customer: Any, subscription: Any, monthly: Any) -> None:
    client, clock = shop.client, shop.clock
    item = client.subscriptions.retrieve(subscription.id)["items"].data[0]
    # 15 June 2027, 336.5 of 366 days left: −14,950.00 × 336.5/366 = −13,745.01;
    # +11,960.00 × 336.5/366 = +10,996.01. The customer's balance takes the difference.
    clock.to(second(2027, 6, 15))
    client.subscription_items.update(
        item.id, {"quantity": 4, "proration_behavior": "always_invoice"}
    )
    assert client.customers.retrieve(customer.id).balance == -274_900

    # 1 August, 289.5 of the 336.5 days that 10,996.01 paid for are left: −9,460.16.
    clock.to(second(2027, 8, 1))
    client.subscriptions.cancel(subscription.id, {"prorate": True, "invoice_now": True})
    assert client.customers.retrieve(customer.id).balance == -274_900 - CREDIT_AT_THE_END

    # Back on 1 September with 4 stores: 1,196.00, paid by the balance.
    clock.to(second(2027, 9, 1))
    back = shop.subscribe(customer, monthly, 4)
    assert back.status == "active"
    assert client.customers.retrieve(customer.id).balance == 119_600 - 274_900 - CREDIT_AT_THE_END


def test_the_thirty_first_comes_back_after_a_short_month(shop: simulated_stripe.Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(1_000))

    ends = []
    for _ in range(4):
        item = shop.client.subscriptions.retrieve(subscription.id)["items"].data[0]
        ends.append(item.current_period_end)
        shop.clock.to(item.current_period_end)

    assert ends == [second(2026, 2, 28, 10), second(2026, 3, 31, 10), second(2026, 4, 30, 10),
                    second(2026, 5, 31, 10)]  # fmt: skip
