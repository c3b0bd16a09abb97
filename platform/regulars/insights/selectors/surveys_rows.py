"""The answers behind a figure of surveys, newest first and a page at a time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from regulars.audit import Scope
from regulars.customers.selectors import visibility
from regulars.insights.selectors import surveys_asking as asking
from regulars.insights.selectors.surveys_asking import Asked
from regulars.tenancy import statements

type Mark = tuple[datetime, UUID]

_PORTION: Final = 2000
_COLUMNS: Final = (
    "i.id, i.customer_id, i.survey, i.store_id, i.guide_id, i.way, i.unhappy, i.seen_at, "
    f"i.answered_at, {asking.ANSWERED_DAY}, i.answers::text"
)
_NUMBER: Final = asking.NUMBER.format(value="a.value")
_BY_MARK: Final = {
    "up": "a.number >= c.up_from",
    "down": "a.number <= c.down_upto",
    "middle": "a.number < c.up_from AND a.number > c.down_upto",
}
# Words are texts: what is neither a number nor yes or no, and no answer of a closed list.
_WORDS: Final = """
EXISTS (SELECT FROM unnest(%(text_surveys)s::text[], %(texts)s::text[]) AS q(survey, key)
  WHERE q.survey = i.survey AND i.answers ->> q.key <> '')"""


@dataclass(frozen=True, slots=True)
class Row:
    """One answer to a survey, with all it said."""

    id: UUID
    customer_id: UUID | None
    survey: str
    store_id: UUID | None
    guide_id: UUID | None
    way: str
    unhappy: bool
    seen_at: datetime | None
    answered_at: datetime
    day: date
    answers: dict[str, Any]

    @property
    def mark(self) -> Mark:
        """Where the next page begins."""
        return self.answered_at, self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What narrows answers besides place and time.

    `figure` with `mark` are those for, neither or against; `question` with `word` those who gave
    this answer; `words` those that say something; `unseen` the unhappy ones nobody looked at.
    `within` keeps those of customers whose profile this scope may open, and of nobody.
    """

    figure: str = ""
    mark: str = ""
    question: str = ""
    word: str = ""
    words: bool = False
    unseen: bool = False
    within: Scope | None = None


def page(*, asked: Asked, wanted: Wanted, after: Mark | None = None, limit: int = 50) -> list[Row]:
    """Return answers, the last given first. One statement."""
    given: dict[str, object] = {**asked.given, "limit": limit}
    condition = "true"
    if wanted.figure:
        given |= {**asking.counted(), "figure": wanted.figure}
        condition += f"""
  AND EXISTS (SELECT FROM jsonb_each(i.answers) e
    CROSS JOIN LATERAL (SELECT e.key, {_NUMBER.replace("a.value", "e.value")} AS number) AS a
    JOIN counted c ON c.survey = i.survey AND c.key = a.key AND c.figure = %(figure)s
    WHERE a.number IS NOT NULL AND {_BY_MARK.get(wanted.mark, "true")})"""
    if wanted.question:
        given |= {"question": wanted.question, "word": wanted.word}
        condition += " AND i.answers ? %(question)s::text"
        condition += " AND i.answers ->> %(question)s::text = %(word)s" if wanted.word else ""
    if wanted.words:
        given |= asking.texts()
        condition += f" AND {_WORDS}"
    if wanted.unseen:
        condition += " AND i.unhappy AND i.seen_at IS NULL"
    if wanted.within is not None:
        where, values = _within(wanted.within)
        given |= values
        condition += f""" AND (i.customer_id IS NULL OR EXISTS (
  SELECT FROM customers_customer c WHERE c.id = i.customer_id AND {where}))"""
    if after is not None:
        given |= {"at": after[0], "id": after[1]}
        condition += " AND (i.answered_at, i.id) < (%(at)s::timestamptz, %(id)s::uuid)"
    head = f"WITH {asking.COUNTED} " if wanted.figure else ""
    rows = statements.every(
        f"{head}{asked.answered(_COLUMNS)} AND {condition} "
        "ORDER BY i.answered_at DESC, i.id DESC LIMIT %(limit)s",
        given,
    )
    read = [(*told, json.loads(answers)) for *told, answers in rows]
    return [Row(*each) for each in read]


def every(*, asked: Asked, wanted: Wanted) -> Iterator[Row]:
    """Return all of them in portions, for a file."""
    after: Mark | None = None
    while found := page(asked=asked, wanted=wanted, after=after, limit=_PORTION):
        yield from found
        after = found[-1].mark


def _within(scope: Scope) -> tuple[str, dict[str, object]]:
    """Return what a scope may see of a customer ``c``, with its parameters named."""
    where, values = visibility.within_sql(scope)
    for number in range(len(values)):
        where = where.replace("%s", f"%(within_{number})s", 1)
    return where, {f"within_{number}": value for number, value in enumerate(values)}
