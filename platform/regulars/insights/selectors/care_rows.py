"""The follow-ups behind a figure of results, newest first and a page at a time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from regulars.audit import Scope
from regulars.customers.selectors import visibility
from regulars.insights import questions
from regulars.insights.questions import Question
from regulars.insights.selectors import care_asking
from regulars.insights.selectors.care_asking import Asked
from regulars.tenancy import statements

type Mark = tuple[datetime, UUID]

_PORTION: Final = 2000
_COLUMNS: Final = (
    "t.id, t.customer_id, t.plan, t.step, t.outcome, t.satisfaction, t.store_id, t.done_by_id, "
    f"t.done_at, {care_asking.DONE_DAY}"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One finished follow-up; `value` is the answer to the question the rows are about."""

    id: UUID
    customer_id: UUID
    plan: str
    step: str
    outcome: str
    satisfaction: int | None
    store_id: UUID | None
    guide_id: UUID | None
    done_at: datetime
    day: date
    value: Any

    @property
    def mark(self) -> Mark:
        """Where the next page begins."""
        return self.done_at, self.id


def page(
    *,
    asked: Asked,
    question: Question | None = None,
    word: str = "",
    within: Scope | None = None,
    after: Mark | None = None,
    limit: int = 50,
) -> list[Row]:
    """Return finished follow-ups: all, those in which a question was answered, or with a word.

    `within` keeps those of customers whose profile this scope may open. One statement.
    """
    answer, condition = care_asking.answer_of(question) if question else ("NULL::jsonb", "true")
    given: dict[str, object] = {
        **asked.given,
        "limit": limit,
        "words": _spellings(question, word),
    }
    if question:
        given |= care_asking.named(question)
    if word:
        said = care_asking.WORDS.format(value=f"({answer})")
        condition += f" AND EXISTS (SELECT FROM ({said}) x WHERE x.word = ANY(%(words)s::text[]))"
    if within is not None:
        where, values = _within(within)
        given |= values
        condition += (
            f" AND EXISTS (SELECT FROM customers_customer c WHERE c.id = t.customer_id AND {where})"
        )
    if after is not None:
        given |= {"at": after[0], "id": after[1]}
        condition += " AND (t.done_at, t.id) < (%(at)s::timestamptz, %(id)s::uuid)"
    rows = statements.every(
        f"{asked.done(f'{_COLUMNS}, {answer}')} AND {condition} "
        "ORDER BY t.done_at DESC, t.id DESC LIMIT %(limit)s",
        given,
    )
    read = [(*told, json.loads(value) if value else None) for *told, value in rows]
    return [Row(*each) for each in read]


def every(
    *, asked: Asked, question: Question | None = None, word: str = "", within: Scope | None = None
) -> Iterator[Row]:
    """Return all of them in portions, for a file."""
    after: Mark | None = None
    while found := page(
        asked=asked, question=question, word=word, within=within, after=after, limit=_PORTION
    ):
        yield from found
        after = found[-1].mark


def _spellings(question: Question | None, word: str) -> list[str]:
    if question is not None and question.kind == "boolean":
        return list({"yes": questions.YES, "no": questions.NO}.get(word, (word,)))
    return [word]


def _within(scope: Scope) -> tuple[str, dict[str, object]]:
    """Return what a scope may see of a customer ``c``, with its parameters named."""
    where, values = visibility.within_sql(scope)
    for number in range(len(values)):
        where = where.replace("%s", f"%(within_{number})s", 1)
    return where, {f"within_{number}": value for number, value in enumerate(values)}
