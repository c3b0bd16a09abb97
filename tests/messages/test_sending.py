"""Each message goes to the provider at most once, and what nobody knows is called unknown."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from regulars.audit import SYSTEM
from regulars.customers import services as customers
from regulars.messages import refusals, services
from regulars.messages.gateways.contract import Absent, Receipt, Refused, TryLater, Uncertain
from regulars.messages.models import Contact
from regulars.messages.refusals import NotLikeThis
from regulars.messages.services import sending, settling
from regulars.messages.services.sending import Means
from regulars.outbox.models import Job
from regulars.tenancy.context import ChainInfo
from tests.factories.contacts import budget, contacts, limits, person, reserve
from tests.factories.customers import NOW
from tests.messages.conftest import Clock, Provider

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _room(inside_aurum: ChainInfo) -> None:
    budget()


def send(pk: UUID, means: Means) -> Contact:
    sending.send(contact_id=pk, means=means)
    return Contact.objects.get(pk=pk)


def test_a_message_is_accepted_and_then_delivered(means: Means, provider: Provider) -> None:
    carol = person()
    pk = reserve(carol, text="节日快乐")

    row = send(pk, means)

    assert (row.state, row.provider, row.provider_id) == ("accepted", "tried", f"p-{pk.hex}")
    assert (provider.sent[0].to, provider.sent[0].text) == (carol.phone, "节日快乐")
    receipt = Receipt(provider_id=f"p-{pk.hex}", state="delivered", at=NOW)
    assert settling.take_receipts(provider="tried", receipts=[receipt, receipt], now=NOW) == 1
    assert Contact.objects.get(pk=pk).state == "delivered"


def test_it_is_marked_before_the_provider_hears_of_it(means: Means, provider: Provider) -> None:
    pk = reserve(person())
    seen = []
    provider.before = lambda _: seen.append(Contact.objects.get(pk=pk).state)

    send(pk, means)

    assert seen == ["sending"]


def test_sending_refuses_to_run_in_somebody_elses_transaction(means: Means) -> None:
    pk = reserve(person())

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        sending.send(contact_id=pk, means=means)


def test_a_message_that_was_sent_is_not_sent_again(means: Means, provider: Provider) -> None:
    pk = reserve(person())

    send(pk, means)
    send(pk, means)

    assert len(provider.sent) == 1


@pytest.mark.parametrize("fault", [Uncertain("silent"), ValueError("a fault of the adapter")])
def test_what_may_have_been_sent_is_unknown_and_never_sent_again(
    means: Means, provider: Provider, fault: Exception
) -> None:
    pk = reserve(person())
    provider.raising[""] = fault

    row = send(pk, means)
    provider.raising.clear()
    send(pk, means)

    assert (row.state, row.uses_allowance) == ("unknown", True)
    assert len(provider.sent) == 1


def test_what_a_crash_left_as_being_sent_becomes_unknown(means: Means, provider: Provider) -> None:
    pk = reserve(person())
    provider.raising[""] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        send(pk, means)
    assert Contact.objects.get(pk=pk).state == "sending"
    provider.raising.clear()

    row = send(pk, means)

    assert (row.state, row.fault, len(provider.sent)) == ("unknown", "crash", 1)


def test_what_is_surely_not_sent_frees_the_allowance_and_its_address_is_not_used_again(
    means: Means, provider: Provider
) -> None:
    carol = person()
    pk = reserve(carol)
    provider.raising[""] = Refused("address-wrong", "no such number")

    row = send(pk, means)

    assert (row.state, row.uses_allowance) == ("refused", False)
    assert row.fault == "address-wrong: no such number"
    with pytest.raises(refusals.Suppressed):
        reserve(carol)


def test_a_busy_provider_is_tried_again_each_time_later_and_not_for_ever(
    means: Means, provider: Provider, clock: Clock
) -> None:
    pk = reserve(person())
    provider.raising[""] = TryLater("rate", after=timedelta(seconds=1))
    waits = []
    row = send(pk, means)
    while row.due_at and row.state == "reserved":
        waits.append(row.due_at - clock.now)
        clock.now = row.due_at
        row = send(pk, means)

    assert (row.state, row.fault) == ("refused", "gave-up: rate")
    assert len(provider.sent) == sending.MOST_ATTEMPTS
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=30)


def test_a_message_that_waits_is_work_for_later(
    means: Means, provider: Provider, clock: Clock
) -> None:
    pk = reserve(person())
    provider.raising[""] = TryLater("away", after=5 * MINUTE)

    send(pk, means)
    send(pk, means)

    (job,) = Job.objects.filter(handler=sending.HANDLER)
    assert (job.due_at, job.payload) == (clock.now + 5 * MINUTE, {"contact_id": str(pk)})
    assert len(provider.sent) == 1, "not before its time"


def test_by_night_a_message_waits_for_the_morning(means: Means, clock: Clock) -> None:
    budget(quiet=["21:00", "09:00"])
    pk = reserve(person())
    clock.now = NOW + timedelta(hours=12)  # 22:00 in Shanghai

    row = send(pk, means)

    assert (row.state, row.due_at) == ("reserved", NOW + timedelta(hours=23))


def test_who_asked_to_stop_meanwhile_gets_nothing(means: Means, provider: Provider) -> None:
    carol = person()
    pk = reserve(carol)
    customers.consent(
        actor=SYSTEM, customer_id=carol.pk, purpose="care", given=False, how="spoken", now=NOW
    )

    row = send(pk, means)

    assert (row.state, row.fault, provider.sent) == ("cancelled", "wish", [])


def test_a_message_that_goes_late_is_counted_when_it_goes(
    means: Means, provider: Provider, clock: Clock
) -> None:
    budget(limits=limits(1, days=1))
    carol = person()
    pk = reserve(carol)
    reserve(carol, at=NOW + timedelta(days=1))
    clock.now = NOW + MINUTE

    row = send(pk, means)

    assert (row.state, row.fault, provider.sent) == ("cancelled", "budget", [])


def test_receipts_come_in_any_order(means: Means, provider: Provider) -> None:
    pk = reserve(person())
    early = Receipt(provider_id="p-x", key=pk.hex, state="delivered", at=NOW)
    said = []

    def faster(_: object) -> None:
        said.append(settling.take_receipts(provider="tried", receipts=[early], now=NOW))

    provider.before = faster

    row = send(pk, means)
    late = Receipt(provider_id=f"p-{pk.hex}", state="failed", at=NOW, reason="unreachable")

    assert (row.state, said) == ("delivered", [1])
    assert settling.take_receipts(provider="tried", receipts=[late], now=NOW) == 0


def test_a_receipt_of_another_provider_or_of_nobody_changes_nothing(means: Means) -> None:
    pk = reserve(person())
    send(pk, means)
    receipts = [
        Receipt(provider_id="unheard", state="failed", at=NOW),
        Receipt(provider_id="", key="nonsense", state="failed", at=NOW),
    ]

    assert settling.take_receipts(provider="tried", receipts=receipts, now=NOW) == 0
    theirs = [Receipt(provider_id=f"p-{pk.hex}", state="failed", at=NOW)]
    assert settling.take_receipts(provider="other", receipts=theirs, now=NOW) == 0


def test_an_address_that_is_gone_is_not_used_again(means: Means) -> None:
    carol = person()
    pk = reserve(carol)
    send(pk, means)
    gone = Receipt(
        provider_id=f"p-{pk.hex}", state="failed", at=NOW, reason="address-wrong", gone=True
    )

    settling.take_receipts(provider="tried", receipts=[gone], now=NOW)

    assert Contact.objects.get(pk=pk).fault == "address-wrong"
    with pytest.raises(refusals.Suppressed):
        reserve(carol, purpose="service")


@pytest.mark.parametrize("known", [True, False])
def test_the_provider_is_asked_about_what_nobody_knows(
    means: Means, provider: Provider, clock: Clock, known: bool
) -> None:
    pk = reserve(person())
    provider.raising[""] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        send(pk, means)
    later = NOW + settling.STALE + MINUTE
    arrived = Receipt(provider_id="p", key=pk.hex, state="delivered", at=NOW)
    provider.answers[pk.hex] = arrived if known else Absent()

    assert settling.is_anything_unknown(now=later)
    assert settling.find_out(now=later, means=means) == 1

    row = Contact.objects.get(pk=pk)
    assert row.state == ("delivered" if known else "refused")
    assert not settling.is_anything_unknown(now=later)


def test_a_person_may_say_what_became_of_it_once(means: Means, provider: Provider) -> None:
    pk = reserve(person())
    provider.raising[""] = Uncertain("silent")
    send(pk, means)

    settling.resolve(actor=SYSTEM, contact_id=pk, arrived=True, now=NOW)

    assert Contact.objects.get(pk=pk).state == "delivered"
    with pytest.raises(NotLikeThis):
        settling.resolve(actor=SYSTEM, contact_id=pk, arrived=False, now=NOW)


def test_the_rate_of_a_provider_is_kept(provider: Provider, clock: Clock) -> None:
    from regulars.messages.gateways.contract import Rate
    from regulars.messages.services import pacing

    provider.rate = Rate(count=2, per=timedelta(seconds=10))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.now += timedelta(seconds=seconds)

    for _ in range(5):
        pacing.wait(provider, clock=clock, sleep=sleep)  # type: ignore[arg-type]

    assert slept == [10.0, 10.0]


def test_dispatching_twice_is_one_piece_of_work() -> None:
    pk = reserve(person())

    sending.dispatch(contact_id=pk)
    sending.dispatch(contact_id=pk)

    assert Job.objects.filter(handler=sending.HANDLER).count() == 1


def test_what_was_cancelled_before_it_went_stays_with_us(means: Means, provider: Provider) -> None:
    carol = person()
    pk = reserve(carol)
    services.cancel(actor=SYSTEM, contact_id=pk, now=NOW)

    send(pk, means)

    assert [row.state for row in contacts(carol)] == ["cancelled"]
    assert provider.sent == []


def test_by_wechat_a_message_goes_to_the_number_the_customer_has_there(
    means: Means, provider: Provider
) -> None:
    known, unknown = person(), person()
    customers.add_identity(
        actor=SYSTEM, customer_id=known.pk, source="wechat", number="openid-1", now=NOW
    )

    rows = [send(reserve(each, channel="wechat"), means) for each in (known, unknown)]

    assert [(row.state, row.fault) for row in rows] == [("accepted", ""), ("cancelled", "address")]
    assert [each.to for each in provider.sent] == ["openid-1"]


def test_who_refused_surveys_meanwhile_is_asked_nothing(means: Means, provider: Provider) -> None:
    carol = person()
    pk = reserve(carol, wish="survey")
    customers.consent(
        actor=SYSTEM, customer_id=carol.pk, purpose="survey", given=False, how="spoken", now=NOW
    )

    assert send(pk, means).fault == "wish"


def test_without_a_provider_a_message_gives_its_allowance_back(settings: Any, clock: Clock) -> None:
    settings.LOCAL, settings.SMTP_URL = False, ""

    row = send(reserve(person()), Means(clock=clock))

    assert (row.state, row.fault, row.uses_allowance) == ("cancelled", "no-gateway", False)


def test_a_greeting_that_would_be_late_is_given_up(
    means: Means, provider: Provider, clock: Clock
) -> None:
    late = NOW + timedelta(hours=1)
    pk = reserve(person(), not_after=late)
    clock.now = late + timedelta(seconds=1)

    sending.send(contact_id=pk, means=means)

    row = Contact.objects.get(pk=pk)
    assert (row.state, row.fault, provider.sent) == ("cancelled", "too-late", [])


def test_a_greeting_that_may_not_wait_as_long_as_the_provider_wants_is_given_up(
    means: Means, provider: Provider
) -> None:
    provider.raising[""] = TryLater("rate", after=timedelta(hours=2))
    pk = reserve(person(), not_after=NOW + timedelta(hours=1))

    sending.send(contact_id=pk, means=means)

    row = Contact.objects.get(pk=pk)
    assert row.state == "refused"
    assert row.fault.startswith("too-late")


def test_a_greeting_whose_quiet_hours_last_too_long_is_given_up(
    means: Means, provider: Provider, clock: Clock
) -> None:
    budget(quiet=["21:00", "09:00"])
    night = NOW + timedelta(hours=12)  # ten in the evening in Shanghai
    pk = reserve(person(), not_after=night + timedelta(hours=2))
    clock.now = night

    sending.send(contact_id=pk, means=means)

    row = Contact.objects.get(pk=pk)
    assert (row.state, row.fault, provider.sent) == ("cancelled", "too-late", [])
