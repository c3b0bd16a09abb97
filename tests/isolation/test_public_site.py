"""The public site belongs to no chain: whoever asks is answered as nobody is."""

import copy
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
import redis
from django.core.cache import cache
from django.test import Client

from regulars.tenancy import context, health
from regulars.tenancy.context import ChainInfo
from tests.counts import Note
from tests.factories import people
from tests.isolation import asking, cast, operations
from tests.isolation.asking import Answer
from tests.isolation.chains import till_of
from tests.isolation.fingerprints import fingerprint
from tests.isolation.operations import Operation

URLCONF: Final = "regulars.urls_public"
HOST: Final = {"host": "localhost"}
MOMENT: Final = re.compile(r'datetime="[^"]*"')  # pages show how long ago something was
ANYTHING: Final = "never-was"  # in place of whatever an address names
BROKER: Final = SimpleNamespace(  # one that is there; only for the page that asks for it
    Redis=SimpleNamespace(
        from_url=lambda *_given, **_named: nullcontext(SimpleNamespace(ping=lambda: True))
    ),
    RedisError=redis.RedisError,
)
REDIS: Final = redis.Redis.from_url


def rows() -> dict[Operation, str]:
    """Return what nobody is answered: method, address and status of each line of public.txt."""
    lines = Path(__file__).with_name("public.txt").read_text(encoding="utf-8").splitlines()
    told = [line.split() for line in lines]
    return {Operation(route, method): answer for method, route, answer in told}


@pytest.fixture
def callers(
    aurum: ChainInfo, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Client]]:
    """Nobody, the owner of a chain with their session, and one of its tills."""
    settings.LOCAL = False  # on a laptop the mailbox is there
    monkeypatch.setattr(health, "redis", BROKER)
    secret = till_of(aurum).secret
    with context.inside(aurum):
        owner = cast.entered(people.owner(), aurum)
    browser = Client(headers=HOST)
    browser.cookies.update(owner.cookies)
    found = {
        "nobody": Client(headers=HOST),
        "an owner": browser,
        "a till": Client(headers={**HOST, "authorization": f"Bearer {secret}"}),
    }
    for each in found.values():
        each.cookies["language"] = "en"
        each.raise_request_exception = False
    with asking.quietly():
        yield found


def ask(client: Client, operation: Operation) -> Answer:
    """Ask with a word nobody knows wherever an address wants one."""
    url = re.sub(r"\{\w+\}", ANYTHING, operation.route)
    cookies = copy.deepcopy(client.cookies)
    cache.clear()
    try:
        with asking.undone():
            told = Answer.of(client.generic(operation.method, url), {})
        return Answer(told.status, MOMENT.sub("", told.body))
    finally:
        client.cookies = cookies


def test_every_public_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(operations.of_routes(URLCONF)) == rows().keys()


@pytest.mark.proof(
    "every operation of the public site as nobody, as a chain's owner with their session and as a"
    " till with its key: all are answered alike, and nothing of the chain changes"
)
def test_whoever_asks_the_public_site_is_answered_as_nobody_is(
    callers: dict[str, Client], aurum: ChainInfo, record_property: Note
) -> None:
    before, wrong = fingerprint(aurum), []

    for operation, wanted in rows().items():
        answers = {name: ask(client, operation) for name, client in callers.items()}
        nobody = answers.pop("nobody")
        if nobody.status != wanted:
            wrong.append(f"{operation}: {nobody.status}, not {wanted}")
        wrong += [f"{operation} as {name}" for name, each in answers.items() if each != nobody]

    assert wrong == []
    assert fingerprint(aurum) == before
    record_property("requests", len(callers) * len(rows()))


@pytest.mark.usefixtures("callers")
def test_the_thread_that_hears_of_changes_is_given_no_broker_of_a_test() -> None:
    # `directory` connects again every five seconds, and keeps for ever what answers at once.
    assert redis.Redis.from_url == REDIS
