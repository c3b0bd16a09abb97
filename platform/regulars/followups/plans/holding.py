"""What plans hold of a customer in a merge, an erasure and a disclosure."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from regulars.followups.models import Task
from regulars.followups.plans import stopping
from regulars.tenancy import statements

# What both have to be done is to be done once; what started the same plan of both keeps its name.
_MOVE: Final = """
UPDATE followups_task t SET customer_id = %(kept)s,
  key = CASE WHEN x.is_named THEN t.key || ':' || %(absorbed)s::text ELSE t.key END,
  state = CASE WHEN x.is_double THEN 'stopped' ELSE t.state END,
  why = CASE WHEN x.is_double THEN 'merged' ELSE t.why END,
  done_at = CASE WHEN x.is_double THEN %(now)s ELSE t.done_at END
FROM (
  SELECT a.id,
    EXISTS (SELECT FROM followups_task k WHERE k.customer_id = %(kept)s
      AND (k.plan, k.step, k.key) = (a.plan, a.step, a.key)) AS is_named,
    a.state = 'open' AND a.plan <> '' AND EXISTS (
      SELECT FROM followups_task k WHERE k.customer_id = %(kept)s AND k.state = 'open'
        AND (k.plan, k.step, k.started_on) = (a.plan, a.step, a.started_on)) AS is_double
  FROM followups_task a WHERE a.customer_id = %(absorbed)s) x
WHERE t.id = x.id RETURNING t.id"""
_BACK: Final = """
UPDATE followups_task t SET customer_id = %(absorbed)s,
  key = replace(t.key, ':' || %(absorbed)s::text, ''),
  state = CASE WHEN t.why = 'merged' THEN 'open' ELSE t.state END,
  why = CASE WHEN t.why = 'merged' THEN '' ELSE t.why END,
  done_at = CASE WHEN t.why = 'merged' THEN NULL ELSE t.done_at END
WHERE t.id = ANY(%(ids)s) AND t.customer_id = %(kept)s"""


def move(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> list[str]:
    """Move the absorbed customer's tasks and pauses; return which. Their purchases have moved.

    What the survivor's purchases and wishes make pointless is stopped.
    """
    rows = statements.every(_MOVE, {"kept": kept_id, "absorbed": absorbed_id, "now": now})
    stopping.settle([kept_id], now=now)
    return [str(row[0]) for row in rows]


def give_back(ids: Collection[str], *, kept_id: UUID, absorbed_id: UUID) -> None:
    """Move back exactly those, and open again what was only double."""
    wanted = [UUID(each) for each in ids]
    statements.run(_BACK, {"kept": kept_id, "absorbed": absorbed_id, "ids": wanted})


def erase(customer_id: UUID) -> None:
    """Take away what was to be done; of what was done only what is counted stays."""
    rows = Task.objects.filter(customer=customer_id)
    rows.exclude(state__in=Task.CLOSED).delete()
    rows.update(answers={}, note="", title="", next_step="", next_on=None, facts={}, source=None)


def disclose(customer_id: UUID) -> list[dict[str, Any]]:
    """Return what was and is to be done with a customer, as JSON-able data."""
    rows = Task.objects.filter(customer=customer_id, state__in=(Task.State.OPEN, *Task.CLOSED))
    return [
        {
            "plan": row.plan,
            "step": row.step,
            "title": row.title,
            "because": row.source_kind,
            "due_on": row.due_on.isoformat(),
            "state": row.state,
            "outcome": row.outcome,
            "answers": row.answers,
            "satisfaction": row.satisfaction,
            "next_step": row.next_step,
            "note": row.note,
            "done_at": row.done_at.isoformat() if row.done_at else None,
        }
        for row in rows.order_by("pk")
    ]
