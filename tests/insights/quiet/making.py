"""Regulars who come at a steady pace and then no more, and nights that pass."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from regulars.customers.models import Customer
from regulars.insights.selectors import quiet
from regulars.insights.services import silences
from regulars.purchases import services as purchases
from tests.factories import customers, people
from tests.factories import insights as facts
from tests.factories.insights import Fact
from tests.insights.conftest import World

BEGINS = date(2026, 6, 1)
PACE = 10  # days between two visits of those who give the chain its rhythm
LAST = BEGINS + timedelta(30)  # of Carol's four visits, unless a test says otherwise
DUE = LAST + timedelta(15)


def visits(
    world: World, customer: UUID, *, every: int = PACE, times: int = 4, paid: int = 1000,
    begins: date = BEGINS,
) -> list[Fact]:  # fmt: skip
    """Write visits at a steady pace, and what they add up to."""
    days = (begins + timedelta(every * n) for n in range(times))
    store = world.stores[0].id
    sold = [facts.sale(store=store, customer=customer, day=day, paid=paid) for day in days]
    return written(sold)


def written(sold: list[Fact]) -> list[Fact]:
    facts.write(sold)
    purchases.recount(customer_ids={each.customer for each in sold if each.customer})
    return sold


def regular(world: World, *, name: str = "Carol", **how: Any) -> Customer:
    """Make a customer of Alice's who comes every ten days and then no more."""
    who = {key: how.pop(key) for key in ("owner", "store") if key in how}
    made = customers.customer(name=name, **{"owner": people.owner(), "store": world.first, **who})
    visits(world, made.pk, **how)
    return made


def night(day: date) -> None:
    """Let the night before a day in Shanghai be worked through."""
    silences.refresh(now=morning(day))


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def listed(day: date, **narrowed: Any) -> list[str]:
    """Return the names on Alice's list."""
    found = quiet.page(actor=people.actor(people.owner()), today=day, **narrowed)
    return [each.person.name for each in found.customers]


def new(day: date) -> list[UUID]:
    return [each.customer_id for each in quiet.newly_silent(day=day)]


def nights(days: Iterable[date]) -> dict[date, list[UUID]]:
    """Let nights pass one by one, and return what was new on those that had something."""
    found = {}
    for day in days:
        night(day)
        if fresh := new(day):
            found[day] = fresh
    return found


def span(first: date, days: int) -> list[date]:
    return [first + timedelta(n) for n in range(days)]
