"""What operators know: who pays, who owes, what a night found; and who tells them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.core import mail
from django.test import override_settings

from regulars.billing import alerting, gateway, overview, reconciling, services
from regulars.billing.commands import billing
from regulars.billing.models import Call, Event, Night, Subscription
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from tests.billing.paying import DAY, START, Payer
from tests.billing.test_events import take, told

MAIL = {"OPERATORS_MAIL": "ops@regulars.example"}


def run(*words: str) -> Any:
    return CliRunner().invoke(billing, words, catch_exceptions=False)


def trial(chain: ChainInfo, *, ends_at: datetime) -> None:
    Subscription.objects.filter(chain_id=chain.id).update(trial_ends_at=ends_at, state="trial")
    Chain.objects.filter(pk=chain.id).update(is_demo=False)


def test_what_recurs_is_added_up_by_currency_with_how_many_pay(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=3)

    (found,) = overview.recurring()

    assert (found.currency, found.minor, found.paying) == ("CNY", 59_700, 1)
    assert overview.by_state()["paid"] == 1


def test_a_year_of_nights_says_what_recurred_at_the_end_of_each_month(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=1)
    for day, minor in ((1, 5), (28, 7)):
        at = datetime(2026, 2, day, tzinfo=UTC)
        Night.objects.create(at=at, report={"recurring": {"CNY": {"minor": minor, "paying": 1}}})

    found = overview.recurring_by_month(now=START)

    assert [(f"{month:%m}", amounts) for month, amounts in found] == [
        ("02", {"CNY": 7}),
        ("03", {"CNY": 19_900}),
    ]


def test_trials_are_listed_two_weeks_before_they_end_and_then_as_owing(
    aurum: ChainInfo, bloom: ChainInfo
) -> None:
    trial(aurum, ends_at=START + 13 * DAY)
    trial(bloom, ends_at=START + 15 * DAY)

    now = overview.trials_ending(now=START)
    later = overview.late(now=START + 14 * DAY)

    assert [(each.subdomain, each.next_step) for each in now] == [("aurum", "trial-ends")]
    assert [(each.subdomain, each.reason, each.next_step) for each in later] == [
        ("aurum", "trial-over", "read-only")
    ]
    assert later[0].next_at == START + 20 * DAY


def test_late_payers_are_listed_with_since_when_and_what_comes_next(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=1)
    payer.use_card("pm_card_chargeCustomerFail")
    payer.to(START + 31 * DAY + timedelta(hours=2))
    reconciling.reconcile(now=payer.now)

    (found,) = [each for each in overview.late(now=payer.now) if each.subdomain == "aurum"]

    assert (found.reason, found.next_step, found.state) == ("late", "read-only", "late")
    assert found.since is not None
    assert found.since == payer.row.unpaid_since
    assert found.next_at == found.since + 7 * DAY


@pytest.mark.parametrize("search", ["auru", "AURUM", "{customer}"])
def test_a_chain_is_found_by_name_sub_domain_or_customer(payer: Payer, search: str) -> None:
    wanted = search.replace("{customer}", payer.customer)

    found = overview.page(now=START, search=wanted)

    assert [each.subdomain for each in found] == ["aurum"]


def test_pages_follow_each_other_without_gap(aurum: ChainInfo, bloom: ChainInfo) -> None:
    everyone = overview.page(now=START)

    first = overview.page(now=START, limit=1)
    second = overview.page(now=START, limit=1, before=first[0].id)

    assert [*first, *second] == everyone[:2]


def test_two_subscriptions_of_a_chain_are_found_at_night_and_the_command_says_what_to_do(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    payer.subscribed(plan="start", stores=1)
    payer.use_card("pm_card_visa")
    payer.to(START + timedelta(minutes=1))  # the younger one must be younger
    price = gateway.price("regulars:chain:month:CNY")
    payer.clock.to(payer.clock.now + 60)  # the older one counts
    second = payer.client.subscriptions.create(
        {"customer": payer.customer, "items": [{"price": price}]}
    )

    report = reconciling.reconcile(now=START + DAY)
    found = run("twice")

    assert report.twice == [payer.chain.id]
    assert payer.row.plan == "start"
    assert found.exit_code == 1
    assert f"counts here: {payer.row.subscription}" in found.output
    assert f"to be ended: {second.id}" in found.output
    payer.client.subscriptions.cancel(second.id)
    assert reconciling.reconcile(now=START + 2 * DAY).twice == []
    assert run("twice").exit_code == 0


def test_a_night_that_repaired_something_is_written_down_and_mailed_once(payer: Payer) -> None:
    payer.pay(payer.link().url)  # and no event comes

    with override_settings(**MAIL):
        reconciling.reconcile(now=START + DAY)
        reconciling.reconcile(now=START + 2 * DAY)
        sent = [alerting.tell_left(now=START + 2 * DAY) for _ in range(2)]

    quiet, loud = Night.objects.order_by("-at")
    assert (loud.needs_telling, quiet.needs_telling) == (True, False)
    assert "plan" in loud.report["repaired"][str(payer.chain.id)]
    assert loud.report["recurring"] == {"CNY": {"minor": 39_800, "paying": 1}}
    assert sent == [1, 0]
    (message,) = mail.outbox
    assert message.to == ["ops@regulars.example"]
    assert "Aurum" in message.body


def test_nobody_is_written_to_without_an_address(payer: Payer) -> None:
    payer.pay(payer.link().url)
    reconciling.reconcile(now=START + DAY)

    assert alerting.tell_left(now=START + DAY) == 0
    assert mail.outbox == []


def test_mail_that_cannot_be_sent_is_tried_again(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer.pay(payer.link().url)
    reconciling.reconcile(now=START + DAY)

    def broken(_night: Night) -> None:
        raise OSError

    with override_settings(**MAIL):
        with monkeypatch.context() as patched:
            patched.setattr(alerting, "_send", broken)
            first = alerting.tell_left(now=START + DAY)
        second = alerting.tell_left(now=START + DAY)

    assert (first, second) == (0, 1)


def test_events_that_failed_or_are_of_no_chain_are_told_the_second_kind_once(payer: Payer) -> None:
    Event.objects.create(
        id="evt_failed", kind="invoice.paid", payload={}, state="failed", happened_at=START
    )
    take(told(customer="cus_stranger"))

    first = reconciling.reconcile(now=START + timedelta(minutes=1))
    Event.objects.filter(pk="evt_failed").delete()
    reconciling.reconcile(now=START + DAY)

    assert (first.failed_events, first.unknown) == (1, 1)
    told_of = list(Night.objects.order_by("at").values_list("needs_telling", flat=True))
    assert told_of == [True, False]


def test_what_an_event_carried_is_shown_without_what_opens_something() -> None:
    carried = {
        "client_secret": "pi_secret",
        "url": "https://checkout.stripe.com/c/pay/1",
        "hosted_invoice_url": "https://invoice",
        "card": {"last4": "4242", "fingerprint": "abc"},
        "lines": [{"amount": 1, "receipt": "https://pay.stripe.com/receipts/1"}],
        "client_token": None,
    }

    found = overview.shown(carried)

    hidden = overview.HIDDEN
    assert found == {
        "client_secret": hidden,
        "url": hidden,
        "hosted_invoice_url": hidden,
        "card": {"last4": "4242", "fingerprint": hidden},
        "lines": [{"amount": 1, "receipt": hidden}],
        "client_token": None,
    }


def test_every_list_is_a_command_too(payer: Payer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    payer.subscribed(plan="start", stores=2)
    event = told(customer=payer.customer, client_secret="very-secret")
    take(event)
    Call.objects.create(
        chain_id=payer.chain.id, verb="change", parameters={}, state="refused", fault="no",
        asked_at=START,
    )  # fmt: skip
    reconciling.reconcile(now=START + DAY)

    assert "2026" in run("nights").output
    assert "paid by 1 chains" in run("figures").output
    assert "Aurum" in run("calls").output
    assert "very-secret" not in run("event", event["id"]).output
    assert event["type"] in run("event", event["id"]).output
    assert run("event", "evt_none").exit_code == 1
    assert [run(each).exit_code for each in ("trials", "late", "messages")] == [0, 0, 0]


def test_a_cancelled_second_attempt_to_change_is_no_repair_of_the_night(payer: Payer) -> None:
    payer.subscribed(plan="start", stores=2)
    services.cancel(chain=payer.chain, now=START)

    report = reconciling.reconcile(now=START + timedelta(hours=1))

    assert report.repaired == {}
