"""The three clocks of a complaint (Q5): first answer, next word, and the matter settled."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from regulars.complaints import clocks, templates
from regulars.complaints.clocks import Runs
from regulars.complaints.models import Case
from regulars.kit import Complaint
from regulars.stores.models import Store

NEVER: Final = datetime(2999, 1, 1, tzinfo=UTC)  # what no clock runs for sorts last
CLOCKS: Final = {"reply": 1, "update": 2, "resolve": 4}  # bits of `Case.warned`
_WARN_WITH: Final = 0.25  # of the time is left when the owner is warned
_UPDATE: Final = timedelta(hours=8)  # whatever the severity
MOST_LEVELS: Final = 3  # store, region, head office


@dataclass(frozen=True, slots=True)
class Times:
    """How long each clock may run."""

    reply: timedelta
    update: timedelta
    resolve: timedelta


# Of complaints without a template.
BY_SEVERITY: Final = {
    "urgent": Times(timedelta(minutes=30), _UPDATE, timedelta(hours=2)),
    "high": Times(timedelta(hours=1), _UPDATE, timedelta(hours=4)),
    "medium": Times(timedelta(hours=8), _UPDATE, timedelta(hours=24)),
    "low": Times(timedelta(hours=24), _UPDATE, timedelta(hours=72)),
}


def allowed(severity: str, template: Complaint | None) -> Times:
    """Return what the template allows, or the severity where there is none."""
    if template is None:
        return BY_SEVERITY[severity]
    minutes = (template.reply_within, template.update_within, template.resolve_within)
    return Times(*(timedelta(minutes=each) for each in minutes))


def runs(case: Case, store: Store) -> Runs:
    """Return when the clocks of a complaint run."""
    return None if case.wall_clock else clocks.while_open(store)


def start(case: Case, *, store: Store, times: Times, now: datetime) -> None:
    """Start all three clocks. Changes the row and saves nothing."""
    when = runs(case, store)
    case.reply_due_at = clocks.due(now, times.reply, when)
    case.update_due_at = clocks.due(now, times.update, when)
    case.resolve_due_at = clocks.due(now, times.resolve, when)
    look(case, now=now)


def answered(case: Case, *, store: Store, times: Times, now: datetime) -> None:
    """Note that the customer heard from us: the first answer is met, the next word is due anew."""
    if case.replied_at is None:
        case.replied_at = now
    case.reply_due_at = None
    case.update_due_at = clocks.due(now, times.update, runs(case, store))
    case.escalated = 0
    case.warned &= ~CLOCKS["update"]
    look(case, now=now)


def pause(case: Case, *, now: datetime) -> None:
    """Stop the clocks: the customer is awaited."""
    if case.paused_at is None:
        case.paused_at = now
    look(case, now=now)


def resume(case: Case, *, store: Store, now: datetime) -> None:
    """Let the clocks go on with what was left of each."""
    if case.paused_at is None:
        return
    when = runs(case, store)
    for name in ("reply_due_at", "update_due_at", "resolve_due_at"):
        due_at = getattr(case, name)
        if due_at is not None:
            setattr(case, name, clocks.resumed(due_at, case.paused_at, now, when))
    case.paused_at = None
    look(case, now=now)


def settled(case: Case, *, now: datetime) -> None:
    """Note that the matter is settled: no clock runs until the customer says otherwise."""
    case.resolved_at = now
    pause(case, now=now)


def go_on(case: Case, *, store: Store, now: datetime) -> None:
    """Go on after the customer was not satisfied: with what was left, and a next word due."""
    resume(case, store=store, now=now)
    case.resolved_at = None
    times = allowed(case.severity, templates.of(case))
    case.update_due_at = clocks.due(now, times.update, runs(case, store))
    case.warned &= ~CLOCKS["update"]
    look(case, now=now)


def look(case: Case, *, now: datetime) -> None:
    """Set how urgent the complaint is, and when the sweep has to look at it next."""
    ahead = running(case)
    case.urgent_at = min(ahead.values(), default=NEVER)
    drawn = draws_at(case)
    if drawn is None:
        case.look_at = None
        return
    when = runs(case, case.store)
    case.look_at = min([drawn, *(
        clocks.due(now, max(clocks.ran(now, due_at, when) - left, timedelta()), when)
        for due_at, left in _unwarned(case, now).values()
    )])  # fmt: skip


def running(case: Case) -> dict[str, datetime]:
    """Return when each clock runs out that runs now."""
    if case.paused_at is not None or case.state == Case.State.CLOSED:
        return {}
    due = {name: getattr(case, f"{name}_due_at") for name in CLOCKS}
    return {name: at for name, at in due.items() if at is not None}


def draws_at(case: Case) -> datetime | None:
    """Return when somebody is drawn in next; None if nobody is left or nothing runs.

    When a clock runs out the store's manager is drawn in; each time the first answer's allowance
    has passed again without a word, the region, then head office.
    """
    ahead = running(case)
    if not ahead or case.escalated >= MOST_LEVELS:
        return None
    again = allowed(case.severity, templates.of(case)).reply * case.escalated
    first = min(ahead.values())
    return clocks.due(first, again, runs(case, case.store)) if again else first


def warns(case: Case, *, now: datetime) -> tuple[str, ...]:
    """Return the clocks of which three quarters have run, and of which nobody was warned yet."""
    when = runs(case, case.store)
    return tuple(
        name for name, (due_at, left) in _unwarned(case, now).items()
        if clocks.ran(now, due_at, when) <= left
    )  # fmt: skip


def _unwarned(case: Case, now: datetime) -> dict[str, tuple[datetime, timedelta]]:
    """Return when each such clock runs out, and how much of it is left when its owner is warned."""
    times = allowed(case.severity, templates.of(case))
    return {
        name: (due_at, getattr(times, name) * _WARN_WITH)
        for name, due_at in running(case).items()
        if due_at > now and not case.warned & CLOCKS[name]
    }
