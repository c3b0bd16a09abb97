"""The evening before: who is told by mail whose day is tomorrow, once (C6)."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail

from regulars.audit import SYSTEM
from regulars.customers import services
from regulars.followups.occasions import gifts
from regulars.followups.occasions.gifts import Gift
from regulars.outbox import services as outbox
from regulars.outbox.models import Job
from regulars.registry import services as registry
from regulars.staff import services as people_services
from regulars.staff.models import Role, Staff
from regulars.usecases import tell_of_tomorrow
from regulars.web.handing import telling
from tests.factories import customers, people

pytestmark = pytest.mark.usefixtures("one_point_per_unit")
EVENING = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)  # five in the afternoon in Shanghai
ADDRESS = "bob@example.com"


@pytest.fixture(autouse=True)
def _at_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the outbox's clock stand at that evening."""
    monkeypatch.setattr(outbox, "timezone", SimpleNamespace(now=lambda: EVENING))


@pytest.fixture
def bob() -> Staff:
    return people.staff(name="Bob", email=ADDRESS, stores=(people.first_store(),), language="en")


def born(name: str = "王小明", *, day: int = 22, **facts: Any) -> Any:
    """Make a customer whose birthday is tomorrow, 22 November, unless told otherwise."""
    made = customers.customer(name=name, **facts)
    services.set_life_event(
        actor=SYSTEM, customer_id=made.pk, kind="birthday", month=11, day=day, now=EVENING
    )
    return made


def evening(now: datetime = EVENING) -> list[Any]:
    """Let the clock be looked at and everything asked for be done; returns the mails."""
    tell_of_tomorrow.look_at_the_clocks(now=now)
    outbox.work_off()
    assert Job.objects.exclude(fault="").count() == 0
    return list(mail.outbox)


def test_a_guide_is_told_once_with_the_gift_and_the_way_to_the_customer(bob: Staff) -> None:
    scarf = Gift(key="scarf", title="丝巾", occasions=("customer.birthday",), cost_minor=5_000)
    gifts.set_rule(actor=SYSTEM, gift=scarf, now=EVENING)
    made = born(owner=bob)
    born("Somebody else", owner=bob, day=23)

    evening()
    (told,) = evening(EVENING + timedelta(hours=2))

    assert told.to == [ADDRESS]
    assert told.subject == "Tomorrow is a day for one of your customers"
    assert "王小明: Birthday · gift: 丝巾" in told.body
    assert f"/customers/{made.pk}/" in told.body
    assert "Somebody else" not in told.body


def test_nobody_is_told_before_five_or_when_tomorrow_has_come(bob: Staff) -> None:
    born(owner=bob)

    early = evening(EVENING - timedelta(minutes=1))
    told = {"staff_id": str(bob.pk), "stores": [], "zone": "Asia/Shanghai", "day": "2026-11-21"}
    telling.write(**told, now=EVENING + timedelta(hours=7))

    assert early == []
    assert mail.outbox == []


def test_each_store_is_told_by_its_own_clock(bob: Staff) -> None:
    abroad = people.store(code="NY", time_zone="America/New_York")
    dora = people.staff(name="Dora", email="dora@example.com", stores=(abroad,))
    born("Ann", owner=dora, store=abroad)
    born(owner=bob, store=people.first_store())

    here = [each.to for each in evening()]
    there = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
    tell_of_tomorrow.look_at_the_clocks(now=there)
    zones = set(Job.objects.filter(handler="care.tell-zone").values_list("key", flat=True))

    assert here == [[ADDRESS]]
    assert zones == {
        "care.tell-zone:Asia/Shanghai:2026-11-21",
        "care.tell-zone:America/New_York:2026-11-21",
    }


def test_the_store_manager_is_told_of_those_without_a_guide() -> None:
    first = people.first_store()
    people.staff(
        name="Mary",
        email="mary@example.com",
        role=Role.STORE_MANAGER,
        stores=(first,),
        language="en",
    )
    born("Nobody's", store=first)
    born("Elsewhere", store=people.store(code="S"))

    (told,) = evening()

    assert told.to == ["mary@example.com"]
    assert "Nobody's" in told.body
    assert "Nobody's: Birthday · has no guide yet" in told.body
    assert "Elsewhere" not in told.body


def test_who_does_not_want_it_or_cannot_get_it_is_told_nothing(bob: Staff) -> None:
    born(owner=bob)
    born(owner=people.staff(name="Without an address"))
    born(owner=people.staff(name="Left", email="left@example.com", state=Staff.State.LEFT))
    people_services.edit_self(
        actor=people.actor(bob), name="Bob", phone="", language="en", told_by_mail=False
    )

    assert evening() == []


def test_a_chain_can_do_without(bob: Staff) -> None:
    born(owner=bob)
    registry.set_policy(actor=SYSTEM, key=tell_of_tomorrow.POLICY, value=False, now=EVENING)

    assert evening() == []


def test_the_mail_is_in_the_persons_language() -> None:
    born(owner=people.staff(name="Bob", email=ADDRESS, language="zh-hans"))

    (told,) = evening()

    assert "生日" in told.body


@pytest.mark.parametrize("guides", [1, 6])
def test_a_zone_is_told_in_as_many_statements_for_many_as_for_few(
    guides: int, django_assert_num_queries: Any
) -> None:
    for number in range(guides):
        born(owner=people.staff(name=f"G{number}", email=f"g{number}@example.com"))
    Job.objects.all().delete()

    with django_assert_num_queries(3 + guides):  # each mail is a row of the outbox
        tell_of_tomorrow.tell_zone(zone="Asia/Shanghai", day="2026-11-21", now=EVENING)
