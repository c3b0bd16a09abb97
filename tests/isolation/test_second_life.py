"""Who signs up under the name of a deleted chain sees nothing of it, and nothing of it opens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory

from regulars.outbox import tasks
from regulars.staff import devices, handover
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy import context, directory, lifecycle, membership, signup
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.tasks import ChainUnavailable
from tests.factories import people
from tests.factories.visitors import Visitor
from tests.isolation import asking, cast, operations, things
from tests.isolation.chains import till_of
from tests.isolation.things import Things
from tests.tenancy.test_provisioning import wish

HOST: Final = {"host": "carat.localhost"}
OWNER: Final = "carol@carat.example"


@dataclass(frozen=True)
class Life:
    """A chain called carat, and everything that opened it."""

    chain: ChainInfo
    link: str
    door: str
    browser: Visitor
    tablet: Visitor
    secret: str
    held: Things


def begin(now: datetime) -> Life:
    """Sign carat up, and hand out one of everything that leads into it."""
    with context.public():
        _wished, token = signup.start(wish=wish("carat"), now=now)
        row = signup.confirm(token=token, now=now)
        request = RequestFactory().get("/", headers={"host": "localhost"})
        door = urlsplit(handover.link(chain=row, email=OWNER, request=request))
    directory._entries.clear()
    chain = directory.find("carat")
    assert chain is not None
    with context.inside(chain):
        owner = people.staff(name="Alice", role=cast.ROLES["O"], email="alice@carat.example")
        held, mark = things.make(chain), HttpResponse()
        devices.remember(mark, Store.objects.get(pk=held["store"]))
        browser, tablet = cast.entered(owner, chain), Visitor("carat")
        membership.remember(email="alice@carat.example", chain_id=chain.id)
        cache.set("kept", "a secret of the first life")
    tablet.cookies.update(mark.cookies)
    link = f"/signup/confirm/{token}/"
    return Life(
        chain, link, f"{door.path}?{door.query}", browser, tablet, till_of(chain).secret, held
    )


def status(client: Client, path: str) -> int:
    """Ask, and stay where we are."""
    directory._entries.clear()
    client.raise_request_exception = False
    with context.public():
        return int(client.get(path).status_code)


def is_kept() -> bool:
    chain = directory.find("carat")
    assert chain is not None
    with context.inside(chain):
        return cache.get("kept") is not None


def is_worked_for(life: Life) -> bool:
    with context.public():
        try:
            tasks.work_off(chain_id=str(life.chain.id))
        except ChainUnavailable:
            return False
    return True


def is_remembered() -> bool:
    with context.public():
        return bool(membership.chains_of(email="alice@carat.example"))


# What opened the first life: each is true while it lasts and must be false in the second.
DOORS: Final[dict[str, Callable[[Life], bool]]] = {
    "session": lambda life: status(life.browser, "/me/") == 200,
    "shared device": lambda life: status(life.tablet, "/switch/") == 200,
    "key": lambda life: status(keyed(life), "/api/v1/customers") == 200,
    "invitation": lambda life: status(Visitor("carat"), f"/join/{life.held['invitation']}/") == 200,
    "change of address": lambda life: (
        status(Visitor("carat"), f"/me/address/{life.held['address']}/") == 200
    ),
    "reset of a password": lambda life: (
        status(Visitor("carat"), f"/account/password/reset/key/{reset(life)}/") == 302
    ),
    "link of the sign-up": lambda life: (
        status(Client(headers={"host": "localhost"}), life.link) == 200
    ),
    "download": lambda life: (
        status(life.browser, f"/imports/{life.held['import']}/rejected/") == 200
    ),
    "cache": lambda _life: is_kept(),
    "files": lambda life: any(lifecycle.files_of(life.chain.id).rglob("*")),
    "work": is_worked_for,
    "which chain was it": lambda _life: is_remembered(),
}


def keyed(life: Life) -> Client:
    return Client(headers={**HOST, "authorization": f"Bearer {life.secret}"})


def reset(life: Life) -> str:
    return f"{life.held['person']}-{life.held['reset']}"


@pytest.fixture
def first(own_database: str, now: datetime) -> Life:
    """Carat in its first life."""
    return begin(now)


def test_positive_control_every_door_opens_while_the_chain_lives(first: Life) -> None:
    opened = {name for name, opens in DOORS.items() if opens(first)}

    assert opened == set(DOORS)
    assert status(Visitor("carat"), first.door) == 302


def test_under_a_deleted_chains_name_nothing_of_it_is_seen_and_nothing_opens(
    first: Life, now: datetime
) -> None:
    lifecycle.delete(chain_id=first.chain.id, now=now)
    gone = status(Visitor("carat"), "/account/login/")
    second = begin_again(now)

    opened = {name for name, opens in DOORS.items() if opens(first)}
    with asking.quietly():
        shown = seen_of(first, second)
    taken_in = handed_over(first)

    assert gone == 404
    assert second.chain.schema_name != first.chain.schema_name
    assert opened == set()
    assert shown == []
    assert taken_in is False


@dataclass(frozen=True)
class Second:
    """Carat again, of somebody with the same address."""

    chain: ChainInfo
    browser: Visitor
    till: Any


def begin_again(now: datetime) -> Second:
    with context.public():
        _wished, token = signup.start(wish=wish("carat"), now=now)
        signup.confirm(token=token, now=now)
    directory._entries.clear()
    chain = directory.find("carat")
    assert chain is not None
    with context.inside(chain):
        browser = cast.entered(Staff.objects.get(email=OWNER), chain)
    till = till_of(chain)
    till.client.raise_request_exception = False
    return Second(chain, browser, till)


def seen_of(first: Life, second: Second) -> list[str]:
    """Ask the second life for every thing of the first; return what is not like nothing."""
    never, found = things.absent(first.held), []
    for operation in operations.of_routes():
        if not operation.things or operation.method != "GET":
            continue
        client = second.till.client if operation.is_api else second.browser
        with context.public():
            told = asking.ask(client, operation, first.held)
            wanted = asking.ask(client, operation, never)
        if told != wanted:
            found.append(f"{operation}: {told.status}, {wanted.status}")
    return found


def handed_over(first: Life) -> bool:
    """Say whether the link from the public site into the first life signs in to the second."""
    browser = Visitor("carat")
    status(browser, first.door)
    return status(browser, "/me/") == 200
