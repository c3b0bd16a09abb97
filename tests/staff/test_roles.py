"""Which role may do what: the table of `staff.roles`, written down a second time."""

import re

import pytest

from regulars import audit
from regulars.audit import decisions
from regulars.errors import Forbidden
from regulars.staff import roles
from regulars.staff.models import Role

ALL = {"owner", "head-office", "region-manager", "store-manager", "guide", "analyst"}
SELLERS = ALL - {"analyst"}
MANAGERS = SELLERS - {"guide"}
OFFICE = {"owner", "head-office"}
TABLE = {
    "customers.view": ALL,
    "customers.edit": SELLERS,
    "customers.reveal-phone": SELLERS,
    "customers.hand-over": MANAGERS,
    "customers.merge": MANAGERS,
    "customers.export": OFFICE | {"region-manager"},
    "customers.erase": OFFICE,
    "purchases.record": SELLERS,
    "purchases.return-without-original": MANAGERS,
    "care.view": SELLERS,
    "care.manage": MANAGERS,
    "complaints.view": ALL,
    "complaints.handle": SELLERS,
    "complaints.manage": MANAGERS,
    "points.adjust": MANAGERS,
    "insights.view": ALL - {"guide"},
    "insights.export": ALL - {"guide"},
    "team.manage": MANAGERS,
    "stores.edit": MANAGERS,
    "stores.manage": OFFICE,
    "rules.manage": OFFICE,
    "chain.manage": OFFICE,
    "imports.run": OFFICE,
    "keys.manage": OFFICE,
    "audit.view": OFFICE,
    "billing.manage": {"owner"},
}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_exactly_what_the_table_says(role: Role) -> None:
    expected = {permission for permission, may in TABLE.items() if role.value in may}

    assert roles.may(role) == expected


def test_the_table_in_the_docstring_is_the_one_in_the_code() -> None:
    lines = re.findall(r"^\| ([a-z.-]+)[^|]*\|(.*)\|$", roles.__doc__ or "", re.MULTILINE)
    order = ["owner", "head-office", "region-manager", "store-manager", "guide", "analyst"]

    written = {
        name: {role for role, cell in zip(order, cells.split("|"), strict=True) if "✓" in cell}
        for name, cells in lines
        if "." in name
    }

    assert written == TABLE


def test_a_role_nobody_knows_may_do_nothing() -> None:
    assert roles.may("cleaner") == frozenset()


def test_a_pin_opens_nothing_a_guide_or_a_store_does_not_need() -> None:
    assert roles.may(Role.STORE_MANAGER) >= roles.BY_PIN
    assert roles.BY_PIN.isdisjoint(
        {"team.manage", "stores.edit", "customers.erase", "customers.export", "keys.manage"}
    )


def test_asking_for_a_permission_one_lacks_is_refused() -> None:
    guide = audit.Actor(kind=audit.ActorKind.STAFF, role="guide", may=roles.may("guide"))

    decisions.require(guide, "purchases.record")
    with pytest.raises(Forbidden):
        decisions.require(guide, "team.manage")


def test_who_came_by_pin_is_told_that_the_password_would_do() -> None:
    manager = audit.Actor(
        kind=audit.ActorKind.STAFF, may=roles.BY_PIN, with_password=roles.may("store-manager")
    )

    with pytest.raises(decisions.PasswordNeeded):
        decisions.require(manager, "team.manage")
    with pytest.raises(Forbidden) as refusal:
        decisions.require(manager, "billing.manage")
    assert not isinstance(refusal.value, decisions.PasswordNeeded)


def test_the_system_may_do_everything() -> None:
    assert decisions.allows(audit.SYSTEM, "customers.erase")
