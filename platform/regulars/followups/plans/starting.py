"""Starting plans: from what happened, to tasks that are due on open days.

Whatever starts a plan names itself (`Start.key`), and a plan's steps are written once for that
name: the same news again, in whatever order and by however many workers, changes nothing.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction

from regulars import registry
from regulars.followups.plans import declared, fitting
from regulars.followups.plans.declared import Running
from regulars.followups.plans.news import Pair, Start
from regulars.followups.plans.open_days import OpenDays
from regulars.kit.care import Step
from regulars.tenancy import statements

LATE: Final = timedelta(days=3)
"""How long after its day a step is still written down when its plan starts late."""
_WISHES: Final = timedelta(days=3)  # after which nobody is congratulated any more
_AT_ONCE: Final = 2_000
_KNOWN: Final = """
SELECT DISTINCT t.customer_id, t.plan, t.key
FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS w(customer_id, plan, key)
JOIN followups_task t
  ON (t.customer_id, t.plan, t.key) = (w.customer_id, w.plan, w.key)"""
# A merge or an erasure, which locks the row for update, comes before this or after it.
_PEOPLE: Final = """
SELECT id, owner_id, home_store_id FROM customers_customer
WHERE id = ANY(%s) AND state = 'active' ORDER BY id FOR KEY SHARE"""
_WRITE: Final = """
INSERT INTO followups_task (
  customer_id, plan, step, key, purpose, "do", source_kind, source, facts, since, started_on,
  due_on, expires_on, owner_id, store_id, title, state, why, outcome, answers, next_step, note)
SELECT u.*, '', 'open', '', '', '{}', '', '' FROM unnest(
  %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::uuid[],
  %s::jsonb[], %s::timestamptz[], %s::date[], %s::date[], %s::date[], %s::uuid[], %s::uuid[]) u
ON CONFLICT (customer_id, plan, step, key) DO NOTHING RETURNING customer_id"""


class Person(NamedTuple):
    """Who cares for a customer, and where."""

    customer_id: UUID
    owner_id: UUID | None
    home_store_id: UUID | None


def start(starts: Iterable[Start], *, now: datetime, days: OpenDays | None = None) -> set[UUID]:
    """Start every plan that is on and meant by some news; return whose tasks are new.

    For little news, in the caller's transaction; much of it goes by `portions`, since each portion
    holds its customers in an order of its own. Call `stopping.settle` for them afterwards, in the
    same transaction.
    """
    touched: set[UUID] = set()
    for pairs in portions(starts):
        touched |= begin(pairs, now=now, days=days)
    return touched


def portions(starts: Iterable[Start]) -> Iterator[tuple[Pair, ...]]:
    """Yield the plans that are on and meant by some news, two thousand at once."""
    plans = declared.running()
    wanted = (
        (each, running)
        for each in starts
        for running in plans.get(each.trigger, ())
        if running.takes(each.recorded_at)
    )
    yield from batched(wanted, _AT_ONCE, strict=False)


@transaction.atomic
def begin(pairs: Sequence[Pair], *, now: datetime, days: OpenDays | None = None) -> set[UUID]:
    """Start the plans of a portion; return whose tasks are new. A few statements.

    A plan whose steps were written for this news before is left as it is; what is long past is
    left out.
    """
    return _start(pairs, days=days or OpenDays(), now=now)


def _start(pairs: Sequence[Pair], *, days: OpenDays, now: datetime) -> set[UUID]:
    known = _known(pairs)
    pairs = [
        (each, running)
        for each, running in pairs
        if (each.customer_id, running.plan.key, each.key) not in known
    ]
    if not pairs:
        return set()
    ids = sorted({each.customer_id for each, _running in pairs})
    people = {row[0]: Person(*row) for row in statements.every(_PEOPLE, (ids,))}
    pairs = [pair for pair in pairs if pair[0].customer_id in people]
    rows = [
        row
        for each, running in fitting.those(pairs, now=now)
        for row in _rows(each, running, people[each.customer_id], days=days, now=now)
    ]
    if not rows:
        return set()
    columns = [list(column) for column in zip(*rows, strict=True)]
    return {row[0] for row in statements.every(_WRITE, columns)}


def _known(pairs: Sequence[Pair]) -> set[tuple[UUID, str, str]]:
    asked = [(each.customer_id, running.plan.key, each.key) for each, running in pairs]
    columns = [list(column) for column in zip(*asked, strict=True)]
    return {(row[0], row[1], row[2]) for row in statements.every(_KNOWN, columns)}


def _rows(
    each: Start, running: Running, person: Person, *, days: OpenDays, now: datetime
) -> Iterator[tuple[object, ...]]:
    """Yield the columns of the tasks of one run of a plan."""
    store_id = person.home_store_id or each.store_id
    today = days.today(store_id, now=now)
    facts = json.dumps(dict(each.facts))
    for step, due, expires in planned(running, on=each.on, store_id=store_id, days=days):
        if due < today - LATE or expires <= today or (step.after < 0 and due < today):
            continue
        yield (
            each.customer_id, running.plan.key, step.key, each.key, running.plan.purpose, step.do,
            each.trigger, each.source, facts, each.since, each.on, due, expires,
            person.owner_id, store_id,
        )  # fmt: skip


def planned(
    running: Running, *, on: date, store_id: UUID | None, days: OpenDays
) -> list[tuple[Step, date, date]]:
    """Return a plan's steps with the day each is due and the day from which it makes no sense.

    That is when the next step is due, or so many days later as the chain allows; wishes for a day
    are not sent long after it.
    """
    allowed = timedelta(days=registry.policy("followups.expire-days"))
    if declared.is_known_day(running.plan.starts) and running.plan.starts.startswith("customer."):
        allowed = min(allowed, _WISHES)
    steps = declared.steps(running.plan)
    dues = [_due(step, on=on, store_id=store_id, days=days) for step in steps]
    found = []
    for place, (step, due) in enumerate(zip(steps, dues, strict=True)):
        later = [each for each in dues[place + 1 :] if each > due]
        found.append((step, due, min([due + allowed, *later])))
    return found


def _due(step: Step, *, on: date, store_id: UUID | None, days: OpenDays) -> date:
    day = on + timedelta(days=step.after)
    if step.after < 0:
        return days.before(store_id, day, known_day=on)
    return days.on_or_after(store_id, day)
