"""Keeping the rollups up to date: folding what is new, counting again what moved, rebuilding.

Every writer holds the lock of `State`, whose snapshot says which facts are in the rollups. Readers
never wait: they add what is not folded yet by themselves (see selectors.figures).
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from regulars.insights.counting import LIVE, size_for
from regulars.insights.models import CHAIN, Day, Member, Period, Silence, State
from regulars.insights.selectors.reading import REGROUPED
from regulars.insights.services import keeping, locking, writing
from regulars.tenancy import context

_REBUILD_MEMORY: Final = "256MB"
_BEGINNING: Final = """
UPDATE insights_state SET version = version + 1, snapshot = pg_current_snapshot(),
  folder = pg_current_xact_id(), folded_at = %(now)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What a fold took in; `was_busy` when it was not its turn, and nothing was."""

    purchases: int = 0
    postings: int = 0
    was_busy: bool = False


def fold(*, now: datetime, wait: bool = False) -> Folded:
    """Take every committed fact into the rollups, exactly once; quick when there is nothing new.

    Unless told to `wait` it leaves the work to whoever holds the lock.
    """
    with transaction.atomic():
        state = locking.lock(wait=wait)
        if state is None or _has_written():
            return Folded(was_busy=True)
        if state.folded_at is None:
            return _begin(now=now)
        _regroup()
        return _fold(now=now)


def rebuild(*, now: datetime) -> None:
    """Make everything anew from the facts. Minutes at ten million purchases; readers do not wait.

    Periods that were kept stay kept.
    """
    with transaction.atomic():
        locking.lock(wait=True)
        _run(_BEGINNING, {"now": now})
        Member.objects.all().delete()
        _run(f"WITH {LIVE} INSERT INTO insights_member (store_id, group_id) TABLE live")
        groups = known_groups()
        for model in (Day, Period):
            model.objects.exclude(group_id__in=groups).delete()
        _make(groups)


@contextmanager
def recounted(customer_ids: Collection[UUID]) -> Iterator[None]:
    """Keep the figures right while purchases move between customers: a merge, or its undoing.

    Name every customer who loses or gains purchases. The moves happen inside the block, in the
    same transaction::

        with insights.recounted([kept_id, absorbed_id]):
            purchases.reassign(...)
    """
    customers = {"customers": sorted(customer_ids)}
    with transaction.atomic():
        locking.lock(wait=True)
        _run(writing.recount(sign=-1), customers)
        yield
        _run(writing.recount(sign=1), customers)


def reset() -> None:
    """Forget every rollup, as after a restore: the next fold makes them anew."""
    with transaction.atomic():
        for model in (Day, Period, Member, Silence, State):
            model.objects.all().delete()


def _has_written() -> bool:
    """Say whether this very transaction wrote facts: another one has to fold them, later."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM purchases_purchase WHERE tx = pg_current_xact_id()) "
            "OR EXISTS (SELECT FROM points_posting WHERE tx = pg_current_xact_id())"
        )
        return bool(cursor.fetchone()[0])


class _MoreError(Exception):
    """More was fresh than was planned for; nothing of it counts."""


def _fold(*, now: datetime) -> Folded:
    with connection.cursor() as cursor:
        cursor.execute(writing.FRESH)
        size = size_for(max(cursor.fetchone()))
    while True:
        try:
            with transaction.atomic():
                return _fold_at_most(size, now=now)
        except _MoreError:
            size = size_for(size) if size else None


def _fold_at_most(size: int | None, *, now: datetime) -> Folded:
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"now": now, "zone": context.current().time_zone}
        cursor.execute(writing.fold(size=size), parameters)
        purchases, postings = cursor.fetchone()
    if size is not None and max(purchases, postings) >= size:
        raise _MoreError
    return Folded(purchases=purchases, postings=postings)


def _begin(*, now: datetime) -> Folded:
    """Fold for the first time: what is there may be years, so it is made rather than added."""
    rebuild(now=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM purchases_purchase")
        return Folded(purchases=cursor.fetchone()[0])


def _regroup() -> None:
    """Make groups anew whose stores changed: a store moved region, a franchise stopped sharing."""
    with connection.cursor() as cursor:
        cursor.execute(REGROUPED)
        moved = dict(cursor.fetchall())
    if not moved:
        return
    _run(
        f"WITH {LIVE}, gone AS (DELETE FROM insights_member m WHERE NOT EXISTS "
        "(SELECT FROM live WHERE live.store_id = m.store_id AND live.group_id = m.group_id)) "
        "INSERT INTO insights_member (store_id, group_id) TABLE live ON CONFLICT DO NOTHING"
    )
    State.objects.update(version=F("version") + 1)
    groups = {group for group, has_days in moved.items() if has_days}
    if groups:
        _make(groups)


def known_groups() -> set[UUID]:
    """Return every group that has rollups."""
    return set(Member.objects.values_list("group_id", flat=True))


def parts(groups: set[UUID]) -> list[list[UUID]]:
    """Divide groups into stores, regions and the chain: each is a pass over all rows.

    A sort of everything at once would not fit into memory at ten million purchases.
    """
    stores = set(Member.objects.values_list("store_id", flat=True)) - {CHAIN}
    kinds = (groups & stores, groups - stores - {CHAIN}, groups & {CHAIN})
    return [sorted(kind) for kind in kinds if kind]


def _make(groups: set[UUID]) -> None:
    """Make the days and kept periods of these groups from what is folded."""
    Day.objects.filter(group_id__in=groups).delete()
    periods = keeping.kept()
    Period.objects.filter(group_id__in=groups).delete()
    _run(f"SET LOCAL work_mem = '{_REBUILD_MEMORY}'")
    for part in parts(groups):
        _run(writing.MADE, {"groups": part, "zone": context.current().time_zone})
    keeping.fill(periods, groups=groups)


def _run(sql: str, parameters: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
