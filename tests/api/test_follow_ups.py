"""Follow-ups over the interface: what is to be done, results, putting off, handing on."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.followups.plans import pausing
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till
from tests.factories import customers, mornings, people


@pytest.fixture(autouse=True)
def _inside(aurum: ChainInfo) -> Iterator[None]:
    with context.inside(aurum):
        yield


@pytest.fixture
def shop(_inside: None) -> Store:
    return people.store(code="e1")


@pytest.fixture
def bob(shop: Store) -> Staff:
    return people.staff(name="Bob", number="1001", stores=(shop,))


@pytest.fixture
def carol(shop: Store, bob: Staff) -> Customer:
    return customers.customer(name="Carol", phone=customers.phone(), store=shop, owner=bob)


def listed(till: Till, **query: Any) -> list[str]:
    answer = till.get("follow-ups", **query)
    assert answer.status_code == 200, answer.json()
    return [each["id"] for each in answer.json()["data"]]


def test_what_is_due_is_listed_by_day_a_page_at_a_time(till: Till, carol: Customer) -> None:
    tasks = [mornings.task(carol, days=days) for days in (2, 0, 1)]
    first = till.get("follow-ups", limit=2).json()
    rest = till.get("follow-ups", limit=2, cursor=first["next"]).json()

    found = [each["id"] for each in (*first["data"], *rest["data"])]
    assert found == [str(tasks[place].pk) for place in (1, 2, 0)]
    assert rest["next"] is None
    one = first["data"][0]
    assert (one["customer"]["name"], one["overdue"], one["rests"]) == ("Carol", False, False)
    assert one["started_by"] == "purchase.recorded"


def test_a_list_is_narrowed_by_guide_store_lateness_and_customer(
    till: Till, carol: Customer, bob: Staff
) -> None:
    late, today = mornings.task(carol, days=-3), mornings.task(carol)
    done = mornings.task(carol, state="done", done_at=timezone.now(), outcome="reached")
    other = customers.customer(store=people.store(code="x"), owner=None)
    elsewhere = mornings.task(other)

    assert listed(till, guide="1001") == [str(late.pk), str(today.pk)]
    assert listed(till, store="x") == [str(elsewhere.pk)]
    assert listed(till, overdue="true") == [str(late.pk)]
    assert set(listed(till, customer_id=carol.pk)) == {str(each.pk) for each in (late, today, done)}


@pytest.mark.parametrize(
    "query", [{"overdue": "maybe"}, {"customer_id": "x"}, {"guide": "9\0"}, {"store": "nowhere"}]
)
def test_what_nobody_answers_to_is_refused(till: Till, query: dict[str, str]) -> None:
    assert till.get("follow-ups", **query).status_code == 422


def test_a_cursor_of_another_list_is_refused(till: Till, carol: Customer) -> None:
    customers.customer(name="Dora")
    cursor = till.get("customers", limit=1).json()["next"]

    assert till.get("follow-ups", cursor=cursor).json()["code"] == "cursor-refused"


def test_one_says_what_is_asked(till: Till, carol: Customer) -> None:
    task = mornings.task(carol)

    answer = till.get(f"follow-ups/{task.pk}").json()

    assert {"liked", "wants"} <= set(answer["asks"]["properties"])
    assert answer["guide_id"] == str(carol.owner_id)


def test_a_result_is_the_guides_who_did_it_and_makes_the_next_step(
    till: Till, carol: Customer, bob: Staff
) -> None:
    task = mornings.task(carol)
    day = str(mornings.today() + timedelta(days=20))

    answer = till.post(
        f"follow-ups/{task.pk}/result",
        {
            "guide": "1001", "outcome": "reached", "answers": {"liked": 5}, "satisfaction": 5,
            "next_step": "Bring the catalogue", "next_on": day,
        },
    )  # fmt: skip

    assert answer.status_code == 200, answer.json()
    body = answer.json()
    assert (body["state"], body["done_by"], body["satisfaction"]) == ("done", str(bob.pk), 5)
    assert body["answers"] == {"liked": 5}
    assert Task.objects.filter(customer=carol, title="Bring the catalogue", state="open").exists()


def test_not_reached_is_an_attempt(till: Till, carol: Customer, bob: Staff) -> None:
    task = mornings.task(carol)

    body = till.post(
        f"follow-ups/{task.pk}/result", {"guide": "1001", "outcome": "not-reached"}
    ).json()

    assert (body["state"], body["attempts"]) == ("open", 1)
    assert body["due_on"] > str(mornings.today())


def test_the_same_key_is_the_same_result(till: Till, carol: Customer, bob: Staff) -> None:
    task, body = mornings.task(carol), {"guide": "1001", "outcome": "reached"}
    path = f"follow-ups/{task.pk}/result"

    first = till.post(path, body, key="once")
    again = till.post(path, body, key="once")
    other = till.post(path, body, key="twice")

    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "task-already-done")


def test_it_is_put_off_handed_on_and_left_out(till: Till, carol: Customer, bob: Staff) -> None:
    dora = people.staff(name="Dora", number="1002", stores=(carol.home_store,))  # type: ignore[arg-type]
    path = f"follow-ups/{mornings.task(carol).pk}"
    later = (timezone.now() + timedelta(days=2)).isoformat()

    put_off = till.post(f"{path}/snooze", {"until": later}).json()
    handed = till.post(f"{path}/hand-on", {"guide": "1001", "to": "1002", "reason": "away"}).json()
    left = till.post(f"{path}/leave-out", {"guide": "1002", "why": "not-needed"}).json()

    assert put_off["due_on"] > str(mornings.today())
    assert handed["guide_id"] == str(dora.pk)
    assert (left["state"], left["why"], left["done_by"]) == ("skipped", "not-needed", str(dora.pk))


def test_something_is_planned_for_a_customer_named_as_at_the_till(
    till: Till, carol: Customer, bob: Staff
) -> None:
    on = str(mornings.today() + timedelta(days=5))
    body = {"customer": {"phone": carol.phone}, "on": on, "title": "Ring is ready", "do": "call"}

    made = till.post("follow-ups", body, key="plan")

    assert made.status_code == 201, made.json()
    assert (made.json()["title"], made.json()["guide_id"]) == ("Ring is ready", str(bob.pk))
    assert till.post("follow-ups", body, key="plan").content == made.content


def test_an_open_complaint_shows(till: Till, carol: Customer) -> None:
    task = mornings.task(carol, days=-1)
    pausing.pause(carol.pk, "complaint:1", timezone.now())

    body = till.get(f"follow-ups/{task.pk}").json()

    assert (body["rests"], body["overdue"]) == (True, False)


def test_who_does_it_works_there_and_is_still_here(till: Till, carol: Customer, bob: Staff) -> None:
    people.staff(name="Gone", number="1003", stores=(carol.home_store,), state="left")  # type: ignore[arg-type]
    path = f"follow-ups/{mornings.task(carol).pk}/result"

    for guide in ("9999", "1003", "00000000-0000-7000-8000-000000000000"):
        answer = till.post(path, {"guide": guide, "outcome": "reached"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/guide")


def test_a_key_of_one_store_sees_and_does_that_stores_only(
    aurum: ChainInfo, make_till: Callable[..., Till], carol: Customer, bob: Staff
) -> None:
    task = mornings.task(carol)
    other = make_till(aurum, "care.write", store_id=people.store(code="other").pk)
    own = make_till(aurum, "care.write", store_id=carol.home_store_id)
    body = {"guide": "1001", "outcome": "reached"}

    assert listed(other) == []
    assert other.get(f"follow-ups/{task.pk}").status_code == 404
    assert other.post(f"follow-ups/{task.pk}/result", body).status_code == 404
    assert own.post(f"follow-ups/{task.pk}/result", body).status_code == 200


def test_a_key_that_reads_does_nothing(
    aurum: ChainInfo, make_till: Callable[..., Till], carol: Customer, bob: Staff
) -> None:
    till, task = make_till(aurum, "care.read"), mornings.task(carol)

    answer = till.post(f"follow-ups/{task.pk}/result", {"guide": "1001", "outcome": "reached"})

    assert answer.status_code == 403
    assert listed(till) == [str(task.pk)]


def test_a_list_takes_as_many_statements_for_many_as_for_few(till: Till, carol: Customer) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            listed(till)
        return len(asked)

    mornings.task(carol)
    listed(till)
    few = statements()
    for _ in range(20):
        mornings.task(customers.customer(store=carol.home_store, owner=carol.owner))

    assert statements() == few
