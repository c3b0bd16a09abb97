"""Complaints as the list and the board show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from regulars.audit import Actor
from regulars.complaints import templates, timing
from regulars.complaints.models import Case
from regulars.complaints.selectors import Column, Item
from regulars.web import dates
from regulars.web.customers import heading

TONES: Final = {"urgent": "bad", "high": "warning", "medium": "info", "low": "quiet"}
ICONS: Final = {
    "counter": "building-store",
    "phone": "phone",
    "timeline": "message",
    "message": "messages",
    "web": "world",
}
_DUE: Final[dict[str, str | Promise]] = {
    "reply": gettext_lazy("First answer due"),
    "update": gettext_lazy("Next word due"),
    "resolve": gettext_lazy("To be settled"),
}
_LATE: Final[dict[str, str | Promise]] = {
    "reply": gettext_lazy("First answer late"),
    "update": gettext_lazy("Next word late"),
    "resolve": gettext_lazy("Not settled in time"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One complaint. `due` says which clock runs out next, `when` about when that is."""

    id: UUID
    number: str
    title: str
    customer: str
    store: str
    owner: str
    is_mine: bool
    state: str | Promise
    severity: str | Promise
    tone: str
    icon: str
    raised: str
    product: str
    due: str | Promise
    at: datetime | None
    when: str
    is_late: bool
    is_waiting: bool
    is_closed: bool
    end: str | Promise
    closed_at: datetime | None
    opened_at: datetime
    is_second: bool
    escalated: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One state of the board: how many there are, the first of them, and where the rest is."""

    state: str
    label: str | Promise
    count: int
    rows: list[Row]
    url: str
    list_url: str
    is_current: bool


def rows(actor: Actor, items: Iterable[Item], *, now: datetime) -> list[Row]:
    """Return complaints as rows; no statement."""
    return [row(actor, each, now=now) for each in items]


def row(actor: Actor, item: Item, *, now: datetime) -> Row:
    """Return one complaint as a row."""
    case = item.case
    running = timing.running(case)
    clock = min(running, key=lambda name: running[name], default="")
    is_closed = case.state == Case.State.CLOSED
    known = _LATE if item.is_late else _DUE
    return Row(
        id=case.pk,
        number=case.number,
        title=title_of(case),
        customer=called(actor, case),
        store=case.store.name,
        owner=case.owner.name if case.owner else "",
        is_mine=actor.id is not None and actor.id in (case.owner_id, case.reviewer_id),
        state=_("Closed complaint") if is_closed else Case.State(case.state).label,
        severity=Case.Severity(case.severity).label,
        tone=TONES[case.severity],
        icon=ICONS.get(case.raised, ICONS["counter"]),
        raised=str(Case.Raised(case.raised).label),
        product=case.product_name or case.product_code,
        due=known.get(clock, ""),
        at=item.due_at,
        when=_when(item.due_at, now=now),
        is_late=item.is_late,
        is_waiting=case.paused_at is not None and not is_closed,
        is_closed=is_closed,
        end=Case.End(case.ended).label if case.ended else "",
        closed_at=case.closed_at,
        opened_at=case.opened_at,
        is_second=case.round > 1,
        escalated=case.escalated,
        version=case.version,
    )


def title_of(case: Case) -> str:
    """Return what a complaint is about; of one that was erased the kind."""
    if case.title:
        return case.title
    template = templates.of(case)
    return template.title.text(get_language() or "") if template else _("Erased")


def called(actor: Actor, case: Case) -> str:
    """Return whose complaint it is: the customer's name, else what was written on the page.

    The name of a customer whom a franchise keeps to itself is not told (H4), in whatever store
    they complained.
    """
    customer = case.customer
    if customer is None:
        return case.name or _("Somebody we do not know")
    return heading.told(actor, customer)


def columns(
    actor: Actor, found: Sequence[Column], *, addresses: dict[str, tuple[str, str]], chosen: str,
    now: datetime,
) -> list[Shown]:  # fmt: skip
    """Return the board; a phone shows the column chosen, else the first with something in it."""
    first = next((each.state for each in found if each.count), found[0].state)
    return [
        Shown(
            state=str(each.state),
            label=each.label,
            count=each.count,
            rows=rows(actor, each.items, now=now),
            url=addresses[each.state][0],
            list_url=addresses[each.state][1] if each.count > len(each.items) else "",
            is_current=each.state == (chosen or first),
        )
        for each in found
    ]


def mark(found: Iterable[Row], *figures: object) -> str:
    """Return what changes when anything of a list would look different.

    Besides what is counted it is told by what stands in the rows: names, times as they read, and
    each complaint's steps so far.
    """
    told = [
        (each.id, each.version, each.is_late, each.when, each.owner, each.customer, each.store)
        for each in found
    ]
    return sha256(repr((told, figures, get_language())).encode()).hexdigest()[:24]


def _when(at: datetime | None, *, now: datetime) -> str:
    if at is None:
        return ""
    zone = timezone.get_current_timezone()
    # To the day and minute, never "5 minutes ago": that alone is nothing new.
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    day = dates.near_day(local.date(), today=today, language=get_language() or "")
    return f"{day} {local:%H:%M}"
