"""What surveys say: scores with their sample, in every way they can be split, and who answered.

All of it is counted from the answers themselves in a constant number of statements.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from regulars.insights.balances import Balance
from regulars.insights.periods import steps
from regulars.insights.selectors import surveys_asking as asking
from regulars.insights.selectors.care import time_step
from regulars.insights.selectors.surveys_asking import CSAT, NPS, Asked
from regulars.insights.shares import Share
from regulars.surveys import declared
from regulars.tenancy import statements

__all__ = ["Asked", "By", "Part", "Results", "of_place", "said"]

type By = Literal["all", "store", "guide", "survey", "time", "product"]

_MOST_PRODUCTS: Final = 30
_ANSWERS: Final = ""  # the figure under which every answer counts once
# GROUPING() says by bits which columns a row was not grouped by, in this order.
_GROUPED: Final = ("store_id", "guide_id", "survey", "first_day")
_NAMES: Final[tuple[By, ...]] = ("store", "guide", "survey", "time")
_ALL_BITS: Final = 2 ** len(_GROUPED) - 1
_SETS: Final = ", ".join(f"({each}, figure)" for each in _GROUPED)
_COLUMNS: Final = (
    f"GROUPING({', '.join(_GROUPED)}), store_id::text, guide_id::text, survey, first_day"
)
_NUMBER: Final = asking.NUMBER.format(value="a.value")
_COUNTS: Final = "count(*), count(*) FILTER (WHERE is_up), count(*) FILTER (WHERE is_down)"
_SPLIT: Final = f"""
, {asking.COUNTED}, timed AS MATERIALIZED (
  SELECT t.*, b.first_day FROM answered t
  JOIN unnest(%(step_firsts)s::date[], %(step_lasts)s::date[]) AS b(first_day, last_day)
    ON t.day BETWEEN b.first_day AND b.last_day
), marks AS MATERIALIZED (
  SELECT t.id, t.store_id, t.guide_id, t.survey, t.first_day, c.figure,
    a.number >= c.up_from AS is_up, a.number <= c.down_upto AS is_down
  FROM timed t CROSS JOIN LATERAL (
    SELECT a.key, {_NUMBER} AS number FROM jsonb_each(t.answers) a) AS a
  JOIN counted c ON c.survey = t.survey AND c.key = a.key
  WHERE a.number IS NOT NULL
  UNION ALL
  SELECT id, store_id, guide_id, survey, first_day, '{_ANSWERS}', false, false FROM timed
), goods AS MATERIALIZED (
  SELECT DISTINCT t.id, l.product_name FROM timed t
  JOIN purchases_line l ON l.purchase_id = t.purchase_id WHERE l.product_name <> ''
), often AS (
  SELECT product_name FROM goods GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {_MOST_PRODUCTS}
)
SELECT {_COLUMNS}, NULL AS product, figure, {_COUNTS} FROM marks
GROUP BY GROUPING SETS ({_SETS}, (figure))
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, product_name, figure, {_COUNTS}
FROM marks JOIN goods USING (id) JOIN often USING (product_name) GROUP BY product_name, figure"""
_RESPONSE_SETS: Final = "(store_id), (guide_id), (survey), ()"
_RESPONSE: Final = f"""
SELECT GROUPING(store_id, guide_id, survey), store_id::text, guide_id::text, survey, count(*),
  count(*) FILTER (WHERE answered_at IS NOT NULL)
FROM asked GROUP BY GROUPING SETS ({_RESPONSE_SETS})"""
_SAID: Final = """
SELECT i.survey, a.key, a.value #>> '{}', count(*) FROM answered i, jsonb_each(i.answers) a
WHERE jsonb_typeof(a.value) IN ('number', 'boolean')
  OR (i.survey, a.key) IN (SELECT * FROM unnest(%(choice_surveys)s::text[], %(choices)s::text[]))
GROUP BY 1, 2, 3"""


class Marks(NamedTuple):
    """How many answered what counts for a figure, and how many of them for and against."""

    whole: int = 0
    up: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The answers of a part of something: of a store, a guide, a survey, a week, a product."""

    answered: int
    asked: int
    replied: int
    marks: Mapping[str, Marks]

    @property
    def nps(self) -> Balance:
        """Promoters less detractors."""
        found = self.marks.get(NPS, Marks())
        return Balance(found.up, found.down, found.whole)

    @property
    def csat(self) -> Share:
        """Those who were satisfied on the first question, where it is not about recommending."""
        return self.share(CSAT)

    def share(self, figure: str) -> Share:
        """Return the share of those satisfied with a dimension."""
        found = self.marks.get(figure, Marks())
        return Share(found.up, found.whole)

    @property
    def response(self) -> Share:
        """Those who answered, of those whom a message asked in the period."""
        return Share(self.replied, self.asked)


_NOTHING: Final = Part(answered=0, asked=0, replied=0, marks={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything the page shows of a place and period.

    The key of a part is an id as text, the key of a survey, a product's name, or the first day of
    a step of time.
    """

    parts: Mapping[By, Mapping[str, Part]]

    @property
    def all(self) -> Part:
        """The answers of everybody."""
        return self.parts.get("all", {}).get("", _NOTHING)

    def of(self, by: By) -> Sequence[tuple[str, Part]]:
        """Return the parts of a kind, those with most answers first; of time: as they come."""
        found = self.parts.get(by, {}).items()
        if by == "time":
            return sorted(found)
        return sorted(found, key=lambda item: (-item[1].answered, -item[1].asked, item[0]))


def of_place(*, asked: Asked) -> Results:
    """Return the figures of the answers asked for, whole and in every split. Two statements.

    An answer about several products counts for each; of products the most frequent are told.
    """
    columns = (
        "i.id, i.store_id, i.guide_id, i.survey, i.purchase_id, i.answers, "
        f"{asking.ANSWERED_DAY} AS day"
    )
    parts = steps(asked.days, time_step(asked.days))
    rows = statements.every(
        f"WITH answered AS MATERIALIZED ({asked.answered(columns)}){_SPLIT}",
        {
            **asked.given,
            **asking.counted(),
            "step_firsts": [each.first for each in parts],
            "step_lasts": [each.last for each in parts],
        },
    )
    columns = "i.store_id, i.guide_id, i.survey, i.answered_at"
    replied = statements.every(
        f"WITH asked AS MATERIALIZED ({asked.asked(columns)}){_RESPONSE}", asked.given
    )
    return _put_together(rows, replied)


def said(*, asked: Asked) -> Mapping[tuple[str, str], Mapping[str, int]]:
    """Return how often each answer was given, by survey and question. One statement."""
    choices = [
        (survey.key, field.key)
        for survey in declared.every()
        for field in survey.questions
        if field.kind == "choice"
    ]
    rows = statements.every(
        f"WITH answered AS MATERIALIZED ({asked.answered('i.survey, i.answers')}){_SAID}",
        {
            **asked.given,
            "choice_surveys": [survey for survey, _key in choices],
            "choices": [key for _survey, key in choices],
        },
    )
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for survey, key, word, number in rows:
        found[survey, key][word] = number
    return found


def _put_together(rows: Sequence[tuple[Any, ...]], replied: Sequence[tuple[Any, ...]]) -> Results:
    marks: dict[tuple[By, str], dict[str, Marks]] = defaultdict(dict)
    for bits, *columns, product, figure, whole, up, down in rows:
        at: tuple[By, str] = ("product", product) if bits is None else _part(bits, columns)
        marks[at][figure] = Marks(whole, up, down)
    response: dict[tuple[By, str], tuple[int, int]] = {}
    for bits, store_id, guide_id, survey, asked, answered in replied:
        at = _part(bits << 1 | 1, (store_id, guide_id, survey, None))
        response[at] = (asked, answered)
    parts: dict[By, dict[str, Part]] = defaultdict(dict)
    for by, key in dict.fromkeys([*marks, *response]):
        figures = marks.get((by, key), {})
        asked, answered = response.get((by, key), (0, 0))
        parts[by][key] = Part(
            answered=figures.get(_ANSWERS, Marks()).whole,
            asked=asked,
            replied=answered,
            marks={name: each for name, each in figures.items() if name != _ANSWERS},
        )
    return Results(parts=parts)


def _part(bits: int, columns: Sequence[str | date | None]) -> tuple[By, str]:
    """Return what a row of the grouping sets is about; nobody's rows have an empty key."""
    if bits == _ALL_BITS:
        return "all", ""
    place = next(n for n in range(len(_GROUPED)) if not bits >> (len(_GROUPED) - 1 - n) & 1)
    value = columns[place]
    key = value.isoformat() if isinstance(value, date) else value or ""
    return _NAMES[place], key
