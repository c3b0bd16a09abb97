"""Who is behind: open tasks by guide and by store, for whoever answers for them."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from regulars.audit import Actor, Scope
from regulars.audit.decisions import require
from regulars.followups.plans.selectors import NOBODY
from regulars.tenancy import context, statements

_FARTHEST: Final = timedelta(hours=14)  # that a store's clock is ahead of UTC, anywhere
# Of very many tasks: the few customers whose care rests are read once, from an index of their own.
_GOES_ON: Final = """(t.purpose = 'service' OR t.customer_id NOT IN (
  SELECT m.customer_id FROM followups_task m
  WHERE m.state = 'pause' AND m.plan = '' AND m.step = 'pause'))"""
# What is open up to today, and what was done today; today is that of the task's store, looked up
# once for each store: tasks are counted by the day they are due first. As `selectors.counts`, it
# leaves out the tasks of customers whose care rests.
_COUNTED: Final = statements.squeezed(f"""
WITH day AS MATERIALIZED (
  SELECT s.id AS store_id, s.time_zone AS zone, (%s::timestamptz AT TIME ZONE s.time_zone)::date
    AS today FROM stores_store s
)
SELECT g.place, coalesce(n.name, ''), sum(g.overdue)::int, sum(g.due)::int, sum(g.escalated)::int,
  sum(g.done)::int
FROM (
  SELECT o.place, CASE WHEN o.due_on < o.today THEN o.tasks ELSE 0 END AS overdue,
    CASE WHEN o.due_on = o.today THEN o.tasks ELSE 0 END AS due,
    CASE WHEN o.due_on <= o.today THEN o.told ELSE 0 END AS escalated, 0 AS done
  FROM (
    SELECT c.*, coalesce(d.today, %s::date) AS today
    FROM (
      SELECT t.{{place}} AS place, t.store_id AS of_store, t.due_on, count(*) AS tasks,
        count(t.escalated_at) AS told
      FROM followups_task t
      WHERE t.state = 'open' AND t.due_on <= %s AND {_GOES_ON} AND {{where}}
      GROUP BY 1, 2, 3) c LEFT JOIN day d ON d.store_id = c.of_store) o
  WHERE o.due_on <= o.today
  UNION ALL
  SELECT t.{{doer}}, 0, 0, 0, 1
  FROM followups_task t LEFT JOIN day d ON d.store_id = t.store_id
  WHERE t.state = 'done' AND t.done_at > %s::timestamptz - interval '25 hours'
    AND (t.done_at AT TIME ZONE coalesce(d.zone, %s))::date = coalesce(d.today, %s::date)
    AND {{where}}) g
LEFT JOIN {{names}} n ON n.id = g.place
GROUP BY g.place, n.name ORDER BY 3 DESC, 4 DESC, 2, 1""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What lies before a guide, or a store: due and overdue now, told to the manager, done today.

    Without an id it is what belongs to nobody.
    """

    id: UUID | None
    name: str
    overdue: int
    due: int
    escalated: int
    done: int


def by_guide(*, actor: Actor, store_id: UUID | None, now: datetime) -> list[Behind]:
    """Return the guides of one store, or of the actor's scope, who is most behind first.

    NOBODY as the store: of what belongs to none. One statement. Raises Forbidden.
    """
    return _read(actor, "owner_id", "done_by_id", "staff_staff", store_id, now)


def by_store(*, actor: Actor, now: datetime) -> list[Behind]:
    """Return the stores of the actor's scope, the one most behind first. One statement.

    Raises Forbidden.
    """
    return _read(actor, "store_id", "store_id", "stores_store", None, now)


def _read(
    actor: Actor, place: str, doer: str, names: str, store_id: UUID | None, now: datetime
) -> list[Behind]:
    require(actor, "care.manage")
    where, values = _within(actor.scope)
    if store_id == NOBODY:
        where = f"{where} AND t.store_id IS NULL"
    elif store_id is not None:
        where, values = f"{where} AND t.store_id = %s", [*values, store_id]
    chain = context.current()
    here = now.astimezone(chain.zone).date()
    sql = _COUNTED.format(place=place, doer=doer, names=names, where=where)
    # No store is further; with it the index ends where the days to come begin.
    latest = (now.astimezone(UTC) + _FARTHEST).date()
    given: list[Any] = [now, here, latest, *values, now, chain.time_zone, here, *values]
    return [
        Behind(id=pk, name=name, overdue=overdue, due=due, escalated=escalated, done=done)
        for pk, name, overdue, due, escalated, done in statements.every(sql, given)
    ]


def _within(scope: Scope) -> tuple[str, list[object]]:
    if not scope.everything:
        return "t.store_id = ANY(%s)", [sorted(scope.store_ids - scope.withheld_customers)]
    if scope.withheld_customers:
        held = sorted(scope.withheld_customers)
        return "(t.store_id IS NULL OR t.store_id <> ALL(%s))", [held]
    return "TRUE", []
