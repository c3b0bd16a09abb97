"""Every address that takes an id answers another chain's id exactly as one that never was."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from regulars.staff import invitations
from regulars.staff.granting import Place
from regulars.staff.models import Role
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.identifiers import new_id
from tests import counts
from tests.api.conftest import Till
from tests.counts import Note
from tests.factories import people
from tests.factories.visitors import Visitor, signed_in
from tests.isolation import things
from tests.isolation.chains import till_of
from tests.prepared import NOW

PART = re.compile(r"<uuid:(\w+)>")
METHODS = ("get", "post", "put", "patch", "delete")[: counts.of(2, proof=5)]
VARIES = re.compile(
    r'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken":[^}]*'
    r"|define-[0-9a-f]{8}"
)


@dataclass(frozen=True)
class Chains:
    """Somebody of aurum, and what both chains have."""

    browser: Visitor
    till: Till
    own: dict[str, UUID]
    foreign: dict[str, UUID]
    absent: dict[str, UUID]


@pytest.fixture
def both(aurum: ChainInfo, bloom: ChainInfo) -> Chains:
    """Aurum's owner and till; one of every thing in aurum and in bloom."""
    own, foreign = things.make(aurum), things.make(bloom)
    browser, till = signed_in(), till_of(aurum)
    browser.raise_request_exception = till.client.raise_request_exception = False
    return Chains(browser, till, own, foreign, {name: new_id() for name in own})


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Walk every address of a chain that takes an id."""
    for each in resolver.url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        elif isinstance(each, URLPattern) and PART.search(route):
            yield route


def addresses() -> list[str]:
    return sorted(set(routes(get_resolver("regulars.urls_chain"), "/")))


def filled(route: str, *sources: dict[str, UUID]) -> str:
    """Write an address with ids, the first from the first source and so on."""
    waiting = list(sources)

    def place(found: re.Match[str]) -> str:
        source = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return str(source[things.kind_of(route.removeprefix("/"), found[1])])

    text = PART.sub(place, route)
    return re.sub(r"<slug:\w+>", "ring", text)


def asked(both: Chains, method: str, url: str) -> tuple[int, str]:
    """Return the status and the body, without what differs from answer to answer."""
    if url.startswith("/api/"):
        headers = {"idempotency-key": str(new_id())}
        answer = both.till.client.generic(
            method.upper(), url, b"{}", content_type="application/json", headers=headers
        )
    else:
        answer = getattr(both.browser, method)(url)
    body = VARIES.sub("", answer.content.decode())
    return answer.status_code, re.sub(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", "ID", body)


def fingerprint(chain: ChainInfo) -> str:
    """Hash every row of a chain."""
    with context.inside(chain), connections["default"].cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace ="
                       " %s::regnamespace ORDER BY 1", [chain.schema_name])  # fmt: skip
        parts = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            parts.append(f"{table} {cursor.fetchone()[0]}")
    return "\n".join(parts)


def ways(route: str, both: Chains, strangers: dict[str, UUID]) -> list[str]:
    """Return the ways of putting strangers' ids into an address: all, and after one's own."""
    found = [filled(route, strangers)]
    if len(PART.findall(route)) > 1:
        found.append(filled(route, both.own, strangers))
    return found


@pytest.mark.proof(
    "every address of the URLconf that takes an id, every method, as owner and as till: another"
    " chain's id against one that never was, then a hash of every row of the other chain"
)
def test_another_chains_id_is_answered_like_one_that_never_was(
    both: Chains, bloom: ChainInfo, record_property: Note
) -> None:
    before, asks, differing, speaking = fingerprint(bloom), 0, [], []
    for route in addresses():
        pairs = zip(ways(route, both, both.foreign), ways(route, both, both.absent), strict=True)
        for foreign, absent in pairs:
            for method in METHODS:
                told, wanted = asked(both, method, foreign), asked(both, method, absent)
                asks += 2
                if told != wanted:
                    differing.append((method, route, told[0], wanted[0]))
                if told[0] not in {404, 405} and route not in LEADS_AWAY:
                    speaking.append((method, route, told[0]))

    assert differing == []
    assert speaking == []
    assert fingerprint(bloom) == before
    record_property("addresses", len(addresses()))
    record_property("requests", asks)


# On a device that is not shared these lead to the sign-in page before any id is looked at.
LEADS_AWAY = {"/switch/<uuid:staff_id>/"}


def first_status(both: Chains, method: str, route: str) -> int:
    """Ask with one's own ids, and undo what that did to them."""
    with context.public(), transaction.atomic():
        with context.public():  # where the request leaves us is not where it found us
            status, _body = asked(both, method, filled(route, both.own))
        transaction.set_rollback(True)
    return status


@pytest.mark.proof("the same addresses with one's own ids are answered with something else")
def test_positive_control_ones_own_ids_are_found(both: Chains, record_property: Note) -> None:
    silent = []  # what an import offers depends on how far it is: this one has no file yet
    for route in addresses():
        statuses = {first_status(both, method, route) for method in ("get", "post")}
        if statuses <= {404, 405} and "import_id" not in route:
            silent.append(route)

    assert silent == []
    record_property("addresses", len(addresses()))


@pytest.mark.proof("ids of another chain's customer, store and guide inside a sale, and in queries")
def test_ids_inside_bodies_and_queries_are_unknown_too(
    both: Chains, bloom: ChainInfo, record_property: Note
) -> None:
    before, asks = fingerprint(bloom), 0

    def sale(ids: dict[str, UUID], **changes: str) -> tuple[int, str]:
        body: dict[str, Any] = {
            "store": "001",
            "number": str(new_id()),
            "occurred_at": "2026-11-21T10:00:00+08:00",
            "lines": [{"gross_minor": 1_000}],
        }
        wanted = {name: str(ids[kind]) for name, kind in changes.items()}
        if "customer" in wanted:
            body["customer"] = {"id": wanted.pop("customer")}
        answer = both.till.post("purchases", body | wanted)
        text = re.sub("|".join(str(each) for each in ids.values()), "ID", answer.content.decode())
        return answer.status_code, text

    for name, kind in (("customer", "customer"), ("store", "store"), ("guide", "staff")):
        told, wanted = sale(both.foreign, **{name: kind}), sale(both.absent, **{name: kind})
        assert told == wanted
        assert told[0] in {404, 422}
        asks += 2
    for page in ("/insights/", "/customers/", "/insights/files/stores.csv", "/stores/", "/team/"):
        for kind in ("store", "region", "staff", "owner"):
            answers = []
            for ids in (both.foreign, both.absent):
                found = both.browser.get(page, {kind: str(ids.get(kind, ids["staff"]))})
                text = VARIES.sub("", found.getvalue().decode())
                for each in ids.values():
                    text = text.replace(str(each), "ID")
                answers.append((found.status_code, text))
            assert answers[0] == answers[1], (page, kind)
            asks += 2
    assert fingerprint(bloom) == before
    record_property("requests", asks)


@pytest.mark.proof("another chain's session, API key and invitation at this chain's address")
def test_what_opens_one_chain_opens_no_other(
    aurum: ChainInfo, bloom: ChainInfo, record_property: Note
) -> None:
    there, till = signed_in(email="alice@bloom.example", chain="bloom"), till_of(bloom)
    with context.inside(bloom):
        _bob, token = invitations.invite(
            actor=people.actor(people.owner()),
            email="bob@bloom.example",
            name="Bob",
            place=Place(role=Role.GUIDE, store_ids=(people.first_store().id,)),
            now=NOW,
        )
    here, stranger = {"host": "aurum.localhost"}, Client(headers={"host": "aurum.localhost"})
    unknown = f"{till.secret[:-4]}zzzz"

    assert there.get("/customers/").status_code == 200
    assert there.get("/customers/", headers=here).status_code == 302
    answers = [
        Client(headers={**here, "authorization": f"Bearer {secret}"}).get("/api/v1/customers")
        for secret in (till.secret, unknown)
    ]
    assert [each.status_code for each in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    assert till.get("customers").status_code == 200
    pages = [stranger.get(f"/join/{each}/") for each in (token, f"x{token}")]
    assert pages[0].status_code == pages[1].status_code == 404
    assert Client(headers={"host": "bloom.localhost"}).get(f"/join/{token}/").status_code == 200
    record_property("requests", 8)
