"""Complaints, and the people around them, made inside the active chain."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from regulars.audit import Actor
from regulars.complaints import services
from regulars.complaints.models import Case, Entry
from regulars.customers.models import Customer
from regulars.staff.models import Role
from regulars.stores.models import Store
from tests.factories import customers, people
from tests.factories.customers import NOW

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Cast:
    """A store of a region with the people who answer for it, and somebody from elsewhere."""

    store: Store
    guide: Actor
    colleague: Actor
    manager: Actor
    region: Actor
    office: Actor
    stranger: Actor
    customer: Customer

    @property
    def everybody(self) -> tuple[Actor, ...]:
        """Return all who might try."""
        return (
            self.guide, self.colleague, self.manager, self.region, self.office, self.stranger
        )  # fmt: skip


def cast() -> Cast:
    """Make the people of a complaint."""
    east = people.region()
    here, elsewhere = people.store(region=east), people.store(code="909")
    guide = people.staff(name="Gina", stores=(here,))
    members = {
        "colleague": people.staff(name="Carl", stores=(here,)),
        "manager": people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(here,)),
        "region": people.staff(name="Rita", role=Role.REGION_MANAGER, regions=(east,)),
        "office": people.staff(name="Hugo", role=Role.HEAD_OFFICE),
        "stranger": people.staff(name="Sven", role=Role.STORE_MANAGER, stores=(elsewhere,)),
    }
    return Cast(
        store=here,
        guide=people.actor(guide),
        customer=customers.customer(store=here, owner=guide),
        **{name: people.actor(each) for name, each in members.items()},
    )


def case(cast: Cast, *, by: Actor | None = None, now: datetime = NOW, **facts: Any) -> Case:
    """Raise a complaint at the counter."""
    facts = {"customer_id": cast.customer.pk, "raised": "counter", "text": "It broke.", **facts}
    key = facts.pop("key", f"open-{Case.objects.count()}")
    draft = services.Draft(store_id=cast.store.pk, **facts)
    return services.open_case(actor=by or cast.guide, draft=draft, now=now, key=key)


def steps(case: Case) -> list[str]:
    """Return what has happened, in order."""
    return list(Entry.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


def settle(case: Case, actor: Actor, *, now: datetime = NOW, upto: str = "asked") -> Case:
    """Take a complaint along the way, doing everything the list asks for, up to a state."""
    facts: dict[str, Any] = {"actor": actor, "case_id": case.pk, "now": now}
    turn = case.version
    way: list[tuple[str, Any, dict[str, Any]]] = [
        ("apologised", services.apologise, {"text": "I am sorry."}),
        ("investigating", services.investigate,
         {"text": "You cannot wear it.", "promised_at": now + 24 * HOUR}),
        ("", services.find, {"text": "A claw was bent.", "cause": "setting", "since": "today"}),
        ("proposed", services.propose,
         {"text": "We set it anew.", "cause_told": True,
          "remedies": [each.pk for each in case.remedies.all()]}),
        ("agreed", services.agree, {"how": "counter", "text": ""}),
        ("", services.tick, {"item": "reform", "text": "We check claws at delivery."}),
        ("done", services.do, {"text": "It is set."}),
        ("asked", services.ask, {"text": "Are you satisfied?"}),
    ]  # fmt: skip
    for number, (state, verb, more) in enumerate(way):
        verb(**facts, **more, key=f"{turn}-{number}")
        if state == upto:
            break
    case.refresh_from_db()
    return case
