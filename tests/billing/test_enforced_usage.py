"""What a chain has is counted at night, told near its end, and paid for by open stores."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import SYSTEM
from regulars.billing import entitlements, services
from regulars.billing.entitlements import Share
from regulars.billing.models import Subscription
from regulars.customers.models import Customer
from regulars.messages.selectors import sent
from regulars.outbox import services as outbox
from regulars.outbox.models import Job
from regulars.stores import services as stores
from regulars.stores.models import Store
from regulars.stores.services import StoreFacts
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.usecases import subscribe
from regulars.web import limit_notices
from tests.billing.paying import Payer
from tests.factories import customers, people
from tests.factories.customers import NOW
from tests.factories.standing import stands

DAY: Final = timedelta(days=1)


def facts(number: int) -> StoreFacts:
    return StoreFacts(code=f"s{number}", name=f"Store {number}", time_zone="Asia/Shanghai")


@pytest.fixture
def small(aurum: ChainInfo) -> Iterator[ChainInfo]:
    """Aurum on a plan of five stores, of which one is open."""
    Subscription.objects.filter(chain_id=aurum.id).update(plan="start")
    with context.inside(stands(aurum, plan="start")) as chain:
        yield chain


def row(chain: ChainInfo) -> Subscription:
    return Subscription.objects.get(chain_id=chain.id)


def told(kind: str = subscribe.NEAR) -> list[tuple[str, int]]:
    jobs = Job.objects.filter(handler=kind).order_by("created_at", "pk")
    return [(each.payload["what"], each.payload["step"]) for each in jobs]


def test_the_night_counts_and_writes_down_what_is_read_by_day(small: ChainInfo) -> None:
    for _ in range(3):
        customers.customer()
    Customer.objects.filter(pk=customers.customer().pk).update(state="erased")

    found = subscribe.measure(NOW)

    assert (found.stores, found.members, found.messages) == (1, 3, 0)
    assert row(small).usage == {
        "stores": 1, "members": 3, "messages": 0, "month": "2026-11", "at": NOW.isoformat()
    }  # fmt: skip
    people.store(code="n1")
    read = subscribe.usage(NOW)
    assert (read.stores, read.members, read.measured_at) == (2, 3, NOW)


def test_messages_of_a_month_that_is_over_are_not_this_ones(small: ChainInfo) -> None:
    usage = {"stores": 1, "members": 3, "messages": 7, "month": "2026-11", "at": NOW.isoformat()}
    Subscription.objects.filter(chain_id=small.id).update(usage=usage)

    assert subscribe.usage(NOW).messages == 7
    assert subscribe.usage(NOW + 20 * DAY).messages == 0


def test_counting_takes_as_many_statements_for_many_members(
    small: ChainInfo, django_assert_num_queries: Any
) -> None:
    subscribe.measure(NOW)
    with CaptureQueriesContext(connection) as few:
        subscribe.measure(NOW)
    for _ in range(20):
        customers.customer()

    with django_assert_num_queries(len(few)):
        subscribe.measure(NOW)


def test_a_chain_without_a_subscription_is_counted_and_nothing_is_written(small: ChainInfo) -> None:
    row(small).delete()

    assert subscribe.measure(NOW).stores == 1
    assert subscribe.usage(NOW).measured_at is None
    subscribe.measure_at_night(now=NOW)
    subscribe.stores_changed(now=NOW)
    subscribe.keep_quantity(now=NOW)
    assert told() == []


def grown(to: int) -> None:
    stores.add_many(actor=SYSTEM, rows=[facts(n) for n in range(Store.objects.count(), to)])


def test_owners_are_told_near_the_end_and_at_it_once_each(small: ChainInfo) -> None:
    subscribe.measure(NOW)
    grown(4)
    for night in range(3):
        subscribe.measure(NOW + night * DAY)
    grown(5)
    for night in range(3, 6):
        subscribe.measure(NOW + night * DAY)

    assert told() == [("stores", 80), ("stores", 100)]


def test_who_heard_of_the_end_is_not_told_afterwards_that_it_comes_near(small: ChainInfo) -> None:
    grown(5)
    subscribe.measure(NOW)
    stores.close(actor=SYSTEM, store_id=Store.objects.get(code="s4").pk, on=date(2026, 1, 5))
    subscribe.measure(NOW + DAY)

    assert told() == [("stores", 100)]


def test_of_messages_owners_are_told_every_month_of_stores_every_period(
    small: ChainInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent, "this_month", lambda _now: 1_700)
    grown(4)
    subscribe.measure(NOW)
    subscribe.measure(NOW + 20 * DAY)
    Subscription.objects.filter(chain_id=small.id).update(period_starts_at=NOW + 20 * DAY)

    subscribe.measure(NOW + 21 * DAY)

    assert sorted(told()) == [("messages", 80)] * 2 + [("stores", 80)] * 2


@pytest.mark.parametrize("facts_", [{"plan": "group"}, {"plan": "start", "is_demo": True}])
def test_nothing_is_told_of_what_has_no_limit(aurum: ChainInfo, facts_: dict[str, Any]) -> None:
    Subscription.objects.filter(chain_id=aurum.id).update(plan=facts_["plan"])
    with context.inside(stands(aurum, **facts_)):
        people.store(code="n1")
        for number in range(4):
            people.store(code=f"m{number}")
        subscribe.measure(NOW)

        assert told() == []


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_the_mail_is_in_the_chains_language(small: ChainInfo, language: str) -> None:
    chain = stands(small, language=language)
    with context.inside(chain):
        grown(4)
        subscribe.measure(NOW)

        limit_notices.tell(what="stores", step=80, now=NOW)

    (letter,) = mail.outbox
    assert letter.to == [people_owner(small)]
    assert ("Hello" in letter.body) == (language == "en")
    assert "/settings/" in letter.body


def people_owner(chain: ChainInfo) -> str:
    with context.inside(chain):
        return str(people.owner().email)


def test_what_is_no_longer_so_is_not_told(small: ChainInfo) -> None:
    limit_notices.tell(what="stores", step=80, now=NOW)

    assert mail.outbox == []


@pytest.mark.parametrize("what", ["stores", "members", "messages"])
@pytest.mark.parametrize("used", [80, 100])
@pytest.mark.parametrize("is_billed", [True, False])
def test_every_notice_has_a_sentence(what: str, used: int, *, is_billed: bool) -> None:
    words = limit_notices.says(
        Share(what=what, used=used, allowed=100), plan="Start", is_billed=is_billed
    )

    assert words["subject"]
    assert "%(" not in words["text"]
    assert str(used) in words["text"]


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note with how many stores billing is asked."""
    asked: list[int] = []
    ask = services.keep_quantity

    def noted(*, chain: ChainInfo, stores: int, now: datetime) -> Subscription:
        asked.append(stores)
        return ask(chain=chain, stores=stores, now=now)

    monkeypatch.setattr(services, "keep_quantity", noted)
    return asked


def due_now() -> None:
    Job.objects.filter(handler=subscribe.KEEP, done_at=None).update(due_at=NOW - 400 * DAY)


def test_many_changes_of_stores_are_paid_for_by_one_call(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payer.subscribed(plan="chain", stores=1)
    asked = counted(monkeypatch)
    with context.inside(payer.chain):
        made = stores.add_many(actor=SYSTEM, rows=[facts(number) for number in range(3)])
        stores.close(actor=SYSTEM, store_id=made[0].pk, on=date(2026, 1, 5))
        for moment in (0, 1, 2):
            subscribe.stores_changed(now=payer.now + timedelta(seconds=moment))
        jobs = Job.objects.filter(handler=subscribe.KEEP)
        assert jobs.count() == 1
        due_now()
        outbox.work_off()
        assert jobs.exclude(done_at=None).count() >= 1

    assert set(asked) == {3}
    assert payer.row.quantity == 3


def test_the_night_pays_for_what_was_missed_by_day(payer: Payer) -> None:
    payer.subscribed(plan="chain", stores=1)
    with context.inside(payer.chain):
        people.store(code="n1")
        subscribe.measure_at_night(now=payer.now)
        due_now()
        outbox.work_off()

        subscribe.measure_at_night(now=payer.now + DAY)
        left = Job.objects.filter(handler=subscribe.KEEP, done_at=None).count()

    assert (payer.row.quantity, left) == (2, 0)


def test_without_a_subscription_nobody_is_asked(
    aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = counted(monkeypatch)
    with context.inside(aurum):
        stores.add_many(actor=SYSTEM, rows=[facts(1)])
        outbox.work_off()
        subscribe.keep_quantity(now=NOW)

        assert not Job.objects.filter(handler=subscribe.KEEP).exists()

    assert asked == []
    assert entitlements.NEAR == (80, 100)
