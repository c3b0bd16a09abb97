"""A chain with two regions and four stores, whose facts tests write straight into the tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from regulars.insights.models import CHAIN
from regulars.stores.models import Region, Store
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.identifiers import new_id
from tests.factories import insights as facts
from tests.factories import people
from tests.factories.insights import Fact

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
STORES = 4


@dataclass
class World:
    """The places, some customers, and everything that was written."""

    regions: list[Region]
    stores: list[Store]
    first: Store
    written: list[Fact] = field(default_factory=list)
    customers: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(6)])

    @property
    def groups(self) -> dict[UUID, set[UUID]]:
        """The stores of each group."""
        keys = [each.id for each in self.stores]
        return {
            **{key: {key} for key in keys},
            **{region.id: set(keys[n::2]) for n, region in enumerate(self.regions)},
            CHAIN: {self.first.id, *keys},
        }

    def write(self, *new: Fact) -> None:
        """Write facts and remember them."""
        facts.write(new)
        self.written += new

    def sell(self, store: int, customer: int | None, day: date, paid: int = 1000) -> Fact:
        """Write one sale in a store to a customer."""
        who = None if customer is None else self.customers[customer]
        sold = facts.sale(store=self.stores[store].id, customer=who, day=day, paid=paid)
        self.write(sold)
        return sold


def made() -> World:
    """Make the places inside the active chain: stores s0 and s2 in the east, s1 and s3 west."""
    regions = [people.region(code=code, name=code.title()) for code in ("east", "west")]
    stores = [people.store(code=f"s{n}", region=regions[n % 2]) for n in range(STORES)]
    return World(regions=regions, stores=stores, first=people.first_store())


@pytest.fixture
def world(inside_aurum: ChainInfo) -> World:
    """The places inside aurum; what the test writes is rolled back, so nothing is ever folded."""
    return made()


@pytest.fixture
def own_world(own_database: str) -> Iterator[World]:
    """The places in a database of its own, where commits are real and folds take facts in."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        yield made()
