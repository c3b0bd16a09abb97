"""Growing, shrinking and leaving: what is paid at once, what waits, what can be taken back."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.billing import gateway, services
from regulars.billing.models import Call
from tests.billing.paying import DAY, Payer


def change(payer: Payer, plan: str, interval: str = "month") -> None:
    services.change(chain=payer.chain, plan=plan, interval=interval, now=payer.now)


def test_more_is_paid_by_the_day_and_there_at_once(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=2)
    row = payer.row
    assert row.period_starts_at is not None
    assert row.period_ends_at is not None
    payer.to(row.period_starts_at + (row.period_ends_at - row.period_starts_at) / 2)

    change(payer, "chain")

    assert (payer.row.plan, payer.row.monthly_minor) == ("chain", 2 * 29_900)
    assert payer.totals() == [2 * 19_900, 29_900 - 19_900]


def test_a_card_that_is_refused_leaves_everything_as_it_was(payer: Payer) -> None:
    payer.subscribed(plan="start")
    payer.use_card("pm_card_chargeCustomerFail")
    payer.to(payer.now + 10 * DAY)

    with pytest.raises(gateway.CardRefused):
        change(payer, "chain")

    payer.hear()
    assert (payer.row.plan, payer.row.status, payer.access) == ("start", "active", "full")
    assert Call.objects.get(verb="change").state == Call.State.REFUSED


def test_less_waits_until_what_is_paid_is_used_up(payer: Payer) -> None:
    payer.subscribed(plan="chain", stores=2)
    ends = payer.row.period_ends_at
    assert ends is not None

    change(payer, "start")

    assert (payer.row.plan, payer.row.next_plan) == ("chain", "start")
    payer.to(ends + timedelta(hours=2))
    assert (payer.row.plan, payer.row.next_plan) == ("start", "")
    assert payer.totals() == [2 * 29_900, 2 * 19_900]


def test_less_can_be_taken_back_until_then(payer: Payer) -> None:
    payer.subscribed(plan="chain", stores=2)
    ends = payer.row.period_ends_at
    assert ends is not None
    change(payer, "start")

    change(payer, "chain")

    assert (payer.row.next_plan, payer.row.schedule) == ("", "")
    payer.to(ends + timedelta(hours=2))
    assert payer.totals() == [2 * 29_900, 2 * 29_900]


def test_from_the_month_to_the_year_at_once_and_back_at_the_end_of_the_year(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=1)

    change(payer, "start", "year")
    change(payer, "start", "month")

    row = payer.row
    assert (row.interval, row.next_interval, row.next_plan) == ("year", "month", "start")
    assert payer.totals() == [19_900, 199_000 - 19_900]
    assert row.monthly_minor == round(199_000 / 12)


def test_the_quantity_follows_the_stores_and_a_change_that_waits_goes_on_waiting(
    payer: Payer,
) -> None:
    payer.subscribed(plan="chain", stores=2)
    ends = payer.row.period_ends_at
    assert ends is not None
    change(payer, "start")

    services.keep_quantity(chain=payer.chain, stores=4, now=payer.now)
    services.keep_quantity(chain=payer.chain, stores=4, now=payer.now)

    assert (payer.row.quantity, payer.row.next_plan) == (4, "start")
    payer.to(ends + timedelta(hours=2))
    assert (payer.row.quantity, payer.row.plan) == (4, "start")
    assert payer.totals() == [2 * 29_900, 2 * 29_900 + 4 * 19_900]  # two for a whole month


def test_a_chain_without_a_subscription_pays_for_no_store(payer: Payer) -> None:
    services.keep_quantity(chain=payer.chain, stores=4, now=payer.now)

    assert not Call.objects.filter(chain_id=payer.chain.id).exists()


def test_who_cancels_keeps_what_is_paid_and_can_take_it_back(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=1)
    ends = payer.row.period_ends_at
    assert ends is not None

    services.cancel(chain=payer.chain, now=payer.now)
    assert (payer.row.cancels_at, payer.access) == (ends, "full")
    services.take_back(chain=payer.chain, now=payer.now)

    assert payer.row.cancels_at is None
    assert payer.to(ends + DAY).row.status == "active"


@pytest.mark.parametrize("how", [{"cancel_at": "max_period_end"}, {"cancel_at_period_end": True}])
def test_what_was_cancelled_in_the_portal_or_the_dashboard_can_be_taken_back_here(
    payer: Payer, how: dict[str, Any]
) -> None:
    payer.subscribed(plan="start", stores=1)
    payer.client.subscriptions.update(payer.row.subscription, how)
    payer.hear()
    assert payer.row.cancels_at == payer.row.period_ends_at

    services.take_back(chain=payer.chain, now=payer.now)

    assert payer.row.cancels_at is None


def test_a_smaller_plan_by_the_year_begins_when_the_month_is_used_up(payer: Payer) -> None:
    payer.subscribed(plan="chain", stores=1)
    ends = payer.row.period_ends_at
    assert ends is not None

    change(payer, "start", "year")

    payer.to(ends + timedelta(hours=2))
    row = payer.row
    assert (row.plan, row.interval, row.period_starts_at) == ("start", "year", ends)
    assert row.period_ends_at == ends.replace(year=ends.year + 1)
    assert payer.totals() == [29_900, 199_000]


def test_another_interval_is_not_begun_by_what_ends_anyway(payer: Payer) -> None:
    payer.subscribed(plan="start")
    services.cancel(chain=payer.chain, now=payer.now)

    with pytest.raises(services.Ending):
        change(payer, "start", "year")


def test_after_the_end_people_look_only_until_they_come_back(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=1)
    ends = payer.row.period_ends_at
    assert ends is not None
    services.cancel(chain=payer.chain, now=payer.now)

    payer.to(ends + timedelta(hours=2))
    assert (payer.row.state, payer.row.ended_at, payer.access) == ("ended", ends, "read-only")

    payer.subscribed(plan="chain", stores=1)
    assert (payer.row.state, payer.row.plan, payer.access) == ("paid", "chain", "full")
    assert len(payer.subscriptions()) == 2


def test_less_is_not_planned_for_what_ends_anyway(payer: Payer) -> None:
    payer.subscribed(plan="chain")
    services.cancel(chain=payer.chain, now=payer.now)

    with pytest.raises(services.Ending):
        change(payer, "start")


def test_nothing_is_changed_where_nothing_runs(payer: Payer) -> None:
    with pytest.raises(services.NotSubscribed):
        change(payer, "start")
    with pytest.raises(services.NotSubscribed):
        services.cancel(chain=payer.chain, now=payer.now)
