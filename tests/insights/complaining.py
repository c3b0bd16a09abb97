"""Complaints written straight into their tables, and their figures counted slowly in Python."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from regulars.complaints.models import Case, Entry
from regulars.insights.periods import Days
from regulars.insights.selectors.complaints import Counted
from regulars.tenancy.identifiers import new_id

_numbers = count(1)


def case(*, store_id: Any, at: datetime, text: str = "", **facts: Any) -> tuple[Case, list[Entry]]:
    """Describe a complaint and what was said first; nothing is written.

    `reopened` and `second` (a round) are told as steps of it.
    """
    steps = [("opened", text)] if text else []
    for kind, name in (("reopened", "reopened"), ("second", "unsatisfied")):
        if facts.pop(kind, False):
            steps.append((name, ""))
            facts["round"] = 2
    values = {
        "number": f"C{next(_numbers)}", "raised": "counter", "title": "It broke",
        "severity": "medium", "open_items": 0, "urgent_at": at, **facts,
    }  # fmt: skip
    made = Case(id=new_id(), store_id=store_id, opened_at=at, **values)
    entries = [
        Entry(id=new_id(), case=made, kind=kind, at=at, text=said, data={}) for kind, said in steps
    ]
    return made, entries


def closed(*, at: datetime, satisfied: bool | None, over: datetime, **facts: Any) -> Any:
    """Describe a complaint that is over."""
    ended = {True: "satisfied", False: "unsatisfied", None: "withdrawn"}[satisfied]
    over_as = {"state": "closed", "ended": ended, "closed_at": over, "resolved_at": over}
    return case(at=at, satisfied=satisfied, **{"owner_id": new_id(), **over_as, **facts})


def write(made: Iterable[tuple[Case, list[Entry]]]) -> list[Case]:
    """Write complaints with their steps."""
    some = list(made)
    cases = Case.objects.bulk_create([each for each, _steps in some])
    Entry.objects.bulk_create([step for _each, steps in some for step in steps])
    return cases


def counts(each: Case) -> bool:
    """Say whether it is a complaint at all."""
    return each.ended not in ("spam", "duplicate")


def day_of(each: Case, zones: dict[UUID, str]) -> Any:
    """Return the day it was raised, in the zone of its store."""
    return each.opened_at.astimezone(ZoneInfo(zones[each.store_id])).date()


def is_late(each: Case, now: datetime) -> bool:
    """Say whether it was settled late, or is late to be."""
    if each.resolve_due_at is None:
        return False
    until = each.resolved_at or each.paused_at or now
    return each.resolve_due_at < until


def slow(
    cases: Iterable[Case],
    steps: Sequence[Entry],
    *,
    stores: Collection[UUID],
    zones: dict[UUID, str],
    days: Days,
    now: datetime,
    key: Callable[[Case], Any] = lambda _each: "",
) -> dict[Any, Counted]:
    """Count complaints the slow and obvious way, by whatever `key` says."""
    happened = Counter((each.case_id, each.kind) for each in steps)
    found: dict[Any, list[Case]] = {}
    for each in cases:
        if each.store_id not in stores or not counts(each):
            continue
        if days.first <= day_of(each, zones) <= days.last:
            found.setdefault(key(each), []).append(each)
    return {
        part: Counted(
            cases=len(some),
            settled=sum(each.resolved_at is not None for each in some),
            late=sum(is_late(each, now) for each in some),
            reopened=sum(happened[each.pk, "reopened"] > 0 for each in some),
            second_rounds=sum(happened[each.pk, "unsatisfied"] > 0 for each in some),
            judged=sum(each.satisfied is not None for each in some),
            satisfied=sum(each.satisfied is True for each in some),
            cost_minor=sum(each.cost_minor for each in some),
            costly=sum(each.cost_minor > 0 for each in some),
        )
        for part, some in found.items()
    }


def hours(some: float) -> timedelta:
    """Return so many hours."""
    return timedelta(hours=some)
