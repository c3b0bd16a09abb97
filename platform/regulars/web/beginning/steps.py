"""What a new chain does first, and what of it is done."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.customers.models import Customer
from regulars.purchases.models import Purchase
from regulars.staff.models import Staff
from regulars.stores.models import Store


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do, on a page of its own."""

    key: str
    label: str | Promise
    hint: str | Promise
    icon: str
    url_name: str
    permission: str


STEPS = (
    Step(
        key="import",
        label=_("Bring in the customers and purchases you have"),
        hint=_("A file from your till or your old system. Its stores can be opened with it."),
        icon="file-import",
        url_name="import_new",
        permission="imports.run",
    ),
    Step(
        key="stores",
        label=_("Look over your stores"),
        hint=_("Regions, addresses, opening hours"),
        icon="building-store",
        url_name="stores",
        permission="stores.manage",
    ),
    Step(
        key="team",
        label=_("Invite your people"),
        hint=_("Store managers by e-mail, guides with a PIN for the shared tablet"),
        icon="users-group",
        url_name="team",
        permission="team.manage",
    ),
    Step(
        key="rules",
        label=_("Read the rules of your industry"),
        hint=_("What earns points, when they end, which questions are asked"),
        icon="adjustments",
        url_name="rules",
        permission="rules.manage",
    ),
)


def to_do(actor: Actor) -> list[dict[str, Any]]:
    """Return the steps this person may take, each with its address and whether it is done."""
    done = _done()
    return [
        {"step": step, "url": reverse(step.url_name), "is_done": done.get(step.key, False)}
        for step in STEPS
        if allows(actor, step.permission)
    ]


def is_new() -> bool:
    """Tell whether the chain knows nobody and has sold nothing yet."""
    return not Customer.objects.exists() and not Purchase.objects.exists()


def _done() -> dict[str, bool]:
    return {
        "import": not is_new(),
        "stores": Store.objects.count() > 1,  # a new chain begins with one
        "team": Staff.objects.count() > 1,
    }
