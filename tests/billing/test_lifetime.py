"""A subscription begins and ends with its chain: nobody who is gone is charged or remembered."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from regulars.billing import alerting, calls, lifetime, metering, reconciling, settling, tasks
from regulars.billing.models import Call, Event, Night, Subscription
from regulars.tenancy import lifecycle
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from regulars.web.operating import access
from tests.billing import counting
from tests.billing.paying import DAY, START, Payer
from tests.factories.subscribers import PLACE
from tests.factories.visitors import signed_in


def gone(payer: Payer) -> None:
    Chain.objects.filter(pk=payer.chain.id).update(state=Chain.State.DELETED)


def test_a_chain_is_not_deleted_while_its_subscription_runs(payer: Payer) -> None:
    payer.subscribed()

    with pytest.raises(lifetime.StillCharged, match=payer.customer):
        lifecycle.delete(chain_id=payer.chain.id, now=payer.now)

    assert Chain.objects.get(pk=payer.chain.id).state == Chain.State.ACTIVE


def test_a_chain_that_does_not_pay_may_go(payer: Payer) -> None:
    chain = Chain.objects.get(pk=payer.chain.id)
    lifetime.refuse_charged(chain)
    Subscription.objects.filter(chain=chain).update(status="canceled", live=0)

    lifetime.refuse_charged(chain)


def test_a_chain_that_is_gone_and_charged_on_is_told_until_it_is_ended(payer: Payer) -> None:
    payer.pay(payer.link().url)  # and no event comes
    gone(payer)

    charged = reconciling.reconcile(now=START + DAY)
    told = alerting.says(Night.objects.get().report)
    payer.client.subscriptions.cancel(payer.subscriptions()[0].id)
    ended = reconciling.reconcile(now=START + 2 * DAY)

    assert (charged.charged_on, ended.charged_on) == ([payer.chain.id], [])
    assert any("Aurum" in sentence for sentence in told)
    assert Night.objects.order_by("at")[0].needs_telling


def test_a_night_of_before_that_says_nothing_of_it_is_still_shown(payer: Payer) -> None:
    reconciling.reconcile(now=START)
    report = Night.objects.get().report
    del report["charged_on"]

    assert alerting.says(report) == []


def test_a_chain_without_a_subscription_is_on_a_trial_after_the_night(aurum: ChainInfo) -> None:
    Subscription.objects.all().delete()

    reconciling.reconcile(now=START)

    row = Subscription.objects.get(chain_id=aurum.id)
    assert (row.plan, row.state, row.trial_ends_at) == ("chain", "trial", START + 30 * DAY)
    assert settling.settle(chain_id=aurum.id, now=START) == []


def test_what_stands_there_is_kept(payer: Payer) -> None:
    before = payer.subscribed().row

    assert lifetime.begin(chain_id=payer.chain.id, now=payer.now) == before
    assert lifetime.begin_missing(now=payer.now) == 0


def test_the_page_of_a_chain_without_a_subscription_offers_plans(inside_aurum: ChainInfo) -> None:
    Subscription.objects.filter(chain_id=inside_aurum.id).delete()

    page = signed_in().get(PLACE)

    assert page.status_code == 200
    assert 'data-billing-state="trial"' in page.content.decode()


def test_messages_of_a_chain_without_a_subscription_cost_nothing(payer: Payer) -> None:
    Subscription.objects.filter(chain_id=payer.chain.id).delete()

    row = counting.tell(payer, 60_000)

    assert (row.forgiven, row.told) == (10_000, 0)


def test_what_names_people_goes_with_their_chain(payer: Payer) -> None:
    payer.subscribed()
    made = {"chain_id": payer.chain.id, "verb": "customer", "asked_at": START}
    Call.objects.create(**made, parameters={"email": "alice@aurum.example"}, state="done")
    Call.objects.create(**made, parameters={"email": "alice@aurum.example"})
    stranger = Call.objects.create(verb="price", parameters={"a": 1}, asked_at=START)

    lifetime.forget(Chain.objects.get(pk=payer.chain.id))
    gone(payer)
    Event.objects.create(
        id="evt_late", kind="invoice.paid", customer=payer.customer, happened_at=START,
        payload={"data": {"object": {"customer_email": "alice@aurum.example"}}},
    )  # fmt: skip
    reconciling.reconcile(now=START + timedelta(minutes=1))

    ours = Call.objects.filter(chain_id=payer.chain.id)
    assert ours.count() > 2
    assert {str(each.parameters) + str(each.answer) for each in ours} == {"{}None"}
    assert not ours.filter(state=Call.State.OPEN).exists()
    assert Event.objects.count() > 1
    assert not Event.objects.filter(payload__icontains="aurum").exists()
    stranger.refresh_from_db()
    assert stranger.parameters == {"a": 1}


def test_what_is_over_is_forgotten_after_four_hundred_days(aurum: ChainInfo) -> None:
    made: dict[str, Any] = {"kind": "invoice.paid", "payload": {}, "happened_at": START}
    for name, state in (("evt_done", "done"), ("evt_open", "failed")):
        Event.objects.create(id=name, state=state, received_at=START, **made)
    asked = {"verb": "change", "parameters": {}, "asked_at": START}
    Call.objects.create(**asked, state="done", done_at=START)
    waits = Call.objects.create(**asked)

    lifetime.trim(now=START + 399 * DAY)
    kept = (Event.objects.count(), Call.objects.count())
    lifetime.trim(now=START + 401 * DAY)

    assert kept == (2, 2)
    assert Event.objects.get().id == "evt_open"
    assert Call.objects.get() == waits


def test_what_is_odd_about_telling_operators_stops_no_repair(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, db: None
) -> None:
    done: list[str] = []

    def finish_calls(**_given: Any) -> list[str]:
        done.append("calls")
        return []

    def finish_messages(**_given: Any) -> int:
        done.append("messages")
        return 2

    def odd(**_given: Any) -> int:
        done.append("told")
        raise KeyError("worked")

    monkeypatch.setattr(alerting, "tell_left", odd)
    monkeypatch.setattr(calls, "finish_left", finish_calls)
    monkeypatch.setattr(metering, "finish_left", finish_messages)

    assert tasks.finish_calls.run() == 2

    assert done == ["calls", "messages", "told"]
    assert "could not be told" in caplog.text


def test_a_cache_that_lost_the_round_lets_no_old_session_in(db: None) -> None:
    cache.clear()
    before = access.new_link("alice")
    session = access.enter(before)
    unused = access.new_link("bob")
    access.end_all()
    cache.delete("operator:round")

    browser = Client()
    browser.cookies["operator"] = session or ""
    request = browser.get("/", headers={"host": "localhost"}).wsgi_request
    lost = (access.of(request), access.is_open(unused), access.enter(unused))
    fresh = access.new_link("carol")

    assert session is not None
    assert lost == (None, False, None)
    assert access.of(request) is None
    assert (access.is_open(unused), access.is_open(fresh)) == (False, True)
