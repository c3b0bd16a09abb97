"""What is behind a scorecard's contacts, messages and complaints: the last first."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from regulars.insights.periods import Days
from regulars.insights.selectors import scorecard
from regulars.insights.selectors.scorecard import Whose
from regulars.tenancy import statements

type Kind = Literal[
    "contacts", "flagged", "messages", "replies", "slow", "complaints", "resolved", "unresolved"
]
type Mark = tuple[datetime, UUID]

_OF_CONTACT: Final = "w.channel, '' AS title, '' AS state, w.flagged AS is_marked, NULL::interval"
_OF_MESSAGE: Final = "w.channel, '', '', coalesce(w.is_quick, false), w.taken"
_OF_COMPLAINT: Final = "w.number, w.title, w.state, w.is_resolved, w.resolved_at - w.at"
KINDS: Final[dict[Kind, tuple[str, str, str]]] = {
    "contacts": (scorecard.CONTACTS, _OF_CONTACT, "true"),
    "flagged": (scorecard.CONTACTS, _OF_CONTACT, "w.flagged"),
    "messages": (scorecard.MESSAGES, _OF_MESSAGE, "true"),
    "replies": (scorecard.MESSAGES, _OF_MESSAGE, "w.is_quick"),
    "slow": (scorecard.MESSAGES, _OF_MESSAGE, "w.is_quick IS NOT TRUE"),
    "complaints": (scorecard.COMPLAINTS, _OF_COMPLAINT, "true"),
    "resolved": (scorecard.COMPLAINTS, _OF_COMPLAINT, "w.is_resolved"),
    "unresolved": (scorecard.COMPLAINTS, _OF_COMPLAINT, "NOT w.is_resolved"),
}
"""What is behind each figure: where it is, what its rows tell, and which of them count."""
OF_COMPLAINTS: Final = frozenset({"complaints", "resolved", "unresolved"})


@dataclass(frozen=True, slots=True)
class Event:
    """A contact, a message that came in, or a complaint.

    `told` is the channel, or the number of the complaint. `is_marked`: beyond the budget, answered
    quickly, or settled. `taken` is how long until the answer or the settlement.
    """

    id: UUID
    at: datetime
    day: date
    customer_id: UUID | None
    guide_id: UUID | None
    store_id: UUID | None
    told: str
    title: str
    state: str
    is_marked: bool
    taken: timedelta | None

    @property
    def mark(self) -> Mark:
        """Where the next page begins."""
        return self.at, self.id


def page(
    *,
    whose: Whose,
    days: Days,
    kind: Kind,
    now: datetime,
    after: Mark | None = None,
    limit: int = 50,
) -> list[Event]:
    """Return what a figure of `scorecard.of` counts. One statement."""
    given = {**scorecard.given(whose=whose, days=days, now=now), "limit": limit}
    query, columns, condition = KINDS[kind]
    if after is not None:
        given |= {"at": after[0], "id": after[1]}
        condition += " AND (w.at, w.id) < (%(at)s::timestamptz, %(id)s::uuid)"
    sql = f"""
SELECT w.id, w.at, w.day, w.customer_id, w.guide_id, w.store_id, {columns}
FROM ({query}) AS w WHERE {condition} ORDER BY w.at DESC, w.id DESC LIMIT %(limit)s"""
    return [Event(*row) for row in statements.every(whose.put_into(sql), given)]
