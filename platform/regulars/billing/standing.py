"""How a chain stands with its payments: what is open to it now, and what comes next (S3).

A pure function of what Stripe said last, the plan's times and the moment. Whatever happened in
between, and in whatever order it was told, the same facts give the same standing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from regulars.billing.plans import Times


class Access(StrEnum):
    """What a chain may do; each allows what the next one does, and more."""

    FULL = "full"
    READ_ONLY = "read-only"
    """People only look; tills record, data can be taken out, and it can be paid."""
    PAUSED = "paused"
    """Besides, nothing is sent or begun by itself."""
    CLOSED = "closed"
    """Data can be taken out, and it can be paid. Nothing is deleted."""


class Reason(StrEnum):
    """Why a chain stands as it does."""

    TRIAL = "trial"
    PAID = "paid"
    TRIAL_OVER = "trial-over"
    LATE = "late"
    CANCELLED = "cancelled"


PAYING: Final = frozenset({"active", "trialing"})
OWING: Final = frozenset({"past_due", "unpaid", "paused"})
TRIAL_NOTICES: Final = (7, 3, 1)
"""Days before the end of a trial at which the owner is told."""
CLOSING_NOTICES: Final = (14, 7, 1)
"""Days before a workspace is closed at which the owner is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a chain's subscription.

    `status` is Stripe's word for it, "" without one. `unpaid_since` is when the first invoice
    since the last payment fell due; `ended_at` when the last subscription ended.
    """

    trial_ends_at: datetime
    status: str = ""
    unpaid_since: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is open to a chain, since when nothing is paid, and when the next step comes.

    `notice` names what the owner is told in this step, each once: "trial-7", "late-0",
    "read-only", "closing-14"; "" where nothing is to be said.
    """

    access: Access
    reason: Reason
    since: datetime | None = None
    next_access: Access | None = None
    next_at: datetime | None = None
    notice: str = ""


def standing(facts: Facts, *, times: Times, now: datetime) -> Standing:
    """Tell how a chain stands at `now`."""
    if facts.status in PAYING:
        return Standing(access=Access.FULL, reason=Reason.PAID)
    reason, since = _unpaid(facts, times, now)
    if since is None:
        return _on_trial(facts.trial_ends_at, now)
    steps = _steps(since, times)
    reached = [step for step in steps if step[0] <= now] or steps[:1]
    access = reached[-1][1]
    next_at, next_access = steps[len(reached)] if len(reached) < len(steps) else (None, None)
    return Standing(
        access=access,
        reason=reason,
        since=since,
        next_access=next_access,
        next_at=next_at,
        notice=_notice(access, since, times, now),
    )


def _unpaid(facts: Facts, times: Times, now: datetime) -> tuple[Reason, datetime | None]:
    """Return since when nothing is paid: a cancelled chain begins where a late one is read-only.

    Who cancels during the trial has the rest of it, as if nothing had been bought.
    """
    if facts.status in OWING:
        return Reason.LATE, facts.unpaid_since or now
    if facts.ended_at is not None and facts.ended_at > facts.trial_ends_at:
        return Reason.CANCELLED, max(facts.ended_at - times.late, facts.trial_ends_at)
    return Reason.TRIAL_OVER, facts.trial_ends_at if now >= facts.trial_ends_at else None


def _steps(since: datetime, times: Times) -> list[tuple[datetime, Access]]:
    return [
        (since, Access.FULL),
        (since + times.late, Access.READ_ONLY),
        (since + times.late + times.read_only, Access.PAUSED),
        (since + times.closes, Access.CLOSED),
    ]


def _on_trial(ends_at: datetime, now: datetime) -> Standing:
    left = ends_at - now
    reached = [days for days in TRIAL_NOTICES if left <= timedelta(days=days)]
    return Standing(
        access=Access.FULL,
        reason=Reason.TRIAL,
        next_access=Access.FULL,
        next_at=ends_at,
        notice=f"trial-{min(reached)}" if reached else "",
    )


def _notice(access: Access, since: datetime, times: Times, now: datetime) -> str:
    """Return what to tell: every day while late, then once a step, then before it is closed."""
    if access is Access.FULL:
        return f"late-{max(now - since, timedelta()).days}"
    left = since + times.closes - now
    near = [days for days in CLOSING_NOTICES if left <= timedelta(days=days)]
    if access is not Access.CLOSED and near:
        return f"closing-{min(near)}"
    return str(access)
