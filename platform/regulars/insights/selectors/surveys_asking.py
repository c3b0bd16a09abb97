"""Which answers of surveys figures are about, as SQL, and what their numbers count for."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal, get_args
from uuid import UUID

from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.kit import Field, Survey
from regulars.kit.schema import Dimension
from regulars.surveys import declared, scales
from regulars.tenancy import context

NPS: Final = "nps"
CSAT: Final = "csat"
DIMENSIONS: Final[tuple[str, ...]] = tuple(each for each in get_args(Dimension) if each)
FIGURES: Final = (NPS, CSAT, *DIMENSIONS)
type Mark = Literal["", "up", "middle", "down"]
MARKS: Final = ("up", "middle", "down")
"""For, neither and against: promoters and detractors, satisfied and unhappy."""

# The day in the store's own zone; what was answered in no store is the chain's.
ANSWERED_DAY: Final = "(i.answered_at AT TIME ZONE coalesce(s.time_zone, %(zone)s))::date"
_ASKED_DAY: Final = "(i.asked_at AT TIME ZONE coalesce(s.time_zone, %(zone)s))::date"
_NOT_SENT: Final = """EXISTS (SELECT FROM messaging_contact m WHERE m.id = i.contact_id
  AND m.state IN ('cancelled', 'failed', 'refused'))"""
# A number as it stands in JSON; anything else is none.
NUMBER: Final = """CASE WHEN jsonb_typeof({value}) = 'number'
  THEN ({value} #>> '{{}}')::numeric END"""
COUNTED: Final = """counted AS (
  SELECT * FROM unnest(%(surveys)s::text[], %(keys)s::text[], %(figures)s::text[],
    %(ups)s::int[], %(downs)s::int[]) AS c(survey, key, figure, up_from, down_upto))"""
"""Which question counts for which figure, from which number on for and up to which against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Answers given in a period, of the stores of a place.

    `with_rest` takes in those that belong to no store. `guide_id` is who served or talked;
    `product` is among the goods of the purchase it was about.
    """

    place: Place
    days: Days
    with_rest: bool = False
    survey: str = ""
    guide_id: UUID | None = None
    product: str = ""

    def answered(self, columns: str) -> str:
        """Return the query of these answers as ``i`` (store ``s``), with its parameters named."""
        return f"""
SELECT {columns} FROM surveys_invitation i LEFT JOIN stores_store s ON s.id = i.store_id
WHERE i.answered_at >= %(from)s AND i.answered_at < %(until)s
  AND {ANSWERED_DAY} BETWEEN %(first)s AND %(last)s AND {self._here}{self._narrowed}"""

    def asked(self, columns: str) -> str:
        """Return the query of what messages asked in the period, answered or not.

        Who was handed the tablet besides, or answered there, was asked by message all the same.
        """
        return f"""
SELECT {columns} FROM surveys_invitation i LEFT JOIN stores_store s ON s.id = i.store_id
WHERE i.asked_at >= %(from)s AND i.asked_at < %(until)s
  AND (i.way = 'message' OR i.contact_id IS NOT NULL)
  AND {_ASKED_DAY} BETWEEN %(first)s AND %(last)s AND {self._here}{self._narrowed}
  AND NOT (i.answered_at IS NULL AND {_NOT_SENT})"""

    def of_survey(self, key: str) -> "Asked":
        """Return the same of one survey."""
        return replace(self, survey=key)

    @property
    def given(self) -> dict[str, object]:
        """The parameters; `from` and `until` are a day wider than any zone."""
        wide = timedelta(days=1)
        return {
            "stores": list(self.place.store_ids),
            "first": self.days.first,
            "last": self.days.last,
            "from": datetime.combine(self.days.first, time(), UTC) - wide,
            "until": datetime.combine(self.days.last, time(), UTC) + 2 * wide,
            "zone": context.current().time_zone,
            "survey": self.survey,
            "guide": self.guide_id,
            "product": self.product,
        }

    @property
    def _here(self) -> str:
        here = "i.store_id = ANY(%(stores)s::uuid[])"
        return f"({here} OR i.store_id IS NULL)" if self.with_rest else here

    @property
    def _narrowed(self) -> str:
        parts = ""
        if self.survey:
            parts += " AND i.survey = %(survey)s"
        if self.guide_id:
            parts += " AND i.guide_id = %(guide)s::uuid"
        if self.product:
            parts += """ AND EXISTS (SELECT FROM purchases_line l
  WHERE l.purchase_id = i.purchase_id AND l.product_name = %(product)s)"""
        return parts


def counted() -> dict[str, list[object]]:
    """Return the parameters of COUNTED, from what the chain's surveys ask, retired ones too."""
    rows = [row for survey in declared.every() for row in _counted(survey)]
    names = ("surveys", "keys", "figures", "ups", "downs")
    return {name: [row[n] for row in rows] for n, name in enumerate(names)}


def _counted(survey: Survey) -> Iterator[tuple[str, str, str, int, int]]:
    ratings = [each for each in survey.questions if each.kind == "rating"]
    for place, field in enumerate(ratings):
        for figure, up, down in _figures(field, is_first=place == 0):
            yield survey.key, field.key, figure, up, down


def _figures(field: Field, *, is_first: bool) -> Iterator[tuple[str, int, int]]:
    """Yield what a question counts for: the score of recommending, or how satisfied; its theme."""
    up, down = scales.satisfied_from(field), scales.unhappy_upto(field)
    if scales.is_nps(field):
        yield NPS, scales.PROMOTER, scales.DETRACTOR
    elif is_first:
        yield CSAT, up, down
    if field.about:
        yield field.about, up, down


def texts() -> dict[str, list[str]]:
    """Return which questions are answered in words, as parameters."""
    found = [
        (survey.key, field.key)
        for survey in declared.every()
        for field in survey.questions
        if field.kind == "text"
    ]
    return {"text_surveys": [each[0] for each in found], "texts": [each[1] for each in found]}
