"""Every address that takes an id answers another chain's id exactly as one that never was."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from regulars.customers.models import Customer
from regulars.staff import devices
from regulars.stores.models import Store
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.urls_chain import urlpatterns as of_chain
from tests import counts
from tests.api.conftest import Till
from tests.counts import Note
from tests.factories import people
from tests.factories.visitors import Visitor
from tests.isolation import asking, cast, operations, things
from tests.isolation.chains import till_of
from tests.isolation.fingerprints import fingerprint
from tests.isolation.operations import Operation
from tests.isolation.things import Things

OTHER_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Chains:
    """Somebody of aurum, and what both chains have."""

    browser: Visitor
    tablet: Visitor
    till: Till
    own: Things
    foreign: Things
    absent: Things

    def caller(self, operation: Operation) -> Client:
        """Return who would ask for this: a person, a shared tablet, or a till."""
        if operation.is_api:
            return self.till.client
        return self.tablet if operation.route.startswith("/switch/") else self.browser


@pytest.fixture
def both(aurum: ChainInfo, bloom: ChainInfo) -> Iterator[Chains]:
    """Aurum's owner, tablet and till; one of every thing in aurum and in bloom."""
    own, foreign = things.make(aurum), things.make(bloom)
    till, tablet = till_of(aurum), Visitor("aurum", raise_request_exception=False)
    till.client.raise_request_exception = False
    with context.inside(aurum):
        browser, mark = cast.entered(people.owner(), aurum), HttpResponse()
        devices.remember(mark, Store.objects.get(pk=own["store"]))
    tablet.cookies.update(mark.cookies)
    with asking.quietly():
        yield Chains(browser, tablet, till, own, foreign, things.absent(foreign))


def naming(urlconf: str = operations.CHAIN) -> list[Operation]:
    """Return the operations whose address names a thing; in the long version with every method."""
    found = [each for each in operations.of_routes(urlconf) if each.things]
    if counts.IS_LONG:
        addresses = sorted({each.route for each in found})
        return [Operation(route, method) for route in addresses for method in OTHER_METHODS]
    return found


@dataclass
class Findings:
    """What foreign ids brought to light."""

    differing: list[str]
    speaking: list[str]
    asked: int = 0


def look(both: Chains, wanted: Iterable[Operation]) -> Findings:
    """Ask for another chain's things, and for things that never were."""
    found = Findings([], [])
    for operation in wanted:
        ways: list[tuple[tuple[Things, ...], tuple[Things, ...]]] = [
            ((both.foreign,), (both.absent,))
        ]
        if len(operation.things) > 1:  # a stranger's thing under one's own
            ways.append(((both.own, both.foreign), (both.own, both.absent)))
        for foreign, absent in ways:
            client = both.caller(operation)
            told = asking.ask(client, operation, *foreign)
            never = asking.ask(client, operation, *absent)
            found.asked += 2
            if told != never:
                found.differing.append(f"{operation}: {told.status}, {never.status}")
            if told.status not in {"404", "405"} and operation.route not in BROKEN_LINKS:
                found.speaking.append(f"{operation}: {told.status}")
    return found


# A link that does not count is a page with a sentence, not a page that is missing.
BROKEN_LINKS: Final = {"/account/password/reset/key/{uidb36}-{key}/"}


@pytest.mark.proof(
    "every address of the URLconf and of the OpenAPI document that names a thing, every method, as"
    " owner, tablet and till: another chain's thing against one that never was, then a hash of"
    " every row of the other chain"
)
def test_another_chains_id_is_answered_like_one_that_never_was(
    both: Chains, bloom: ChainInfo, record_property: Note
) -> None:
    before = fingerprint(bloom)

    found = look(both, naming())

    assert found.differing == []
    assert found.speaking == []
    assert fingerprint(bloom) == before
    record_property("addresses", len({each.route for each in naming()}))
    record_property("requests", found.asked)


@pytest.mark.proof("the same addresses with one's own things are answered with something else")
def test_positive_control_ones_own_things_are_found(both: Chains, record_property: Note) -> None:
    found = [each for each in operations.of_routes() if each.things][:: counts.of(2, proof=1)]

    silent = [
        str(operation)
        for operation in found
        if asking.tried(both.caller(operation), operation, both.own).status in {"404", "405"}
    ]

    assert silent == []
    record_property("operations", len(found))


def _elsewhere(key: UUID) -> Customer | None:
    other = directory.find("bloom")
    assert other is not None
    with context.inside(other):
        return Customer.objects.filter(pk=key).first()


def other_status(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Say that something belongs to somebody else."""
    return HttpResponse(status=403 if _elsewhere(customer_id) else 404)


def other_words(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Say it in the body."""
    return HttpResponse("theirs" if _elsewhere(customer_id) else "nobody's", status=404)


def reaches_over(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Change a row of the other chain, and say nothing."""
    other = directory.find("bloom")
    assert other is not None
    with context.inside(other):
        Customer.objects.filter(pk=customer_id).update(name="Mallory")
    return HttpResponse(status=404)


LEAKS: Final = (other_status, other_words, reaches_over)


@pytest.mark.proof("three views that leak, by status, by words, by writing")
def test_positive_control_a_view_that_leaks_is_noticed(
    both: Chains, bloom: ChainInfo, settings: Any, record_property: Note
) -> None:
    leaky = ModuleType("leaky")
    addresses = [path(f"leak/{view.__name__}/<uuid:customer_id>/", view) for view in LEAKS]
    leaky.urlpatterns = [*addresses, *of_chain]  # type: ignore[attr-defined]
    settings.CHAIN_URLCONF = leaky
    before = fingerprint(bloom)

    found = [
        look(both, [Operation(f"/leak/{view.__name__}/{{customer_id}}/", "GET")]).differing
        for view in LEAKS
    ]

    assert [bool(each) for each in found] == [True, True, False]
    assert fingerprint(bloom) != before
    record_property("found", "status, words and rows")


@pytest.mark.proof("ids of another chain's customers, stores and people in queries of pages")
def test_ids_in_queries_of_pages_are_unknown_too(
    both: Chains, bloom: ChainInfo, record_property: Note
) -> None:
    before, asks = fingerprint(bloom), 0

    for page in ("/insights/", "/customers/", "/insights/files/stores.csv", "/stores/", "/team/"):
        for name, kind in (("store",) * 2, ("region",) * 2, ("staff",) * 2, ("owner", "staff")):
            answers = [
                asking.Answer.of(both.browser.get(page, {name: ids[kind]}), ids)
                for ids in (both.foreign, both.absent)
            ]
            assert answers[0] == answers[1], (page, name)
            asks += 2
    assert fingerprint(bloom) == before
    record_property("requests", asks)
