"""A chain with two shops in one zone and one across the sea, and a vertical full of dates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from regulars import registry
from regulars.audit import SYSTEM, Actor
from regulars.customers import services
from regulars.customers.models import Customer, LifeEvent, Possession
from regulars.kit import Field, FollowUp, Reminder, Tier, Vertical, Where
from regulars.kit import Possession as Thing
from regulars.outbox import services as outbox
from regulars.registry.policies import POLICIES
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from tests.factories import customers, followups, people


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Two shops in Shanghai, one in New York, their guides, and who sees more."""

    north: Store
    south: Store
    abroad: Store
    alice: Actor  # owns the chain
    bob_: Staff
    bob: Actor  # a guide in the north
    carol: Actor  # runs the north
    charlie_: Staff
    charlie: Actor  # a guide in the south


@pytest.fixture
def policies() -> dict[str, object]:
    """What head office decided; a test may change it."""
    return {key: policy.default for key, policy in POLICIES.items()}


@cache
def full_of_dates() -> Vertical:
    """Return a vertical with dates that come once, every year, every so often, and with a state."""
    name = customers.label
    return customers.vertical(
        fields=(
            Field(on="customer", key="move-in", kind="date", label=name("Moves in")),
            Field(on="customer", key="engaged", kind="date", label=name("Engaged"), yearly=True),
            Field(on="customer", key="style", kind="text", label=name("Style")),
        ),
        possessions=(
            Thing(
                key="ring",
                label=name("Ring"),
                fields=(Field(on="possession", key="until", kind="date", label=name("Until")),),
                reminders=(
                    Reminder(
                        key="clean",
                        label=name("Clean"),
                        since="acquired-on",
                        months=6,
                        repeats=True,
                    ),
                    Reminder(key="ends", label=name("Ends"), since="until", days=-30),
                ),
            ),
            Thing(
                key="course",
                label=name("Course"),
                fields=(Field(on="possession", key="left", kind="integer", label=name("Left")),),
                reminders=(
                    Reminder(
                        key="low",
                        label=name("Low"),
                        where=(Where(fact="possession.left", op="at-most", value=1),),
                    ),
                ),
            ),
        ),
        tiers=(
            Tier(key="gold", label=name("Gold"), threshold=Decimal(0), months=12),
            Tier(key="platinum", label=name("Platinum"), threshold=Decimal(9000), months=12),
        ),
    )


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch, policies: dict[str, object]) -> None:
    """Let every chain use that vertical."""
    declared = full_of_dates()
    monkeypatch.setattr(registry, "vertical", lambda: declared)
    monkeypatch.setattr(registry, "policy", policies.__getitem__)
    monkeypatch.setattr(outbox, "timezone", SimpleNamespace(now=lambda: customers.NOW))


type Declare = Callable[..., None]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Let every chain have these plans, and no other dates than the plans' tests need."""

    def declared(*plans: FollowUp, **parts: Any) -> None:
        made = followups.vertical(*plans, **parts)
        monkeypatch.setattr(registry, "vertical", lambda: made)

    return declared


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    """Work inside aurum with the shops open."""
    north, south = people.store(code="N"), people.store(code="S")
    abroad = people.store(code="NY", time_zone="America/New_York")
    bob = people.staff(name="Bob", stores=(north,))
    charlie = people.staff(name="Charlie", stores=(south,))
    return Cast(
        north=north,
        south=south,
        abroad=abroad,
        alice=people.actor(people.owner()),
        bob_=bob,
        bob=people.actor(bob),
        carol=people.actor(people.staff(name="Carol", role=Role.STORE_MANAGER, stores=(north,))),
        charlie_=charlie,
        charlie=people.actor(charlie),
    )


def keep(customer: Customer, **facts: Any) -> LifeEvent:
    """Note a birthday on 15 August unless told otherwise."""
    values = {"kind": "birthday", "month": 8, "day": 15, "now": customers.NOW, **facts}
    return services.set_life_event(actor=SYSTEM, customer_id=customer.pk, **values)


def own(customer: Customer, kind: str = "ring", **facts: Any) -> Possession:
    """Write down a thing the customer has."""
    day: date | None = facts.pop("acquired_on", None)
    return services.add_possession(
        actor=SYSTEM,
        customer_id=customer.pk,
        kind=kind,
        values=facts,
        acquired_on=day,
        now=customers.NOW,
    )


def tell(customer: Customer, **values: object) -> None:
    """Set fields of the file; `move_in` is move-in."""
    services.set_extra(
        actor=SYSTEM,
        customer_id=customer.pk,
        values={key.replace("_", "-"): value for key, value in values.items()},
        how="conversation",
        now=customers.NOW,
    )


def work_off() -> None:
    """Do what was announced, as a worker does after the commit."""
    outbox.work_off()
