"""Whom to care for: tasks within what somebody sees, a page at a time.

A guide sees what is theirs to do, and what somebody is to do with a customer of theirs; managers
see the tasks with customers of their stores.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from regulars.audit import Actor, Scope
from regulars.audit.decisions import require
from regulars.customers import today
from regulars.customers.selectors import rows, visibility
from regulars.customers.selectors.rows import Listed
from regulars.customers.today import Days
from regulars.errors import NotFound
from regulars.followups.models import Task
from regulars.followups.plans.pausing import IS_PAUSED
from regulars.tenancy import context

VIEW: Final = "care.view"
TASKS: Final = (Task.State.OPEN, *Task.CLOSED)
NOBODY: Final = UUID(int=0)
"""In place of a guide or a store: tasks that have none."""


class Mark(NamedTuple):
    """Where a page ended: the next begins after it."""

    due_on: date
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What narrows a list of tasks. `first` and `last` bound the day they are due.

    `states` empty means all of them. NOBODY as owner or store finds what has none.
    """

    owner_id: UUID | None = None
    store_ids: Collection[UUID] = ()
    plan: str | None = None
    first: date | None = None
    last: date | None = None
    overdue: bool = False
    escalated: bool = False
    states: Collection[str] = (Task.State.OPEN,)
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One task as lists show it, with its customer; the fields are those of `models.Task`."""

    id: UUID
    plan: str
    step: str
    title: str
    purpose: str
    do: str
    source_kind: str
    source: UUID | None
    facts: dict[str, Any]
    since: datetime
    started_on: date
    due_on: date
    expires_on: date
    not_before: datetime | None
    state: str
    why: str
    owner_id: UUID | None
    owner_name: str | None
    store_id: UUID | None
    attempts: int
    escalated_at: datetime | None
    outcome: str
    answers: dict[str, Any]
    satisfaction: int | None
    next_step: str
    next_on: date | None
    note: str
    done_at: datetime | None
    done_by_id: UUID | None
    done_by_name: str | None
    contact_id: UUID | None
    is_paused: bool
    customer: Listed
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page, by the day tasks are due; `after` leads to the next and is None at the end."""

    items: list[Item]
    after: Mark | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is to do: due today, overdue, done today, shown to the manager."""

    due: int
    overdue: int
    done: int
    escalated: int


_TODAY: Final = """coalesce((SELECT h.today FROM unnest(%s::uuid[], %s::date[]) AS h(store, today)
  WHERE h.store = t.store_id), %s::date)"""
_COLUMNS: Final = f"""
t.id, t.plan, t.step, t.title, t.purpose, t."do", t.source_kind, t.source, t.facts::text, t.since,
t.started_on, t.due_on, t.expires_on, t.not_before, t.state, t.why, t.owner_id, w.name, t.store_id,
t.attempts, t.escalated_at, t.outcome, t.answers::text, t.satisfaction, t.next_step, t.next_on,
t.note, t.done_at, t.done_by_id, d.name, t.contact_id, {IS_PAUSED}"""
_ITEMS: Final = f"""
SELECT {_COLUMNS}, {rows.COLUMNS}
FROM followups_task t JOIN ({rows.SOURCE}) ON c.id = t.customer_id
LEFT JOIN staff_staff w ON w.id = t.owner_id
LEFT JOIN staff_staff d ON d.id = t.done_by_id
WHERE {{where}} ORDER BY t.due_on {{order}}, t.id {{order}} LIMIT {{limit}}"""
_COUNTS: Final = f"""
SELECT
  count(*) FILTER (WHERE t.due_on = x.today AND NOT x.rests),
  count(*) FILTER (WHERE t.due_on < x.today AND NOT x.rests),
  count(*) FILTER (WHERE t.escalated_at IS NOT NULL AND NOT x.rests)
FROM followups_task t JOIN customers_customer c ON c.id = t.customer_id
CROSS JOIN LATERAL (SELECT {_TODAY} AS today, {IS_PAUSED} AS rests OFFSET 0) x
WHERE {{where}} AND t.due_on <= %s"""
# Done since midnight of the task's store, wherever head office is.
_DONE: Final = """
SELECT count(*) FROM followups_task t JOIN customers_customer c ON c.id = t.customer_id
LEFT JOIN stores_store s ON s.id = t.store_id
CROSS JOIN LATERAL (SELECT coalesce(s.time_zone, %s) AS zone) z
WHERE {where} AND t.done_at > %s::timestamptz - interval '25 hours'
  AND (t.done_at AT TIME ZONE z.zone)::date = (%s::timestamptz AT TIME ZONE z.zone)::date"""


def page(
    *, actor: Actor, wanted: Wanted, now: datetime, after: Mark | None = None, limit: int = 50
) -> Page:
    """Return a page of tasks within the actor's scope, in two statements. Raises Forbidden."""
    require(actor, VIEW)
    days = today.by_store(now=now)
    where, values = _where(actor, wanted, days)
    if after is not None:
        where.append("(t.due_on, t.id) > (%s, %s)")
        values += [*after]
    found = _items(where, values, days=days, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    return Page(found, Mark(found[-1].due_on, found[-1].id) if more else None)


def counts(*, actor: Actor, wanted: Wanted, now: datetime) -> Counts:
    """Count what is to be done, overdue, done today and shown to the manager. Three statements.

    Of `wanted` only whose, where, which plan and which customer counts. Raises Forbidden.
    """
    require(actor, VIEW)
    days = today.by_store(now=now)
    asked = replace(wanted, first=None, last=None, overdue=False, escalated=False)
    where, values = _where(actor, replace(asked, states=(Task.State.OPEN,)), days)
    stores = [*_others(days), days.chain]
    statement = _COUNTS.format(where=" AND ".join(where))
    (due, overdue, escalated), *_ = rows.anew(statement, [*stores, *values, days.every[-1]])
    asked = replace(asked, states=(Task.State.DONE,))
    where, values = _where(actor, asked, days, sees=_seen_figures)
    zone = context.current().time_zone
    statement = _DONE.format(where=" AND ".join(where))
    (done,), *_ = rows.anew(statement, [zone, *values, now, now])
    return Counts(due=due, overdue=overdue, done=done, escalated=escalated)


def get(*, actor: Actor, task_id: UUID, now: datetime) -> Item:
    """Return one task in whatever state, in two statements.

    Raises Forbidden, and NotFound alike for what does not exist and what is not theirs to see.
    """
    require(actor, VIEW)
    days = today.by_store(now=now)
    where, values = _where(actor, Wanted(states=TASKS), days, sees=_seen_one)
    found = _items([*where, "t.id = %s"], [*values, task_id], days=days, limit=1)
    if not found:
        raise NotFound
    return found[0]


def of_customer(
    *,
    actor: Actor,
    customer_id: UUID,
    now: datetime,
    states: Collection[str] = TASKS,
    limit: int = 20,
) -> list[Item]:
    """Return a customer's tasks, those due last first, in two statements. Raises Forbidden."""
    require(actor, VIEW)
    days = today.by_store(now=now)
    wanted = Wanted(customer_id=customer_id, states=states)
    where, values = _where(actor, wanted, days, sees=_seen_one)
    return _items(where, values, days=days, limit=limit, order="DESC")


def helping(actor: Actor, item: Item) -> Actor:
    """Return the actor with the customer of their own task in reach, also a colleague's customer.

    Whoever was asked to do something with a customer of their stores may see and contact them for
    it, until it is done.
    """
    home = item.customer.home_store_id
    seen = visibility.reaches(actor.scope)(item.customer.owner_id, home)
    is_asked = actor.id is not None and item.owner_id == actor.id
    if seen or not is_asked or item.state != Task.State.OPEN or home is None:
        return actor
    if not actor.scope.covers(home):
        return actor
    there = replace(
        actor.scope, everything=False, own_customers_of=None, store_ids=frozenset([home])
    )
    return replace(actor, scope=there)


type Seen = tuple[list[str], list[Any]]


def _where(
    actor: Actor, wanted: Wanted, days: Days, *, sees: Callable[[Scope], Seen] | None = None
) -> Seen:
    """Return the conditions on the task ``t`` and its customer ``c``, with their values.

    `sees` says what of the chain's tasks a scope reaches, else it is what lists show.
    """
    states = [*(wanted.states or TASKS)]
    where = [f"t.state IN ({', '.join(['%s'] * len(states))})"]
    values: list[Any] = [*states]
    seen, more = (sees or _seen_in_lists)(actor.scope)
    where += seen
    values += more
    if wanted.owner_id == NOBODY:
        where.append("t.owner_id IS NULL")
    elif wanted.owner_id is not None:
        where.append("t.owner_id = %s")
        values.append(wanted.owner_id)
    for column, value in (
        ("t.plan =", wanted.plan),
        ("t.customer_id =", wanted.customer_id),
        ("t.due_on >=", wanted.first),
        ("t.due_on <=", wanted.last),
    ):
        if value is not None:
            where.append(f"{column} %s")
            values.append(value)
    if NOBODY in wanted.store_ids:
        where.append("t.store_id IS NULL")
    elif wanted.store_ids:
        where.append(_in_stores(wanted.store_ids))
        values.append(_stores(wanted.store_ids))
    if wanted.escalated:
        where.append("t.escalated_at IS NOT NULL")
    if wanted.overdue:
        where.append(f"t.due_on < %s AND t.due_on < {_TODAY} AND NOT {IS_PAUSED}")
        values += [days.every[-1], *_others(days), days.chain]
    return where, values


# What a colleague asked a guide to do reaches the customer until it is done, within their stores.
_ASKED: Final = """(t.state = 'open' AND t.owner_id = %s
  AND (c.home_store_id IS NULL OR c.home_store_id = ANY(%s)))"""


def _seen_one(scope: Scope) -> Seen:
    """Return what somebody may open: what is done with customers of theirs, whoever does it."""
    mine = scope.own_customers_of
    if mine is None:
        within, values = visibility.within_sql(scope)
        return [within], values
    seen = f"c.state = 'active' AND (c.owner_id = %s OR {_ASKED})"
    return [seen], [mine, mine, _near(scope)]


def _seen_in_lists(scope: Scope) -> Seen:
    """Return what lists show: what is a guide's to do, and the tasks of a manager's stores."""
    if scope.own_customers_of is not None:
        where, values = _seen_one(scope)
        return ["t.owner_id = %s", *where], [scope.own_customers_of, *values]
    within, values = visibility.within_sql(scope)
    if scope.everything:
        return [within], values
    # The second says the same once tasks have followed their customers, and is what is indexed.
    return [within, _in_stores(scope.store_ids)], [*values, _stores(scope.store_ids)]


def _seen_figures(scope: Scope) -> Seen:
    """Return what is counted as done: of a guide's also what they did for a colleague."""
    if scope.own_customers_of is not None:
        return ["c.state = 'active' AND t.owner_id = %s"], [scope.own_customers_of]
    return _seen_in_lists(scope)


def _near(scope: Scope) -> list[UUID]:
    return sorted(scope.store_ids - scope.withheld_customers)


def _in_stores(store_ids: Collection[UUID]) -> str:
    # Of one store the index gives tasks in the order of a list; of several they are sorted.
    return "t.store_id = %s" if len(store_ids) == 1 else "t.store_id = ANY(%s)"


def _stores(store_ids: Collection[UUID]) -> UUID | list[UUID]:
    return next(iter(store_ids)) if len(store_ids) == 1 else sorted(store_ids)


def _others(days: Days) -> list[Any]:
    return [list(days.others), list(days.others.values())]


def _items(
    where: Sequence[str],
    values: Sequence[Any],
    *,
    days: Days,
    limit: int,
    order: str = "ASC",
) -> list[Item]:
    statement = _ITEMS.format(where=" AND ".join(where), order=order, limit=int(limit))
    return [_item(row, days) for row in rows.anew(statement, values)]


def _item(row: Sequence[Any], days: Days) -> Item:
    own, person = list(row[:_OWN]), Listed(*row[_OWN:])
    for place in _JSON:
        own[place] = json.loads(own[place])
    is_late = own[_STATE] == Task.State.OPEN and own[_DUE_ON] < days.at(own[_STORE])
    return Item(*[*own, person, is_late and not own[_PAUSED]])


_NAMES: Final = [each.name for each in fields(Item)]
_OWN: Final = _NAMES.index("customer")
_JSON: Final = (_NAMES.index("facts"), _NAMES.index("answers"))
_STATE: Final = _NAMES.index("state")
_DUE_ON: Final = _NAMES.index("due_on")
_STORE: Final = _NAMES.index("store_id")
_PAUSED: Final = _NAMES.index("is_paused")
