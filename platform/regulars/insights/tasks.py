"""Recurring work of head office's figures: folding, keeping, checking."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from regulars.insights import services
from regulars.insights.periods import Days
from regulars.insights.services import learning, silences
from regulars.outbox import handler, schedule
from regulars.outbox import services as outbox
from regulars.tenancy import context

_BUSY: Final = 500  # facts since the last fold
_SOON: Final = timedelta(seconds=20)
_MANY: Final = 200  # that every look at the figures would have to add up again


@schedule.every("insights.fold", minutes=5)
def fold(*, now: datetime) -> None:
    """Take in what is new and keep today's periods ready; come back soon where much happens."""
    folded = services.fold(now=now)
    services.prepare(today=now.astimezone(context.current().zone).date())
    if folded.purchases + folded.postings >= _BUSY:
        due_at = now + _SOON
        outbox.enqueue(handler="insights.fold", key=_slot("soon", due_at), due_at=due_at)


@handler("insights.keep")
def keep(*, periods: list[list[str]], today: str, now: datetime) -> None:
    """Keep the periods somebody looked at ready from now on."""
    days = [Days(date.fromisoformat(first), date.fromisoformat(last)) for first, last in periods]
    services.keep(periods=days, today=date.fromisoformat(today))


@handler("insights.portray", lease=timedelta(minutes=15))
def portray(*, first: str, last: str, group: str, now: datetime) -> None:
    """Make the portrait of a big period."""
    days = Days(date.fromisoformat(first), date.fromisoformat(last))
    services.portray(days=days, group_id=UUID(group), now=now)


@schedule.nightly("insights.verify")
def verify(*, now: datetime) -> None:
    """Compare the rollups with the rows, and make them anew where they differ."""
    services.verify_and_repair(now=now)


@schedule.nightly("insights.listen")
def listen(*, now: datetime) -> None:
    """Find out who stays away longer than usual."""
    silences.refresh(now=now)


@handler("insights.learn", lease=timedelta(minutes=15))
def learn(*, about: Mapping[str, Any], now: datetime) -> None:
    """Work out what the complaints of a place and period teach."""
    learning.learn(payload=about, now=now)


@handler("complaint.erased")
def unlearn(*, now: datetime) -> None:
    """Show nothing any more that was made of words that were erased since."""
    learning.forget(now=now)


@handler("insights.follow", lease=timedelta(minutes=15))
def follow(*, now: datetime) -> None:
    """Compare what customers bought after their complaints."""
    learning.follow(now=now)


@schedule.nightly("insights.learn-all", lease=timedelta(minutes=30))
def learn_all(*, now: datetime) -> None:
    """Have ready what complaints teach, for whoever looks in the morning."""
    learning.prepare(now=now)
    learning.follow(now=now)


def noticed(*, periods: Iterable[Days], fresh: int, now: datetime) -> None:
    """Have the next look made quick: keep these periods, and fold when much is not folded yet.

    For callers who have just shown figures; does nothing when there is nothing to do.
    """
    today = now.astimezone(context.current().zone).date().isoformat()
    wanted = sorted((str(each.first), str(each.last)) for each in periods)
    if wanted:
        name = blake2b(repr(wanted).encode(), digest_size=12).hexdigest()
        outbox.enqueue(
            handler="insights.keep",
            payload={"periods": [list(each) for each in wanted], "today": today},
            key=f"insights.keep:{today}:{name}",
        )
    if fresh > _MANY:
        outbox.enqueue(handler="insights.fold", key=_slot("asked", now))


def missed(*, days: Days, group_id: UUID, now: datetime) -> None:
    """Ask for a portrait; the same one is asked for at most every ten minutes."""
    name = f"{days.first}:{days.last}:{group_id}"
    outbox.enqueue(
        handler="insights.portray",
        payload={"first": str(days.first), "last": str(days.last), "group": str(group_id)},
        key=f"insights.portray:{name}:{int(now.timestamp()) // 600}",
    )


def _slot(why: str, at: datetime) -> str:
    """Return a key that is the same for some seconds, so that work is not written down twice."""
    return f"insights.fold:{why}:{int(at.timestamp() // _SOON.total_seconds())}"
