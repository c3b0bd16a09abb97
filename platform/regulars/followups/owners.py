"""Whose tasks are whose, when customers and people go elsewhere; and how many wait for whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from regulars.tenancy import statements

# What was handed on to a colleague stays with them: it was the guide's who had the customer.
_FOLLOW: Final = """
UPDATE followups_task t SET owner_id = c.owner_id
FROM unnest(%s::uuid[], %s::uuid[]) AS m(id, before)
JOIN customers_customer c ON c.id = m.id
WHERE t.customer_id = m.id AND t.state = 'open' AND t.owner_id IS NOT DISTINCT FROM m.before
  AND t.owner_id IS DISTINCT FROM c.owner_id AND NOT t.facts ? 'handed'"""
_TAKE_OVER: Final = """
UPDATE followups_task t
SET owner_id = coalesce(%s::uuid, nullif(c.owner_id, t.owner_id))
FROM customers_customer c
WHERE c.id = t.customer_id AND t.state = 'open' AND t.owner_id = %s"""
_OPEN: Final = """
SELECT customer_id, count(*), min(due_on) FROM followups_task
WHERE customer_id = ANY(%s) AND state = 'open' GROUP BY customer_id"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many tasks are open with a customer, and when the first is due."""

    tasks: int
    due_on: date


def follow(moved: Sequence[tuple[UUID, UUID | None]]) -> int:
    """Let open tasks follow customers to their guides of now; each comes with who had them before.

    One statement; doing it again changes nothing. Returns how many went along.
    """
    if not moved:
        return 0
    ids, befores = zip(*moved, strict=True)
    return statements.run(_FOLLOW, (list(ids), list(befores)))


def take_over(*, from_id: UUID, to_id: UUID | None) -> int:
    """Give a leaver's open tasks to a successor, else to each customer's guide, else to nobody.

    Also those a colleague had handed on to them. One statement; returns how many.
    """
    return statements.run(_TAKE_OVER, (to_id, from_id))


def waiting_of_many(customer_ids: Collection[UUID]) -> dict[UUID, Waiting]:
    """Return what is planned with customers, in one statement; who has nothing is left out."""
    rows = statements.every(_OPEN, (list(customer_ids),))
    return {pk: Waiting(tasks, due_on) for pk, tasks, due_on in rows}
