"""What runs by itself: starting, stopping, following, expiring, escalating. All of it idempotent.

Much work goes in portions, each in a transaction of its own that takes its turn in the chain: a
merge, or a complaint that is closed, waits for one portion at most. What a killed worker wrote down
is settled, and the next sweep begins where the last that finished began.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import batched
from typing import Final
from uuid import UUID

from django.db import transaction

from regulars.followups.plans import (
    declared,
    escalating,
    following,
    sources,
    starting,
    stopping,
    tiering,
)
from regulars.followups.plans.news import Start
from regulars.followups.plans.open_days import OpenDays
from regulars.outbox import services as outbox
from regulars.tenancy import context

TURN: Final = "followups.plans"
"""The name of the lock; whoever takes it does so before anything else is locked."""
_AT_ONCE: Final = 5_000
REACH: Final = timedelta(days=3)
"""How far back a sweep looks at most, such as after a worker that was stopped."""


def sweep(*, now: datetime, since: datetime) -> int:
    """Take in what was recorded since a moment; return with how many customers something began.

    Starts what it starts, ends what it ends, and lets tasks follow customers to other guides.
    """
    days = OpenDays()
    triggers = declared.running().keys()
    touched = _begin(
        sources.recorded(triggers, since=since, now=now, days=days), now=now, days=days
    )
    with _turn():
        following.follow(since=since)
    _settle(stopping.concerned(since=since), now=now)
    return len(touched)


def night(*, now: datetime, nights: int = REACH.days) -> int:
    """Do what belongs to a day: the days that come, levels that changed, what is late or over.

    Looks once more at all that was recorded lately, and at the levels of so many days, those of
    nights that were missed among them. Returns as `sweep` does.
    """
    since = now - REACH
    today = now.astimezone(context.current().zone).date()
    days = OpenDays()
    triggers = declared.running().keys()
    news: list[Iterable[Start]] = [
        sources.recorded(triggers, since=since, now=now, days=days),
        sources.coming(triggers, now=now, days=days),
        *(
            tiering.moved(triggers, day=today - timedelta(days=back))
            for back in range(nights, 0, -1)
        ),
    ]
    touched = {each for some in news for each in _begin(some, now=now, days=days)}
    with _turn():
        following.follow(since=since)
    with _turn():
        following.tidy(now=now)
    _settle(stopping.concerned(since=since), now=now)
    with _turn():
        escalating.expire(now=now)
    with _turn():
        escalating.escalate(now=now)
    return len(touched)


def take(starts: Iterable[Start], *, now: datetime) -> int:
    """Start plans by news from elsewhere, such as a silence; returns as `sweep` does."""
    return len(_begin(starts, now=now, days=OpenDays()))


@contextmanager
def _turn() -> Iterator[None]:
    """Be the only one in the chain who starts and stops plans, for one transaction."""
    with transaction.atomic(), outbox.in_order(TURN):
        yield


def _begin(starts: Iterable[Start], *, now: datetime, days: OpenDays) -> set[UUID]:
    """Start plans a portion at a time; what is pointless from the start is stopped with it."""
    begun: set[UUID] = set()
    for pairs in starting.portions(starts):
        with _turn():
            touched = starting.begin(pairs, now=now, days=days)
            stopping.settle(touched, now=now)
        begun |= touched
    return begun


def _settle(customer_ids: set[UUID], *, now: datetime) -> None:
    for some in batched(sorted(customer_ids), _AT_ONCE, strict=False):
        with _turn():
            stopping.settle(some, now=now)
