"""What Stripe tells: kept once, answered at once, worked by the outbox, never lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from regulars.billing import events, gateway, reconciling, tasks
from regulars.billing.models import Event, Subscription
from regulars.billing.seen import Snapshot
from regulars.local.stripe import server
from regulars.outbox import handlers
from regulars.outbox import services as outbox
from regulars.outbox.models import Job
from regulars.tenancy import context
from regulars.tenancy.models import Chain
from tests.billing.paying import DAY, START, Payer, signed

PATH = "/webhooks/stripe/"


def told(
    kind: str = "customer.subscription.updated", *, customer: str = "cus_nobody", **thing: Any
) -> dict[str, Any]:
    return {
        "id": f"evt_{kind}_{customer}",
        "object": "event",
        "type": kind,
        "created": int(START.timestamp()),
        "data": {
            "object": {"id": "sub_1", "object": "subscription", "customer": customer, **thing}
        },
    }


def take(payload: dict[str, Any], now: datetime = START) -> Event.State:
    return events.take(*signed(payload, now=now), now=now)


def jobs(payer: Payer) -> list[str]:
    with context.inside(payer.chain):
        found = Job.objects.filter(handler="billing.event", done_at=None)
        return [each.payload["event_id"] for each in found]


def test_an_event_is_kept_once_and_its_work_is_written_down_once(payer: Payer) -> None:
    payload = told(customer=payer.customer)

    states = [take(payload), take(payload)]

    assert states == [Event.State.WAITING, Event.State.WAITING]
    event = Event.objects.get()
    assert (event.id, event.chain_id, event.payload) == (payload["id"], payer.chain.id, payload)
    assert jobs(payer) == [payload["id"]]


def test_the_chains_outbox_does_the_work(payer: Payer) -> None:
    payer.pay(payer.link().url)
    take(told(customer=payer.customer))
    found = handlers.find("billing.event")
    assert found is not None
    assert found.work is tasks.event

    with context.inside(payer.chain):
        outbox.work_off()

    assert (payer.row.status, Event.objects.get().state) == ("active", Event.State.DONE)
    assert jobs(payer) == []


def test_what_concerns_nothing_we_keep_is_kept_and_needs_no_work(payer: Payer) -> None:
    assert take(told("charge.succeeded", customer=payer.customer)) == Event.State.IGNORED
    assert take(told("price.created", customer="")) == Event.State.IGNORED
    assert jobs(payer) == []


@pytest.mark.parametrize("state", [Chain.State.DELETED, None])
def test_an_event_of_no_chain_or_a_deleted_one_is_kept_for_the_operator(
    payer: Payer, state: str | None
) -> None:
    customer = payer.customer if state else "cus_stranger"
    if state:
        Chain.objects.filter(pk=payer.chain.id).update(state=state)

    assert take(told(customer=customer)) == Event.State.UNKNOWN

    assert Event.objects.get().payload["data"]["object"]["customer"] == customer
    with pytest.raises(events.OfNoChain):
        events.replay(event_id=Event.objects.get().id, now=START)


def test_an_event_whose_chain_is_known_later_can_be_replayed(payer: Payer) -> None:
    Subscription.objects.filter(chain_id=payer.chain.id).update(customer="")
    take(told(customer=payer.customer))
    Subscription.objects.filter(chain_id=payer.chain.id).update(customer=payer.customer)

    assert events.replay(event_id=Event.objects.get().id, now=START) == Event.State.DONE
    assert Event.objects.get().chain_id == payer.chain.id


def test_a_chain_that_the_object_names_is_found_without_its_customer(payer: Payer) -> None:
    payload = told(customer="cus_other", metadata={"chain": str(payer.chain.id)})

    assert take(payload) == Event.State.WAITING
    assert jobs(payer) == [payload["id"]]


def test_work_that_fails_says_why_and_is_done_when_stripe_is_back(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_customer: str) -> Snapshot:
        raise gateway.Away

    payload = told(customer=payer.customer)
    take(payload)
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "read", away)
        with pytest.raises(gateway.Away):
            events.work(event_id=payload["id"], now=START)
    assert (Event.objects.get().state, Event.objects.get().attempts) == (Event.State.FAILED, 1)

    report = reconciling.reconcile(now=START + DAY)

    assert report.worked == [payload["id"]]
    assert Event.objects.get().state == Event.State.DONE


def test_stripe_is_answered_before_anything_is_read(
    payer: Payer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "client", lambda: pytest.fail("Nothing is asked of Stripe here."))
    body, header = signed(told(customer=payer.customer), now=timezone.now())

    answer = client.post(
        PATH, body, content_type="application/json", headers={"Stripe-Signature": header},
        HTTP_HOST="localhost",
    )  # fmt: skip

    context.activate_public()
    assert (answer.status_code, answer.content) == (204, b"")
    assert Event.objects.get().state == Event.State.WAITING


def test_a_stranger_is_refused_and_nothing_is_kept(simulator: server.Server, db: None) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post(PATH, b"{}", content_type="application/json", HTTP_HOST="localhost")

    context.activate_public()
    assert answer.status_code == 400
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("age", "is_taken"),
    [(0, True), (299, True), (301, False), (-29, True), (-31, False), (86_400, False)],
)
def test_a_stamp_that_is_too_old_or_in_the_future_is_refused(
    payer: Payer, age: int, is_taken: bool
) -> None:
    body, header = signed(told(customer=payer.customer), now=START - timedelta(seconds=age))

    try:
        events.take(body, header, now=START)
    except gateway.BadSignature:
        assert not is_taken
    assert Event.objects.exists() == is_taken


def test_the_night_repairs_what_nobody_told_and_says_what_it_was(payer: Payer) -> None:
    payer.pay(payer.link(stores=3).url)

    report = reconciling.reconcile(now=payer.now)
    again = reconciling.reconcile(now=payer.now)

    assert payer.row.status == "active"
    assert set(report.repaired) == {payer.chain.id}
    assert {"status", "quantity", "plan"} <= set(report.repaired[payer.chain.id])
    assert (again.repaired, again.moved, again.failed) == ({}, {}, {})


def test_one_chain_that_cannot_be_read_does_not_keep_the_others_from_it(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer.pay(payer.link().url)
    bloom = Chain.objects.get(domains__domain="bloom")
    Subscription.objects.filter(chain=bloom).update(customer="cus_refused")
    read = gateway.read

    def refused(customer: str) -> Snapshot:
        if customer == "cus_refused":
            raise gateway.Refused
        return read(customer)

    monkeypatch.setattr(gateway, "read", refused)

    report = reconciling.reconcile(now=payer.now)

    assert set(report.failed) == {bloom.id}
    assert set(report.repaired) == {payer.chain.id}
