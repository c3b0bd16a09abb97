"""Many senders at the same moment on one customer's budget: exactly what it has room for."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, connections, transaction

from regulars.audit import SYSTEM
from regulars.customers.models import Customer
from regulars.errors import RegularsError
from regulars.messages import refusals, services
from regulars.messages.models import Contact
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.usecases import merge
from tests import counts
from tests.counts import Note
from tests.factories.contacts import budget, draft, person, reserve
from tests.factories.customers import NOW
from tests.points.hammering import at_once

SENDERS = 32
ROOM = 3
pytestmark = pytest.mark.proof("32 senders let loose at the same moment, real commits")


@pytest.fixture(autouse=True, params=range(counts.of(1, proof=20)))
def _turn(record_property: Note) -> None:
    record_property("rounds", 1)


@pytest.fixture
def chain(own_database: str) -> Iterator[ChainInfo]:
    """Work in a chain whose commits are real, with room for three contacts a week."""
    found = directory.find("aurum")
    assert found is not None
    with context.inside(found):
        budget()
        yield found


def attempt(customer: Customer, number: int) -> UUID | refusals.ContactRefused:
    channel = ("sms", "call", "email", "wechat")[number % 4]
    at = NOW + timedelta(seconds=number)
    try:
        return reserve(customer, channel=channel, now=at, key=f"k{number}")
    except refusals.ContactRefused as error:
        return error


def granted(outcomes: list[Any]) -> int:
    assert [each for each in outcomes if not isinstance(each, UUID | RegularsError)] == []
    return sum(isinstance(each, UUID) for each in outcomes)


def counting() -> int:
    return Contact.objects.filter(uses_allowance=True).count()


@pytest.mark.parametrize("senders", [16, SENDERS])
def test_8_of_many_senders_exactly_as_many_go_out_as_there_is_room_for(
    chain: ChainInfo, senders: int
) -> None:
    carol = person(email="carol@example.com")

    outcomes = at_once(chain, [partial(attempt, carol, number) for number in range(senders)])

    assert granted(outcomes) == ROOM
    assert counting() == ROOM
    assert all(
        isinstance(each, refusals.BudgetUsedUp) for each in outcomes if not isinstance(each, UUID)
    )


def test_positive_control_without_the_guard_more_go_out(
    chain: ChainInfo, record_property: Note
) -> None:
    carol = person(email="carol@example.com")
    with context.inside(chain, using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(f'DROP TRIGGER contact_guard ON "{chain.schema_name}".messaging_contact')
        # Services still write "if-allowed"; the check of states would refuse it.
        cursor.execute(
            f'CREATE FUNCTION "{chain.schema_name}".allow() RETURNS trigger LANGUAGE plpgsql AS'
            " $$ BEGIN NEW.state := 'reserved'; RETURN NEW; END $$"
        )
        cursor.execute(
            f'CREATE TRIGGER allow BEFORE INSERT ON "{chain.schema_name}".messaging_contact'
            f' FOR EACH ROW EXECUTE FUNCTION "{chain.schema_name}".allow()'
        )
    connections["owner"].close()

    outcomes = at_once(chain, [partial(attempt, carol, number) for number in range(SENDERS)])

    assert granted(outcomes) > ROOM
    record_property("found", f"{granted(outcomes)} of 32 instead of 3")


def test_batches_over_the_same_customers_never_wait_in_a_circle(chain: ChainInfo) -> None:
    people = [person() for _ in range(12)]
    shuffled = random.Random(counts.seed())

    def batch(number: int) -> list[services.Outcome]:
        whom = shuffled.sample(people, len(people))
        drafts = [draft(each, key=f"{number}:{each.pk}") for each in whom]
        return services.reserve_many(
            actor=SYSTEM, drafts=drafts, now=NOW + timedelta(seconds=number)
        )

    def join(kept: int, absorbed: int) -> None:
        one, other = people[kept].pk, people[absorbed].pk
        merge.merge(actor=SYSTEM, kept_id=one, absorbed_id=other, now=NOW)
        merge.unmerge(actor=SYSTEM, absorbed_id=other, now=NOW)

    works: list[Callable[[], Any]] = [
        *(partial(batch, number) for number in range(12)),
        *(partial(attempt, people[number % 12], 100 + number) for number in range(14)),
        *(partial(join, *pair) for pair in ((0, 1), (3, 2), (5, 4), (6, 11), (10, 7), (9, 8))),
    ]
    assert len(works) == SENDERS
    outcomes = at_once(chain, works)

    faults = [each for each in outcomes if isinstance(each, Exception)]
    assert [each for each in faults if not isinstance(each, RegularsError)] == []
    held = Contact.objects.filter(uses_allowance=True).values_list("customer", flat=True)
    spread = Counter(held)
    assert spread.total() > 0
    assert max(spread.values()) <= ROOM * 2, "a merge joins what two had room for"


def test_a_transaction_that_would_not_see_the_others_is_refused(chain: ChainInfo) -> None:
    carol = person()

    with pytest.raises(DatabaseError) as caught, unseeing():
        reserve(carol)

    assert refusals.sqlstate(caught.value) == "RG005"


@contextmanager
def unseeing() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
