"""Messages to many: progress, a stop button, and crashes in the middle."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from regulars.audit import SYSTEM
from regulars.messages import services
from regulars.messages.gateways import chosen
from regulars.messages.gateways.contract import TryLater
from regulars.messages.models import Contact
from regulars.messages.selectors import batches as progress
from regulars.messages.services import batches
from regulars.messages.services.batches import BatchClosed
from regulars.messages.services.sending import Means
from regulars.outbox import services as outbox
from regulars.outbox.models import Job
from regulars.tenancy.context import ChainInfo
from tests.factories.contacts import budget, draft, person, reserve
from tests.factories.customers import NOW
from tests.messages.conftest import Clock, Provider

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo) -> None:
    budget()


def batch_of(count: int) -> UUID:
    batch = batches.open_batch(
        actor=SYSTEM, title="Mid-autumn", purpose="care", channel="sms", now=NOW
    )
    drafts = [draft(person()) for _ in range(count)]
    batches.fill(actor=SYSTEM, batch_id=batch.pk, drafts=drafts, now=NOW)
    batches.fill(actor=SYSTEM, batch_id=batch.pk, drafts=drafts, now=NOW)
    batches.begin(actor=SYSTEM, batch_id=batch.pk, now=NOW)
    return batch.pk


def how(batch_id: UUID) -> tuple[str, dict[str, int]]:
    found = progress.progress(batch_id)
    assert found is not None
    return found.batch.state, found.states


def test_a_batch_is_sent_once_each_and_is_done(
    means: Means, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "AT_ONCE", 5)
    batch_id = batch_of(12)

    batches.drive(batch_id=batch_id, means=means)
    batches.drive(batch_id=batch_id, means=means)

    assert how(batch_id) == ("done", {"accepted": 12})
    assert len({each.key for each in provider.sent}) == len(provider.sent) == 12


def test_a_batch_counts_what_was_asked_reserved_and_refused() -> None:
    batch = batches.open_batch(actor=SYSTEM, title="x", purpose="care", channel="sms", now=NOW)
    whom = [draft(person()), draft(person(phone=None)), draft(person())]

    batches.fill(actor=SYSTEM, batch_id=batch.pk, drafts=whom, now=NOW)

    batch.refresh_from_db()
    assert batch.counts == {"asked": 3, "reserved": 2, "address": 1}


def test_nothing_begins_once_a_batch_is_stopped(means: Means, provider: Provider) -> None:
    batch_id = batch_of(10)

    def stop(_: object) -> None:
        if len(provider.sent) == 3:
            batches.stop(actor=SYSTEM, batch_id=batch_id, now=NOW)

    provider.before = stop
    batches.drive(batch_id=batch_id, means=means)

    assert how(batch_id) == ("stopped", {"accepted": 4, "cancelled": 6})
    with pytest.raises(BatchClosed):
        batches.begin(actor=SYSTEM, batch_id=batch_id, now=NOW)


def test_a_batch_goes_on_after_a_crash_and_knows_what_it_does_not_know(
    means: Means, provider: Provider
) -> None:
    batch_id = batch_of(10)
    provider.raising[str(Contact.objects.order_by("pk")[4].address)] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        batches.drive(batch_id=batch_id, means=means)
    provider.raising.clear()

    batches.drive(batch_id=batch_id, means=means)

    assert how(batch_id) == ("done", {"accepted": 9, "unknown": 1})
    assert len({each.key for each in provider.sent}) == len(provider.sent) == 10


def test_an_account_without_money_keeps_the_batch_waiting_and_burns_no_attempts(
    means: Means, provider: Provider, clock: Clock
) -> None:
    batch_id = batch_of(5)
    provider.raising[""] = TryLater("money", after=15 * MINUTE)

    batches.drive(batch_id=batch_id, means=means)

    found = progress.progress(batch_id)
    assert found is not None
    assert (found.batch.fault, found.states, len(provider.sent)) == ("money", {"reserved": 5}, 1)
    provider.raising.clear()
    clock.now = NOW + 16 * MINUTE
    batches.drive(batch_id=batch_id, means=means)
    assert how(batch_id) == ("done", {"accepted": 5})


def test_a_batch_of_which_some_must_wait_is_work_for_later(
    means: Means, provider: Provider, clock: Clock
) -> None:
    batch_id = batch_of(3)
    slow = str(Contact.objects.order_by("pk")[1].address)
    provider.raising[slow] = TryLater("person-limit", after=15 * MINUTE)

    batches.drive(batch_id=batch_id, means=means)

    assert how(batch_id) == ("sending", {"accepted": 2, "reserved": 1})
    jobs = Job.objects.filter(handler="messages.send-batch").values_list("due_at", flat=True)
    assert clock.now + 15 * MINUTE in jobs


def test_on_a_laptop_a_worker_leaves_messages_in_the_mailbox(settings: Any, tmp_path: Path) -> None:
    settings.LOCAL, settings.MAILBOX_DIR = True, tmp_path
    one = reserve(person(), purpose="service", text="receipt")
    batch = batches.open_batch(actor=SYSTEM, title="x", purpose="service", channel="sms", now=NOW)
    drafts = [draft(person(), purpose="service") for _ in range(3)]
    batches.fill(actor=SYSTEM, batch_id=batch.pk, drafts=drafts, now=NOW)

    services.dispatch(contact_id=one)
    batches.begin(actor=SYSTEM, batch_id=batch.pk, now=NOW)
    outbox.work_off()

    assert Contact.objects.get(pk=one).state == "accepted"
    assert how(batch.pk) == ("done", {"accepted": 3})
    assert len(list(tmp_path.iterdir())) == 4
    assert not Job.objects.filter(handler__startswith="messages.", done_at=None).exists()


def test_without_a_provider_no_batch_is_begun(settings: Any) -> None:
    settings.LOCAL, settings.SMTP_URL = False, ""

    with pytest.raises(chosen.NotChosen):
        batches.open_batch(actor=SYSTEM, title="x", purpose="care", channel="sms", now=NOW)
