"""Two colleagues answer the same message in the same moment: the second is told of the first."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections, transaction

from regulars.customers.models import Customer
from regulars.messages.models import Contact
from regulars.staff.models import Role, Staff
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.usecases import answering
from regulars.usecases.answering import Answered
from tests.factories import people
from tests.factories.contacts import budget, person
from tests.factories.customers import NOW
from tests.factories.talk import writes

PATIENCE = 0.4  # seconds in which whoever need not wait would be done


@pytest.fixture
def chain(own_database: str) -> Iterator[ChainInfo]:
    """Work in a chain whose commits are real."""
    found = directory.find("aurum")
    assert found is not None
    with context.inside(found):
        budget(limits=[])
        yield found


def answer(who: Staff, customer: Customer, text: str) -> Answered:
    return answering.answer(
        actor=people.actor(who), customer_id=customer.pk, channel="sms", text=text, key=text,
        seen_at=NOW, now=NOW + timedelta(minutes=1),
    )  # fmt: skip


def test_the_second_waits_for_the_first_and_sees_the_answer(chain: ChainInfo) -> None:
    shop = people.store(code="e1")
    bob = people.staff(name="Bob", stores=(shop,))
    mona = people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(shop,))
    carol = person(store=shop, owner=bob)
    writes(carol)
    told: list[Answered] = []

    def second() -> None:
        with context.inside(chain):
            told.append(answer(mona, carol, "We open at ten."))
        connections.close_all()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        first = answer(bob, carol, "At ten.")
        thread.start()
        thread.join(PATIENCE)
        waits = thread.is_alive()
    thread.join()

    assert waits
    assert [each.pk for each in told[0].before] == [first.contact_id]
    assert first.before == ()
    assert Contact.objects.filter(customer=carol, source="conversation").count() == 2
    assert Contact.objects.get(customer=carol, direction="in").facts["by"] == str(bob.pk)


def test_the_customer_is_held_before_their_messages(chain: ChainInfo) -> None:
    """A merge holds the customer and moves the messages: nobody may wait the other way round."""
    shop = people.store(code="e1")
    bob = people.staff(name="Bob", stores=(shop,))
    carol = person(name="王芳", gender="female", store=shop, owner=bob)
    row = writes(carol, at=NOW - timedelta(days=3))  # so long ago that the answer is care

    def answers() -> None:
        with context.inside(chain):
            answer(bob, carol, "王女士，您要的戒指到了。Store e1 Bob")
        connections.close_all()

    thread = threading.Thread(target=answers)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=carol.pk)
        thread.start()
        thread.join(PATIENCE)
        waits = thread.is_alive()
        Contact.objects.select_for_update(nowait=True).get(pk=row.pk)
    thread.join()

    assert waits
    assert Contact.objects.get(pk=row.pk).state == "answered"
