"""Drafts of contacts, and budgets to try them on, made inside the active chain."""

from datetime import datetime
from typing import Any
from uuid import UUID

from regulars.audit import SYSTEM, Actor
from regulars.customers.models import Customer
from regulars.messages import services
from regulars.messages.models import Contact
from regulars.messages.services import Draft
from tests.factories import customers
from tests.factories.customers import NOW


def person(*, promotions: str = "", **facts: Any) -> Customer:
    """Make a customer with a phone; `promotions` is what they think of those."""
    made = customers.customer(**{"phone": customers.phone(), **facts})
    if promotions:
        made.profile = {"promotions": {"value": promotions}}
        made.save(update_fields=["profile"])
    return made


def draft(customer: Customer, **facts: Any) -> Draft:
    """Return a greeting by text message."""
    return Draft(
        customer_id=customer.pk,
        **{"purpose": "care", "channel": "sms", "text": "中秋快乐", **facts},
    )


def reserve(
    customer: Customer, *, now: datetime = NOW, actor: Actor = SYSTEM, **facts: Any
) -> UUID:
    """Reserve a contact."""
    return services.reserve(actor=actor, draft=draft(customer, **facts), now=now)


def budget(**body: Any) -> None:
    """Declare a budget of three a week for the chain, without distance or quiet hours."""
    place = {key: body.pop(key) for key in ("region_id", "store_id") if key in body}
    services.set_budget(
        actor=SYSTEM,
        body={"limits": limits(), "distance": 0, "quiet": None, **body},
        now=NOW,
        **place,
    )


def limits(most: int = 3, days: int = 7, purpose: str = "any") -> list[dict[str, Any]]:
    """Return one limit, as it is declared."""
    return [{"purpose": purpose, "days": days, "most": most}]


def contacts(customer: Customer) -> list[Contact]:
    """Return what there is of a customer, by time."""
    return list(Contact.objects.filter(customer=customer).order_by("at", "pk"))
