"""Whose tasks one reaches from Today, and what becomes of those somebody took meanwhile."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.messages.models import Contact
from regulars.staff.models import Role, Staff
from regulars.tenancy.context import ChainInfo
from regulars.web.today import otherwise
from tests.factories import contacts, customers, mornings, people
from tests.factories.visitors import Visitor, signed_in

pytestmark = pytest.mark.usefixtures("inside_aurum")
NONE = "00000000-0000-0000-0000-000000000000"
JSON = {"accept": "application/json"}


@pytest.fixture(autouse=True)
def _open_budget(inside_aurum: ChainInfo) -> None:
    cache.clear()
    contacts.budget()


@pytest.fixture
def bob() -> Staff:
    return people.staff(name="Bob", stores=(people.first_store(),), email="bob@aurum.example")


@pytest.fixture
def guide(bob: Staff) -> Visitor:
    return signed_in(email="bob@aurum.example")


@pytest.fixture
def manager() -> Visitor:
    store = people.first_store()
    people.staff(name="Mo", role=Role.STORE_MANAGER, stores=(store,), email="mo@aurum.example")
    return signed_in(email="mo@aurum.example")


def regular(owner: Staff | None, name: str = "陈美玲", **facts: Any) -> Customer:
    return customers.customer(
        **{
            "name": name, "phone": customers.phone(), "store": people.first_store(),
            "owner": owner, **facts,
        }
    )  # fmt: skip


def result(**given: Any) -> dict[str, Any]:
    return {"once": str(uuid4()), "outcome": "came", "next_in": "", "note": "", **given}


def shown(visitor: Visitor, url: str) -> str:
    answer = visitor.get(url)
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.content.decode())


def test_an_old_task_opens_nothing_of_a_customer_who_went_elsewhere(
    guide: Visitor, bob: Staff
) -> None:
    amy = people.staff(name="Amy", stores=(people.store(code="far"),))
    carol = regular(bob)
    old = mornings.task(carol, state="skipped", why="expired", done_at=timezone.now())
    Customer.objects.filter(pk=carol.pk).update(owner=amy, home_store=amy.home_store_id)

    assert guide.get(f"/today/{old.pk}/").status_code == 404
    assert guide.post(f"/today/{old.pk}/result/", result(next_in="7")).status_code == 404
    assert Task.objects.get(pk=old.pk).state == "skipped"
    assert Task.objects.filter(plan="").count() == 0


def test_a_colleagues_customer_is_in_reach_until_the_task_is_done(
    guide: Visitor, bob: Staff
) -> None:
    amy = people.staff(name="Amy", stores=(people.first_store(),))
    carol = regular(amy)
    task = mornings.task(carol, owner_id=bob.pk, facts={"handed": {}})
    assert "陈美玲" in shown(guide, f"/today/{task.pk}/")
    sent = result(person=str(bob.pk))

    first = guide.post(f"/today/{task.pk}/result/", sent, headers=JSON)
    again = guide.post(f"/today/{task.pk}/result/", sent, headers=JSON)

    # The same result arrives again, for the answer may have been lost; nothing else does.
    assert (first.json(), again.json()) == ({"next": "/today/"}, {"next": "/today/"})
    assert guide.get(f"/today/{task.pk}/").status_code == 404
    other = guide.post(f"/today/{task.pk}/result/", result(person=str(bob.pk)), headers=JSON)
    assert other.status_code == 404


def test_a_task_that_is_over_reaches_no_colleagues_customer_by_phone(
    guide: Visitor, bob: Staff
) -> None:
    amy = people.staff(name="Amy", stores=(people.first_store(),))
    carol = regular(amy)
    over = mornings.task(carol, owner_id=bob.pk, state="stopped", done_at=timezone.now())
    still = mornings.task(carol, owner_id=bob.pk)
    url = f"/customers/{carol.pk}/messages/call/"

    answers = [
        guide.post(url, {"once": "q", "task": str(task.pk)}, headers={"HX-Request": "true"})
        for task in (over, still)
    ]

    assert [answer.status_code for answer in answers] == [404, 200]


def test_what_belongs_to_nobody_is_shown_and_handed_on(manager: Visitor, bob: Staff) -> None:
    mornings.task(regular(None, "Nobodys Own"), days=-2)
    mornings.task(regular(bob, "Somebodys Own"), days=-2)

    link = f"?guide={NONE}&amp;store={people.first_store().pk}"
    assert link in shown(manager, "/today/")
    page = shown(manager, f"/today/{link.replace('&amp;', '&')}")
    assert "Nobodys Own" in page
    assert "Somebodys Own" not in page

    manager.post("/today/hand-on/", {"guide": NONE, "every": "yes", "to": str(bob.pk)})
    assert Task.objects.filter(owner=None).count() == 0


def test_what_belongs_to_no_store_is_shown_to_head_office(bob: Staff) -> None:
    mornings.task(regular(bob, "Without Store", store=None), days=-1)
    office = signed_in()

    assert f"?store={NONE}" in shown(office, "/today/")
    assert "Bob" in shown(office, f"/today/?store={NONE}")
    page = shown(office, f"/today/?guide={bob.pk}&store={NONE}")
    assert "Without Store" in page
    assert f'value="{bob.pk}"' in page or "Bob" in page


def test_of_many_tasks_those_done_meanwhile_are_passed_by(manager: Visitor, bob: Staff) -> None:
    carla = people.staff(name="Carla", stores=(people.first_store(),))
    tasks = [mornings.task(regular(bob, f"Customer {n}")) for n in range(3)]
    Task.objects.filter(pk=tasks[0].pk).update(state="done", done_at=timezone.now())
    given = {
        "guide": str(bob.pk),
        "task": [str(each.pk) for each in tasks] + [str(uuid4())],
        "to": str(carla.pk),
    }

    page = manager.post("/today/hand-on/", given, follow=True).content.decode()

    assert Task.objects.filter(owner=carla).count() == 2
    assert "2 tasks handed on. 2 were not open any more." in page


def test_so_many_are_handed_on_at_once_and_it_is_said_that_there_are_more(
    manager: Visitor, bob: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otherwise, "_MOST", 2)
    carla = people.staff(name="Carla", stores=(people.first_store(),))
    for number in range(3):
        mornings.task(regular(bob, f"Customer {number}"))
    given = {"guide": str(bob.pk), "every": "yes", "to": str(carla.pk)}

    page = manager.post("/today/hand-on/", given, follow=True).content.decode()

    assert Task.objects.filter(owner=carla).count() == 2
    assert "2 tasks handed on. There are more." in page


def test_a_call_stays_open_when_its_result_is_refused(guide: Visitor, bob: Staff) -> None:
    carol = regular(bob)
    task = mornings.task(carol)
    begun = guide.post(
        f"/customers/{carol.pk}/messages/call/",
        {"once": "q", "task": str(task.pk)},
        headers={"HX-Request": "true"},
    )
    assert begun.status_code == 200
    far = mornings.today() + timedelta(days=900)
    sent = result(next_in="on", next_on=far.isoformat(), next_step="Call", outcome="reached")

    refused = guide.post(f"/today/{task.pk}/result/", sent)

    assert refused.status_code == 422
    assert Contact.objects.get(customer=carol).state == "reserved"
    guide.post(f"/today/{task.pk}/result/", {**sent, "next_in": "7", "next_on": ""})
    contact = Contact.objects.get(customer=carol)
    assert contact.state != "reserved"
    assert Task.objects.get(pk=task.pk).contact_id == contact.pk


def test_a_result_names_no_call_with_somebody_else(guide: Visitor, bob: Staff) -> None:
    task = mornings.task(regular(bob))
    strange = contacts.reserve(regular(None, "Somebody Else"))

    answer = guide.post(f"/today/{task.pk}/result/", result(contact=str(strange)))

    assert answer.status_code == 422
    assert Task.objects.get(pk=task.pk).state == "open"
