"""Planning something for one customer by hand, and words that stand ready for it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from regulars.audit import SYSTEM
from regulars.customers import services
from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.followups.plans import by_hand
from regulars.staff.models import Staff
from regulars.stores.models import Store
from tests.factories import customers, mornings, people
from tests.factories.contacts import budget
from tests.factories.visitors import Visitor, signed_in

pytestmark = pytest.mark.usefixtures("inside_aurum")


@pytest.fixture(autouse=True)
def _free() -> None:
    cache.clear()  # signing in is limited


@pytest.fixture
def shop() -> Store:
    return people.store(code="e1")


@pytest.fixture
def bob(shop: Store) -> Staff:
    return people.staff(name="Bob", stores=(shop,), email="bob@aurum.example")


@pytest.fixture
def guide(bob: Staff) -> Visitor:
    return signed_in(email="bob@aurum.example")


@pytest.fixture
def carol(shop: Store, bob: Staff) -> Customer:
    return customers.customer(
        name="王芳", gender="female", phone=customers.phone(), store=shop, owner=bob
    )


def planned(guide: Visitor, carol: Customer, **fields: Any) -> Any:
    on = mornings.today() + timedelta(days=3)
    values = {"plan": "", "title": "", "do": "call", "on": str(on), "once": str(uuid4()), **fields}
    return guide.post(f"/customers/{carol.pk}/plan/", values)


def test_the_file_leads_to_it(guide: Visitor, carol: Customer) -> None:
    shown = guide.get(f"/customers/{carol.pk}/").content.decode()

    assert f"/customers/{carol.pk}/plan/" in shown


def test_something_of_ones_own_is_on_the_list_of_its_day(
    guide: Visitor, carol: Customer, bob: Staff
) -> None:
    once = str(uuid4())

    for _ in range(2):  # tapped twice
        answer = planned(guide, carol, title="Show her the new chain", once=once)

    assert answer.status_code == 302
    (task,) = Task.objects.filter(customer=carol)
    assert (task.title, task.do, task.owner_id) == ("Show her the new chain", "call", bob.pk)


def test_a_plan_is_started_with_all_its_steps_to_come(guide: Visitor, carol: Customer) -> None:
    plan = by_hand.choices()[0]
    form = guide.get(f"/customers/{carol.pk}/plan/").content.decode()

    answer = planned(guide, carol, plan=plan.key)

    assert plan.title.text("en") in form
    assert answer.status_code == 302, answer.content.decode()
    tasks = Task.objects.filter(customer=carol, plan=plan.key)
    assert tasks.count() >= 1
    assert set(tasks.values_list("source_kind", flat=True)) == {by_hand.STARTED}
    shown = guide.get(f"/today/{tasks.first().pk}/").content.decode()  # type: ignore[union-attr]
    assert "Planned by hand" in shown


@pytest.mark.parametrize(
    "fields", [{"title": " "}, {"title": "x", "on": "2001-01-01"}, {"plan": "no-such-plan"}]
)
def test_what_cannot_be_planned_is_said_in_the_form(
    guide: Visitor, carol: Customer, fields: dict[str, str]
) -> None:
    assert planned(guide, carol, **fields).status_code == 422
    assert not Task.objects.filter(customer=carol).exists()


def birthday_in(customer: Customer, days: int) -> None:
    day = mornings.today() + timedelta(days=days)
    services.set_life_event(
        actor=SYSTEM, customer_id=customer.pk, kind="birthday", month=day.month, day=day.day,
        now=timezone.now(),
    )  # fmt: skip


def test_birthday_wishes_stand_ready_for_a_task_by_hand(
    guide: Visitor, carol: Customer, bob: Staff
) -> None:
    budget(limits=[])
    birthday_in(carol, 1)
    task = mornings.task(carol, plan="", step="", title="Wish her well", source_kind="by-hand")

    shown = guide.get(f"/today/{task.pk}/").content.decode()

    box = shown.partition('id="contact-text"')[2].partition("</textarea>")[0]
    assert "生日" in box
    assert "王女士" in box


def test_without_a_birthday_near_the_box_is_empty(
    guide: Visitor, carol: Customer, bob: Staff
) -> None:
    budget(limits=[])
    birthday_in(carol, 40)
    task = mornings.task(carol, plan="", step="", title="Call her", source_kind="by-hand")

    shown = guide.get(f"/today/{task.pk}/").content.decode()

    box = shown.partition('id="contact-text"')[2].partition("</textarea>")[0]
    assert box.endswith(">")


def test_the_dialog_over_the_file_is_the_same_form(guide: Visitor, carol: Customer) -> None:
    answer = guide.get(f"/customers/{carol.pk}/plan/", headers={"HX-Request": "true"})

    shown = answer.content.decode()
    assert answer.status_code == 200
    assert shown.lstrip().startswith("<dialog")
    assert 'name="title"' in shown
