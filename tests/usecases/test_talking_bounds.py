"""Where a conversation ends: offers are no answers, and who has moved away waits elsewhere."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.audit import Actor
from regulars.customers.models import Customer
from regulars.messages.models import Contact
from regulars.messages.services import templating
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.usecases import answering, reaching, talking
from tests.factories import people
from tests.factories.contacts import budget, person
from tests.factories.customers import NOW
from tests.factories.talk import settled, writes

pytestmark = pytest.mark.usefixtures("inside_aurum")
MINUTE = timedelta(minutes=1)
LATER = NOW + 6 * MINUTE


@pytest.fixture
def shop() -> Store:
    return people.store(code="e1")


@pytest.fixture
def bob(shop: Store) -> Staff:
    return people.staff(name="Bob", stores=(shop,))


@pytest.fixture
def carol(shop: Store, bob: Staff) -> Customer:
    return person(name="王芳", gender="female", store=shop, owner=bob)


def acting(who: Staff) -> Actor:
    return people.actor(who)


def queue(who: Staff, now: Any = NOW) -> list[tuple[Any, str]]:
    found = talking.waiting(actor=acting(who), now=now)
    return [(each.customer_id, each.whose) for each in found.rows]


def answer(who: Staff, customer: Customer, text: str, *, key: str = "k") -> Contact:
    told = answering.answer(
        actor=acting(who), customer_id=customer.pk, channel="sms", text=text, key=key,
        now=NOW + MINUTE,
    )  # fmt: skip
    return settled(told.contact_id)


@pytest.mark.parametrize("text", ["全场八折！", "名额有限，抓紧来店", "Get 20% off today"])
def test_an_answer_makes_no_offer(bob: Staff, carol: Customer, text: str) -> None:
    writes(carol)

    with pytest.raises(reaching.WordsRefused) as told:
        answer(bob, carol, text)

    assert told.value.findings
    assert all(each.words in str(told.value.fields["text"]) for each in told.value.findings)
    assert queue(bob) == [(carol.pk, "mine")]


@pytest.mark.parametrize(
    "text", ["这款三千八百元。", "It is $380.", "有现货，可以直接下单。", "新款周五到。"]
)
def test_who_asks_for_a_price_or_for_goods_is_told(bob: Staff, carol: Customer, text: str) -> None:
    writes(carol, "多少钱？")

    assert answer(bob, carol, text).purpose == "service"


def test_a_word_the_chain_refuses_is_refused_in_answers_too(bob: Staff, carol: Customer) -> None:
    templating.set_words(actor=acting(people.owner()), added=["内部价"], allowed=[], now=NOW)
    writes(carol, "多少钱？")

    with pytest.raises(reaching.WordsRefused):
        answer(bob, carol, "给您内部价")


def test_asking_for_no_more_opens_nothing(bob: Staff, carol: Customer) -> None:
    budget(limits=[])
    writes(carol, "TD")

    talk = talking.conversation(actor=acting(bob), customer_id=carol.pk, now=NOW + MINUTE)

    assert (talk.is_fresh, talk.last_in) == (False, None)
    with pytest.raises(reaching.WordsRefused):  # judged as care: it says no name
        answer(bob, carol, "全场八折")


def test_a_question_before_it_is_still_answered_as_service(bob: Staff, carol: Customer) -> None:
    asked = writes(carol, at=NOW - MINUTE)
    writes(carol, "TD")

    talk = talking.conversation(actor=acting(bob), customer_id=carol.pk, now=NOW + MINUTE)

    assert talk.last_in == asked


def test_who_has_moved_to_another_store_waits_there_only(
    shop: Store, bob: Staff, carol: Customer
) -> None:
    dan, eva = (people.staff(name=name, stores=(shop,)) for name in ("Dan", "Eva"))
    west = people.store(code="w1")
    amy = people.staff(name="Amy", stores=(west,))
    mona = people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(shop,))
    talked = person(store=shop, owner=bob)
    for customer in (carol, talked):
        writes(customer)
    answering.hand(actor=acting(bob), customer_id=carol.pk, staff_id=dan.pk, now=NOW)
    Contact.objects.create(
        customer=talked, direction="out", purpose="service", channel="sms", at=NOW,
        source=talking.SOURCE, staff=eva, text="十点",
    )  # fmt: skip
    assert [queue(dan), queue(eva)] == [[(carol.pk, "mine")], [(talked.pk, "mine")]]

    Customer.objects.filter(pk__in=[carol.pk, talked.pk]).update(owner=amy, home_store=west)

    assert [queue(each) for each in (bob, dan, eva, mona)] == [[]] * 4
    assert {pk for pk, _whose in queue(amy, LATER)} == {carol.pk, talked.pk}


def test_a_guides_own_customer_of_another_store_waits_for_them(bob: Staff, carol: Customer) -> None:
    Customer.objects.filter(pk=carol.pk).update(home_store=people.store(code="w1"))
    writes(carol)

    assert queue(bob) == [(carol.pk, "mine")]
