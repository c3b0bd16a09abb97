"""How many complaints there are of each sort: beside the tabs of the list, and in the rail."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from regulars.audit import Actor
from regulars.audit.decisions import allows, require
from regulars.complaints import access
from regulars.complaints.selectors import sources
from regulars.complaints.selectors.sources import Wanted, Where, Whose
from regulars.tenancy import statements

_OWNED: Final = "c.owner_id = %s"
_OWNED_OR_REVIEWED: Final = "(c.owner_id = %s OR c.reviewer_id = %s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Open complaints that fit: by whose they are, and those of the chosen tab by what they need.

    `store` is None for whom it is the same as `all`.
    """

    all: int
    mine: int
    store: int | None
    late: int
    unowned: int
    waiting: int
    second_round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for somebody: `total` complaints, of them `mine`, `late` and `unowned`.

    A manager's are also the late ones of others, and for all but head office those of the web that
    nobody opened yet.
    """

    total: int
    mine: int
    late: int
    unowned: int


def tally(*, actor: Actor, wanted: Wanted, now: datetime) -> Tally:
    """Count what `wanted` leaves, whoever's and however urgent; one statement. Raises Forbidden."""
    require(actor, access.VIEW)
    where = Where([sources.OPEN])
    base = replace(
        wanted, whose=Whose.ALL, closed=False, late=False, unowned=False, waiting=False,
        second_round=False,
    )  # fmt: skip
    sources.chosen(where, actor, base, now=now)
    sources.narrowed(where, actor, base)
    mine, of_mine = _mine(actor)
    is_guide = actor.scope.own_customers_of is not None
    stores = sources.stores_of(actor.scope, ())
    near: tuple[str, list[Any]] = ("c.store_id = ANY(%s)", [stores]) if is_guide else ("true", [])
    here, of_here = {
        Whose.MINE: (mine, of_mine), Whose.STORE: near, Whose.ALL: ("true", [])
    }[wanted.whose]  # fmt: skip
    sorts: list[tuple[str, list[Any]]] = [
        (mine, of_mine), near,
        (f"{here} AND c.urgent_at <= %s", [*of_here, now]),
        (f"{here} AND c.owner_id IS NULL", of_here),
        (f"{here} AND c.paused_at IS NOT NULL", of_here),
        (f"{here} AND c.round > 1", of_here),
    ]  # fmt: skip
    counted = ", ".join(f"count(*) FILTER (WHERE {sort})" for sort, _ in sorts)
    row = statements.one(
        f"SELECT count(*), {counted} FROM complaints_case c WHERE {where.sql}",
        [*(each for _, params in sorts for each in params), *where.params],
    )
    assert row is not None  # noqa: S101  (a count is one row)
    total, own, of_store, late, unowned, waiting_for, second = row
    return Tally(
        all=total, mine=own, store=of_store if is_guide else None, late=late, unowned=unowned,
        waiting=waiting_for, second_round=second,
    )  # fmt: skip


def waiting(*, actor: Actor, now: datetime) -> Waiting:
    """Count what waits for this person; one statement, none for who handles no complaints."""
    if actor.id is None or not allows(actor, access.HANDLE):
        return Waiting(total=0, mine=0, late=0, unowned=0)
    mine, of_mine = _mine(actor)
    where, reasons = Where([sources.OPEN]), [f"({mine} AND c.paused_at IS NULL)"]
    params: list[Any] = [*of_mine]
    if actor.scope.own_customers_of is not None:
        reasons.append("(c.owner_id IS NULL AND c.store_id = ANY(%s))")
        params.append(sources.stores_of(actor.scope, ()))
    else:
        sources.narrowed(where, actor, Wanted())
        if not actor.scope.everything:
            reasons.append("c.owner_id IS NULL")
        if allows(actor, access.MANAGE):
            reasons.append("c.urgent_at <= %s")
            params.append(now)
    row = statements.one(
        f"SELECT count(*), count(*) FILTER (WHERE {mine}), "
        "count(*) FILTER (WHERE c.urgent_at <= %s), count(*) FILTER (WHERE c.owner_id IS NULL) "
        f"FROM complaints_case c WHERE {where.sql} AND ({' OR '.join(reasons)})",
        [*of_mine, now, *where.params, *params],
    )
    assert row is not None  # noqa: S101  (a count is one row)
    total, own, late, unowned = row
    return Waiting(total=total, mine=own, late=late, unowned=unowned)


def _mine(actor: Actor) -> tuple[str, list[Any]]:
    if actor.scope.own_customers_of is not None:  # a guide looks at nobody's afresh
        return _OWNED, [actor.id]
    return _OWNED_OR_REVIEWED, [actor.id, actor.id]
