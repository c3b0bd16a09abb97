"""Nobody gets in who has not been let in: no session, another chain's session, another's key."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pytest
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.sessions.models import Session
from django.test import Client

from regulars.api import keys
from regulars.staff.models import Role
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests import counts
from tests.counts import Note
from tests.factories import people
from tests.factories.visitors import Visitor
from tests.isolation import asking, cast, table, things
from tests.isolation.asking import Answer
from tests.isolation.chains import till_of
from tests.isolation.fingerprints import fingerprint
from tests.isolation.operations import Operation
from tests.isolation.things import Things

AURUM: Final = {"host": "aurum.localhost"}


@pytest.fixture
def here(aurum: ChainInfo) -> Iterator[Things]:
    """One of every thing of aurum."""
    with asking.quietly():
        yield things.make(aurum)


def nobody() -> Visitor:
    """Return a browser that has never been here."""
    return Visitor("aurum", raise_request_exception=False)


def of_bloom(bloom: ChainInfo) -> Visitor:
    """Return a browser of bloom's owner that takes its session to aurum."""
    with context.inside(bloom):
        there = cast.entered(people.owner(), bloom)
    browser = nobody()
    browser.cookies.update(there.cookies)
    return browser


def faults(browser: Client, here: Things, pages: Iterable[table.Page]) -> list[str]:
    """Ask for every page; return what is answered to somebody who is nobody here."""
    found = []
    for page in pages:
        told = asking.tried(browser, page.operation, here)
        if told.status != page.stranger:
            found.append(f"{page.operation}: {told.status}, not {page.stranger}")
    return found


@pytest.mark.proof("every page without a session, with the things of the chain in its address")
def test_without_a_session_every_page_leads_to_signing_in(
    here: Things, aurum: ChainInfo, record_property: Note
) -> None:
    before = fingerprint(aurum)

    assert faults(nobody(), here, table.PAGES) == []
    assert fingerprint(aurum) == before
    record_property("requests", len(table.PAGES))


@pytest.mark.proof("every page with a session of another chain's owner")
def test_another_chains_session_is_none(
    here: Things, bloom: ChainInfo, record_property: Note
) -> None:
    browser, pages = of_bloom(bloom), table.PAGES[:: counts.of(3, proof=1)]
    before = fingerprint(bloom)

    assert faults(browser, here, pages) == []
    assert fingerprint(bloom) == before
    record_property("requests", len(pages))


@pytest.mark.proof("every call without a key, with another chain's, with a session, with nonsense")
def test_without_a_key_of_this_chain_every_call_is_answered_alike(
    here: Things, aurum: ChainInfo, bloom: ChainInfo, record_property: Note
) -> None:
    secret = till_of(bloom).secret
    with context.inside(aurum):
        signed_in = cast.entered(people.owner(), aurum)
    callers = {
        "nothing": Client(headers=AURUM),
        "a session": signed_in,
        "another chain's": keyed(secret),
        "a key that never was": keyed(f"{secret[:-4]}zzzz"),
        "no key at all": keyed("rk_"),
    }
    assert open_calls(callers, here, table.CALLS) == []
    record_property("requests", len(table.CALLS) * len(callers))


def open_calls(callers: dict[str, Client], here: Things, calls: Iterable[table.Call]) -> list[str]:
    """Ask for every call; return what tells these callers more than that they have no key."""
    found = []
    for call in calls:
        if not call.scopes:
            continue
        answers = {name: asked(each, call.operation, here) for name, each in callers.items()}
        found += [
            f"{call.operation} with {name}: {each.status}"
            for name, each in answers.items()
            if each.status != "401"
        ]
        if len({each.body for each in list(answers.values())[2:]}) > 1:
            found.append(f"{call.operation}: keys that are none are told apart")
    return found


def keyed(secret: str) -> Client:
    """Return a till of aurum with this in its header."""
    return Client(headers={**AURUM, "authorization": f"Bearer {secret}"})


def asked(client: Client, operation: Operation, here: Things) -> Answer:
    """Ask as a program."""
    client.raise_request_exception = False
    return asking.tried(client, operation, here)


@pytest.mark.proof("without the middleware's question who is asking")
def test_positive_control_without_the_guard_strangers_are_answered(
    here: Things, monkeypatch: pytest.MonkeyPatch, record_property: Note
) -> None:
    monkeypatch.setattr(LoginRequiredMiddleware, "process_view", lambda *_given: None)
    pages = [page for page in table.PAGES if page.stranger == table.SIGN_IN]
    pages = pages[:: counts.of(8, proof=1)]

    found = faults(nobody(), here, pages)

    assert found
    record_property("found", f"{len(found)} of {len(pages)} pages answer something else")


def _share_sessions(aurum: ChainInfo, bloom: ChainInfo, _patch: pytest.MonkeyPatch) -> None:
    """Let what bloom knows of sessions and people stand in aurum too."""
    with context.inside(bloom):
        sessions, owner = list(Session.objects.all()), people.owner()
    owner.role, owner.home_store = Role.HEAD_OFFICE, None  # aurum has an owner and other stores
    with context.inside(aurum):
        owner.save(force_insert=True)
        for each in sessions:
            each.save(force_insert=True)


def _share_keys(_aurum: ChainInfo, bloom: ChainInfo, patch: pytest.MonkeyPatch) -> None:
    """Look for a key in bloom too."""
    recognise = keys.recognise

    def everywhere(**given: Any) -> Any:
        try:
            return recognise(**given)
        except keys.KeyRefused:
            with context.inside(bloom):
                return recognise(**given)

    patch.setattr(keys, "recognise", everywhere)


@pytest.mark.proof("the same with sessions of another chain, and keys of another, known here")
@pytest.mark.parametrize("share", [_share_sessions, _share_keys])
def test_positive_control_without_walls_another_chains_session_or_key_opens(
    here: Things,
    aurum: ChainInfo,
    bloom: ChainInfo,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Note,
    share: Callable[[ChainInfo, ChainInfo, pytest.MonkeyPatch], None],
) -> None:
    browser, key = of_bloom(bloom), keyed(till_of(bloom).secret)
    share(aurum, bloom, monkeypatch)

    found = faults(browser, here, table.PAGES[:: counts.of(16, proof=1)])
    found += open_calls({"another chain's": key}, here, table.CALLS[:: counts.of(4, proof=1)])

    assert found
    what = share.__name__.strip("_").replace("_", " ")
    record_property("found", f"{what}: {len(found)} answers")
