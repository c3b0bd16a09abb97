"""Contacts over the interface: whether, reserving a call, what became of it, what happened."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from regulars.customers.models import Customer
from regulars.messages.models import Contact
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till
from tests.factories import complaints, customers, mornings, people
from tests.factories.complaints import Cast
from tests.factories.contacts import budget, limits, reserve


@pytest.fixture(autouse=True)
def _inside(aurum: ChainInfo) -> Iterator[None]:
    with context.inside(aurum):
        budget(limits=limits(1))
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


def asked(carol: Customer, **more: Any) -> dict[str, Any]:
    return {"guide": "1001", "customer": {"id": str(carol.pk)}, **more}


def test_a_call_is_reserved_and_what_became_of_it_written_down(
    till: Till, carol: Customer, bob: Staff
) -> None:
    call = till.post("contacts/calls", asked(carol)).json()
    told = {"guide": "1001", "result": "reached", "text": "She comes on Saturday."}
    over = till.post(f"contacts/{call['id']}/over", told).json()

    assert (call["state"], call["guide_id"], call["uses_allowance"]) == (
        "reserved", str(bob.pk), True,
    )  # fmt: skip
    assert (over["state"], over["text"]) == ("delivered", "She comes on Saturday.")
    assert till.get(f"contacts/{call['id']}").json() == over


@pytest.mark.parametrize(
    ("result", "state"), [("not-reached", "failed"), ("not-tried", "cancelled")]
)
def test_a_call_that_reached_nobody_gives_its_allowance_back(
    till: Till, carol: Customer, bob: Staff, result: str, state: str
) -> None:
    call = till.post("contacts/calls", asked(carol)).json()

    over = till.post(f"contacts/{call['id']}/over", {"guide": "1001", "result": result}).json()

    assert (over["state"], over["uses_allowance"]) == (state, False)


def test_beyond_the_budget_dialling_is_refused_with_the_moment_and_a_log_is_flagged(
    till: Till, carol: Customer, bob: Staff
) -> None:
    assert till.post("contacts/calls", asked(carol)).status_code == 201

    second = till.post("contacts/calls", asked(carol))
    logged = till.post("contacts", asked(carol, channel="call", text="Chat"))

    assert (second.status_code, second.json()["code"]) == (409, "contact-budget-used-up")
    assert int(second["Retry-After"]) > 86_400
    assert logged.status_code == 201, logged.json()
    assert (logged.json()["state"], logged.json()["flagged"]) == ("logged", True)


def test_the_same_key_is_the_same_contact(till: Till, carol: Customer, bob: Staff) -> None:
    body = asked(carol, channel="wechat", text="Hello")

    answers = [till.post("contacts", body, key="log").json()["id"] for _ in range(2)]

    assert len(set(answers)) == 1
    assert Contact.objects.filter(customer=carol).count() == 1


def test_a_contact_belongs_to_a_follow_up_of_that_customer(
    till: Till, carol: Customer, bob: Staff
) -> None:
    task = mornings.task(carol)
    strange = mornings.task(customers.customer(store=carol.home_store))
    body = asked(carol, follow_up_id=str(task.pk))

    made = till.post("contacts/calls", body)
    wrong = till.post("contacts/calls", {**body, "follow_up_id": str(strange.pk)})

    assert made.json()["follow_up_id"] == str(task.pk)
    assert wrong.json()["errors"][0]["pointer"] == "#/follow_up_id"


def test_who_may_be_reached_how_is_said_without_reserving(
    till: Till, carol: Customer, bob: Staff
) -> None:
    free = till.get("contacts/ways", customer_id=carol.pk).json()
    reserve(carol, now=timezone.now())
    used = till.get("contacts/ways", customer_id=carol.pk).json()
    service = till.get("contacts/ways", customer_id=carol.pk, purpose="service").json()

    assert [each["possible"] for each in free["ways"] if each["channel"] == "call"] == [True]
    assert {each["why"] for each in used["ways"]} == {"budget"}
    assert all(each["possible_at"] for each in used["ways"])
    assert all(each["possible"] for each in service["ways"])
    assert till.get("contacts/ways", customer_id="x").status_code == 422
    assert till.get("contacts/ways", customer_id=carol.pk, purpose="fun").status_code == 422


def test_an_open_complaint_is_named_and_only_what_is_about_it_passes(till: Till) -> None:
    cast: Cast = complaints.cast()
    assert cast.guide.id is not None
    Staff.objects.filter(pk=cast.guide.id).update(number="1001")
    Customer.objects.filter(pk=cast.customer.pk).update(phone="+8613800138000")
    case = complaints.case(cast)
    body = asked(cast.customer)

    ways = till.get("contacts/ways", customer_id=cast.customer.pk).json()
    refused = till.post("contacts/calls", body)
    passed = till.post("contacts/calls", {**body, "complaint_id": str(case.pk)})

    assert [each["number"] for each in ways["complaints"]] == [case.number]
    assert {each["why"] for each in ways["ways"]} == {"complaint"}
    assert (refused.status_code, refused.json()["code"]) == (409, "contact-complaint")
    assert (passed.status_code, passed.json()["purpose"]) == (201, "service")
    assert passed.json()["complaint_id"] == str(case.pk)


def test_contacts_are_listed_in_the_order_they_were_written_down(
    till: Till, carol: Customer, bob: Staff
) -> None:
    budget(limits=[])
    made = [str(reserve(carol)) for _ in range(3)]
    reserve(customers.customer(phone=customers.phone()))

    first = till.get("contacts", customer_id=carol.pk, limit=2).json()
    rest = till.get("contacts", customer_id=carol.pk, cursor=first["next"]).json()

    assert [each["id"] for each in (*first["data"], *rest["data"])] == made
    assert len(till.get("contacts").json()["data"]) == 4


def test_a_key_of_another_store_sees_and_reserves_nothing(
    aurum: ChainInfo, make_till: Callable[..., Till], carol: Customer, bob: Staff
) -> None:
    contact_id = reserve(carol)
    there = people.store(code="other")
    people.staff(name="Olga", number="2001", stores=(there,))
    other = make_till(aurum, "care.write", store_id=there.pk)

    assert other.get("contacts").json()["data"] == []
    assert other.get(f"contacts/{contact_id}").status_code == 404
    assert other.get("contacts/ways", customer_id=carol.pk).status_code == 422
    answer = other.post("contacts/calls", {**asked(carol), "guide": "2001"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/customer")


def test_words_are_sent_under_the_budget_and_the_lint_once_for_a_key(
    till: Till, carol: Customer, bob: Staff, settings: Any
) -> None:
    settings.LOCAL = True
    body = asked(carol, channel="sms", text="Carol, happy new year. Bob, Store e1")

    sold = till.post("contacts/messages", {**body, "text": "Carol: 50% off today only! Bob"})
    sent = till.post("contacts/messages", body, key="one")
    again = till.post("contacts/messages", body, key="one")
    second = till.post("contacts/messages", body)
    silent = till.post("contacts/messages", asked(carol, channel="sms"))

    assert (sold.status_code, sold.json()["code"]) == (422, "words-refused-here")
    assert sent.status_code == 201, sent.json()
    assert again.content == sent.content
    assert (second.status_code, second.json()["code"]) == (409, "contact-budget-used-up")
    assert silent.status_code == 422
    assert Contact.objects.filter(customer=carol).count() == 1


def test_a_key_of_care_sends_nothing(
    aurum: ChainInfo, make_till: Callable[..., Till], carol: Customer, bob: Staff
) -> None:
    till = make_till(aurum, "care.write")

    answer = till.post("contacts/messages", asked(carol, channel="sms", text="Hello"))

    assert answer.status_code == 403
