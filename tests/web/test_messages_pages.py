"""The pages of conversations, and of reaching one customer."""

from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.customers.models import Customer
from regulars.messages.gateways.contract import Media
from regulars.messages.models import Contact
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from regulars.web.talking import presence
from tests.factories import mornings, people
from tests.factories.contacts import budget, person
from tests.factories.talk import comes_in, settled, writes
from tests.factories.visitors import Visitor, signed_in

HTMX = {"HX-Request": "true"}
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


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
def manager(shop: Store) -> Visitor:
    people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(shop,), email="mona@aurum.example")
    return signed_in(email="mona@aurum.example")


@pytest.fixture
def carol(shop: Store, bob: Staff) -> Customer:
    return person(name="王芳", gender="female", store=shop, owner=bob)


def asks(customer: Customer, text: str = "几点开门？", *, minutes: int = 1) -> Contact:
    return writes(customer, text, at=timezone.now() - timedelta(minutes=minutes))


def read(client: Visitor, address: str, *, htmx: bool = False) -> str:
    answer = client.get(address, headers=HTMX if htmx else {})
    assert answer.status_code == 200
    return str(answer.content.decode())


def answered(client: Visitor, customer: Customer, **fields: str) -> str:
    values = {"way": "sms", "text": "十点开门。", "once": str(uuid4()), **fields}
    answer = client.post(f"/messages/{customer.pk}/answer/", values, headers=HTMX)
    return f"{answer.status_code} {answer.content.decode()}"


def test_what_waits_is_listed_and_counted(client: Visitor, carol: Customer) -> None:
    assert "Everybody has an answer" in read(client, "/messages/")
    assert read(client, "/messages/count/").strip() == ""
    asks(carol)

    page = read(client, "/messages/")

    assert "Waiting for you" in page
    assert "几点开门？" in page
    assert f"/messages/{carol.pk}/" in page
    assert ">1<" in read(client, "/messages/count/")
    assert "messages/count/" in page
    assert "<html" not in read(client, "/messages/", htmx=True)


def test_a_conversation_shows_both_sides_and_takes_an_answer(
    client: Visitor, carol: Customer
) -> None:
    row = asks(carol)

    told = answered(client, carol)

    assert told.startswith("200")
    assert "几点开门？" in told
    assert "十点开门。" in told
    assert "Bob" in told
    assert settled(row.pk).state == "answered"
    assert "Everybody has an answer" in read(client, "/messages/")


def test_a_double_submit_is_one_message(client: Visitor, carol: Customer) -> None:
    asks(carol)
    once = str(uuid4())

    for _ in range(2):
        answered(client, carol, once=once)

    assert Contact.objects.filter(customer=carol, source="conversation").count() == 1


def test_a_refused_answer_keeps_what_was_typed(client: Visitor, carol: Customer) -> None:
    asks(carol)

    told = answered(client, carol, way="post", text="<b>typed</b>")

    assert told.startswith("422")
    assert "&lt;b&gt;typed&lt;/b&gt;" in told
    assert "Nothing can be sent this way" in told


def test_what_was_typed_stays_while_the_messages_are_made_fresh(
    client: Visitor, carol: Customer
) -> None:
    asks(carol)
    page = read(client, f"/messages/{carol.pk}/")
    mark = page.partition('name="mark" value="')[2].partition('"')[0]
    fresh = f"/messages/{carol.pk}/fresh/"

    assert client.get(fresh, {"mark": mark}).status_code == 204
    asks(carol, "在吗？", minutes=0)
    part = client.get(fresh, {"mark": mark})

    assert part.status_code == 200
    assert "在吗？" in part.content.decode()
    assert "<textarea" not in part.content.decode()


def test_a_colleague_who_has_it_open_is_named(
    client: Visitor, manager: Visitor, carol: Customer
) -> None:
    asks(carol)
    read(client, f"/messages/{carol.pk}/")

    page = read(manager, f"/messages/{carol.pk}/")
    typing = manager.get(f"/messages/{carol.pk}/fresh/", {"writing": "1"})

    assert "Bob has this open too" in page
    assert typing.status_code == 200
    assert "Mona is typing an answer" in read(client, f"/messages/{carol.pk}/")


def test_who_comes_second_sees_what_was_answered(
    client: Visitor, manager: Visitor, carol: Customer
) -> None:
    asks(carol)
    page = read(manager, f"/messages/{carol.pk}/")
    looked_at = page.partition('name="looked_at" value="')[2].partition('"')[0]
    answered(client, carol)

    told = answered(manager, carol, looked_at=looked_at, text="我们十点开门。")

    assert told.startswith("200")
    assert "Bob had answered already" in told


def test_what_customers_write_is_never_markup(client: Visitor, carol: Customer) -> None:
    row = writes(carol, HOSTILE, at=timezone.now())
    Contact.objects.filter(pk=row.pk).update(
        facts={"media": [["image", "javascript:alert(3)"], [HOSTILE, HOSTILE]]}
    )

    for address in (
        "/messages/", f"/messages/{carol.pk}/", f"/customers/{carol.pk}/",
        f"/customers/{carol.pk}/messages/",
    ):  # fmt: skip
        page = read(client, address)
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
    assert "Picture (javascript:alert(3))" in read(client, f"/messages/{carol.pk}/")


def test_media_is_named_and_never_opened(client: Visitor, carol: Customer) -> None:
    comes_in(carol.phone or "", "", at=timezone.now(), media=(Media(kind="voice", reference="m1"),))

    page = read(client, f"/messages/{carol.pk}/")

    assert "Voice message (m1)" in page
    assert "<audio" not in page
    assert "Sent a picture or a file" in read(client, "/messages/")


def test_another_stores_conversation_is_not_there(carol: Customer) -> None:
    asks(carol, minutes=60)
    people.staff(
        name="Eve", role=Role.STORE_MANAGER, stores=(people.store(code="w1"),),
        email="eve@aurum.example",
    )  # fmt: skip
    eve = signed_in(email="eve@aurum.example")

    assert "Everybody has an answer" in read(eve, "/messages/")
    for address in (f"/messages/{carol.pk}/", f"/messages/{carol.pk}/fresh/"):
        assert eve.get(address).status_code == 404
    assert eve.post(f"/messages/{carol.pk}/answer/", {"text": "x"}).status_code == 404


def test_it_is_handed_on_and_settled(client: Visitor, shop: Store, carol: Customer) -> None:
    dan = people.staff(name="Dan", stores=(shop,))
    row = asks(carol)

    assert "Dan" in read(client, f"/messages/{carol.pk}/hand/")
    handed = client.post(f"/messages/{carol.pk}/hand/", {"to": str(dan.pk)})
    done = client.post(f"/messages/{carol.pk}/done/")

    assert (handed.status_code, done.status_code) == (302, 302)
    assert settled(row.pk).facts["handed"] == str(dan.pk)
    assert settled(row.pk).state == "answered"


def test_an_unknown_sender_is_attached_or_made_a_customer(
    manager: Visitor, client: Visitor, carol: Customer
) -> None:
    first, second, third = (
        comes_in(f"+86135000000{n}0", "Hallo", at=timezone.now()) for n in (1, 2, 3)
    )
    assert "Senders nobody knows" in read(manager, "/messages/")
    assert client.get(f"/messages/unknown/{first.pk}/").status_code == 403
    page = f"/messages/unknown/{first.pk}/"

    assert "王芳" in read(manager, f"{page}?q=王芳", htmx=True)
    attached = manager.post(f"{page}attach/", {"customer": str(carol.pk)})
    made = manager.post(f"/messages/unknown/{second.pk}/new/", {"name": "李娜"})
    done = manager.post(f"/messages/unknown/{third.pk}/done/")
    nobody = manager.post(f"/messages/unknown/{third.pk}/attach/", {"customer": "x"})

    assert [each.status_code for each in (attached, made, done, nobody)] == [302, 302, 302, 422]
    assert settled(first.pk).customer_id == carol.pk
    assert settled(second.pk).customer is not None
    assert settled(third.pk).state == "answered"


def test_a_call_is_reserved_and_the_number_comes_with_it(client: Visitor, carol: Customer) -> None:
    address = f"/customers/{carol.pk}/messages/"
    once = str(uuid4())

    for _ in range(2):
        begun = client.post(f"{address}call/", {"once": once, "back": address}, headers=HTMX)

    assert f'href="tel:{carol.phone}" data-dials' in begun.content.decode()
    (row,) = Contact.objects.filter(customer=carol)
    over = client.post(f"{address}{row.pk}/over/", {"result": "yes", "back": "/today/x/?a=1"})
    assert over.headers["Location"] == f"/today/x/?a=1&contact={row.pk}&reached=yes"
    assert settled(row.pk).state == "delivered"
    elsewhere = client.post(f"{address}{row.pk}/over/", {"result": "yes", "back": "//evil.example"})
    assert "evil" not in elsewhere.headers["Location"]


def test_a_refusal_stands_beside_the_button_beforehand(client: Visitor, carol: Customer) -> None:
    budget(limits=[], distance=24 * 60)
    address = f"/customers/{carol.pk}/messages/"
    client.post(f"{address}log/", _logged())

    page = read(client, address)
    refused = client.post(f"{address}call/", {"once": str(uuid4())}, headers=HTMX)

    assert "Contacted just now" in page
    assert "possible again" in page
    assert refused.status_code == 409
    assert "Possible again from" in refused.content.decode()


def _logged(**fields: str) -> dict[str, str]:
    at = timezone.localtime() - timedelta(minutes=1)
    return {
        "channel": "call", "purpose": "care", "at": f"{at:%Y-%m-%dT%H:%M}", "text": "Rang us.",
        "once": str(uuid4()), **fields,
    }  # fmt: skip


def test_a_contact_elsewhere_is_written_down_once(client: Visitor, carol: Customer) -> None:
    address = f"/customers/{carol.pk}/messages/log/"
    values = _logged()

    answers = [client.post(address, values).status_code for _ in range(2)]
    still_to_come = client.post(address, _logged(at="2099-01-01T10:00"))

    assert answers == [302, 302]
    assert still_to_come.status_code == 422
    assert Contact.objects.filter(customer=carol, state="logged").count() == 1
    assert "Rang us." in read(client, f"/customers/{carol.pk}/")


def test_words_are_sent_or_given_to_ones_own_phone(client: Visitor, carol: Customer) -> None:
    address = f"/customers/{carol.pk}/messages/"
    text = "王女士，中秋安康。Store e1 Bob"

    def write(way: str, words: str) -> str:
        values = {"way": way, "text": words, "once": str(uuid4()), "back": address}
        answer = client.post(f"{address}write/", values, headers=HTMX)
        return f"{answer.status_code} {answer.content.decode()}"

    sent, own, selling = (
        write("sms", text), write("wechat:hand", text), write("sms", "全场八折"),
    )  # fmt: skip

    assert sent.startswith("200")
    assert "I sent it" in own
    assert selling.startswith("422")
    assert "全场八折" in selling
    assert Contact.objects.filter(customer=carol).count() == 2


def test_the_pages_cost_the_same_however_much_was_said(client: Visitor, carol: Customer) -> None:
    def statements(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            read(client, address)
        return len(seen)

    addresses = (f"/messages/{carol.pk}/", f"/customers/{carol.pk}/messages/", "/messages/")
    asks(carol)
    answered(client, carol)
    before = [statements(each) for each in addresses for _ in range(2)][1::2]
    for number in range(6):
        asks(carol, f"{number}")
        answered(client, carol, text=f"{number}!")

    assert [statements(each) for each in addresses] == before


def test_whose_step_it_is_reaches_a_colleagues_customer_for_it(
    shop: Store, carol: Customer
) -> None:
    dan = people.staff(name="Dan", stores=(shop,), email="dan@aurum.example")
    step = mornings.task(carol, owner_id=dan.pk, purpose="service")
    other = mornings.task(person(store=shop), owner_id=dan.pk)
    guide = signed_in(email="dan@aurum.example")
    address = f"/customers/{carol.pk}/messages/call/"

    without = guide.post(address, {"once": "1"}, headers=HTMX)
    with_another = guide.post(address, {"once": "2", "task": str(other.pk)}, headers=HTMX)
    with_it = guide.post(address, {"once": "3", "task": str(step.pk)}, headers=HTMX)

    assert [each.status_code for each in (without, with_another, with_it)] == [404, 404, 200]
    (row,) = Contact.objects.filter(customer=carol)
    assert (row.source, row.source_id, row.purpose) == ("followup", step.pk, "service")


def test_without_the_cache_nobody_is_seen_and_everything_else_works(
    client: Visitor, carol: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def get(self, key: str) -> None:
            raise redis.ConnectionError(key)

    monkeypatch.setattr(presence, "cache", Away())
    asks(carol)

    assert "几点开门？" in read(client, f"/messages/{carol.pk}/")
