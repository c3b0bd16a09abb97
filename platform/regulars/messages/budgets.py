"""How often a customer may be contacted, and at what hours (C1, H3).

Head office declares it as ``Declaration(noun="budget", key="contacts")`` for the chain, a region
or a store, each only what it changes::

    {"limits": [{"purpose": "any", "days": 7, "most": 3}, …], "distance": 1440,
     "quiet": ["21:00", "09:00"], "tiers": {"gold": {"limits": […], "distance": 720}}}

`distance` is in minutes. What holds for a customer is what `public.contact_budget` makes of it
for their home store: the guard and this module ask the same function.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from regulars.messages import windows
from regulars.messages.quiet import Quiet
from regulars.messages.refusals import Refusal, Why
from regulars.messages.windows import Closed, Counted, Limit
from regulars.tenancy import statements

NOUN: Final = "budget"
KEY: Final = "contacts"
# The place a budget holds for: the home store, and the tier.
type Place = tuple[UUID | None, str]

_OF: Final = """
SELECT w.place, public.contact_budget(w.home, w.tier)
FROM unnest(%s::int[], %s::uuid[], %s::text[]) AS w(place, home, tier)"""


@dataclass(frozen=True, slots=True)
class Budget:
    """What holds for the customers of one home store and tier."""

    limits: tuple[Limit, ...]
    distance: timedelta
    quiet: Quiet | None

    @property
    def reach(self) -> timedelta:
        """How far from a contact others matter to it."""
        return windows.reach(self.limits, self.distance)

    def refusal(
        self, history: Sequence[Counted], *, purpose: str, at: datetime, zone: ZoneInfo
    ) -> Refusal | None:
        """Say why a contact is refused, and the first instant at which it is not; None: it fits."""
        if windows.never(self.limits, purpose=purpose):
            return Refusal(why="budget")
        full = windows.full(history, limits=self.limits, purpose=purpose)
        near = windows.near(history, distance=self.distance)
        first = self._first([*full, *near], at=at, zone=zone)
        if first == at:
            return None
        why: Why = "quiet"
        if any(each.holds(at) for each in near):
            why = "distance"
        if any(each.holds(at) for each in full):
            why = "budget"
        return Refusal(why=why, possible_at=first)

    def _first(self, closed: Sequence[Closed], *, at: datetime, zone: ZoneInfo) -> datetime:
        """Return the first instant from `at` on at which counts, distances and clock allow it."""
        while True:
            moment = windows.following(closed, at=at)
            if self.quiet is not None:
                moment = self.quiet.end(moment, zone)
            if moment == at:
                return at
            at = moment


def of_many(places: Iterable[Place]) -> dict[Place, Budget]:
    """Return what holds in each place, in one statement."""
    wanted = list(dict.fromkeys(places))
    if not wanted:
        return {}
    homes, tiers = zip(*wanted, strict=True)
    rows = statements.every(_OF, (list(range(len(wanted))), list(homes), list(tiers)))
    return {wanted[number]: read(json.loads(body)) for number, body in rows}


def of(*, home_store_id: UUID | None = None, tier: str = "") -> Budget:
    """Return what holds for the customers of a home store, and of a tier."""
    return of_many([(home_store_id, tier)])[home_store_id, tier]


def read(body: Mapping[str, Any]) -> Budget:
    """Return a budget from how it is declared. Raises ValueError, KeyError or TypeError."""
    quiet = body["quiet"]
    return Budget(
        limits=tuple(
            Limit(purpose=each["purpose"], days=each["days"], most=each["most"])
            for each in body["limits"]
        ),
        distance=timedelta(minutes=body["distance"]),
        quiet=Quiet(*(time.fromisoformat(each) for each in quiet)) if quiet else None,
    )
