"""A chain with two stores in two regions, six people in their roles, and things in both stores."""

from dataclasses import dataclass
from typing import Final

from regulars.staff.models import Role, Staff
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.visitors import Visitor
from tests.isolation import things
from tests.isolation.things import Things

_BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"
ROLES: Final = {
    "O": Role.OWNER,
    "H": Role.HEAD_OFFICE,
    "R": Role.REGION_MANAGER,
    "S": Role.STORE_MANAGER,
    "G": Role.GUIDE,
    "A": Role.ANALYST,
}


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Everybody signed in, by the letter of their role, and what there is.

    `near` lies in the store and the region of those who have one, and the guide looks after its
    customer; `far` in another region's store; `beside` in the near store with another guide.
    """

    browsers: dict[str, Visitor]
    near: Things
    far: Things
    beside: Things


def assemble(chain: ChainInfo) -> Cast:
    """Make them in the chain."""
    with context.inside(chain):
        east, west = people.region(code="ne"), people.region(code="fw")
        near, far = people.store(code="n1", region=east), people.store(code="f1", region=west)
        persons = {"O": people.owner()} | {
            letter: people.staff(
                name=letter,
                role=role,
                email=f"{letter.lower()}@{chain.subdomain}.example",
                stores=(near,) if letter in "SG" else (),
                regions=(east,) if letter == "R" else (),
            )
            for letter, role in ROLES.items()
            if letter != "O"
        }
        own = things.at(near, owner=persons["G"], host=chain.subdomain)
        colleague = people.staff(name="Colleague", stores=(near,))
        return Cast(
            browsers={letter: entered(person, chain) for letter, person in persons.items()},
            near=own,
            far=things.at(far, owner=people.owner(), host=chain.subdomain),
            beside=own | things.customers_at(near, owner=colleague, tag="beside"),
        )


def entered(person: Staff, chain: ChainInfo) -> Visitor:
    """Return a browser in which somebody is signed in; call it inside their chain."""
    browser = Visitor(chain.subdomain, raise_request_exception=False)
    browser.force_login(person, backend=_BACKEND)
    return browser
