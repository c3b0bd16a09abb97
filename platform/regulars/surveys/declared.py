"""Which surveys the current chain has, and how they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from regulars import registry
from regulars.kit import Field, Survey
from regulars.registry.models import Declaration

NOUN: Final = "survey"
AFTER_COMPLAINT: Final = "complaint.closed"
AFTER_PURCHASE: Final = ("purchase.recorded", "purchase.delivered")
VISITED: Final = "customer.visited"
# A change of a running survey must not lose what happened just before it.
_SLACK: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Running:
    """A survey that is on, and since when; a vertical's own has always been."""

    survey: Survey
    since: datetime | None

    def takes(self, recorded_at: datetime | None) -> bool:
        """Say whether it asks about what was recorded then: history asks nobody."""
        return self.since is None or recorded_at is None or recorded_at >= self.since - _SLACK


def every() -> tuple[Survey, ...]:
    """Return all surveys of the chain, those that are off too."""
    found: tuple[Survey, ...] = registry.vertical().surveys
    return found


def find(key: str) -> Survey | None:
    """Return a survey by its key, one that is off too."""
    return next((each for each in every() if each.key == key), None)


def on(*starts: str) -> list[Survey]:
    """Return the surveys that are on and follow one of these, in the order of `starts`."""
    live = [each for each in every() if not each.retired]
    return [each for start in starts for each in live if each.starts == start]


def questions(survey: Survey) -> tuple[Field, ...]:
    """Return what is asked today, the first question first."""
    return tuple(each for each in survey.questions if not each.retired)


def is_service(survey: Survey) -> bool:
    """Say whether asking is service, not care: it belongs to settling a complaint (Q3)."""
    return survey.starts == AFTER_COMPLAINT


def sending() -> Mapping[str, tuple[Running, ...]]:
    """Return the surveys that ask by message of themselves, by what they follow. One statement."""
    rows = Declaration.objects.filter(noun=NOUN, store_id=None, region_id=None)
    changed = dict(rows.values_list("key", "changed_at"))
    found: dict[str, list[Running]] = {}
    for survey in every():
        if survey.sends and not survey.retired:
            found.setdefault(survey.starts, []).append(Running(survey, changed.get(survey.key)))
    return {start: tuple(some) for start, some in found.items()}
