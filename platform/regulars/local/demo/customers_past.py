"""What the till knew of a customer at each moment of the story, for the rules of points."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from regulars.kit import Vertical
from regulars.local.demo import profiles
from regulars.local.demo.persons import Birthday
from regulars.points import tiers
from regulars.usecases.till import Buyer, Scene


@dataclass(slots=True, kw_only=True)
class Past:
    """A customer up to the point where the story has come; returns count against `spent`."""

    id: UUID
    owner_id: UUID | None
    home_store_id: UUID | None
    birthday: Birthday | None
    wealth: float
    extra: Mapping[str, Any] = field(default_factory=dict)
    purchases: int = 0
    spent: list[tuple[date, int]] = field(default_factory=list)

    def bought(self, day: date, paid_minor: int) -> None:
        """Go on after a sale."""
        self.purchases += 1
        self.spent.append((day, paid_minor))

    def gave_back(self, day: date, paid_minor: int) -> None:
        """Go on after a return; the amount is negative."""
        self.spent.append((day, paid_minor))


class Pasts:
    """All customers of the chain, in the order of the cast."""

    def __init__(self, vertical: Vertical, *, now: datetime) -> None:
        """Begin with nobody."""
        self.all: list[Past] = []
        self._months = tiers.windows(vertical)
        self._now = now

    def add(self, past: Past) -> None:
        """Take a customer in."""
        self.all.append(past)

    def scene(self, past: Past, at: datetime, store_code: str) -> Scene:
        """Return what a till would have read before a sale at this moment."""
        day = at.date()
        starts = {months: tiers.since(day, months) for months in self._months}
        return Scene(
            business_day=day,
            hour=at.hour,
            store_code=store_code,
            buyer=Buyer(
                id=past.id,
                owner_id=past.owner_id,
                home_store_id=past.home_store_id,
                extra=past.extra,
                purchases=past.purchases,
                birthdays=_birthdays(past.birthday, day),
            ),
            balance=None,
            is_swept=True,
            spent={
                months: sum(paid for when, paid in past.spent if when > since)
                for months, since in starts.items()
            },
        )


def _birthdays(
    birthday: Birthday | None, day: date
) -> tuple[tuple[int, int, bool, date | None], ...]:
    if birthday is None:
        return ()
    comes = profiles.next_on(birthday, on_or_after=day) if birthday.lunar else None
    return ((birthday.month, birthday.day, birthday.lunar, comes),)
