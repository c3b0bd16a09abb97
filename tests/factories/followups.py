"""Follow-up plans of a small vertical, and tasks, made inside the active chain."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.kit import Choice, Field, FollowUp, Message, Reminder, Step, Tier, Vertical
from regulars.kit import Possession as Thing
from tests.factories import customers
from tests.factories.customers import label

NOW = customers.NOW
TODAY = NOW.date()
EVER = datetime(2020, 1, 1, tzinfo=UTC)  # before everything a test records
WORKDAYS: dict[str, Any] = {
    "week": {
        day: [["10:00", "18:00"]] if day not in ("sat", "sun") else []
        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    },
    "dates": {},
}
_keys = count(1)


def step(key: str = "call", *, after: int = 7, do: str = "call", **facts: Any) -> Step:
    """Return a call a week later, unless told otherwise."""
    return Step(key=key, after=after, do=do, label=label(key), **facts)  # type: ignore[arg-type]


def plan(
    key: str = "after",
    *,
    starts: str = "purchase.recorded",
    steps: Sequence[Step] = (),
    **facts: Any,
) -> FollowUp:
    """Return a plan of one call after a purchase, unless told otherwise."""
    return FollowUp(
        key=key, title=label(key), starts=starts, steps=tuple(steps) or (step(),), **facts
    )


def vertical(*plans: FollowUp, **parts: Any) -> Vertical:
    """Return a small trade with these plans: deliveries, rings that are cleaned, three levels."""
    kinds = tuple(Choice(key=key, label=label(key)) for key in ("gold", "silver", "service"))
    return customers.vertical(
        **{
            "categories": kinds,
            "fields": (
                Field(on="customer", key="style", kind="text", label=label("Style")),
                Field(on="purchase", key="delivery-date", kind="date", label=label("Delivered")),
                Field(on="line", key="karat", kind="integer", label=label("Karat")),
            ),
            "possessions": (
                Thing(
                    key="ring",
                    label=label("Ring"),
                    reminders=(
                        Reminder(key="clean", label=label("Clean"), since="acquired-on", months=6),
                    ),
                ),
            ),
            "tiers": (
                Tier(key="silver", label=label("Silver"), threshold=Decimal(0)),
                Tier(key="gold", label=label("Gold"), threshold=Decimal(1000)),
            ),
            "messages": (
                Message(
                    key="hello",
                    occasion="after-purchase",
                    purpose="care",
                    channels=("sms", "wechat"),
                    text=label("Dear {customer.salutation}, all well? {guide.name}, {store.name}"),
                ),
            ),
            "follow_ups": plans,
            **parts,
        }
    )


def task(customer: Customer, *, due_on: date = TODAY, **facts: Any) -> Task:
    """Write a call that is due today, unless told otherwise."""
    values = {
        "plan": "after",
        "step": "call",
        "key": f"test:{next(_keys)}",
        "purpose": "care",
        "do": "call",
        "source_kind": "purchase.recorded",
        "since": NOW,
        "started_on": due_on,
        "due_on": due_on,
        "expires_on": due_on + timedelta(days=14),
        "owner_id": customer.owner_id,
        "store_id": customer.home_store_id,
        **facts,
    }
    made = Task(customer=customer, **values)
    Task.objects.bulk_create([made])
    return made


def told(*customers_: Customer) -> list[str]:
    """Return the tasks there are, of these customers or of all, by day: "11-28 after/call open"."""
    rows = Task.objects.order_by("due_on", "plan", "step", "key")
    if customers_:
        rows = rows.filter(customer__in=customers_)
    return [
        f"{row.due_on:%m-%d} {row.plan}/{row.step} {row.state}{f' {row.why}' if row.why else ''}"
        for row in rows
    ]
