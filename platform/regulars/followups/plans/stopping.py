"""Ending tasks that something made pointless: by what is known, whenever it became known.

A plan stops by a purchase, a return, a complaint or the customer's wish if that came after the plan
began (`Task.since`), not after somebody noticed. So the order in which things are heard of does
not matter. Whoever refused to be contacted at all gets no tasks that talk, whatever the plan says.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import batched
from typing import Final, NamedTuple
from uuid import UUID

from regulars import registry
from regulars.customers import consents
from regulars.customers.models import Consent
from regulars.followups.plans import declared, pausing
from regulars.kit.care import Step
from regulars.messages.selectors import people
from regulars.tenancy import statements
from regulars.tenancy.identifiers import first_id

_AT_ONCE: Final = 5_000
_STOP: Final = """
UPDATE followups_task t SET state = 'stopped', why = %(event)s, done_at = %(now)s
WHERE t.state = 'open' AND t.customer_id = ANY(%(ids)s) AND t.plan = ANY(%(plans)s) AND {happened}
"""
_STANDS: Final = """NOT EXISTS (
  SELECT FROM purchases_purchase v WHERE v.original_id = p.id AND v.kind = 'void')"""
# A plan of a purchase stops by the return of that purchase; any other by any return.
_HAPPENED: Final = {
    "purchase.recorded": f"""EXISTS (
  SELECT FROM purchases_purchase p WHERE p.customer_id = t.customer_id AND p.kind = 'sale'
    AND p.occurred_at > t.since AND p.id IS DISTINCT FROM t.source AND {_STANDS})""",
    "purchase.returned": f"""EXISTS (
  SELECT FROM purchases_purchase p WHERE p.customer_id = t.customer_id AND p.kind = 'return'
    AND CASE WHEN t.source_kind LIKE 'purchase.%%' AND t.source_kind <> 'purchase.returned'
      THEN p.original_id = t.source
      ELSE p.occurred_at > t.since AND p.id IS DISTINCT FROM t.source END AND {_STANDS})""",
    "complaint.opened": f"""EXISTS (
  SELECT FROM followups_task m WHERE m.customer_id = t.customer_id AND m.plan = ''
    AND m.step = '{pausing.STEP}' AND m.source_kind = '{pausing.COMPLAINT}'
    AND m.since > t.since)""",
}
_CONCERNED: Final = """
SELECT t.customer_id
FROM followups_task t JOIN purchases_purchase p ON p.customer_id = t.customer_id
WHERE t.state = 'open' AND p.id >= %(first)s AND p.kind IN ('sale', 'return')
UNION
SELECT customer_id FROM customers_consent WHERE id >= %(first)s AND NOT given"""
_TO_TALK: Final = """
SELECT id, customer_id, plan, step, purpose, "do" FROM followups_task
WHERE state = 'open' AND customer_id = ANY(%s) AND purpose <> 'service' AND source_kind <> %s"""
_END: Final = """
UPDATE followups_task SET state = 'stopped', why = %s, done_at = %s
WHERE state = 'open' AND id = ANY(%s)"""
_ASKED: Final = "customer.asked-to-stop"


class _Talk(NamedTuple):
    """An open task that a wish of the customer may stop."""

    id: UUID
    customer_id: UUID
    plan: str
    step: str
    purpose: str
    do: str


def settle(customer_ids: Iterable[UUID], *, now: datetime) -> int:
    """Stop the open tasks of customers that something made pointless; return how many. Idempotent.

    A few statements for each five thousand customers.
    """
    stopped = 0
    for batch in batched(sorted(set(customer_ids)), _AT_ONCE, strict=False):
        ids = list(batch)
        for event, happened in _HAPPENED.items():
            plans = declared.stopped_by(event)
            if plans:
                values = {"event": event, "now": now, "ids": ids, "plans": plans}
                stopped += statements.run(_STOP.format(happened=happened), values)
        stopped += _by_wish(ids, now=now)
    return stopped


def concerned(*, since: datetime) -> set[UUID]:
    """Return whose open tasks something recorded since a moment may stop. One statement.

    Files count: who bought was there, however the receipt reached us.
    """
    return {row[0] for row in statements.every(_CONCERNED, {"first": first_id(since)})}


def _by_wish(ids: list[UUID], *, now: datetime) -> int:
    """Stop what the customer asked not to get. Three statements at most."""
    refused = Consent.objects.filter(customer__in=ids, given=False, purpose__in=("care", "selling"))
    rows = Consent.objects.filter(
        customer__in=refused.values("customer"), purpose__in=("care", "selling")
    )
    said: dict[UUID, list[Consent]] = defaultdict(list)
    for row in rows:
        said[row.customer_id].append(row)
    if not said:
        return 0
    standings = {pk: consents.Standing(each) for pk, each in said.items()}
    tasks = [_Talk(*row) for row in statements.every(_TO_TALK, (list(said), "by-hand"))]
    stops = frozenset(declared.stopped_by(_ASKED))
    over = [each.id for each in tasks if _is_unwanted(each, standings[each.customer_id], stops)]
    return statements.run(_END, (_ASKED, now, over)) if over else 0


def _is_unwanted(task: _Talk, standing: consents.Standing, stops: frozenset[str]) -> bool:
    """Say whether the customer refused it, in every way it could be done."""
    if task.do == "task":  # nobody is contacted: only if the plan wants it so
        return task.plan in stops and standing.given(task.purpose) is False
    channels = _channels(task)
    return bool(channels) and all(
        standing.given(task.purpose, channel) is False for channel in channels
    )


def _channels(task: _Talk) -> set[str]:
    """Return by which channels of consents a step can reach somebody."""
    if task.do == "call":
        return {"call"}
    step: Step | None = declared.of(task.plan, task.step).step
    message = next(
        (each for each in registry.vertical().messages if step and each.key == step.send), None
    )
    if task.do != "message" or message is None:
        return {""}
    return {people.asked_as(channel) for channel in message.channels}
