"""What Stripe's pages say of prorations with flexible billing, and what they leave open."""

from typing import Any

import pytest
import stripe

from regulars.local.stripe import server
from tests.simulated_stripe import Shop, second


def item_of(shop: Shop, subscription: Any) -> Any:
    return shop.client.subscriptions.retrieve(subscription.id)["items"].data[0]


def pending(shop: Shop, customer: Any) -> list[tuple[int, str]]:
    listed = shop.client.invoice_items.list({"customer": customer.id, "pending": True})
    return [(each.amount, each.description) for each in reversed(listed.data)]


def test_what_is_given_back_is_a_part_of_what_was_billed_by_the_second(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(1_000), 3)
    item = item_of(shop, subscription)
    shop.clock.to(second(2026, 2, 7, 10))  # 21 of 28 days are left
    shop.client.subscription_items.update(item.id, {"quantity": 4})
    shop.clock.to(second(2026, 2, 14, 9, 59, 59))  # 1,209,601 of 2,419,200 s are left
    shop.client.subscription_items.update(item.id, {"quantity": 5})

    # −30.00 × 21/28; 40.00 × 21/28; −30.00 × 1,209,601/1,814,400 = −20.000…; 50.00 × 0.5000004…
    assert [amount for amount, _ in pending(shop, customer)] == [-2_250, 3_000, -2_000, 2_500]


def test_there_is_one_line_for_each_amount_that_was_billed_and_is_given_back(
    shop: Shop, simulator: server.Server
) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(1_000), 1)
    item = item_of(shop, subscription)
    billed_twice(simulator, subscription.id, (1_001, 333))
    shop.clock.to(second(2026, 2, 14, 10))  # half of the period is left

    shop.client.subscription_items.update(item.id, {"quantity": 2})

    # −10.01 / 2 = −5.005; −3.33 / 2 = −1.665: a half goes away from zero, for each line
    assert [amount for amount, _ in pending(shop, customer)] == [-501, -167, 1_000]


def billed_twice(simulator: server.Server, key: str, amounts: tuple[int, int]) -> None:
    """Write that the period of a subscription was billed in two amounts."""
    with simulator.api.lock:
        thing = simulator.store.get(key)
        assert thing is not None
        (item,) = thing["items"]["data"]
        time = {"start": item["current_period_start"], "end": item["current_period_end"]}
        item["_billed"] = [{"amount": each, "line": None, **time} for each in amounts]
        simulator.store.put(thing, clock=thing["test_clock"])


def test_another_interval_says_that_its_period_begins_now(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(1_000))
    items = [{"id": item_of(shop, subscription).id, "price": shop.price(10_000, "year").id}]
    shop.clock.to(second(2026, 2, 14, 10))  # half of the period is left

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.client.subscriptions.update(subscription.id, {"items": items})
    shop.client.subscriptions.update(
        subscription.id, {"items": items, "billing_cycle_anchor": {"type": "now"}}
    )

    assert refused.value.code == "simulator_unsupported"
    item = item_of(shop, subscription)
    assert item.current_period_start == second(2026, 2, 14, 10)
    assert item.current_period_end == second(2027, 2, 14, 10)
    assert [total for _, _, total in shop.invoices(customer)] == [1_000, 10_000 - 500]


def test_a_phase_of_another_interval_says_that_its_period_begins_with_it(shop: Shop) -> None:
    customer, monthly, yearly = shop.customer(), shop.price(1_000), shop.price(10_000, "year")
    subscription = shop.subscribe(customer, monthly)
    schedule = shop.client.subscription_schedules.create({"from_subscription": subscription.id})
    now = schedule.phases[0]
    first = {
        "items": [{"price": monthly.id}], "start_date": now.start_date, "end_date": now.end_date
    }  # fmt: skip
    year = {"items": [{"price": yearly.id}], "duration": {"interval": "year"}}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.client.subscription_schedules.update(schedule.id, {"phases": [first, year]})
    year["billing_cycle_anchor"] = "phase_start"
    shop.client.subscription_schedules.update(schedule.id, {"phases": [first, year]})
    shop.clock.to(second(2026, 3, 1))

    assert refused.value.code == "simulator_unsupported"
    item = item_of(shop, subscription)
    assert (item.current_period_start, item.current_period_end) == (
        second(2026, 2, 28, 10),
        second(2027, 2, 28, 10),
    )
    assert [total for _, _, total in shop.invoices(customer)] == [1_000, 10_000]


@pytest.mark.parametrize("which", ["min_period_end", "max_period_end"])
def test_the_end_of_the_period_is_a_moment_that_can_be_taken_back(shop: Shop, which: str) -> None:
    subscription = shop.subscribe(shop.customer(), shop.price(1_000))

    ends = shop.client.subscriptions.update(subscription.id, {"cancel_at": which})
    kept = shop.client.subscriptions.update(subscription.id, {"cancel_at": ""})

    assert (ends.cancel_at, ends.cancel_at_period_end) == (second(2026, 2, 28, 10), False)
    assert (kept.cancel_at, kept.canceled_at, kept.status) == (None, None, "active")
