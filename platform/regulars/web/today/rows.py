"""A task as lists show it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.audit import Actor
from regulars.customers import today as days
from regulars.followups.plans import declared
from regulars.followups.plans import selectors as plans
from regulars.followups.plans.selectors import Item
from regulars.web.customers import heading
from regulars.web.today import words

ICONS: Final[Mapping[str, str]] = {
    "call": "phone",
    "message": "message",
    "visit": "building-store",
    "task": "list-check",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Who, what and why, in the reader's language."""

    id: UUID
    url: str
    name: str
    step: str
    reason: str
    late: str
    icon: str
    is_late: bool
    escalated: bool
    paused: bool
    attempts: int
    owner: str


def rows(items: Sequence[Item], *, language: str, today: date) -> list[Row]:
    """Return tasks as rows; two statements at most, however many."""
    known = words.known(items, language=language, today=today)
    return [
        Row(
            id=item.id,
            url=address(item.id),
            name=heading.called(item.customer.name, item.customer.member_code),
            step=step_of(item, language),
            reason=known.reason(item),
            late=late(item, today),
            icon=ICONS.get(item.do, ICONS["task"]),
            is_late=item.is_overdue,
            escalated=item.escalated_at is not None,
            paused=item.is_paused,
            attempts=item.attempts,
            owner=item.owner_name or "",
        )
        for item in items
    ]


def grouped(found: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Return the rows under their titles, what is overdue first."""
    kept = list(found)
    groups = (
        (_("Overdue"), [row for row in kept if row.is_late]),
        (_("Due today"), [row for row in kept if not row.is_late]),
    )
    return [(title, some) for title, some in groups if some]


def address(task_id: UUID) -> str:
    """Return where a task is."""
    return reverse("today_task", args=[task_id])


def step_of(item: Item, language: str) -> str:
    """Say what is to be done."""
    return item.title or declared.of(item.plan, item.step).label(language) or item.step


def late(item: Item, today: date) -> str:
    """Say by how many days a task is late; nothing for one that is not."""
    days = (today - item.due_on).days
    if not item.is_overdue or days < 1:
        return ""
    return ngettext("%(number)d day late", "%(number)d days late", days) % {"number": days}


def next_url(actor: Actor, item: Item, *, now: datetime) -> str:
    """Return the next task of the same guide, or the day where there is none. Constant."""
    day = days.of_store(item.store_id, now=now)
    wanted = plans.Wanted(owner_id=item.owner_id or actor.id, last=day)
    found = plans.page(actor=actor, wanted=wanted, now=now, limit=1).items
    return address(found[0].id) if found else reverse("today")
