"""A downgrade that waits for the end of the period."""

from typing import Any

from tests.simulated_stripe import Shop, second


def downgrade(shop: Shop, subscription: Any, price: Any, quantity: int) -> Any:
    schedule = shop.client.subscription_schedules.create({"from_subscription": subscription.id})
    now = schedule.phases[0]
    return shop.client.subscription_schedules.update(
        schedule.id,
        {
            "end_behavior": "release",
            "phases": [
                {
                    "items": [{"price": each.price, "quantity": each.quantity}
                              for each in now["items"]],
                    "start_date": now.start_date,
                    "end_date": now.end_date,
                },
                {
                    "items": [{"price": price.id, "quantity": quantity}],
                    "duration": {"interval": "month", "interval_count": 1},
                    "proration_behavior": "none",
                },
            ],
        },
    )  # fmt: skip


def test_a_downgrade_by_schedule_costs_nothing_now_and_less_from_the_next_period(
    shop: Shop,
) -> None:
    customer = shop.customer()
    large, small = shop.price(9_000, name="Chain"), shop.price(2_000, name="Start")
    subscription = shop.subscribe(customer, large, 3)
    shop.clock.to(second(2026, 2, 10))

    schedule = downgrade(shop, subscription, small, 2)
    now = shop.client.subscriptions.retrieve(subscription.id)
    shop.clock.to(second(2026, 3, 1))
    then = shop.client.subscriptions.retrieve(subscription.id)
    shop.clock.to(second(2026, 4, 1))

    assert (now.schedule, now["items"].data[0].price.id) == (schedule.id, large.id)
    assert then["items"].data[0].price.id == small.id
    assert then["items"].data[0].id == now["items"].data[0].id
    assert [total for _, _, total in shop.invoices(customer)] == [27_000, 4_000, 4_000]
    assert shop.client.subscription_schedules.retrieve(schedule.id).status == "released"
    assert shop.client.subscriptions.retrieve(subscription.id).schedule is None


def test_a_schedule_that_is_released_changes_nothing(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(9_000))
    schedule = downgrade(shop, subscription, shop.price(2_000), 1)

    shop.client.subscription_schedules.release(schedule.id)
    shop.clock.to(second(2026, 3, 1))

    assert [total for _, _, total in shop.invoices(customer)] == [9_000, 9_000]


def test_the_preview_of_the_next_invoice_knows_the_schedule(shop: Shop) -> None:
    subscription = shop.subscribe(shop.customer(), shop.price(9_000))
    downgrade(shop, subscription, shop.price(2_000), 1)

    preview = shop.client.invoices.create_preview({"subscription": subscription.id})

    assert preview.total == 2_000


def test_a_schedule_can_begin_later(shop: Shop) -> None:
    customer, price = shop.customer(), shop.price(9_000)
    schedule = shop.client.subscription_schedules.create(
        {
            "customer": customer.id,
            "start_date": second(2026, 3, 1),
            "end_behavior": "cancel",
            "phases": [{"items": [{"price": price.id, "quantity": 1}],
                        "duration": {"interval": "month", "interval_count": 2}}],
        }
    )  # fmt: skip

    shop.clock.to(second(2026, 5, 2))

    found = shop.client.subscription_schedules.retrieve(schedule.id)
    assert (schedule.status, found.status) == ("not_started", "completed")
    assert [total for _, _, total in shop.invoices(customer)] == [9_000, 9_000]
    assert shop.client.subscriptions.retrieve(found.subscription).status == "canceled"
