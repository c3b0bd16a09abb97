"""Tasks that wait on somebody's day, written inside the active chain."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.tenancy import context
from regulars.tenancy.identifiers import new_id


def today(*, now: datetime | None = None) -> date:
    """Return the chain's day."""
    return (now or timezone.now()).astimezone(context.current().zone).date()


def task(customer: Customer, *, days: int = 0, now: datetime | None = None, **facts: Any) -> Task:
    """Make a call a month after a purchase with this customer, due in so many days."""
    moment = now or timezone.now()
    due = today(now=moment) + timedelta(days=days)
    made = Task(
        customer=customer,
        **{
            "plan": "after-purchase",
            "step": "wearing",
            "key": f"purchase.recorded:{new_id()}",
            "purpose": "care",
            "do": "call",
            "source_kind": "purchase.recorded",
            "source": new_id(),
            "facts": {"product": "足金手链"},
            "since": moment - timedelta(days=30),
            "started_on": due - timedelta(days=30),
            "due_on": due,
            "expires_on": due + timedelta(days=30),
            "owner_id": customer.owner_id,
            "store_id": customer.home_store_id,
            **facts,
        },
    )
    made.save(force_insert=True)
    return made
