"""What Stripe seldom says: a debt written off, a thing made by hand, a customer who is deleted."""

from datetime import timedelta
from typing import Any

import pytest
import stripe as official

from regulars.billing import calls, events, gateway, plans, reconciling, seeing, services, settling
from regulars.billing.models import Call, Event, Night, Subscription
from regulars.billing.seen import Snapshot
from tests.billing.paying import DAY, START, Payer, signed


def renewed(payer: Payer, *, card: str) -> Payer:
    """Let the next period begin with another card."""
    payer.use_card(card)
    ends = payer.row.period_ends_at
    assert ends is not None
    return payer.to(ends + timedelta(hours=2))


@pytest.mark.parametrize("is_written_off", [True, False])
def test_a_debt_of_before_the_last_payment_does_not_count_for_the_next_one(
    payer: Payer, is_written_off: bool
) -> None:
    payer.subscribed(plan="start", stores=1)
    renewed(payer, card="pm_card_chargeCustomerFail")
    (debt,) = payer.client.invoices.list({"customer": payer.customer, "status": "open"}).data
    if is_written_off:
        payer.client.invoices.mark_uncollectible(debt.id)
    else:  # the latest is paid, which is enough for Stripe
        payer.client.invoices.update(debt.id, {"auto_advance": False})
    renewed(payer, card="pm_card_visa")
    assert payer.row.status == "active"

    renewed(payer, card="pm_card_chargeCustomerFail")

    row = payer.row
    assert row.period_starts_at is not None
    assert row.unpaid_since == row.period_starts_at + timedelta(hours=1)  # the draft waits
    settling.settle(chain_id=payer.chain.id, now=payer.now + 2 * DAY)
    assert payer.access == "full"


def test_a_debt_that_is_written_off_and_still_owed_goes_on_counting(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=1)
    renewed(payer, card="pm_card_chargeCustomerFail")
    since = payer.row.unpaid_since
    (debt,) = payer.client.invoices.list({"customer": payer.customer, "status": "open"}).data

    payer.client.invoices.mark_uncollectible(debt.id)
    settling.settle(chain_id=payer.chain.id, now=payer.now)

    assert (payer.row.status, payer.row.unpaid_since) == ("past_due", since)


def test_a_subscription_without_a_store_in_it_is_reported_and_the_night_goes_on(
    payer: Payer,
) -> None:
    key = plans.messages_key("start", "month", "CNY")
    asked = {"customer": payer.customer, "items": [{"price": gateway.price(key)}]}
    payer.client.subscriptions.create(asked)

    report = reconciling.reconcile(now=payer.now)

    assert set(report.failed) == {payer.chain.id}
    assert report.read == Subscription.objects.count() - 1
    assert Night.objects.get().needs_telling


def test_a_price_by_steps_is_read_and_counts_nothing() -> None:
    price = {"metadata": {}, "unit_amount": None,
             "recurring": {"interval": "month", "usage_type": "licensed"}}  # fmt: skip
    item = {"id": "si_1", "price": price, "quantity": 3,
            "current_period_start": 1_772_445_600, "current_period_end": 1_775_124_000}  # fmt: skip
    found = official.Subscription.construct_from(
        {
            "id": "sub_1", "status": "active", "currency": "cny", "items": {"data": [item]},
            "cancel_at": None, "cancel_at_period_end": False, "ended_at": None, "schedule": None,
        },
        "sk",
    )  # fmt: skip

    seen = seeing.seen(found, None)

    assert seen is not None
    assert (seen.quantity, seen.plan, settling.monthly(seen)) == (3, "", 0)


def strange(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_customer: str) -> Snapshot:
        raise TypeError("strange")

    monkeypatch.setattr(gateway, "read", read)


def test_a_fault_that_nobody_thought_of_does_not_end_the_night(
    payer: Payer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    payer.subscribed()
    Subscription.objects.filter(chain_id=payer.chain.id).update(messages_item="")
    strange(monkeypatch)

    report = reconciling.reconcile(now=payer.now)

    assert report.failed == {payer.chain.id: "TypeError('strange')"}
    assert report.read == Subscription.objects.count() - 1
    assert "Traceback" in caplog.text
    assert Night.objects.exists()


def test_a_call_that_nobody_can_finish_does_not_keep_the_others_open(payer: Payer) -> None:
    for verb, parameters in (("unheard-of", {}), ("customer", {"email": "owner@aurum.example"})):
        calls.write_down(
            chain_id=payer.chain.id, verb=verb, subject="", parameters=parameters, now=START
        )

    report = reconciling.reconcile(now=START + timedelta(hours=1))

    assert report.finished == [(payer.chain.id, "customer")]
    assert Call.objects.get(state=Call.State.OPEN).verb == "unheard-of"


def test_an_event_that_meets_such_a_fault_is_failed_and_can_be_replayed(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    thing = {"id": "sub_1", "object": "subscription", "customer": payer.customer}
    told = {"id": "evt_1", "object": "event", "type": "customer.subscription.updated",
            "created": int(START.timestamp()), "data": {"object": thing}}  # fmt: skip
    events.take(*signed(told, now=START), now=START)
    with monkeypatch.context() as patched:
        strange(patched)
        for work in (events.work, events.replay):
            with pytest.raises(events.Failed):
                work(event_id="evt_1", now=START)
        assert events.work_left(before=START + DAY, now=START + DAY) == []
    event = Event.objects.get()
    assert (event.state, event.attempts) == (Event.State.FAILED, 3)
    assert event.fault == "TypeError('strange')"

    assert events.replay(event_id="evt_1", now=START) == Event.State.DONE


def test_who_was_deleted_at_stripe_is_cancelled_and_can_buy_again(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=1).to(START + 20 * DAY)

    payer.client.customers.delete(payer.customer)
    payer.hear()

    row = payer.row
    assert (row.customer, row.subscription, row.status) == ("", "", "canceled")
    assert (row.state, row.ended_at, row.monthly_minor) == ("ended", payer.now, 0)
    assert payer.access == "read-only"
    with pytest.raises(services.NotSubscribed):
        services.portal(chain=payer.chain, return_url="http://aurum.localhost/", now=payer.now)
    payer.pay(payer.link(plan="chain", stores=1).url)
    settling.settle(chain_id=payer.chain.id, now=payer.now)
    assert payer.row.customer not in ("", payer.customer)
    assert (payer.row.status, payer.row.plan, payer.access) == ("active", "chain", "full")


def test_a_deleted_customer_who_never_paid_keeps_the_trial(payer: Payer) -> None:
    Subscription.objects.update(trial_ends_at=START + 30 * DAY)
    payer.client.customers.delete(payer.customer)

    settling.settle(chain_id=payer.chain.id, now=START)

    assert (payer.row.customer, payer.row.status, payer.row.state) == ("", "", "trial")
    assert "/c/pay/" in payer.link().url


def test_the_simulator_opens_neither_checkout_nor_portal_for_a_deleted_customer(
    payer: Payer,
) -> None:
    client: Any = payer.client
    client.customers.delete(payer.customer)
    back = "http://aurum.localhost/"
    items = [{"price": gateway.price(plans.lookup_key("start", "month", "CNY")), "quantity": 1}]
    checkout = {"mode": "subscription", "line_items": items, "success_url": back}

    for open_one, asked in (
        (client.checkout.sessions.create, checkout),
        (client.billing_portal.sessions.create, {"return_url": back}),
    ):
        with pytest.raises(official.InvalidRequestError) as error:
            open_one({**asked, "customer": payer.customer})
        assert (error.value.code, error.value.param) == ("resource_missing", "customer")
    assert client.customers.retrieve(payer.customer).deleted


def test_who_cancels_on_the_first_day_of_a_trial_has_the_rest_of_it(payer: Payer) -> None:
    Subscription.objects.update(trial_ends_at=START + 30 * DAY)
    payer.subscribed(plan="start", stores=1)

    payer.client.subscriptions.cancel(payer.row.subscription)
    payer.to(START + timedelta(hours=1))

    assert (payer.row.status, payer.row.state, payer.access) == ("canceled", "trial", "full")
    settling.settle(chain_id=payer.chain.id, now=START + 38 * DAY)
    assert payer.access == "read-only"
