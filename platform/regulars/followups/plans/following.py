"""Open tasks follow their customers: to another guide or store, and out of the chain.

`followups.owners` moves them at once when customers are handed over; here is what else gives a
customer a guide or a store, such as the first purchase or a merge.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from regulars.followups.plans import declared
from regulars.followups.plans.escalating import TODAY, todays
from regulars.tenancy import statements

HANDED: Final = "handed"
"""Among a task's facts: a colleague was asked to do it, so it stays there, unless the customer
goes to another store."""
_AWAY: Final = "t.store_id IS DISTINCT FROM coalesce(c.home_store_id, t.store_id)"
_FOLLOW: Final = f"""
UPDATE followups_task t
SET owner_id = CASE WHEN t.facts ? 'handed' AND NOT {_AWAY} THEN t.owner_id ELSE c.owner_id END,
  facts = CASE WHEN {_AWAY} THEN t.facts - 'handed' ELSE t.facts END,
  store_id = coalesce(c.home_store_id, t.store_id)
FROM customers_customer c
WHERE c.changed_at >= %s AND t.customer_id = c.id AND t.state = 'open'
  AND (t.owner_id IS DISTINCT FROM c.owner_id AND NOT t.facts ? 'handed'
    OR {_AWAY})"""
_GONE: Final = """
DELETE FROM followups_task t WHERE t.state = 'open'
  AND NOT EXISTS (SELECT FROM customers_customer c
    WHERE c.id = t.customer_id AND c.state = 'active')"""
# A day that was changed or taken out of the file is no longer a reason; one that went by is.
_CHANGED: Final = f"""
UPDATE followups_task t SET state = 'stopped', why = 'day-changed', done_at = %(now)s
WHERE t.state = 'open' AND t.started_on > {TODAY} AND t.source_kind = ANY(%(kinds)s)
  AND NOT EXISTS (SELECT FROM customers_lifeevent e WHERE e.id = t.source
    AND e.customer_id = t.customer_id AND e.next_on = t.started_on)
  AND NOT EXISTS (SELECT FROM followups_occasion o WHERE o.customer_id = t.customer_id
    AND o.kind = t.source_kind AND o.source = t.source AND o.next_on = t.started_on)"""


def follow(*, since: datetime) -> int:
    """Give open tasks to the guides and stores whose customers theirs have become since a moment.

    One statement. Returns how many moved; a task handed to a colleague stays with them.
    """
    return statements.run(_FOLLOW, (since,))


def tidy(*, now: datetime) -> None:
    """End the tasks of customers who are gone, and for days that were changed."""
    statements.run(_GONE)
    kinds: Sequence[str] = [each for each in declared.running() if declared.is_known_day(each)]
    if kinds:
        statements.run(_CHANGED, {**todays(now), "kinds": list(kinds)})
