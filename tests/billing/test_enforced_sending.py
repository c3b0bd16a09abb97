"""What goes by itself rests while nothing is paid, and is not sent all at once afterwards."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from regulars.audit import SYSTEM
from regulars.billing import plans, resting
from regulars.billing.models import Subscription
from regulars.celery import app as celery
from regulars.messages.models import Contact
from regulars.messages.selectors import batches as progress
from regulars.messages.selectors import sent
from regulars.messages.services import allowance, batches, sending
from regulars.messages.services.sending import Means
from regulars.outbox import handlers, schedule
from regulars.outbox.models import Job
from regulars.surveys.models import Invitation
from regulars.tenancy.context import ChainInfo
from regulars.usecases import ask_customers
from regulars.web.sending import batch_words
from tests.factories.contacts import budget, draft, person, reserve
from tests.factories.customers import NOW
from tests.factories.standing import stands, unpaid
from tests.messages.conftest import Clock, Provider, clock, means, provider

__all__ = ["clock", "means", "provider"]
DAY: Final = timedelta(days=1)
LATE: Final = timedelta(days=7)
PAUSED: Final = timedelta(days=21)
AGAIN: Final = timedelta(minutes=31)


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo) -> None:
    budget()


def batch_of(count: int, *, purpose: str = "care", **facts: Any) -> UUID:
    batch = batches.open_batch(actor=SYSTEM, title="Moon", purpose=purpose, channel="sms", now=NOW)
    drafts = [draft(person(), purpose=purpose, **facts) for _ in range(count)]
    batches.fill(actor=SYSTEM, batch_id=batch.pk, drafts=drafts, now=NOW)
    batches.begin(actor=SYSTEM, batch_id=batch.pk, now=NOW)
    return batch.pk


def how(batch_id: UUID) -> tuple[str, str, dict[str, int]]:
    found = progress.progress(batch_id)
    assert found is not None
    return found.batch.state, found.batch.fault, found.states


def driven(batch_id: UUID, means: Means) -> tuple[str, str, dict[str, int]]:
    batches.drive(batch_id=batch_id, means=means)
    return how(batch_id)


def paid(chain: ChainInfo) -> None:
    stands(chain, access="full")


@pytest.mark.parametrize("access", ["read-only", "paused"])
def test_a_batch_waits_and_goes_on_once_it_is_paid(
    aurum: ChainInfo, means: Means, clock: Clock, access: str
) -> None:
    batch_id = batch_of(3)
    unpaid(aurum, access=access, since=NOW - LATE)

    waits = driven(batch_id, means)
    paid(aurum)
    clock.now = NOW + AGAIN

    assert waits == ("sending", f"plan-{access}", {"reserved": 3})
    assert Job.objects.filter(handler="messages.send-batch", due_at=NOW + resting.AGAIN).exists()
    assert driven(batch_id, means) == ("done", "", {"accepted": 3})


def test_a_batch_that_waited_longer_than_a_day_is_dropped_and_what_is_planned_is_kept(
    aurum: ChainInfo, means: Means, clock: Clock, provider: Provider
) -> None:
    batch_id = batch_of(3)
    planned = batch_of(2, at=NOW + 5 * DAY)
    unpaid(aurum, access="read-only", since=NOW - LATE)
    clock.now = NOW + DAY + AGAIN

    driven(batch_id, means)
    driven(planned, means)
    paid(aurum)

    assert driven(batch_id, means)[::2] == ("done", {"cancelled": 3})
    assert set(Contact.objects.filter(batch=batch_id).values_list("fault", flat=True)) == {
        sending.TOO_LATE
    }
    clock.now = NOW + 5 * DAY
    assert driven(planned, means)[::2] == ("done", {"accepted": 2})
    assert len(provider.sent) == 2


def test_every_reason_to_wait_has_a_sentence() -> None:
    for code in ("plan-read-only", "plan-paused", "plan-closed", resting.ALLOWANCE):
        batch = batches.open_batch(actor=SYSTEM, title="x", purpose="care", channel="sms", now=NOW)
        batch.fault = code
        assert batch_words.fault(batch) != code


def send(pk: UUID, means: Means) -> Contact:
    sending.send(contact_id=pk, means=means)
    return Contact.objects.get(pk=pk)


def test_one_message_goes_while_people_only_look_and_waits_when_it_is_paused(
    aurum: ChainInfo, means: Means, clock: Clock
) -> None:
    first, second = reserve(person()), reserve(person())
    unpaid(aurum, access="read-only", since=NOW - LATE)
    goes = send(first, means)
    unpaid(aurum, access="paused", since=NOW - PAUSED)

    waits = send(second, means)
    paid(aurum)

    assert (goes.state, waits.state) == ("accepted", "reserved")
    assert Job.objects.filter(handler="messages.send", due_at=NOW + resting.AGAIN).exists()
    clock.now = NOW + AGAIN
    assert send(second, means).state == "accepted"


def test_one_message_that_waited_longer_than_a_day_is_dropped(
    aurum: ChainInfo, means: Means, clock: Clock
) -> None:
    pk = reserve(person())
    unpaid(aurum, access="paused", since=NOW - PAUSED)
    clock.now = NOW + DAY + AGAIN

    row = send(pk, means)

    assert (row.state, row.fault) == ("cancelled", sending.TOO_LATE)


def test_positive_control_without_the_question_it_goes(
    aurum: ChainInfo, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = reserve(person())
    unpaid(aurum, access="paused", since=NOW - PAUSED)
    monkeypatch.setattr(resting, "of_messages", lambda **_: None)

    assert send(pk, means).state == "accepted"


def asked(due_at: Any) -> Invitation:
    row = Invitation(
        survey="after-purchase", trigger="purchase.recorded", source=person().pk, key=person().pk,
        customer=person(), happened_at=NOW - 9 * DAY, due_at=due_at, language="zh-hans",
        way="message", state="waiting",
    )  # fmt: skip
    row.save(force_insert=True)
    return row


def test_questions_that_were_due_long_ago_are_dropped_while_it_is_paused(aurum: ChainInfo) -> None:
    old, new = asked(NOW - 2 * DAY), asked(NOW - DAY / 2)
    unpaid(aurum, access="paused", since=NOW - PAUSED)

    ask_customers.work(now=NOW)

    for row in (old, new):
        row.refresh_from_db()
    assert (old.state, old.why, new.state) == ("left-out", "too-late", "waiting")
    assert not Contact.objects.exists()


RESTING: Final = {
    "care.tell-tomorrow",
    "complaints.look-at-clocks",
    "followups.plan-silences",
    "followups.plans-of-the-day",
    "followups.sweep-plans",
    "messages.automatic-word",
    "ownership.move-silent",
}


def test_nothing_recurring_that_reaches_people_is_done_while_it_is_paused(
    aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    celery.loader.import_default_modules()
    for name in RESTING:
        found = handlers.known()[name].work
        assert found.__wrapped__.__module__ != resting.__name__  # type: ignore[attr-defined]
    unpaid(aurum, access="paused", since=NOW - PAUSED)
    done: list[str] = []
    work = resting.unless_paused(lambda *, now: done.append(str(now)))

    work(now=NOW)
    paid(aurum)
    work(now=NOW)

    assert len(done) == 1


# Work that goes on whatever is paid: counting, keeping, cleaning up, learning what became of it.
GOES_ON: Final = {
    "api.forget-answers", "billing.measure", "complaints.sweep-pictures",
    "customers.advance-occasions", "followups.refresh-occasions", "imports.clean-up",
    "insights.fold", "insights.learn-all", "insights.listen", "insights.verify",
    "messages.find-out", "messages.track-texts", "outbox.clean-up", "points.expire",
    "points.verify", "surveys.ask",
}  # fmt: skip


def test_whatever_recurs_is_said_to_rest_or_to_go_on() -> None:
    celery.loader.import_default_modules()
    recurring = {*schedule._nightly, *schedule._regular}
    others = {name for name in recurring - RESTING - GOES_ON if not name.startswith("billing.")}

    assert {name for name in others if not name.startswith("tests.")} == set()


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan with two messages a month."""
    plan = replace(plans.PLANS["start"], messages=2)
    monkeypatch.setattr(plans, "of", lambda _key: plan)


@pytest.mark.usefixtures("two")
def test_beyond_the_allowance_a_batch_waits_for_the_month_and_says_so(
    aurum: ChainInfo, means: Means, clock: Clock
) -> None:
    batch_id = batch_of(5)

    assert driven(batch_id, means) == (
        "sending", resting.ALLOWANCE, {"accepted": 2, "reserved": 3}
    )  # fmt: skip
    assert Job.objects.filter(due_at=NOW + allowance.AGAIN).exists()
    clock.now = NOW + 12 * DAY  # December
    assert driven(batch_id, means)[::2] == ("sending", {"accepted": 4, "reserved": 1})


@pytest.mark.usefixtures("two")
def test_messages_of_service_and_those_of_one_person_go_all_the_same(means: Means) -> None:
    batch_id = batch_of(4, purpose="service")

    assert driven(batch_id, means) == ("done", "", {"accepted": 4})
    assert send(reserve(person()), means).state == "accepted"


@pytest.mark.usefixtures("two")
def test_what_is_billed_one_by_one_goes(aurum: ChainInfo, means: Means) -> None:
    batch_id = batch_of(4)
    Subscription.objects.filter(chain_id=aurum.id).update(messages_item="si_1", status="active")

    assert driven(batch_id, means) == ("done", "", {"accepted": 4})


def test_what_was_handed_over_this_month_is_counted(means: Means, clock: Clock) -> None:
    batch_id = batch_of(3, at=NOW + DAY)
    send(reserve(person()), means)
    reserve(person())  # not sent yet
    clock.now = NOW + 2 * DAY
    driven(batch_id, means)

    assert sent.this_month(NOW) == 4
    assert sent.this_month(NOW + 20 * DAY) == 0
    assert sent.count(since=NOW + DAY, until=NOW + 3 * DAY) == 3


def test_what_was_written_long_before_it_went_is_counted(
    means: Means, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = batch_of(3)
    clock.now = NOW + 200 * DAY
    driven(batch_id, means)

    assert sent.this_month(clock.now) == 3


def test_a_month_is_the_chains(aurum: ChainInfo) -> None:
    start, end = sent.month(NOW)

    assert (start.isoformat(), end.isoformat()) == (
        "2026-11-01T00:00:00+08:00", "2026-12-01T00:00:00+08:00"
    )  # fmt: skip
