"""Operations that are alike for every noun: retrieving one, listing many."""

from collections.abc import Callable

from regulars.local.stripe import faults
from regulars.local.stripe.given import Given, within
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

type Operation = Callable[..., Thing | list[Thing]]


def retrieve(kind: str) -> Operation:
    """Make the operation that gives one object."""

    def operation(world: World, given: Given, key: str) -> Thing:
        return world.find(kind, key)

    return operation


def listing(kind: str, *filters: str) -> Operation:
    """Make the operation that lists objects, the newest first, by equality of fields."""

    def operation(world: World, given: Given) -> list[Thing]:
        given.reads(*filters)
        customer = given.get("customer") if "customer" in filters else None
        found = world.store.every(kind, customer=customer)
        return [each for each in found if _matches(world, each, given, filters)]

    return operation


def _matches(world: World, thing: Thing, given: Given, filters: tuple[str, ...]) -> bool:
    for name in filters:
        wanted = given.get(name)
        if wanted is None:
            continue
        value = thing.get(name)
        if isinstance(wanted, dict):
            if not within(value or 0, wanted):
                return False
        elif value != wanted:
            return False
    return True


def needs(given: Given, *names: str) -> None:
    """Raise Refused if one is missing."""
    for name in names:
        if given.get(name) in (None, ""):
            raise faults.missing(name)
