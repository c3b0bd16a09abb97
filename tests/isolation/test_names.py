"""Hostile names are refused wherever one can wish for one, and each name is had once."""

import random
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any, Final

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connections
from django.test import Client

from regulars.staff.models import Staff
from regulars.tenancy import context, names, provisioning, signup
from regulars.tenancy.models import Chain, Domain, Schema, Signup
from regulars.tenancy.names import SubdomainRefused
from tests import counts
from tests.counts import Note
from tests.isolation import hostile
from tests.tenancy.test_kills import unrecorded
from tests.tenancy.test_provisioning import wish
from tests.web.test_signup import FORM

PLAIN: Final = re.compile(r"(?=.*[a-z])[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")


@pytest.fixture
def visitor(db: None) -> Client:
    """Somebody at the public site who was sent a link and may still choose another name."""
    client = Client(headers={"host": "localhost"})
    client.cookies["language"] = "en"
    return client


def test_the_corpus_is_large_and_says_nothing_twice() -> None:
    repeated = [name for name, count in Counter(hostile.corpus()).items() if count > 1]

    assert repeated == []
    assert len(hostile.corpus()) >= 200


def test_every_hostile_name_is_refused_with_a_sentence() -> None:
    for name in hostile.corpus():
        refused = ""
        try:
            names.checked_subdomain(name)
        except SubdomainRefused as refusal:
            refused = str(refusal)
        assert len(refused) > 10, name[:60]


@pytest.mark.proof(
    "look-alikes, unseen marks, scripts, syntax, shapes and reserved names through the form, the"
    " check while one types, and the page for another name after a race was lost"
)
def test_a_hostile_name_gets_through_no_page(
    visitor: Client, now: datetime, record_property: Note
) -> None:
    tried = hostile.corpus()[:: counts.of(24, proof=1)]
    with context.public():
        _wished, token = signup.start(wish=wish(), now=now)
        before = list(Signup.objects.values())

    for name in tried:
        cache.clear()
        form: Any = visitor.post("/signup/", FORM | {"subdomain": name})
        typed: Any = visitor.get("/signup/check/", {"subdomain": name})
        other: Any = visitor.post(f"/signup/confirm/{token}/", {"subdomain": name})

        assert form.status_code == 422, name
        assert set(form.context["form"].errors) == {"subdomain"}, name
        assert typed.context["fault"], name
        assert other.status_code in {200, 409, 422}, name
    with context.public():
        assert list(Signup.objects.values()) == before
        assert not Domain.objects.exclude(domain__in=["aurum", "bloom"]).exists()
    assert mail.outbox == []
    record_property("names", len(tried))


@pytest.mark.proof("the same without the check of names")
def test_positive_control_without_the_check_hostile_names_get_through(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    monkeypatch.setattr(names, "checked_subdomain", lambda wish: wish[:60])
    visitor.raise_request_exception = False
    tried = hostile.corpus()[:: counts.of(24, proof=6)]

    taken = []
    for name in tried:
        cache.clear()
        if visitor.post("/signup/", FORM | {"subdomain": name}).status_code != 422:
            taken.append(name)

    assert taken
    record_property("found", f"{len(taken)} of {len(tried)} get through")


@pytest.mark.proof("pieces of hostile names and plain letters joined by chance")
def test_whatever_is_accepted_is_a_plain_label(record_property: Note) -> None:
    accepted = 0
    for name in hostile.made_up(seed=1, count=counts.of(1_000, proof=50_000)):
        try:
            found = names.checked_subdomain(name)
        except SubdomainRefused:
            continue
        accepted += 1
        assert PLAIN.fullmatch(found), name
        assert name.strip().lower() == found
        assert found not in names.RESERVED
    assert accepted
    record_property("found", f"{accepted} accepted, all plain")


CLIENTS = counts.of(8, proof=32)
NAMES = [f"name-{number}" for number in range(counts.of(10, proof=50))]


def race(now: datetime, *, clients: int, wanted: list[str]) -> Counter[str]:
    """Let every client confirm a wish for every name at the same time; count what they are told."""
    ready = Barrier(clients)
    with context.public():
        wished = [
            [
                signup.start(wish=wish(name, owner_email=f"c{client}@{name}.example"), now=now)[1]
                for name in wanted
            ]
            for client in range(clients)
        ]

    def client(number: int) -> Counter[str]:
        told: Counter[str] = Counter()
        tokens = random.Random(number // 4).sample(wished[number], len(wanted))
        ready.wait()
        try:
            for token in tokens:
                told[confirmed(token, now)] += 1
        finally:
            for each in connections.all():
                each.close()
        return told

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(client, range(clients)), Counter())


def confirmed(token: str, now: datetime) -> str:
    """Confirm a wish; return what its person is told."""
    try:
        with context.public():
            return str(signup.confirm(token=token, now=now).state)
    except provisioning.NameTaken:
        return "taken"


def faults(wanted: list[str]) -> list[str]:
    """Return what is wrong with the chains that came of it."""
    found = [f"unrecorded {name}" for name in unrecorded()]
    with context.public():
        chains = list(Chain.objects.filter(name="Carat 珠宝").prefetch_related("domains"))
        taken = Schema.objects.filter(state=Schema.State.TAKEN).count()
    given = Counter(domain.domain for chain in chains for domain in chain.domains.all())
    found += [f"{name} was given {given[name]} times" for name in wanted if given[name] != 1]
    if len({chain.schema_name for chain in chains}) != len(chains) or taken != len(chains) + 2:
        found.append(f"{len(chains)} chains, {taken} schemas")
    for chain in chains:
        with context.inside(chain):
            people = list(Staff.objects.values_list("email", flat=True))
        if people != [chain.owner_email]:
            found.append(f"{chain.owner_email}'s chain holds {people}")
    return found


@pytest.mark.proof("clients confirm wishes for the same names at the same time, with some spares")
def test_each_name_is_had_by_exactly_one_of_all_who_try(
    own_database: str, now: datetime, record_property: Note
) -> None:
    told = race(now, clients=CLIENTS, wanted=NAMES)

    assert faults(NAMES) == []
    assert told == {"active": len(NAMES), "taken": len(NAMES) * (CLIENTS - 1)}
    record_property("clients", CLIENTS)
    record_property("chains", told["active"])


@pytest.mark.proof("the same, without the database's word that a sub-domain is unique")
def test_positive_control_without_the_guard_a_name_is_had_by_several(
    own_database: str, now: datetime, record_property: Note
) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'u'"
            " AND conrelid = 'public.tenancy_domain'::regclass"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE public.tenancy_domain DROP CONSTRAINT "{name}"')

    told = race(now, clients=3, wanted=NAMES[:2])

    assert faults(NAMES[:2])
    assert told["active"] > 2
    record_property("found", f"{told['active']} chains for 2 names")
