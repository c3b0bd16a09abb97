"""Two workers, one customer: whoever comes second sees that the first has asked."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from regulars.messages.models import Contact
from regulars.surveys.models import Invitation
from regulars.tenancy import context, directory
from regulars.usecases import ask_customers
from tests.factories import contacts, people, purchases
from tests.factories.customers import NOW

DUE = NOW + timedelta(days=10)


@pytest.mark.usefixtures("own_database")
def test_two_workers_ask_one_customer_once() -> None:
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        contacts.budget(limits=contacts.limits(9))
        carol = contacts.person(store=people.first_store(), owner=people.owner())
        for _ in range(3):
            purchases.sale(customer=carol)
        ask_customers.find(since=NOW - timedelta(days=3), now=NOW)
        ids = list(Invitation.objects.values_list("pk", flat=True))
    gate = threading.Barrier(2 * len(ids))

    def work(pk: object) -> None:
        with context.inside(chain):
            gate.wait()
            ask_customers.ask(pk, now=DUE)  # type: ignore[arg-type]
        connection.close()

    threads = [threading.Thread(target=work, args=(pk,)) for pk in (*ids, *ids)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    with context.inside(chain):
        assert Contact.objects.filter(source="survey").count() == 1
        states = sorted(Invitation.objects.values_list("state", flat=True))
        assert states == ["asked", "left-out", "left-out"]
