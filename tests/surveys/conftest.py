"""A store with a guide and a customer, in a chain where contacts are allowed."""

from dataclasses import dataclass

import pytest

from regulars.audit import Actor
from regulars.customers.models import Customer
from regulars.staff.models import Role
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from tests.factories import contacts, people


@dataclass(frozen=True)
class Shop:
    """Who appears."""

    store: Store
    guide: Actor
    manager: Actor
    stranger: Actor
    carol: Customer


@pytest.fixture
def shop(inside_aurum: ChainInfo) -> Shop:
    """The store, open from ten to ten, with Gina, Mona, and Carol who has a phone."""
    contacts.budget(limits=contacts.limits(5))
    here, elsewhere = people.store(code="e1", name="新天地店"), people.store(code="909")
    gina = people.staff(name="Gina", stores=(here,), email="gina@aurum.example")
    mona = people.staff(
        name="Mona", role=Role.STORE_MANAGER, stores=(here,), email="mona@aurum.example"
    )
    sven = people.staff(name="Sven", role=Role.STORE_MANAGER, stores=(elsewhere,))
    return Shop(
        store=here,
        guide=people.actor(gina),
        manager=people.actor(mona),
        stranger=people.actor(sven),
        carol=contacts.person(name="王芳", store=here, owner=gina),
    )
