"""Who locks what first, what happens to somebody who is merged meanwhile, and whose day it is."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import SYSTEM
from regulars.customers.models import Customer
from regulars.customers.selectors import visibility
from regulars.followups.models import Task
from regulars.followups.occasions import gifts, giving
from regulars.followups.plans import following, pausing
from regulars.usecases import plan_complaints
from regulars.usecases.merge import merge
from tests.factories import customers, followups
from tests.factories.followups import NOW, plan, step
from tests.followups.conftest import Cast, Declare, keep


@pytest.mark.parametrize("satisfied", [True, False])
def test_a_complaint_that_ends_takes_its_turn_before_it_locks_tasks(
    cast: Cast, declare: Declare, satisfied: bool
) -> None:
    declare(plan("sorry", starts="complaint.closed", steps=(step(after=1),)))
    one, complaint = customers.customer(store=cast.north), str(uuid4())
    told = {"customer": str(one.pk), "complaint": complaint, "at": NOW.isoformat(), "now": NOW}
    plan_complaints.opened(**told)

    with CaptureQueriesContext(connection) as asked:
        plan_complaints.closed(**told, satisfied=satisfied)

    said = [each["sql"] for each in asked]
    resumed = next(at for at, sql in enumerate(said) if "'resumed'" in sql)
    turns = [at for at, sql in enumerate(said) if "pg_advisory_xact_lock" in sql]
    assert all(at < resumed for at in turns[:1])
    assert bool(turns) is satisfied
    assert Task.objects.filter(plan="sorry").count() == satisfied


def merged_meanwhile(monkeypatch: pytest.MonkeyPatch, kept: Customer, absorbed: Customer) -> None:
    """Let a merge happen right after somebody looked who the absorbed one is."""
    look = visibility.survivor_of

    def looked(customer_id: UUID) -> "Found":
        monkeypatch.setattr(visibility, "survivor_of", look)
        merge(actor=SYSTEM, kept_id=kept.pk, absorbed_id=absorbed.pk, now=NOW)
        return Found([customer_id])

    monkeypatch.setattr(visibility, "survivor_of", looked)


class Found(list[UUID]):
    """What a look found, before it was out of date."""

    def first(self) -> UUID:
        """Return it, as a query does."""
        return self[0]


def test_care_rests_of_who_is_merged_in_that_moment(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, absorbed = (customers.customer(store=cast.north) for _ in range(2))
    merged_meanwhile(monkeypatch, kept, absorbed)

    assert pausing.pause(absorbed.pk, "complaint:1", NOW)

    assert pausing.is_paused(kept.pk)


def test_care_goes_on_of_who_is_merged_in_that_moment(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, absorbed = (customers.customer(store=cast.north) for _ in range(2))
    pausing.pause(absorbed.pk, "complaint:1", NOW)
    merged_meanwhile(monkeypatch, kept, absorbed)

    assert pausing.resume(absorbed.pk, "complaint:1", NOW)

    assert not pausing.is_paused(kept.pk)


EARLY = NOW.replace(hour=20) - timedelta(days=1)  # the 20th by UTC and abroad, the 21st in Shanghai


def test_a_pause_begins_on_the_day_of_the_store(cast: Cast) -> None:
    found = []
    for store in (cast.north, cast.abroad):
        one = customers.customer(store=store)
        pausing.pause(one.pk, "complaint:1", EARLY)
        found.append(Task.objects.get(customer=one).started_on)

    assert found == [date(2026, 11, 21), date(2026, 11, 20)]


def test_a_day_is_today_in_the_store_and_no_longer_changes_its_plan(
    cast: Cast, declare: Declare
) -> None:
    declare(plan("birthday", starts="customer.birthday", steps=(step(after=0),)))
    here, abroad = (customers.customer(store=store) for store in (cast.north, cast.abroad))
    tasks = [
        followups.task(
            one, plan="birthday", source_kind="customer.birthday", source=uuid4(),
            started_on=date(2026, 11, 21),
        )
        for one in (here, abroad)
    ]  # fmt: skip

    following.tidy(now=EARLY)

    assert [Task.objects.get(pk=each.pk).state for each in tasks] == ["open", "stopped"]


def test_a_gift_is_near_by_the_day_of_the_customers_store(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gifts, "kinds", lambda: ("customer.birthday",))
    here = customers.customer(store=cast.north)
    keep(here, month=12, day=22)  # a month and a day after the 20th, a month after the 21st

    def near(now: datetime) -> list[date]:
        return [each.on for each in giving.near(customer=here, now=now)]

    assert near(EARLY) == [date(2026, 12, 22)]
    assert near(EARLY - timedelta(hours=5)) == []


def test_a_gift_is_handed_over_by_the_day_of_the_customers_store(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = customers.customer(store=cast.north)
    event = keep(here, month=12, day=22)
    check: Callable[..., None] = giving._check_day
    given = ("customer.birthday", event.pk, date(2026, 12, 22))

    check(here, *given, now=EARLY)
    with pytest.raises(giving.NotTheirDay):
        check(here, *given, now=EARLY - timedelta(hours=5))
