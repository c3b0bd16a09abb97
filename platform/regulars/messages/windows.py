"""When a further contact is possible: rolling windows and distances, in exact instants.

The database decides (see `guard_contact` in the migrations of tenancy); this says, to a
microsecond, from when on it would decide otherwise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

ANY: Final = "any"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many contacts in each window of so many days of 24 hours, (t - days, t].

    `purpose` is "care", "selling", or "any" for the two together.
    """

    purpose: Literal["any", "care", "selling"]
    days: int
    most: int

    @property
    def span(self) -> timedelta:
        """The length of the window."""
        return timedelta(days=self.days)

    def counts(self, purpose: str) -> bool:
        """Say whether a contact for this purpose is held by the limit, and counted in it."""
        return self.purpose in (ANY, purpose)


@dataclass(frozen=True, slots=True)
class Counted:
    """A contact that uses the allowance."""

    at: datetime
    purpose: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A time in which a further contact is refused; both ends are open."""

    after: datetime
    before: datetime

    def holds(self, at: datetime) -> bool:
        """Say whether an instant is within."""
        return self.after < at < self.before


def never(limits: Iterable[Limit], *, purpose: str) -> bool:
    """Say whether some limit leaves no contact for this purpose at all."""
    return any(limit.most < 1 for limit in limits if limit.counts(purpose))


def full(history: Iterable[Counted], *, limits: Iterable[Limit], purpose: str) -> list[Closed]:
    """Return the times in which a contact for this purpose would be one too many.

    As many neighbours as a limit has, within less than its span, close the time in which one more
    would be in a window with all of them.
    """
    contacts = sorted(history, key=lambda each: each.at)
    found = []
    for limit in limits:
        if limit.counts(purpose) and limit.most > 0:
            moments = [each.at for each in contacts if limit.counts(each.purpose)]
            runs = zip(moments, moments[limit.most - 1 :], strict=False)
            found += [
                Closed(last - limit.span, first + limit.span)
                for first, last in runs
                if last - first < limit.span
            ]
    return found


def near(history: Iterable[Counted], *, distance: timedelta) -> list[Closed]:
    """Return the times in which a contact would be too near another one."""
    return [Closed(each.at - distance, each.at + distance) for each in history if distance]


def following(times: Sequence[Closed], *, at: datetime) -> datetime:
    """Return the first instant from `at` on that lies in none of these times."""
    for each in sorted(times, key=lambda each: each.after):
        if each.holds(at):
            at = each.before
    # An earlier one may hold what a later one pushed us to only if it ends later too.
    return following(times, at=at) if any(each.holds(at) for each in times) else at


def reach(limits: Iterable[Limit], distance: timedelta) -> timedelta:
    """Return how far from a contact others matter to it."""
    return max((distance, *(limit.span for limit in limits)))
