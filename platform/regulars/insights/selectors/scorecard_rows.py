"""What is behind a scorecard's figures: follow-ups, those due last first, and regulars."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from regulars.insights.periods import Days
from regulars.insights.selectors import scorecard
from regulars.insights.selectors.scorecard import Whose
from regulars.tenancy import statements

type Kind = Literal["due", "done", "on-time", "missed", "rated"]
type Mark = tuple[date, UUID]

_DUE: Final = "(w.due_on <= w.today OR w.state = 'done')"
KINDS: Final[dict[Kind, tuple[str, tuple[str, ...]]]] = {
    "due": (_DUE, (scorecard.OPEN, scorecard.CLOSED)),
    "done": ("w.state = 'done'", (scorecard.CLOSED,)),
    "on-time": ("w.state = 'done' AND w.done_on <= w.due_on", (scorecard.CLOSED,)),
    "missed": (f"{_DUE} AND w.state <> 'done'", (scorecard.OPEN, scorecard.CLOSED)),
    "rated": ("w.done_on BETWEEN %(first)s AND %(last)s", (scorecard.RATED,)),
}
"""What is behind each figure: which rows count, and where they are looked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """One follow-up: when it was due, what became of it, and when it was done, if it was."""

    id: UUID
    customer_id: UUID
    plan: str
    step: str
    title: str
    state: str
    outcome: str
    satisfaction: int | None
    store_id: UUID | None
    guide_id: UUID | None
    due_on: date
    done_on: date | None

    @property
    def mark(self) -> Mark:
        """Where the next page begins."""
        return self.due_on, self.id


def page(
    *,
    whose: Whose,
    days: Days,
    kind: Kind,
    now: datetime,
    after: Mark | None = None,
    limit: int = 50,
) -> list[Row]:
    """Return the follow-ups that a figure of `scorecard.of` counts. One statement."""
    given = {**scorecard.given(whose=whose, days=days, now=now), "limit": limit}
    condition, parts = KINDS[kind]
    if after is not None:
        given |= {"on": after[0], "id": after[1]}
        condition += " AND (w.due_on, w.id) < (%(on)s::date, %(id)s::uuid)"
    sql = f"""
SELECT w.id, w.customer_id, w.plan, w.step, w.title, w.state, w.outcome, w.satisfaction, w.store_id,
  w.guide_id, w.due_on, CASE WHEN w.state = 'done' THEN w.done_on END
FROM ({scorecard.follow_ups(*parts)}) AS w
WHERE {condition} ORDER BY w.due_on DESC, w.id DESC LIMIT %(limit)s"""  # noqa: S608
    return [Row(*row) for row in statements.every(whose.put_into(sql), given)]


@dataclass(frozen=True, slots=True)
class Regular:
    """A regular of the year before the period: visits in it, and the day of the last one yet."""

    customer_id: UUID
    visits: int
    last_day: date

    @property
    def mark(self) -> Mark:
        """Where the next page begins."""
        return self.last_day, self.customer_id


def regulars(
    *,
    whose: Whose,
    days: Days,
    came: bool,
    now: datetime,
    after: Mark | None = None,
    limit: int = 50,
) -> list[Regular]:
    """Return the regulars who came again in the period, or those who did not. One statement."""
    given = {**scorecard.given(whose=whose, days=days, now=now), "came": came, "limit": limit}
    later = ""
    if after is not None:
        given |= {"on": after[0], "id": after[1]}
        later = "AND (j.last_day, j.customer_id) < (%(on)s::date, %(id)s::uuid)"
    sql = f"""{scorecard.REGULARS}
SELECT j.customer_id, j.visits, j.last_day FROM judged j
WHERE j.came = %(came)s {later}
ORDER BY j.last_day DESC, j.customer_id DESC LIMIT %(limit)s"""  # noqa: S608
    return [Regular(*row) for row in statements.every(whose.put_into(sql), given)]
