"""Opens the stores of a demo chain and lets people work in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from regulars.audit import SYSTEM
from regulars.local.demo import drawing, persons
from regulars.local.demo.content import Company
from regulars.local.demo.content import Store as Plan
from regulars.staff import granting, pins
from regulars.staff.granting import Place
from regulars.staff.models import Role, Staff
from regulars.stores import services as stores
from regulars.stores.models import Store
from regulars.tenancy import context, membership
from regulars.usecases import leave

FIRST: Final = "001"
PIN: Final = "7294"
_OLD_DAYS: Final = 1_460


@dataclass(frozen=True, slots=True)
class Guide:
    """Somebody who serves."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Shop:
    """A store with its guides."""

    id: UUID
    code: str
    guides: tuple[Guide, ...]


def open_all(company: Company, *, today: date, password: str) -> list[Shop]:
    """Make regions, stores and people; returns the shops in the order of the content."""
    places = _stores(company, today)
    crew = _Crew(password=password)
    crew.hire("office", company.head_office, Place(role=Role.HEAD_OFFICE))
    crew.hire("analyst", company.analyst, Place(role=Role.ANALYST))
    for region in company.regions:
        if region.manager:
            ids = {store.region_id for store in places if store.region_id and _of(store, region)}
            place = Place(role=Role.REGION_MANAGER, region_ids=tuple(ids))
            crew.hire(f"region-{region.code}", region.manager, place)
    shops = []
    for plan, store in zip(company.stores, places, strict=True):
        guides = () if plan.web else crew.of_store(plan, store)
        shops.append(Shop(store.id, plan.code, guides))
    return shops


def close_some(company: Company, shops: Sequence[Shop], *, today: date) -> None:
    """Let the people of closed stores leave, their customers going to the nearest one."""
    by_code = {shop.code: shop for shop in shops}
    for plan, shop in zip(company.stores, shops, strict=True):
        if plan.closed_days_ago is None:
            continue
        day = today - timedelta(days=plan.closed_days_ago)
        evening = datetime.combine(day, time(), tzinfo=context.current().zone)
        stores.close(actor=SYSTEM, store_id=shop.id, on=day)
        heirs = by_code[plan.successor].guides
        for at, person in enumerate(Staff.objects.filter(home_store=shop.id).order_by("number")):
            heir = heirs[at % len(heirs)].id
            leave.leave(actor=SYSTEM, staff_id=person.id, successor_id=heir, now=evening)


def sign_ins(company: Company, *, subdomain: str, password: str) -> list[dict[str, str]]:
    """Return whom a visitor of the demo can be, for the card."""
    people = (
        ("Owner", "owner", False),
        ("Head office", "office", False),
        ("Store manager", f"manager-{FIRST}", True),
        ("Guide", f"guide-{FIRST}", True),
    )
    return [
        {
            "role": role,
            "email": address(subdomain, name),
            "password": password,
            **({"pin": PIN} if has_pin else {}),
        }
        for role, name, has_pin in people
    ]


def address(subdomain: str, name: str) -> str:
    """Return an e-mail address under a domain that can never exist."""
    return f"{name}@{subdomain}.example"


class _Crew:
    """Hires people who all have the demo's password and PIN, hashed once: it takes long."""

    def __init__(self, *, password: str) -> None:
        self._password = make_password(password)
        self._pin = pins.hashed(PIN)
        self._rng = drawing.dice(context.current().vertical, "crew")
        self._chain = context.current()

    def hire(self, name: str, called: str, place: Place, **facts: Any) -> Staff:
        """Do what an accepted invitation does."""
        email = address(self._chain.subdomain, name)
        person = Staff(email=email, name=called, password=self._password, pin=self._pin, **facts)
        person.save(force_insert=True)
        granting.settle(person, place)
        EmailAddress(user=person, email=email, verified=True, primary=True).save(force_insert=True)
        membership.remember(email=email, chain_id=self._chain.id)
        return person

    def of_store(self, plan: Plan, store: Store) -> tuple[Guide, ...]:
        """Hire a manager and three to five guides; the first one has an e-mail address."""
        here = (store.id,)
        rng = self._rng
        manager = Place(role=Role.STORE_MANAGER, store_ids=here)
        guide = Place(role=Role.GUIDE, store_ids=here)
        self.hire(f"manager-{plan.code}", persons.worker(rng), manager, number=f"{plan.code}00")
        first = self.hire(f"guide-{plan.code}", persons.worker(rng), guide, number=f"{plan.code}01")
        found = [first]
        for at in range(2, rng.randint(3, 5) + 1):
            person = Staff(name=persons.worker(rng), number=f"{plan.code}{at:02}", pin=self._pin)
            person.set_unusable_password()
            person.save(force_insert=True)
            granting.settle(person, guide)
            found.append(person)
        return tuple(Guide(person.id, person.name) for person in found)


def _stores(company: Company, today: date) -> list[Store]:
    regions = {
        each.code: stores.add_region(actor=SYSTEM, code=each.code, name=each.name).id
        for each in company.regions
    }
    facts = [_facts(plan, regions[plan.region], today) for plan in company.stores]
    first = Store.objects.get(code=FIRST)
    stores.edit(actor=SYSTEM, store_id=first.id, changes=facts[0])
    rest = [stores.StoreFacts(**each) for each in facts[1:]]
    stores.add_many(actor=SYSTEM, rows=rest)
    by_code = {store.code: store for store in Store.objects.select_related("region")}
    return [by_code[plan.code] for plan in company.stores]


def _facts(plan: Plan, region_id: UUID, today: date) -> dict[str, Any]:
    age = _OLD_DAYS if plan.opened_days_ago is None else plan.opened_days_ago
    start, end = ("00:00", "24:00") if plan.web else plan.hours
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    local = f"5550{int(plan.code):04}"
    return {
        "code": plan.code,
        "name": plan.name,
        "region_id": region_id,
        "time_zone": context.current().time_zone,
        "province": plan.province,
        "city": plan.city,
        "address": plan.address,
        "phone": f"{plan.area}-{local if len(plan.area) == 3 else local[1:]}",
        "hours": {"week": {day: [[start, end]] for day in days}, "dates": {}},
        "opened_on": today - timedelta(days=age),
        "ownership": Store.Ownership.FRANCHISE if plan.franchise else Store.Ownership.OWN,
        "shares_customers": not plan.franchise,
    }


def _of(store: Store, region: Any) -> bool:
    return store.region is not None and store.region.code == region.code
