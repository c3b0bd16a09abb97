"""Messages of which nobody knows whether they arrived: listed, and settled by who finds out."""

from typing import Any

import pytest
from django.core.cache import cache

from regulars.customers.models import Customer
from regulars.messages.models import Contact
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from tests.factories import batches, people
from tests.factories.contacts import budget, person, reserve
from tests.factories.talk import settled
from tests.factories.visitors import Visitor, signed_in


@pytest.fixture(autouse=True)
def _free(inside_aurum: ChainInfo) -> None:
    cache.clear()  # signing in is limited
    budget(limits=[])


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
    return person(name="Carol", store=shop, owner=bob)


def unsure(customer: Customer, text: str = "Is it so?") -> Contact:
    row = settled(reserve(customer, text=text))
    for state in ("sending", "unknown"):
        Contact.objects.filter(pk=row.pk).update(state=state)
    return row


def test_those_of_ones_own_customers_are_listed_and_no_others(
    guide: Visitor, carol: Customer
) -> None:
    empty = guide.get("/messages/unsure/").content.decode()
    unsure(carol)
    unsure(person(name="Dora"), text="Not for Bob")

    page = guide.get("/messages/unsure/").content.decode()
    queue = guide.get("/messages/").content.decode()

    assert "Everything is known" in empty
    assert "Is it so?" in page
    assert "Not for Bob" not in page
    assert "/messages/unsure/" in queue
    assert "Of 1 message nobody knows" in queue


@pytest.mark.parametrize(("arrived", "state"), [("yes", "delivered"), ("no", "refused")])
def test_who_finds_out_says_so_once(
    guide: Visitor, carol: Customer, arrived: str, state: str
) -> None:
    row = unsure(carol)

    answers = [
        guide.post(f"/messages/unsure/{row.pk}/", {"arrived": said})
        for said in (arrived, "yes" if arrived == "no" else "no")
    ]

    assert [each.status_code for each in answers] == [302, 302]
    assert settled(row.pk).state == state
    assert "/messages/unsure/" not in guide.get("/messages/").content.decode()


def test_those_of_a_batch_stay_with_the_batch(
    guide: Visitor, carol: Customer, settings: Any
) -> None:
    settings.LOCAL = True
    batches.text()
    batch = batches.put_together()
    sent = Contact.objects.filter(batch=batch)
    for state in ("sending", "unknown"):
        sent.update(state=state)

    assert sent.exists()
    assert "Everything is known" in guide.get("/messages/unsure/").content.decode()


def test_what_another_stores_customer_was_sent_is_not_there(guide: Visitor) -> None:
    row = unsure(person(name="Dora"))

    assert guide.post(f"/messages/unsure/{row.pk}/", {"arrived": "yes"}).status_code == 404
