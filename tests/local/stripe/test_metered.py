"""Metered prices beside licensed ones: what is used is billed once, by the price of its time."""

from typing import Any

from tests.simulated_stripe import Shop


def metered(shop: Shop, amount: int, meter: Any) -> Any:
    return shop.price(
        amount, name="Messages", recurring={"usage_type": "metered", "meter": meter.id}
    )


def made(shop: Shop) -> Any:
    return shop.client.billing.meters.create(
        {"display_name": "Messages", "event_name": "sent",
         "default_aggregation": {"formula": "sum"}}
    )  # fmt: skip


def use(shop: Shop, customer: Any, value: int, name: str) -> Any:
    return shop.client.billing.meter_events.create(
        {"event_name": "sent", "identifier": name,
         "payload": {"stripe_customer_id": customer.id, "value": str(value)}}
    )  # fmt: skip


def test_a_price_that_is_swapped_bills_what_was_used_and_the_next_only_what_follows(
    shop: Shop,
) -> None:
    customer, meter = shop.customer(), made(shop)
    dear, cheap = metered(shop, 10, meter), metered(shop, 3, meter)
    items = [{"price": shop.price(1_000).id}, {"price": dear.id}]
    subscription = shop.client.subscriptions.create({"customer": customer.id, "items": items})
    use(shop, customer, 5, "first")
    shop.clock.to(shop.clock.now + 86_400)

    shop.client.subscriptions.update(
        subscription.id, {"items": [{"id": subscription["items"].data[1].id, "price": cheap.id}]}
    )
    use(shop, customer, 7, "second")
    shop.clock.by("month")

    assert [total for _, _, total in shop.invoices(customer)] == [1_000, 1_000 + 50 + 21]


def test_an_item_that_comes_late_counts_from_then_on(shop: Shop) -> None:
    customer, meter = shop.customer(), made(shop)
    subscription = shop.subscribe(customer, shop.price(1_000))
    use(shop, customer, 5, "before")
    shop.clock.to(shop.clock.now + 86_400)

    price = metered(shop, 10, meter)
    shop.client.subscriptions.update(subscription.id, {"items": [{"price": price.id}]})
    use(shop, customer, 7, "after")
    shop.clock.by("month")

    assert [total for _, _, total in shop.invoices(customer)] == [1_000, 1_000 + 70]


def test_an_item_that_goes_bills_what_was_used_unless_nothing_is_to_be_prorated(shop: Shop) -> None:
    totals = []
    meter = made(shop)
    for behavior in ("create_prorations", "none"):
        customer, price = shop.customer(), metered(shop, 10, meter)
        items = [{"price": shop.price(1_000).id}, {"price": price.id}]
        subscription = shop.client.subscriptions.create({"customer": customer.id, "items": items})
        use(shop, customer, 5, behavior)
        shop.clock.to(shop.clock.now + 86_400)
        gone = {"id": subscription["items"].data[1].id, "deleted": True}
        shop.client.subscriptions.update(
            subscription.id, {"items": [gone], "proration_behavior": behavior}
        )
        shop.clock.by("month")
        totals.append(shop.invoices(customer)[1][2])

    assert totals == [1_050, 1_000]


def test_a_schedule_swaps_stores_for_stores_and_messages_for_messages(shop: Shop) -> None:
    customer, meter = shop.customer(), made(shop)
    dear, cheap = metered(shop, 10, meter), metered(shop, 3, meter)
    large, small = shop.price(9_000), shop.price(2_000)
    items = [{"price": large.id, "quantity": 2}, {"price": dear.id}]
    subscription = shop.client.subscriptions.create({"customer": customer.id, "items": items})
    schedule = shop.client.subscription_schedules.create({"from_subscription": subscription.id})
    now = schedule.phases[0]
    shop.client.subscription_schedules.update(
        schedule.id,
        {
            "end_behavior": "release",
            "phases": [
                {"items": items, "start_date": now.start_date, "end_date": now.end_date},
                {
                    "items": [{"price": cheap.id}, {"price": small.id, "quantity": 2}],
                    "duration": {"interval": "month", "interval_count": 1},
                },
            ],
        },
    )
    use(shop, customer, 5, "dear")
    shop.clock.to(now.end_date + 7_200)
    use(shop, customer, 5, "cheap")
    shop.clock.to(now.end_date + 35 * 86_400)

    totals = [total for _, _, total in shop.invoices(customer)]
    assert totals == [18_000, 4_000 + 50, 4_000 + 15]
