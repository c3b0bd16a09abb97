"""The scorecard (C9): what each guide and each store did for their customers in a period.

What every figure counts is said by `web.headoffice.cards`, beside the figure.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from regulars import registry
from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.insights.selectors.complaints_asking import REOPENED
from regulars.insights.shares import Share
from regulars.tenancy import context, statements

_YEAR: Final = 365  # days before the period in which somebody was a regular
_SATISFIED: Final = 4  # of 5, and above
_WHOSE: Final = re.compile(r"\[whose (?P<store>[\w.]+), (?P<guide>[\w.]+)\]")
_EARLIER: Final = timedelta(days=31)  # at most, that a contact is written before it counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The figures of one guide, one store, or all of a place together."""

    due: int = 0
    done: int = 0
    on_time: int = 0
    rated: int = 0
    rating_sum: int = 0
    satisfied: int = 0
    regulars: int = 0
    kept: int = 0
    contacts: int = 0
    flagged: int = 0
    messages: int = 0
    answered: int = 0
    quickly: int = 0
    complaints: int = 0
    resolved: int = 0

    @property
    def mean(self) -> float | None:
        """The mean satisfaction, 1 to 5; None when nobody was asked."""
        return self.rating_sum / self.rated if self.rated else None

    @property
    def done_share(self) -> Share:
        """Done of due."""
        return Share(self.done, self.due)

    @property
    def on_time_share(self) -> Share:
        """Done in time, of due."""
        return Share(self.on_time, self.due)

    @property
    def satisfied_share(self) -> Share:
        """Satisfied customers, of those who were asked."""
        return Share(self.satisfied, self.rated)

    @property
    def kept_share(self) -> Share:
        """Regulars who came again, of all of them."""
        return Share(self.kept, self.regulars)

    @property
    def quickly_share(self) -> Share:
        """Messages answered in time, of all that came in."""
        return Share(self.quickly, self.messages)

    @property
    def resolved_share(self) -> Share:
        """Complaints that were settled, of those received."""
        return Share(self.resolved, self.complaints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Cards by guide (None: nobody's), by store (None: of no store), and of everything."""

    guides: Mapping[UUID | None, Card]
    stores: Mapping[UUID | None, Card]
    total: Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose cards are made: of the stores of a place, of one guide wherever, or of one in it."""

    place: Place | None = None
    guide_id: UUID | None = None
    with_rest: bool = False  # of a place: what belongs to no store too

    def put_into(self, sql: str) -> str:
        """Return a statement with the conditions on these columns in their place.

        ``[whose store, guide]`` names the two columns: close to the table, where an index helps.
        """
        return _WHOSE.sub(lambda found: self._on(found["store"], found["guide"]), sql)

    def _on(self, store: str, guide: str) -> str:
        parts = []
        if self.place is not None:
            here = f"{store} = ANY(%(stores)s::uuid[])"
            parts.append(f"({here} OR {store} IS NULL)" if self.with_rest else here)
        if self.guide_id is not None:
            parts.append(f"{guide} = %(guide)s::uuid")
        return " AND ".join(parts) or "true"


def given(*, whose: Whose, days: Days, now: datetime) -> dict[str, object]:
    """Return the parameters of every statement about cards; days are those of the stores."""
    day = timedelta(days=1)
    return {
        "stores": list(whose.place.store_ids) if whose.place else [],
        "guide": whose.guide_id,
        "first": days.first,
        "last": days.last,
        "from": datetime.combine(days.first, time(), UTC) - day,
        "until": datetime.combine(days.last, time(), UTC) + 2 * day,
        "now": now,
        "zone": context.current().time_zone,
        "visits": registry.policy("silence.visits"),
        "minutes": registry.policy("care.reply-minutes"),
        "earliest": _first_id(datetime.combine(days.first, time(), UTC) - _EARLIER),
    }


def of(*, whose: Whose, days: Days, now: datetime) -> Scorecard:
    """Return the cards of a period. Five statements, however many guides there are."""
    values = given(whose=whose, days=days, now=now)
    made = _Cards()
    made.take(_TASKS, ("due", "done", "on_time", "rated", "rating_sum", "satisfied"), whose, values)
    made.take(_KEPT, ("regulars", "kept"), whose, values)
    made.take(_CONTACTS, ("contacts", "flagged"), whose, values)
    made.take(_REPLIES, ("messages", "answered", "quickly"), whose, values)
    made.take(_COMPLAINTS, ("complaints", "resolved"), whose, values)
    return made.scorecard()


class _Cards:
    """Cards as statement after statement fills them."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[UUID | None, Card]] = {"guide": {}, "store": {}, "all": {}}

    def take(
        self, sql: str, names: Sequence[str], whose: Whose, values: Mapping[str, object]
    ) -> None:
        for kind, key, *numbers in statements.every(whose.put_into(sql), values):
            cards = self._kinds[kind]
            counted: dict[str, Any] = dict(zip(names, numbers, strict=True))
            cards[key] = replace(cards.get(key, Card()), **counted)

    def scorecard(self) -> Scorecard:
        return Scorecard(
            guides=self._kinds["guide"],
            stores=self._kinds["store"],
            total=self._kinds["all"].get(None, Card()),
        )


def _first_id(at: datetime) -> UUID:
    """Return the smallest UUIDv7 of a moment: keys of later rows are larger."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


_BY: Final = """
SELECT CASE GROUPING(w.guide_id, w.store_id) WHEN 1 THEN 'guide' WHEN 2 THEN 'store' ELSE 'all' END,
  CASE GROUPING(w.guide_id, w.store_id) WHEN 1 THEN w.guide_id WHEN 2 THEN w.store_id END"""
_SETS: Final = "GROUP BY GROUPING SETS ((w.guide_id), (w.store_id), ())"

# A follow-up that an event ended (a return, a wish to hear no more) was nobody's to do any more.
# Each part is a range of one index; what is open and what is closed have none in common.
OPEN: Final = """
SELECT t.* FROM followups_task t
WHERE t.state = 'open' AND t.due_on BETWEEN %(first)s AND %(last)s
  AND [whose t.store_id, t.owner_id]"""
CLOSED: Final = """
SELECT t.* FROM followups_task t
WHERE t.state IN ('done', 'skipped') AND t.due_on BETWEEN %(first)s AND %(last)s
  AND [whose t.store_id, t.owner_id]"""
RATED: Final = """
SELECT t.* FROM followups_task t
WHERE t.state = 'done' AND t.done_at >= %(from)s AND t.done_at < %(until)s
  AND t.satisfaction IS NOT NULL AND [whose t.store_id, t.owner_id]"""


def follow_ups(*parts: str) -> str:
    """Return the query of follow-ups with their days in the zone of their store, as ``w``."""
    return f"""
  SELECT t.*, t.owner_id AS guide_id,
    (t.done_at AT TIME ZONE coalesce(s.time_zone, %(zone)s))::date AS done_on,
    (%(now)s::timestamptz AT TIME ZONE coalesce(s.time_zone, %(zone)s))::date AS today
  FROM ({" UNION ALL ".join(parts)}) t LEFT JOIN stores_store s ON s.id = t.store_id"""


_ELSEWHEN: Final = f"{RATED} AND t.due_on NOT BETWEEN %(first)s AND %(last)s"
_TASKS: Final = f"""
WITH w AS MATERIALIZED (
  SELECT w.guide_id, w.store_id, w.due_on, w.done_on, w.satisfaction,
    w.due_on BETWEEN %(first)s AND %(last)s AND (w.due_on <= w.today OR w.state = 'done') AS is_due,
    w.state = 'done' AS is_done,
    w.state = 'done' AND w.done_on BETWEEN %(first)s AND %(last)s
      AND w.satisfaction IS NOT NULL AS is_rated
  FROM ({follow_ups(OPEN, CLOSED, _ELSEWHEN)}) AS w
)
{_BY}, count(*) FILTER (WHERE is_due), count(*) FILTER (WHERE is_due AND is_done),
  count(*) FILTER (WHERE is_due AND is_done AND done_on <= due_on),
  count(*) FILTER (WHERE is_rated),
  coalesce(sum(satisfaction) FILTER (WHERE is_rated), 0)::bigint,
  count(*) FILTER (WHERE is_rated AND satisfaction >= {_SATISFIED})
FROM w {_SETS}"""

# A visit is a day with a purchase that was not voided, in any store, as for quiet customers. Whose
# standing says that they bought too seldom, or not for long, is spared the count of their days.
REGULARS: Final = f"""
WITH mine AS MATERIALIZED (
  SELECT c.id, c.owner_id AS guide_id, c.home_store_id AS store_id
  FROM customers_customer c JOIN purchases_standing s ON s.customer_id = c.id
  WHERE c.state = 'active' AND s.purchases >= %(visits)s::int
    AND s.last_at >= %(first)s::date - {_YEAR + 2} AND [whose c.home_store_id, c.owner_id]
), visit AS (
  SELECT p.customer_id, p.business_day AS day FROM purchases_purchase p
  WHERE p.customer_id IN (SELECT id FROM mine)
    AND p.business_day BETWEEN %(first)s::date - {_YEAR} AND %(last)s
  GROUP BY 1, 2 HAVING sum(p.counts) > 0
), judged AS (
  SELECT customer_id, bool_or(day >= %(first)s) AS came, max(day) AS last_day,
    count(*) FILTER (WHERE day < %(first)s) AS visits
  FROM visit GROUP BY 1 HAVING count(*) FILTER (WHERE day < %(first)s) >= %(visits)s::int
)"""
_KEPT: Final = f"""{REGULARS}
{_BY}, count(*), count(*) FILTER (WHERE j.came)
FROM judged j JOIN mine w ON w.id = j.customer_id {_SETS}"""

# By key, which rises with time, so that the contacts of the years before are not looked at.
CONTACTS: Final = """
  SELECT w.* FROM (
    SELECT c.id, c.at, c.customer_id, c.channel, c.staff_id AS guide_id, c.store_id, c.flagged,
      (c.at AT TIME ZONE coalesce(s.time_zone, %(zone)s))::date AS day
    FROM messaging_contact c LEFT JOIN stores_store s ON s.id = c.store_id
    WHERE c.id >= %(earliest)s::uuid AND c.at >= %(from)s AND c.at < %(until)s
      AND c.direction = 'out' AND c.batch_id IS NULL
      AND c.state IN ('accepted', 'delivered', 'logged', 'unknown')
      AND [whose c.store_id, c.staff_id]) AS w
  WHERE w.day BETWEEN %(first)s AND %(last)s"""
_CONTACTS: Final = f"""
WITH w AS MATERIALIZED ({CONTACTS})
{_BY}, count(*), count(*) FILTER (WHERE flagged) FROM w {_SETS}"""

# What the system settled by itself (a wish to hear no more) needed nobody's answer.
MESSAGES: Final = """
  SELECT w.*, w.taken <= make_interval(mins => %(minutes)s::int) AS is_quick FROM (
    SELECT c.id, c.at, c.customer_id, c.channel, u.owner_id AS guide_id,
      u.home_store_id AS store_id,
      (c.at AT TIME ZONE coalesce(s.time_zone, %(zone)s))::date AS day,
      CASE WHEN c.state = 'answered' THEN c.settled_at - c.at END AS taken
    FROM messaging_contact c JOIN customers_customer u ON u.id = c.customer_id
    LEFT JOIN stores_store s ON s.id = u.home_store_id
    WHERE c.id >= %(earliest)s::uuid AND c.at >= %(from)s AND c.at < %(until)s
      AND c.direction = 'in' AND coalesce(c.facts ->> 'by', '') <> 'system'
      AND [whose u.home_store_id, u.owner_id]) AS w
  WHERE w.day BETWEEN %(first)s AND %(last)s"""
_REPLIES: Final = f"""
WITH w AS MATERIALIZED ({MESSAGES})
{_BY}, count(*), count(taken), count(*) FILTER (WHERE is_quick) FROM w {_SETS}"""

# Of whoever owns them today: the first who heard it, unless a manager handed it on (Q2).
COMPLAINTS: Final = f"""
  SELECT w.* FROM (
    SELECT c.id, c.opened_at AS at, c.number, c.customer_id, c.title, c.state, c.ended,
      c.resolved_at, c.owner_id AS guide_id, c.store_id,
      c.resolved_at IS NOT NULL AND NOT {REOPENED} AS is_resolved,
      (c.opened_at AT TIME ZONE s.time_zone)::date AS day
    FROM complaints_case c JOIN stores_store s ON s.id = c.store_id
    WHERE c.opened_at >= %(from)s AND c.opened_at < %(until)s
      AND c.ended NOT IN ('spam', 'duplicate') AND [whose c.store_id, c.owner_id]) AS w
  WHERE w.day BETWEEN %(first)s AND %(last)s"""
_COMPLAINTS: Final = f"""
WITH w AS MATERIALIZED ({COMPLAINTS})
{_BY}, count(*), count(*) FILTER (WHERE is_resolved) FROM w {_SETS}"""
