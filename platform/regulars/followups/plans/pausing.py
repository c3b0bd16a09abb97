"""Care rests while a customer has something to complain of; service goes on (C1, Q2).

A pause is a row of the tasks' table with the state "pause": `key` says why, so that two complaints
are two pauses, and care goes on when the last has ended. What came due meanwhile is due on the next
day the store opens. A pause that has ended stays: it also says that a complaint was made then.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from regulars.customers.selectors import visibility
from regulars.followups.models import Task
from regulars.followups.plans.open_days import OpenDays
from regulars.tenancy import context, statements

STEP: Final = "pause"
COMPLAINT: Final = "complaint.opened"
IS_PAUSED: Final = """EXISTS (SELECT FROM followups_task m WHERE m.customer_id = t.customer_id
  AND m.plan = '' AND m.step = 'pause' AND m.state = 'pause' AND t.purpose <> 'service')"""
"""The condition that a task ``t`` rests."""
_PAUSE: Final = """
INSERT INTO followups_task AS m (
  customer_id, plan, step, key, purpose, "do", source_kind, source, facts, since, started_on,
  due_on, expires_on, title, state, why, outcome, answers, next_step, note)
SELECT c.id, '', 'pause', %(why)s, '', '', %(event)s, %(source)s, '{}', %(now)s, d.today,
  d.today, d.today, '', 'pause', '', '', '{}', '', ''
FROM customers_customer c LEFT JOIN stores_store s ON s.id = c.home_store_id
CROSS JOIN LATERAL (
  SELECT (%(now)s::timestamptz AT TIME ZONE coalesce(s.time_zone, %(zone)s))::date AS today) d
WHERE c.state = 'active' AND c.id = %(customer)s
ON CONFLICT (customer_id, plan, step, key) DO UPDATE
  SET state = 'pause', done_at = NULL, since = excluded.since WHERE m.state = 'resumed'"""
_HOLD: Final = """
SELECT id FROM customers_customer WHERE id = %s AND state = 'active' FOR KEY SHARE"""
_TURNS: Final = 3  # more merges at once than anybody makes
_RESUME: Final = """
UPDATE followups_task SET state = 'resumed', done_at = %s
WHERE customer_id = %s AND plan = '' AND step = 'pause' AND key = %s AND state = 'pause'"""


@transaction.atomic
def pause(
    customer_id: UUID,
    why: str,
    now: datetime,
    *,
    event: str = COMPLAINT,
    source: UUID | None = None,
) -> bool:
    """Let care and selling of a customer rest; say whether they did not for this reason already.

    `why` names the reason for good, such as ``complaint:<id>``. Idempotent. Of a customer who was
    merged meanwhile it is the survivor's care that rests.
    """
    values = {
        "customer": held(customer_id),
        "why": why,
        "event": event,
        "source": source,
        "now": now,
        "zone": context.current().time_zone,
    }
    return bool(statements.run(_PAUSE, values))


@transaction.atomic
def resume(customer_id: UUID, why: str, now: datetime) -> bool:
    """End a pause; say whether there was one. What came due meanwhile is due from now on."""
    customer_id = held(customer_id)
    if not statements.run(_RESUME, (now, customer_id, why)):
        return False
    if not is_paused(customer_id):
        _go_on(customer_id, now=now)
    return True


def is_paused(customer_id: UUID) -> bool:
    """Say whether care of a customer rests."""
    return _pauses(customer_id).exists()


def held(customer_id: UUID) -> UUID:
    """Hold a customer, or who they became part of, against merging until the transaction ends.

    Returns whom it concerns. Who is merged between the look and the hold is looked for again: a
    survivor is seen once their merge is over.
    """
    for _turn in range(_TURNS):
        found = visibility.survivor_of(customer_id).first() or customer_id
        if statements.every(_HOLD, (found,)):
            return found
    return customer_id


def _pauses(customer_id: UUID) -> QuerySet[Task]:
    return Task.objects.filter(customer=customer_id, plan="", step=STEP, state=Task.State.PAUSE)


def _go_on(customer_id: UUID, *, now: datetime) -> None:
    days = OpenDays()
    tasks = Task.objects.select_for_update().filter(customer=customer_id, state=Task.State.OPEN)
    for task in tasks.exclude(purpose="service").order_by("pk"):
        due = days.on_or_after(task.store_id, days.today(task.store_id, now=now))
        if task.due_on < due:
            task.expires_on += due - task.due_on
            task.due_on = due
            task.save(update_fields=["due_on", "expires_on"])
