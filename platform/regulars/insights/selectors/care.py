"""What customers answered in follow-ups (C8): how many of how many said what, and how it went.

All of it is counted from the follow-ups themselves in a constant number of statements.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from regulars import registry
from regulars.insights import questions
from regulars.insights.periods import Days, Step, step_of, steps
from regulars.insights.questions import SATISFACTION, Question
from regulars.insights.selectors import care_asking
from regulars.insights.selectors.care_asking import Asked
from regulars.insights.shares import Share
from regulars.tenancy import statements

__all__ = ["Answers", "Asked", "Point", "Results", "Talk", "of_place"]

_SATISFIED: Final = 4  # of 5, and above
_LONGEST_BY_DAY: Final = 14
_YES: Final = "yes"
_NO: Final = "no"
_COUNTED: Final = f"""
, declared AS (
  SELECT * FROM unnest(%(plans)s::text[], %(steps)s::text[], %(keys)s::text[],
    %(counted)s::boolean[]) AS d(plan, step, key, counted)
), given AS MATERIALIZED (
  SELECT t.plan, t.step, a.key, a.value,
    coalesce(d.counted, a.key = ANY(%(general)s::text[])) AS counted
  FROM done t CROSS JOIN LATERAL jsonb_each(t.answers) a
  LEFT JOIN declared d USING (key, plan, step)
  WHERE {care_asking.IS_GIVEN.format(value="a.value")}
    AND (d.key IS NOT NULL OR a.key <> '{SATISFACTION}')
)
SELECT 'answered', plan, step, key, NULL, count(*),
  avg(CASE WHEN jsonb_typeof(value) = 'number' THEN value::numeric END)::float8
FROM given GROUP BY plan, step, key
UNION ALL
SELECT 'said', plan, step, key, said.word, count(*), NULL
FROM given, LATERAL ({care_asking.WORDS.format(value="value")}) AS said
WHERE counted GROUP BY plan, step, key, said.word
UNION ALL
SELECT 'done', plan, step, outcome, NULL, count(*), NULL FROM done GROUP BY plan, step, outcome
UNION ALL
SELECT 'said', '', '', '{SATISFACTION}', satisfaction::text, count(*), NULL
FROM done WHERE satisfaction IS NOT NULL GROUP BY satisfaction"""
_SERIES: Final = f"""
SELECT a.first_day, count(*), count(t.satisfaction), coalesce(sum(t.satisfaction), 0),
  count(*) FILTER (WHERE t.satisfaction >= {_SATISFIED})
FROM unnest(%(step_firsts)s::date[], %(step_lasts)s::date[]) AS a(first_day, last_day)
JOIN done t ON t.day BETWEEN a.first_day AND a.last_day GROUP BY a.first_day"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers to one question: how many gave any, how often each word, the mean of numbers."""

    question: Question
    answered: int = 0
    said: Mapping[str, int] = field(default_factory=dict)
    mean: float | None = None

    def share(self, word: str) -> Share:
        """Return how many of those who answered said a word; several words may be one's."""
        return Share(self.said.get(word, 0), self.answered)


class Talk(NamedTuple):
    """What became of the finished follow-ups of a step of a plan: how many of each outcome."""

    plan: str
    step: str
    outcomes: Mapping[str, int]

    @property
    def done(self) -> int:
        """How many there were."""
        return sum(self.outcomes.values())


class Point(NamedTuple):
    """One step of time: follow-ups done, and what the customers thought of us, 1 to 5."""

    days: Days
    done: int = 0
    rated: int = 0
    rating_sum: int = 0
    satisfied: int = 0

    @property
    def mean(self) -> float | None:
        """The mean satisfaction; None when nobody was asked."""
        return self.rating_sum / self.rated if self.rated else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything the page shows of a place and period."""

    talks: Sequence[Talk]
    answers: Mapping[str, Answers]
    """By the question's id; a question without an answer is not there."""
    step: Step
    series: Sequence[Point]

    @property
    def satisfaction(self) -> Answers:
        """How satisfied customers said they are."""
        missing = Answers(question=questions.general()[SATISFACTION])
        return self.answers.get(SATISFACTION, missing)

    @property
    def satisfied(self) -> Share:
        """Those who said 4 or 5, of those who were asked."""
        return satisfied(self.satisfaction)

    @property
    def done(self) -> int:
        """Follow-ups finished."""
        return sum(each.done for each in self.talks)


def satisfied(answers: Answers) -> Share:
    """Return the share of 4 and 5."""
    part = sum(n for word, n in answers.said.items() if int(word) >= _SATISFIED)
    return Share(part, answers.answered)


def of_place(*, asked: Asked) -> Results:
    """Return the results of the follow-ups asked for. Two statements."""
    step = time_step(asked.days)
    return Results(
        **_counted(asked),
        step=step,
        series=_series(asked, steps(asked.days, step)),
    )


def time_step(days: Days) -> Step:
    """Return how finely answers are drawn over time: a day of a long period has too few."""
    step = step_of(days)
    return "week" if step == "day" and days.length > _LONGEST_BY_DAY else step


def _counted(asked: Asked) -> dict[str, Any]:
    known = questions.declared(registry.vertical())
    general = questions.general()
    columns = "t.plan, t.step, t.answers, t.satisfaction, t.outcome"
    sql = f"WITH done AS MATERIALIZED ({asked.done(columns)}){_COUNTED}"
    rows = statements.every(
        sql,
        {
            **asked.given,
            "plans": [plan for plan, _step, _key in known],
            "steps": [step for _plan, step, _key in known],
            "keys": [key for _plan, _step, key in known],
            "counted": [each.is_counted for each in known.values()],
            "general": [each.key for each in general.values() if each.is_counted],
        },
    )
    tally = _Tally()
    for kind, plan, step, key, word, number, mean in rows:
        if kind == "done":
            tally.outcomes[plan, step][key] += number
            continue
        question = known.get((plan, step, key)) or general.get(key)
        if question is not None:  # what nobody declares any more has no words to show
            tally.add(kind, question, word, number, mean)
    return {
        "talks": [Talk(*at, dict(by)) for at, by in sorted(tally.outcomes.items())],
        "answers": tally.answers(),
    }


class _Tally:
    """Rows of the statement, put together by question."""

    def __init__(self) -> None:
        self.outcomes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._questions: dict[str, Question] = {}
        self._answered: Counter[str] = Counter()
        self._said: dict[str, Counter[str]] = defaultdict(Counter)
        self._sums: dict[str, float] = defaultdict(float)

    def add(
        self, kind: str, question: Question, word: str, number: int, mean: float | None
    ) -> None:
        self._questions[question.id] = question
        if kind == "said":
            self._said[question.id][read_word(question, word)] += number
        if kind == "answered" or question.id == SATISFACTION:
            self._answered[question.id] += number
            self._sums[question.id] += float((word if kind == "said" else mean) or 0) * number

    def answers(self) -> dict[str, Answers]:
        return {
            key: Answers(
                question=question,
                answered=self._answered[key],
                said=dict(self._said[key]),
                mean=self._sums[key] / self._answered[key] if question.is_number else None,
            )
            for key, question in self._questions.items()
        }


def read_word(question: Question, word: str) -> str:
    """Return yes and no alike however they were kept."""
    if question.kind != "boolean":
        return word
    return _YES if word in questions.YES else _NO if word in questions.NO else word


def _series(asked: Asked, parts: Sequence[Days]) -> list[Point]:
    done = asked.done(f"t.satisfaction, {care_asking.DONE_DAY} AS day")
    rows = statements.every(
        f"WITH done AS MATERIALIZED ({done}){_SERIES}",
        {
            **asked.given,
            "step_firsts": [each.first for each in parts],
            "step_lasts": [each.last for each in parts],
        },
    )
    found = {first: rest for first, *rest in rows}
    return [Point(each, *found.get(each.first, ())) for each in parts]
