"""Stores, regions and the people in them, made inside the active chain."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from regulars.audit import Actor
from regulars.staff import selectors
from regulars.staff.models import Assignment, Role, Staff
from regulars.stores.models import Region, Store

PASSWORD = "correct horse battery"
PIN = "4071"


def region(*, code: str = "east", name: str = "华东") -> Region:
    """Make a region."""
    made = Region(code=code, name=name)
    made.save(force_insert=True)
    return made


def store(*, code: str = "101", region: Region | None = None, **facts: Any) -> Store:
    """Make a store in Shanghai that is open from ten to ten."""
    made = Store(
        code=code,
        region=region,
        **{"name": f"Store {code}", "time_zone": "Asia/Shanghai", **facts},
    )
    made.save(force_insert=True)
    return made


def staff(
    *,
    name: str = "Bob",
    role: Role = Role.GUIDE,
    stores: tuple[Store, ...] = (),
    regions: tuple[Region, ...] = (),
    email: str | None = None,
    password: str = PASSWORD,
    pin: str = "",
    **facts: Any,
) -> Staff:
    """Make somebody who works here; with an e-mail address they can sign in by password."""
    made = Staff(
        name=name,
        role=role,
        email=email,
        password=make_password(password if email else None),
        pin=make_password(pin) if pin else "",
        home_store=stores[0] if stores else None,
        **facts,
    )
    made.save(force_insert=True)
    Assignment.objects.bulk_create(
        [
            *(Assignment(staff=made, store=each) for each in stores),
            *(Assignment(staff=made, region=each) for each in regions),
        ]
    )
    if email:
        EmailAddress(user=made, email=email, verified=True, primary=True).save(force_insert=True)
    return made


def owner() -> Staff:
    """Return Alice, who signed the chain up."""
    return Staff.objects.get(name="Alice")


def first_store() -> Store:
    """Return the shop every chain begins with."""
    return Store.objects.get(code="001")


def actor(person: Staff) -> Actor:
    """Return a person as services know them."""
    return selectors.actor_of(person)
