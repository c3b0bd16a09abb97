"""Messages beyond the allowance: billed to the cent, once, and fairly."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.billing import catalogue, gateway, metering, pricing, reconciling, selectors, services
from regulars.billing.models import Reported, Subscription
from regulars.local.stripe import server
from tests import simulated_stripe
from tests.billing.counting import APRIL, MARCH, billed, counted, items, tell
from tests.billing.paying import DAY, START, Payer

HOUR = timedelta(hours=1)


def test_the_meter_and_the_prices_are_made_once(payer: Payer) -> None:
    meters = payer.client.billing.meters.list({}).data
    price = payer.client.prices.list({"lookup_keys": ["regulars:start:messages:CNY"]}).data[0]

    assert [each.event_name for each in meters] == ["regulars_messages"]
    assert (price.unit_amount, price.recurring.meter) == (9, meters[0].id)
    assert catalogue.missing() == []


def test_messages_beyond_the_allowance_are_billed_with_the_period_to_the_cent(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=2).to(START + 10 * DAY)

    tell(payer, 2_000)
    first = counted(payer)
    tell(payer, 2_350)
    tell(payer, 2_350)
    payer.to(START + 20 * DAY)
    row = tell(payer, 2_500)
    payer.to(START + 32 * DAY)

    assert (first, counted(payer)) == (0, 500)
    assert [(each["slice"], each["messages"]) for each in row.slices] == [(1, 350), (2, 150)]
    assert payer.totals() == [39_800, 39_800 + 500 * 9]
    assert [amount for _, amount in billed(payer)] == [4_500]


def test_the_page_is_told_what_it_will_cost(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=2).to(START + DAY)
    before = selectors.overage(payer.chain, month=MARCH)

    tell(payer, 2_100)

    found = selectors.overage(payer.chain, month=MARCH)
    assert before is None
    assert found is not None
    assert (found.told, found.each_minor, found.costs_minor, found.currency) == (100, 9, 900, "CNY")


def test_a_month_is_the_calendar_s_and_its_last_messages_come_with_the_next_invoice(
    payer: Payer,
) -> None:
    payer.subscribed(plan="start", stores=1).to(START + 32 * DAY)  # 3 April: a period has ended

    tell(payer, 2_010, month=MARCH)
    tell(payer, 2_020, month=APRIL)
    payer.to(START + 63 * DAY)

    stamps = list(Reported.objects.order_by("month").values_list("stamp", flat=True))
    march, april = stamps
    assert march is not None
    assert april is not None
    assert april - march >= timedelta(minutes=1)
    assert payer.totals() == [19_900, 19_900, 19_900 + 30 * 9]


def test_what_is_sent_on_a_trial_is_forgiven_for_good(payer: Payer) -> None:
    Subscription.objects.filter(chain_id=payer.chain.id).update(trial_ends_at=START + 10 * DAY)
    payer.subscribed(plan="start", stores=1)
    status = payer.row.status

    on_trial = tell(payer, 2_400)
    payer.to(START + 11 * DAY)
    row = tell(payer, 2_450)

    assert (status, on_trial.forgiven, payer.row.status) == ("trialing", 400, "active")
    assert (row.told, counted(payer)) == (50, 50)


def test_a_smaller_plan_takes_back_no_allowance_of_the_month(payer: Payer) -> None:
    payer.subscribed(plan="chain", stores=1).to(START + DAY)
    tell(payer, 30_000)
    Subscription.objects.filter(chain_id=payer.chain.id).update(plan="start")

    row = tell(payer, 30_100)
    next_month = tell(payer, 2_001, month=APRIL)

    assert (row.allowance, row.told, next_month.told) == (50_000, 0, 1)


def test_a_larger_plan_pays_for_the_messages_so_far_at_the_old_price(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=1).to(START + 10 * DAY)
    tell(payer, 2_100)
    payer.to(START + 11 * DAY)

    services.change(chain=payer.chain, plan="chain", interval="month", now=payer.now)
    tell(payer, 50_200)
    payer.to(START + 32 * DAY)

    assert items(payer) == [("regulars:chain:month:CNY", 1), ("regulars:chain:messages:CNY", None)]
    assert [amount for _, amount in billed(payer)] == [100 * 9, 100 * 8]
    assert counted(payer) == 200


def test_from_the_month_to_the_year_nothing_is_lost_and_nothing_twice(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=1).to(START + 10 * DAY)
    tell(payer, 2_100)
    payer.to(START + 11 * DAY)

    services.change(chain=payer.chain, plan="start", interval="year", now=payer.now)
    at_once = billed(payer)
    payer.to(START + 12 * DAY)
    tell(payer, 2_130)
    payer.to(START + 380 * DAY)

    assert [amount for _, amount in at_once] == [900]
    assert items(payer)[1] == ("regulars:start:messages-yearly:CNY", None)
    assert [amount for _, amount in billed(payer)] == [900, 270]


def test_less_at_the_end_of_the_period_bills_that_period_by_its_own_price(payer: Payer) -> None:
    payer.subscribed(plan="chain", stores=1).to(START + 10 * DAY)
    services.change(chain=payer.chain, plan="start", interval="month", now=payer.now)
    tell(payer, 50_100)
    payer.to(START + 32 * DAY)
    tell(payer, 2_010, month=APRIL)
    payer.to(START + 63 * DAY)

    assert payer.row.plan == "start"
    assert items(payer) == [("regulars:start:month:CNY", 1), ("regulars:start:messages:CNY", None)]
    assert [amount for _, amount in billed(payer)] == [100 * 8, 10 * 9]


def test_what_was_sent_is_billed_when_a_subscription_ends(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=1).to(START + 10 * DAY)
    services.cancel(chain=payer.chain, now=payer.now)
    tell(payer, 2_100)

    payer.to(START + 32 * DAY)
    after = tell(payer, 2_200)

    assert payer.row.status == "canceled"
    assert [amount for _, amount in billed(payer)] == [900]
    assert (after.told, after.forgiven) == (100, 100)


@pytest.fixture
def unmetered(payer: Payer, monkeypatch: pytest.MonkeyPatch) -> Payer:
    """Return a chain that subscribed before messages were billed."""
    with monkeypatch.context() as patched:
        patched.setattr(pricing, "messages", lambda *given, **more: [])
        payer.subscribed(plan="chain", stores=2)
    return payer


def test_a_subscription_without_messages_gets_them_at_night_and_what_waits_goes_on_waiting(
    unmetered: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(pricing, "messages", lambda *given, **more: [])
        services.change(chain=unmetered.chain, plan="start", interval="month", now=START)
    waits = tell(unmetered, 50_100)
    totals = unmetered.totals()

    report = reconciling.reconcile(now=START + HOUR)
    again = reconciling.reconcile(now=START + 2 * HOUR)
    row = tell(unmetered, 50_100)

    assert (waits.told, waits.forgiven, row.told) == (0, 0, 100)
    assert (report.metered, again.metered) == ([unmetered.chain.id], [])
    assert unmetered.totals() == totals
    assert unmetered.row.next_plan == "start"
    assert unmetered.row.messages_item


def away(*given: Any, **more: Any) -> Any:
    raise gateway.Away


def test_what_stripe_was_not_there_for_is_told_later_under_the_same_name(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer.subscribed(plan="start", stores=1).to(START + DAY)
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "perform", away)
        waits = tell(payer, 2_100)
    name = metering.identifier(waits)

    done = metering.finish_left(now=payer.now + 3 * timedelta(minutes=1))

    row = Reported.objects.get()
    assert (waits.asking, waits.told, done) == (100, 0, 1)
    assert (row.asking, row.told, counted(payer)) == (0, 100, 100)
    assert metering.identifier(row) == name


def lost(payer: Payer, monkeypatch: pytest.MonkeyPatch, *, arrives: bool) -> Reported:
    """Tell 100 messages whose answer is lost; return what we know."""
    perform = gateway.perform

    def performing(*given: Any, **more: Any) -> Any:
        if arrives:
            perform(*given, **more)
        raise gateway.Away

    payer.subscribed(plan="start", stores=1).to(START + DAY)
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "perform", performing)
        return tell(payer, 2_100)


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("later", [DAY, 40 * DAY])
def test_after_stripe_forgot_the_name_it_is_asked_and_nothing_is_twice_or_never(
    payer: Payer, monkeypatch: pytest.MonkeyPatch, arrives: bool, later: timedelta
) -> None:
    lost(payer, monkeypatch, arrives=arrives)
    payer.to(payer.now + later)

    metering.finish_left(now=payer.now)
    metering.finish_left(now=payer.now + HOUR)

    row = Reported.objects.get()
    assert (row.told, row.asking, row.slice) == (100, 0, 1 if arrives else 2)
    assert counted(payer) == 100


def test_positive_control_without_asking_it_would_be_twice(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost(payer, monkeypatch, arrives=True)
    payer.to(payer.now + DAY)
    monkeypatch.setattr("regulars.billing.meters.counted", lambda **given: 0)

    metering.finish_left(now=payer.now)

    assert counted(payer) == 200


@pytest.mark.parametrize("arrives", [True, False])
def test_what_is_stamped_in_a_period_that_is_over_is_not_told_into_it(
    payer: Payer, monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    payer.subscribed(plan="start", stores=1).to(START + 31 * DAY - HOUR)
    if arrives:
        tell(payer, 2_100)
        Reported.objects.update(told=0, asking=100, slices=[])
    else:
        with monkeypatch.context() as patched:
            patched.setattr(gateway, "perform", away)
            tell(payer, 2_100)
    payer.to(payer.now + 2 * HOUR)

    early = metering.finish_left(now=payer.now)
    payer.to(payer.now + 3 * HOUR)
    done = metering.finish_left(now=payer.now)
    payer.to(START + 63 * DAY)

    assert (early, done, counted(payer)) == (0, 1, 100)
    assert [amount for _, amount in billed(payer)] == [900]


def test_a_refusal_is_kept_looked_up_and_told_anew(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer.subscribed(plan="start", stores=1).to(START + DAY)

    def refused(*given: Any, **more: Any) -> Any:
        raise gateway.Refused

    with monkeypatch.context() as patched:
        patched.setattr(gateway, "perform", refused)
        waits = tell(payer, 2_100)
    payer.to(payer.now + 4 * HOUR)

    done = metering.finish_left(now=payer.now)

    assert (waits.fault != "", done, counted(payer)) == (True, 1, 100)


def test_what_was_tried_too_often_rests_until_the_night(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = lost(payer, monkeypatch, arrives=False)
    Reported.objects.update(attempts=20)

    by_day = metering.finish_left(now=payer.now + HOUR)
    reconciling.reconcile(now=payer.now + 2 * HOUR)

    assert (waits.attempts, by_day, Reported.objects.get().told) == (1, 0, 100)


def test_a_refusal_counts_as_one_try(payer: Payer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*given: Any, **more: Any) -> Any:
        raise gateway.Refused

    payer.subscribed(plan="start", stores=1).to(START + DAY)
    monkeypatch.setattr(gateway, "perform", refused)

    assert tell(payer, 2_100).attempts == 1


def test_nothing_can_be_billed_when_nobody_pays_any_more(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost(payer, monkeypatch, arrives=False)
    Subscription.objects.update(status="canceled")

    metering.finish_left(now=payer.now + DAY)

    row = Reported.objects.get()
    assert (row.asking, row.told, row.forgiven) == (0, 0, 100)


def test_messages_that_wait_for_hours_are_in_the_report_of_the_night(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost(payer, monkeypatch, arrives=False)
    monkeypatch.setattr(gateway, "perform", away)

    report = reconciling.reconcile(now=payer.now + 7 * HOUR)

    assert report.messages_waiting == 1


def test_the_simulator_counts_a_stamp_of_36_days_ago_as_little_as_stripe(
    simulator: server.Server, payer: Payer
) -> None:
    client = simulated_stripe.client(simulator)
    stamp = int((START - 36 * DAY).timestamp())
    event = {
        "event_name": "regulars_messages",
        "payload": {"stripe_customer_id": payer.customer, "value": "1"},
        "timestamp": stamp,
    }

    with pytest.raises(Exception, match="35 days"):
        client.billing.meter_events.create(event)
