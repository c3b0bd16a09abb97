"""What a franchise keeps to itself is shown to nobody above it, on no page and by no call (H4).

"Franchised stores are separate owners: head office sees what they agreed to share." Whoever sees
the whole chain, a person or a key, asks for everything there is, with the things of a store that
keeps its customers. What is written there is marked; an answer that bears the mark is a leak.
"""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client

from regulars.api import keys
from regulars.api.scopes import SCOPES
from regulars.audit import SYSTEM
from regulars.complaints import services as complaints
from regulars.complaints.models import Case, Remedy
from regulars.complaints.models import Entry as Step
from regulars.customers import services as customers
from regulars.customers.models import Customer, Note, Possession
from regulars.followups.models import Task
from regulars.messages.models import Contact
from regulars.staff.models import Role
from regulars.stores.models import Store
from regulars.surveys.models import Invitation
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests import counts
from tests.api.conftest import Till
from tests.factories import people, purchases, surveys
from tests.factories.visitors import Visitor
from tests.isolation import asking, cast, table, things
from tests.isolation.chains import till_of
from tests.isolation.operations import Operation
from tests.isolation.things import Things
from tests.prepared import NOW

MARK: Final = "Zyxmark"
PHONE: Final = "+8613955550770"
# What a page or a call is asked besides its address.
ASKED: Final = {
    "/customers/": ("", "?q=zyxmark", "?q=0770"),
    "/search/": ("", "?q=zyxmark", "?q=13955550770"),
    "/counter/": ("", "?q=zyxmark", "?q=0770", "?q=13955550770"),
    "/complaints/": ("", "?view=list", "?view=list&q=zyxmark"),
    "/complaints/new/": (
        "",
        "?q=zyxmark",
        "?customer={customer}",
        "?purchase={purchase}",
        "?contact={call}",
    ),
    "/complaints/rights/": ("", "?customer={customer}", "?q=zyxmark"),
    "/counter/sale/": ("", "?customer={customer}"),
    "/settings/texts/people/": ("", "?q=zyxmark"),
    "/messages/words/": ("", "?customer={customer}"),
    "/api/v1/customers": ("", "?modified_since=2020-01-01T00:00:00Z"),
    "/api/v1/customers/find": ("?phone=13955550770", "?source=card&number=aurum-fr9"),
    "/api/v1/contacts": ("", "?customer_id={customer}"),
    "/api/v1/contacts/ways": ("?customer_id={customer}",),
    "/api/v1/complaints": ("", "?customer_id={customer}", "?store_id={store}"),
    "/api/v1/follow-ups": ("", "?customer_id={customer}", "?store_id={store}"),
    "/api/v1/purchases": ("", "?modified_since=2020-01-01T00:00:00Z"),
}


PARTS: Final = {"/search/", "/settings/texts/people/"}


@dataclass(frozen=True)
class World:
    """Head office, an analyst, the chain's till, and what there is in the franchise."""

    office: Visitor
    analyst: Visitor
    till: Till
    theirs: Things


def franchise(chain: ChainInfo) -> Things:
    """Make a store that keeps its customers, with one of each thing, marked."""
    store = people.store(
        code="fr9", region=people.region(code="fr"), ownership=Store.Ownership.FRANCHISE,
        shares_customers=False,
    )  # fmt: skip
    fay = people.staff(name="Fay", role=Role.STORE_MANAGER, stores=(store,))
    made = things.at(store, owner=fay, host=chain.subdomain)
    values = {"name": f"{MARK} Carol", "phone": PHONE}
    customers.update(actor=SYSTEM, customer_id=UUID(made["customer"]), values=values, now=NOW)
    theirs = Customer.objects.filter(home_store=store)
    Note.objects.filter(customer__in=theirs).update(text=f"{MARK} tea", is_warning=True)
    Possession.objects.filter(customer__in=theirs).update(title=f"{MARK} ring")
    Contact.objects.filter(customer__in=theirs).update(text=f"{MARK} words", subject=MARK)
    Task.objects.filter(customer__in=theirs).update(facts={"product": MARK}, note=MARK)
    Case.objects.filter(store=store).update(title=f"{MARK} broke", name=MARK, phone=PHONE)
    Step.objects.filter(case__store=store).update(text=f"{MARK} said")
    Remedy.objects.filter(store_id=store.pk).update(label=f"{MARK} tea")
    Invitation.objects.filter(store_id=store.pk).update(answers={"recommend": 2, "words": MARK})
    elsewhere = people.store(code="own1", region=people.region(code="own"))
    one = theirs.get(pk=made["customer"])
    purchases.sale(customer=one, store_id=elsewhere.pk)
    surveys.answered(customer=one, store_id=elsewhere.pk, at=NOW)
    draft = complaints.Draft(
        store_id=elsewhere.pk, customer_id=one.pk, raised="web", text="It broke.", name=MARK,
        phone=PHONE,
    )  # fmt: skip
    complaints.open_case(actor=SYSTEM, draft=draft, now=NOW, key="elsewhere")
    return made


@pytest.fixture
def world(aurum: ChainInfo) -> Iterator[World]:
    with context.inside(aurum):
        theirs = franchise(aurum)
        office, analyst = [
            cast.entered(people.staff(name=role, role=role, email=f"{role}@x.example"), aurum)
            for role in (Role.HEAD_OFFICE, Role.ANALYST)
        ]
    till = till_of(aurum)
    till.client.raise_request_exception = False
    with asking.quietly():
        yield World(office, analyst, till, theirs)


def reading(*, by_key: bool) -> list[Operation]:
    """Return what can be read with a key, or by somebody who is signed in.

    In the small form without pages that show no customers, and with every fourth of those of one.
    """
    if by_key:
        return [each.operation for each in table.CALLS if each.operation.method == "GET"]
    seen = [
        each for each in table.PAGES
        if each.operation.method == "GET" and each.stranger == table.SIGN_IN
    ]  # fmt: skip
    if not counts.IS_LONG:
        of_one = [each for each in seen if each.operation.route.startswith("/customers/{pk}/")]
        seen = [each for each in seen if each.permission in _OF_CUSTOMERS and each not in of_one]
        seen += of_one[::4]
    return [each.operation for each in seen]


_OF_CUSTOMERS: Final = {
    "care.view", "complaints.handle", "complaints.manage", "complaints.view", "customers.edit",
    "customers.erase", "customers.export", "customers.hand-over", "customers.view",
    "insights.export", "insights.view", "purchases.record",
}  # fmt: skip


def told(client: Client, address: str, *, is_part: bool = False) -> str:
    """Return everything an answer says, also inside a workbook; some are parts of a page."""
    cache.clear()
    answer: Any = client.get(address, headers={"hx-request": "true"} if is_part else {})
    body = answer.getvalue()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return f"{answer.status_code} {body.decode(errors='replace')}"


def leaks(client: Client, operations: Iterable[Operation], theirs: Things) -> tuple[list[str], int]:
    """Return the addresses whose answers bear the mark, and how many were asked."""
    found, asked = [], 0
    for operation in operations:
        for query in ASKED.get(operation.route, ("",)):
            with asking.undone():
                address = operation.url(theirs) + query.format(**theirs)
                said = told(client, address, is_part=operation.route in PARTS)
            asked += 1
            plain = said.replace(" ", "").replace(query, "")
            if MARK in plain or PHONE.removeprefix("+86") in plain:
                found.append(f"{operation}{query}: {said[:3]}")
    return found, asked


# Things that hang on a customer: whoever may not see the customer finds none of them.
HANGING: Final = frozenset({
    "answer", "call", "case-picture", "complaint", "customer", "event", "identity", "message",
    "note", "possession", "remedy", "task",
})  # fmt: skip


def writing(*, by_key: bool) -> list[Operation]:
    """Return what can be done to a customer, or to something that hangs on one."""
    known = table.CALLS if by_key else [e for e in table.PAGES if e.stranger == table.SIGN_IN]
    return [
        each.operation
        for each in known
        if each.operation.method != "GET" and set(each.operation.things) & HANGING
    ]


def found_by(client: Client, operations: Iterable[Operation], theirs: Things) -> list[str]:
    """Return what is answered otherwise for their things than for things that never were."""
    never = theirs | {kind: key for kind, key in things.absent(theirs).items() if kind in HANGING}
    found = []
    for operation in operations:
        told = asking.tried(client, operation, theirs)
        if told != asking.tried(client, operation, never):
            found.append(f"{operation}: {told.status}")
    return found


@pytest.mark.proof(
    "every page as head office and as analyst, and every call with a key of the chain, with things"
    " of a store that keeps its customers: nothing of what is written there is in any answer"
)
def test_nothing_of_theirs_is_told(world: World, record_property: counts.Note) -> None:
    asking_all = [(world.office, False), (world.till.client, True)]
    if counts.IS_LONG:
        asking_all.append((world.analyst, False))

    results = [leaks(client, reading(by_key=key), world.theirs) for client, key in asking_all]

    assert [each for found, _asked in results for each in found] == []
    record_property("requests", sum(asked for _found, asked in results))


@pytest.mark.proof("whatever changes a customer or what hangs on one, as head office and by key")
def test_nothing_can_be_done_to_them(world: World, record_property: counts.Note) -> None:
    by_hand = writing(by_key=False)[:: counts.of(3, proof=1)]
    by_key = writing(by_key=True)

    found = found_by(world.office, by_hand, world.theirs)
    found += found_by(world.till.client, by_key, world.theirs)

    assert found == []
    record_property("operations", len(by_hand) + len(by_key))


@pytest.mark.proof("the same calls and some pages once the store shares its customers")
def test_positive_control_what_is_shared_is_told(
    world: World, aurum: ChainInfo, record_property: counts.Note
) -> None:
    with context.inside(aurum):
        Store.objects.filter(pk=world.theirs["store"]).update(shares_customers=True)
    pages = [Operation(route, "GET") for route in (*LISTS, "/customers/{pk}/")]

    by_key, _asked = leaks(world.till.client, reading(by_key=True), world.theirs)
    by_hand, _asked = leaks(world.office, pages, world.theirs)

    assert len(by_key) >= 12
    assert {each.split("?")[0].split(":")[0] for each in by_hand} == {str(each) for each in pages}
    record_property("found", f"{len(by_key)} calls and {len(by_hand)} pages")


LISTS: Final = ("/customers/", "/complaints/", "/counter/", "/complaints/new/", "/search/")


def test_the_chains_till_writes_what_their_store_sold_and_reads_none_of_it(
    world: World, aurum: ChainInfo
) -> None:
    sale = {
        "store": world.theirs["store"], "source": "till", "number": "A-1",
        "occurred_at": NOW.isoformat(), "customer": {"id": world.theirs["customer"]},
        "lines": [{"category": "gold", "gross_minor": 130_000}],
        "paid_minor": 130_000, "payments": [{"means": "cash", "amount_minor": 130_000}],
    }  # fmt: skip
    theirs = UUID(world.theirs["store"])
    with context.inside(aurum):
        key = keys.create(actor=SYSTEM, name="fr", scopes=list(SCOPES), store_id=theirs, now=NOW)

    sold = world.till.post("purchases", sale)

    assert sold.status_code == 201, sold.content
    address = f"purchases/{sold.json()['id']}"
    assert world.till.get(address).status_code == 404
    assert Till("aurum.localhost", key.secret).get(address).status_code == 200
