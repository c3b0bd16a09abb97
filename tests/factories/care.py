"""Follow-ups as plans leave them behind, written straight into their table."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from regulars.followups.models import Task
from regulars.tenancy.identifiers import new_id

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
_keys = count(1)


def task(*, customer_id: Any, due_on: date, **facts: Any) -> Task:
    """Describe an open call of the birthday plan; nothing is written."""
    values = {
        "plan": "birthday",
        "step": "greet",
        "key": f"test:{next(_keys)}",
        "purpose": "care",
        "do": "call",
        "source_kind": "customer.birthday",
        "since": datetime.combine(due_on, time(), UTC),
        "started_on": due_on,
        "expires_on": due_on + timedelta(days=30),
        **facts,
    }
    return Task(id=new_id(), customer_id=customer_id, due_on=due_on, **values)


def done(*, customer_id: Any, at: datetime = NOW, due_on: date | None = None, **facts: Any) -> Task:
    """Describe a call that reached the customer; nothing is written."""
    values = {"state": "done", "outcome": "reached", "done_at": at, **facts}
    return task(customer_id=customer_id, due_on=due_on or at.date(), **values)


def write(tasks: Iterable[Task]) -> list[Task]:
    """Write follow-ups."""
    return Task.objects.bulk_create(list(tasks))
