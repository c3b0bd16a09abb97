"""What nobody did: it is shown to the store's manager, and one day makes no sense any more.

Days are those of the task's store. What rests because of a complaint is neither late nor over.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from datetime import datetime
from typing import Any, Final

from regulars import registry
from regulars.customers import today
from regulars.followups.plans.pausing import IS_PAUSED
from regulars.tenancy import statements

TODAY: Final = """coalesce((SELECT h.today
  FROM unnest(%(stores)s::uuid[], %(todays)s::date[]) AS h(store, today)
  WHERE h.store = t.store_id), %(today)s::date)"""
"""What day it is in the store of a task ``t``; see `todays`."""
_EXPIRE: Final = f"""
UPDATE followups_task t SET state = 'skipped', why = 'expired', done_at = %(now)s
WHERE t.state = 'open' AND t.due_on < %(latest)s::date AND t.expires_on <= {TODAY}
  AND NOT {IS_PAUSED}"""
_ESCALATE: Final = f"""
UPDATE followups_task t SET escalated_at = %(now)s
WHERE t.state = 'open' AND t.escalated_at IS NULL AND t.due_on < %(latest)s::date
  AND t.due_on + %(days)s::int <= {TODAY} AND NOT {IS_PAUSED}"""


def expire(*, now: datetime) -> int:
    """Leave out what nobody did in time; return how many. One statement."""
    return statements.run(_EXPIRE, todays(now))


def escalate(*, now: datetime) -> int:
    """Show store managers what has been overdue for as long as the chain allows; return how many.

    One statement; each task is shown once, until it is handed on.
    """
    return statements.run(
        _ESCALATE, {**todays(now), "days": registry.policy("followups.escalate-days")}
    )


def todays(now: datetime) -> dict[str, Any]:
    """Return the parameters that TODAY needs, and the moment as ``now``. One statement."""
    days = today.by_store(now=now)
    return {
        "now": now,
        "today": days.chain,
        "latest": days.every[-1],
        "stores": list(days.others),
        "todays": list(days.others.values()),
    }
