"""Two shops and their people: Bob serves in the north, Charlie, the outsider, in the south."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from regulars import registry
from regulars.audit import Actor
from regulars.registry.policies import POLICIES
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from tests.factories import customers, people
from tests.factories.visitors import Visitor

_URLS = "regulars.urls_chain"
_HTMX = {"HX-Request": "true"}


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The shops, the people, and how services know them."""

    north: Store
    south: Store
    alice: Actor  # owns the chain
    bob_: Staff
    bob: Actor  # a guide in the north
    carol_: Staff
    carol: Actor  # runs the north
    charlie_: Staff
    charlie: Actor  # a guide in the south
    ann_: Staff
    ann: Actor  # an analyst


@pytest.fixture
def policies() -> dict[str, object]:
    """What head office decided; a test may change it."""
    return {key: policy.default for key, policy in POLICIES.items()}


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch, policies: dict[str, object]) -> None:
    """Let every chain use a small vertical of the tests' own."""
    declared = customers.vertical()
    monkeypatch.setattr(registry, "vertical", lambda: declared)
    monkeypatch.setattr(registry, "policy", policies.__getitem__)


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    """Work inside aurum with two shops open."""
    north, south = people.store(code="N"), people.store(code="S")
    bob = people.staff(name="Bob", stores=(north,))
    charlie = people.staff(name="Charlie", stores=(south,))
    carol = people.staff(name="Carol", role=Role.STORE_MANAGER, stores=(north,))
    ann = people.staff(name="Ann", role=Role.ANALYST)
    return Cast(
        north=north,
        south=south,
        alice=people.actor(people.owner()),
        bob_=bob,
        bob=people.actor(bob),
        carol_=carol,
        carol=people.actor(carol),
        charlie_=charlie,
        charlie=people.actor(charlie),
        ann_=ann,
        ann=people.actor(ann),
    )


class Browser:
    """A signed-in person's browser, in English."""

    def __init__(self, staff: Staff) -> None:
        self._client = Visitor("aurum")
        backend = "allauth.account.auth_backends.AuthenticationBackend"
        self._client.force_login(staff, backend=backend)

    def get(self, page: str, /, *args: object, htmx: bool = False, **query: object) -> Any:
        """Ask for a named page."""
        url = reverse(page, args=args, urlconf=_URLS)
        return self._client.get(url, query, headers=_HTMX if htmx else None)  # type: ignore[arg-type]

    def post(self, page: str, /, *args: object, htmx: bool = False, **data: object) -> Any:
        """Send a form to a named page."""
        url = reverse(page, args=args, urlconf=_URLS)
        return self._client.post(url, data, headers=_HTMX if htmx else None)
