"""Head office's page as tests ask for it: October's sales of four stores, addresses, answers."""

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from regulars.staff.models import Role
from tests.factories import people
from tests.factories.customers import customer
from tests.factories.visitors import Visitor, signed_in
from tests.insights.conftest import World, made

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
DAYS = {"period": "custom", "start": FIRST, "end": LAST, "compare": "none"}


def october() -> World:
    """Make four stores in two regions, and sales of October to customers known by name."""
    world = made()
    world.customers = [
        customer(name=name, store=world.stores[n]).id
        for n, name in enumerate(["Carol", "=cmd|calc", "Dora"])
    ]
    for n, (store, who, paid) in enumerate(
        [(0, 0, 10_000), (1, 0, 5_000), (0, 1, 2_500), (2, 2, 700), (3, None, 300)]
    ):
        world.sell(store, who, FIRST + timedelta(days=n), paid)
    return world


def url(path: str = "/insights/", **query: Any) -> str:
    """Return the address of a page about October."""
    return f"{path}?{urlencode({**DAYS, **query})}"


def text_of(response: Any) -> str:
    """Return what the page says, without tags, with single spaces."""
    assert response.status_code == 200, response.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def figures_of(response: Any) -> dict[str, str]:
    """Return the figures on top of the page."""
    return {each.key: each.value for each in response.context["figures"]}


def manager(role: Role, **places: Any) -> Visitor:
    """Sign in as somebody with a role in some places."""
    people.staff(name="Mia", role=role, email="mia@aurum.example", **places)
    return signed_in(email="mia@aurum.example")
