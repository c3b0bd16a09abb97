"""Everything the page of complaints shows of a place and period, as of one moment."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from regulars.audit import Scope
from regulars.insights.places import Place
from regulars.insights.selectors import (
    complaints,
    complaints_repeats,
    complaints_rows,
    complaints_times,
    complaints_topics,
)
from regulars.insights.selectors.complaints import Splits
from regulars.insights.selectors.complaints_asking import Asked
from regulars.insights.selectors.complaints_repeats import Repeats
from regulars.insights.selectors.complaints_times import Timed
from regulars.insights.selectors.complaints_topics import Topics

MOST_CASES: Final = 2_000
"""Complaints up to which a lesson is worked out while somebody waits."""
MOST_SALES: Final = 100_000
"""Purchases of the period up to which it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What complaints of a place and period teach; `at` is when it was worked out."""

    at: datetime
    splits: Splits
    times: Timed
    topics: Topics
    repeats: Repeats


def of_place(*, asked: Asked, readable: Place) -> Lesson:
    """Work everything out; `readable` are the stores whose customers' words may be read."""
    return Lesson(
        at=asked.now,
        splits=complaints.of_place(asked=asked),
        times=complaints_times.of_place(asked=asked),
        topics=complaints_topics.of_place(asked=within(asked, readable)),
        repeats=complaints_repeats.of_place(asked=within(asked, readable)),
    )


def within(asked: Asked, place: Place) -> Asked:
    """Return the same of other stores."""
    return replace(asked, place=place)


def is_quick(asked: Asked) -> bool:
    """Say whether a lesson may be worked out while somebody waits. Two statements, both bounded."""
    wide = asked.over(complaints_topics.span(asked.days))
    if complaints_rows.count(asked=wide, most=MOST_CASES + 1) > MOST_CASES:
        return False
    return complaints.sold(asked=asked, most=MOST_SALES + 1) <= MOST_SALES


def readable(place: Place, scope: Scope) -> Place:
    """Return the stores of a place whose customers somebody may see (H4)."""
    stores = frozenset(each for each in place.store_ids if scope.covers(each))
    return Place(kind=place.kind, id=place.id, name=place.name, store_ids=stores, group_id=None)


def chosen(lesson: Lesson, *, mark: str, word: str) -> tuple[UUID, ...] | None:
    """Return the complaints that only a lesson knows; None where conditions say which."""
    if word:
        said = lesson.topics.of_word(word)
        return tuple(said.keys) if said else ()
    return tuple(lesson.times.late) if mark == "late-reply" else None
