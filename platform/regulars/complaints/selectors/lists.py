"""Lists of complaints by urgency, the board, and what stands beside their names as figures."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.functional import Promise

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.complaints import access, timing
from regulars.complaints.models import Case
from regulars.complaints.selectors import sources
from regulars.complaints.selectors.approvals import count_to_approve
from regulars.complaints.selectors.sources import Mark, Wanted, Where, Whose
from regulars.tenancy import statements

__all__ = ["Column", "Counts", "Item", "Mark", "Page", "Wanted", "Whose", "board", "counts", "page"]
_MOST: Final = 200
_COLUMNS: Final = tuple(state for state in Case.State if state is not Case.State.CLOSED)


@dataclass(frozen=True, slots=True)
class Item:
    """One complaint as lists show it; its store, people and customer are read already."""

    case: Case
    due_at: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `after` leads to the next and is None at the end."""

    items: list[Item]
    after: Mark | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One state of the board: how many there are, and the most urgent of them."""

    state: str
    label: str | Promise
    count: int
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Counts:
    """What there is to do. `mine` are those whose next step is the actor's.

    `to_approve` are remedies, `unowned` complaints of the web that nobody opened yet.
    """

    open: int
    late: int
    mine: int
    to_approve: int
    unowned: int


def page(
    *,
    actor: Actor,
    wanted: Wanted,
    now: datetime,
    after: Mark | None = None,
    limit: int = 50,
) -> Page:
    """Return one page, the first clock to run out first; two statements. Raises Forbidden."""
    require(actor, access.VIEW)
    size = max(1, min(limit, _MOST))
    asked = sources.ids(actor, wanted, after=after, limit=size + 1, now=now)
    found = statements.every(asked.sql, asked.params)
    marks = [Mark(at, pk) for pk, at in found[:size]]
    items = _items([mark.id for mark in marks], now=now)
    more = marks[-1] if len(found) > size else None
    return Page([items[mark.id] for mark in marks if mark.id in items], more)


def board(*, actor: Actor, wanted: Wanted, now: datetime, limit: int = 10) -> list[Column]:
    """Return a column for each state that is not the end; two statements. Raises Forbidden."""
    require(actor, access.VIEW)
    where = _open(actor, wanted, now=now)
    ranked = (
        "SELECT c.id, c.state, count(*) OVER states, row_number() OVER "
        "(PARTITION BY c.state ORDER BY c.urgent_at, c.id) AS place "
        f"FROM complaints_case c WHERE {where.sql} WINDOW states AS (PARTITION BY c.state)"
    )
    found = statements.every(
        f"SELECT * FROM ({ranked}) x WHERE place <= %s ORDER BY place",
        [*where.params, max(1, min(limit, _MOST))],
    )
    items = _items([row[0] for row in found], now=now)
    return [
        Column(
            state,
            state.label,
            next((count for _, at, count, _ in found if at == state), 0),
            [items[pk] for pk, at, *_ in found if at == state and pk in items],
        )
        for state in _COLUMNS
    ]


def counts(*, actor: Actor, now: datetime) -> Counts:
    """Return the figures of everything the actor sees; two statements. Raises Forbidden."""
    require(actor, access.VIEW)
    where = _open(actor, Wanted(), now=now)
    row = statements.one(
        "SELECT count(*), count(*) FILTER (WHERE c.urgent_at <= %s), "
        "count(*) FILTER (WHERE (c.owner_id = %s OR c.reviewer_id = %s) AND c.paused_at IS NULL), "
        f"count(*) FILTER (WHERE c.owner_id IS NULL) FROM complaints_case c WHERE {where.sql}",
        [now, actor.id, actor.id, *where.params],
    )
    assert row is not None  # noqa: S101  (a count is one row)
    total, late, mine, unowned = row
    return Counts(
        open=total, late=late, mine=mine, to_approve=count_to_approve(actor), unowned=unowned
    )


def _open(actor: Actor, wanted: Wanted, *, now: datetime) -> Where:
    where = Where([sources.OPEN])
    sources.chosen(where, actor, wanted, now=now)
    sources.narrowed(where, actor, wanted)
    return where


def _items(ids: Iterable[UUID], *, now: datetime) -> dict[UUID, Item]:
    rows = sources.CASES.filter(pk__in=list(ids))
    return {
        row.pk: Item(
            row,
            None if row.urgent_at == timing.NEVER else row.urgent_at,
            row.urgent_at <= now,
        )
        for row in rows
    }
