"""Forms of conversations and contacts that come twice, late, from elsewhere or all the time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.messages.models import Contact
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from tests.factories import mornings, people
from tests.factories.contacts import budget, person
from tests.factories.talk import settled, writes
from tests.factories.visitors import Visitor, signed_in

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _free(inside_aurum: ChainInfo) -> None:
    cache.clear()
    budget(limits=[])


@pytest.fixture
def shop() -> Store:
    return people.store(code="e1")


@pytest.fixture
def bob(shop: Store) -> Staff:
    return people.staff(name="Bob", stores=(shop,), email="bob@aurum.example")


@pytest.fixture
def client(bob: Staff) -> Visitor:
    return signed_in(email="bob@aurum.example")


@pytest.fixture
def carol(shop: Store, bob: Staff) -> Customer:
    return person(name="王芳", gender="female", store=shop, owner=bob)


def asks(customer: Customer, text: str = "几点开门？", *, minutes: int = 1) -> Contact:
    return writes(customer, text, at=timezone.now() - timedelta(minutes=minutes))


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "1700-05-05T10:00"])
def test_a_contact_of_long_ago_is_refused_and_the_pages_stay(
    client: Visitor, carol: Customer, at: str
) -> None:
    values = {"channel": "call", "purpose": "care", "at": at, "text": "x", "once": str(uuid4())}

    refused = client.post(f"/customers/{carol.pk}/messages/log/", values)

    assert refused.status_code == 422
    assert "more than a year ago" in refused.content.decode()
    for address in (f"/customers/{carol.pk}/messages/", f"/customers/{carol.pk}/", "/customers/"):
        assert client.get(address).status_code == 200


def test_a_call_that_was_given_up_is_not_dialled_again_by_its_key(
    client: Visitor, carol: Customer
) -> None:
    address = f"/customers/{carol.pk}/messages/"
    client.post(f"{address}call/", {"once": "k1"}, headers=HTMX)
    row = Contact.objects.get(customer=carol)
    client.post(f"{address}{row.pk}/over/", {"result": "not-tried"})

    again = client.post(f"{address}call/", {"once": "k1"}, headers=HTMX)

    assert settled(row.pk).state == "cancelled"
    assert again.status_code == 409
    assert "tel:" not in again.content.decode()
    assert str(carol.phone)[3:] not in again.content.decode()


def test_an_answer_that_was_lost_and_edited_is_not_taken_for_the_first(
    client: Visitor, carol: Customer
) -> None:
    asks(carol)
    once = str(uuid4())
    address = f"/messages/{carol.pk}/answer/"
    client.post(address, {"way": "sms", "text": "十点开门。", "once": once}, headers=HTMX)

    edited = client.post(address, {"way": "sms", "text": "九点开门。", "once": once}, headers=HTMX)

    page = edited.content.decode()
    assert edited.status_code == 409
    assert "sent already with other words: “十点开门。”" in page
    assert ">九点开门。</textarea>" in page
    assert once not in page, "sending it all the same is another message"
    assert Contact.objects.filter(customer=carol, direction="out").count() == 1


def test_a_selling_answer_comes_back_with_the_words_marked(
    client: Visitor, carol: Customer
) -> None:
    asks(carol)

    values = {"way": "sms", "text": "全场八折", "once": str(uuid4())}
    refused = client.post(f"/messages/{carol.pk}/answer/", values, headers=HTMX)

    assert refused.status_code == 422
    assert "“八折”" in refused.content.decode()


def test_who_began_a_call_concludes_it_though_the_step_was_stopped(
    shop: Store, carol: Customer
) -> None:
    people.staff(name="Eva", stores=(shop,), email="eva@aurum.example")
    dan = people.staff(name="Dan", stores=(shop,), email="dan@aurum.example")
    step = mornings.task(carol, owner_id=dan.pk)
    guide, other = (signed_in(email=f"{name}@aurum.example") for name in ("dan", "eva"))
    address = f"/customers/{carol.pk}/messages/"
    guide.post(f"{address}call/", {"once": "1", "task": str(step.pk)}, headers=HTMX)
    (row,) = Contact.objects.filter(customer=carol)
    Task.objects.filter(pk=step.pk).update(state="stopped", why="returned", done_at=timezone.now())
    over = f"{address}{row.pk}/over/"

    not_theirs = other.post(over, {"result": "yes"})
    theirs = guide.post(over, {"result": "yes", "task": str(step.pk), "back": "/today/"})
    differently = guide.post(over, {"result": "no", "task": str(step.pk)})

    assert [each.status_code for each in (not_theirs, theirs, differently)] == [404, 302, 404]
    assert settled(row.pk).state == "delivered"


def test_a_colleagues_call_is_the_managers_to_conclude_and_no_guides(
    client: Visitor, shop: Store, carol: Customer
) -> None:
    people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(shop,), email="mona@aurum.example")
    manager = signed_in(email="mona@aurum.example")
    address = f"/customers/{carol.pk}/messages/"
    manager.post(f"{address}call/", {"once": "m"}, headers=HTMX)
    client.post(f"{address}call/", {"once": "b"}, headers=HTMX)
    hers, his = Contact.objects.filter(customer=carol).order_by("pk")

    refused = client.post(f"{address}{hers.pk}/over/", {"result": "yes"})
    taken = manager.post(f"{address}{his.pk}/over/", {"result": "no"})

    assert (refused.status_code, taken.status_code) == (404, 302)
    assert [settled(each.pk).state for each in (hers, his)] == ["reserved", "failed"]


def test_an_open_conversation_asks_for_a_mark_and_reads_no_words(
    client: Visitor, carol: Customer
) -> None:
    asks(carol)
    page = client.get(f"/messages/{carol.pk}/").content.decode()
    mark = page.partition('name="mark" value="')[2].partition('"')[0]

    with CaptureQueriesContext(connection) as seen:
        nothing = client.get(f"/messages/{carol.pk}/fresh/", {"mark": mark})
    asked = [each["sql"] for each in seen if "messaging_contact" in each["sql"]]
    asks(carol, "在吗？", minutes=0)
    something = client.get(f"/messages/{carol.pk}/fresh/", {"mark": mark})

    assert (nothing.status_code, something.status_code) == (204, 200)
    assert len(asked) == 1
    assert '"text"' not in asked[0]


def test_what_waits_is_counted_once_in_a_while_and_anew_after_an_answer(
    client: Visitor, carol: Customer
) -> None:
    def count() -> tuple[bool, bool]:
        with CaptureQueriesContext(connection) as seen:
            shown = client.get("/messages/count/").content.decode()
        return ">1<" in shown, any("messaging_contact" in each["sql"] for each in seen)

    asks(carol)

    assert [count(), count()] == [(True, True), (True, False)]
    values = {"way": "sms", "text": "十点开门。", "once": str(uuid4())}
    client.post(f"/messages/{carol.pk}/answer/", values, headers=HTMX)
    assert count() == (False, True)
