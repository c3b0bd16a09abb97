"""The answers to one question, split by store, guide, plan, goods and time."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from regulars.insights.periods import steps
from regulars.insights.questions import Question
from regulars.insights.selectors import care_asking
from regulars.insights.selectors.care import Answers, read_word, time_step
from regulars.insights.selectors.care_asking import Asked
from regulars.tenancy import statements

type By = Literal["all", "store", "guide", "plan", "category", "product", "time"]

_MOST_PRODUCTS: Final = 30
# GROUPING() says by bits which columns a row was not grouped by, in this order.
_GROUPED: Final = ("store_id", "done_by_id", "plan", "first_day")
_NAMES: Final = ("store", "guide", "plan", "time")
_ALL_BITS: Final = 2 ** len(_GROUPED) - 1
_SETS: Final = ", ".join(f"({each})" for each in _GROUPED)
_SETS_OF_WORDS: Final = ", ".join(f"({each}, word)" for each in _GROUPED)
_COLUMNS: Final = (
    f"GROUPING({', '.join(_GROUPED)}), store_id::text, done_by_id::text, plan, first_day"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The answers to a question in every part of something: by store, by guide …

    The key of a part is an id as text, a word, or the first day of a step of time.
    """

    question: Question
    parts: Mapping[By, Mapping[str, Answers]]

    @property
    def all(self) -> Answers:
        """The answers of everybody."""
        return self.parts["all"].get("", Answers(question=self.question))

    def of(self, by: By) -> Sequence[tuple[str, Answers]]:
        """Return the parts of a kind, those with most answers first; of time: as they come."""
        found = self.parts.get(by, {}).items()
        if by == "time":
            return sorted(found)
        return sorted(found, key=lambda item: (-item[1].answered, item[0]))


def of_question(*, asked: Asked, question: Question) -> Split:
    """Return the answers to a question in every way they can be split. One statement.

    What concerns several goods is an answer about each of them. Of products the most frequent
    ones are told.
    """
    answer, condition = care_asking.answer_of(question)
    columns = (
        "t.id, t.plan, t.store_id, t.done_by_id, t.source, "
        f"{care_asking.DONE_DAY} AS day, {answer} AS value"
    )
    parts = steps(asked.days, time_step(asked.days))
    rows = statements.every(
        f"WITH answered AS MATERIALIZED ({asked.done(columns)} AND {condition}){_SPLIT}",
        {
            **asked.given,
            **care_asking.named(question),
            "with_words": question.is_counted,
            "step_firsts": [each.first for each in parts],
            "step_lasts": [each.last for each in parts],
        },
    )
    return _put_together(question, rows)


_SPLIT: Final = f"""
, timed AS (
  SELECT t.*, a.first_day FROM answered t
  JOIN unnest(%(step_firsts)s::date[], %(step_lasts)s::date[]) AS a(first_day, last_day)
    ON t.day BETWEEN a.first_day AND a.last_day
), words AS (
  SELECT t.id, t.store_id, t.done_by_id, t.plan, t.first_day, said.word
  FROM timed t, LATERAL ({care_asking.WORDS.format(value="t.value")}) AS said
  WHERE %(with_words)s::boolean
), goods AS MATERIALIZED (
  SELECT DISTINCT t.id, g.category, g.product_name
  FROM answered t, LATERAL ({care_asking.GOODS.format(task="t")}) AS g
), often AS (
  SELECT product_name FROM goods WHERE product_name <> ''
  GROUP BY 1 ORDER BY count(DISTINCT id) DESC, 1 LIMIT {_MOST_PRODUCTS}
), about AS MATERIALIZED (
  SELECT DISTINCT id, 'category' AS kind, category AS part FROM goods WHERE category <> ''
  UNION ALL
  SELECT DISTINCT id, 'product', product_name FROM goods JOIN often USING (product_name)
)
SELECT {_COLUMNS}, NULL AS kind, NULL AS part, NULL AS word, count(*) FROM timed
GROUP BY GROUPING SETS ({_SETS}, ())
UNION ALL
SELECT {_COLUMNS}, NULL, NULL, word, count(*) FROM words
GROUP BY GROUPING SETS ({_SETS_OF_WORDS}, (word))
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, kind, part, NULL, count(*) FROM about GROUP BY kind, part
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, kind, part, word, count(*) FROM about JOIN words USING (id)
GROUP BY kind, part, word"""


def _put_together(question: Question, rows: Sequence[tuple[Any, ...]]) -> Split:
    answered: dict[tuple[By, str], int] = Counter()
    said: dict[tuple[By, str], Counter[str]] = defaultdict(Counter)
    for bits, *columns, kind, part, word, number in rows:
        at = (kind, part) if kind else _part(bits, columns)
        if word is None:
            answered[at] += number
        else:
            said[at][read_word(question, word)] += number
    parts: dict[By, dict[str, Answers]] = defaultdict(dict)
    for (by, key), number in answered.items():
        words = said[by, key]
        parts[by][key] = Answers(
            question=question, answered=number, said=dict(words), mean=_mean(question, words)
        )
    return Split(question=question, parts=parts)


def _part(bits: int, columns: Sequence[str | date | None]) -> tuple[By, str]:
    """Return what a row of the grouping sets is about; nobody's rows have an empty key."""
    if bits == _ALL_BITS:
        return "all", ""
    place = next(n for n in range(len(_GROUPED)) if not bits >> (len(_GROUPED) - 1 - n) & 1)
    value = columns[place]
    key = value.isoformat() if isinstance(value, date) else value or ""
    return _NAMES[place], key


def _mean(question: Question, words: Mapping[str, int]) -> float | None:
    numbers = {word: n for word, n in words.items() if question.kind == "rating" and word.isdigit()}
    if not numbers:
        return None
    return sum(int(word) * n for word, n in numbers.items()) / sum(numbers.values())
