"""The figures of groups of stores and periods: kept ones and what came since, in one statement.

Never stale: whatever is committed when the statement begins is counted, folded or not.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Final
from uuid import UUID

from regulars.insights.counting import (
    CHAIN_SQL,
    COUNTS,
    FROM_CHANGES,
    FROM_DAYS,
    LIVE,
    arrivals,
)
from regulars.insights.periods import Days
from regulars.tenancy import context, statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What happened in one place and period. Money in minor units; the page says how each counts.

    `points` is what the place's stores gave in the period and what was used or lost of theirs:
    summed from the beginning of time (`Days.until`) it is what customers hold, the liability.
    """

    sales_minor: int = 0
    purchases: int = 0
    known_purchases: int = 0
    returns: int = 0
    refunded_minor: int = 0
    points: int = 0
    buyers: int = 0
    repeat_buyers: int = 0
    new_buyers: int = 0

    @property
    def returning_buyers(self) -> int:
        """Buyers who had bought before the period."""
        return self.buyers - self.new_buyers

    @property
    def repeat_rate(self) -> float | None:
        """The share of buyers who bought twice or more in the period; None without buyers."""
        return self.repeat_buyers / self.buyers if self.buyers else None

    @property
    def average_basket_minor(self) -> int | None:
        """Sales by purchase, rounded to the minor unit; None without purchases."""
        return round(self.sales_minor / self.purchases) if self.purchases else None

    @property
    def known_share(self) -> float | None:
        """The share of purchases by identified customers; None without purchases."""
        return self.known_purchases / self.purchases if self.purchases else None


NOTHING: Final = Figures()
assert tuple(each.name for each in fields(Figures)) == COUNTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Figures by period and group, and how much of the work was not done beforehand."""

    figures: dict[Days, dict[UUID, Figures]]
    fresh: int  # facts that are not folded yet
    not_kept: tuple[Days, ...]

    def of(self, days: Days, group_id: UUID) -> Figures:
        """Return the figures of a period and group; a group in which nothing happened has zeros."""
        return self.figures[days].get(group_id, NOTHING)


_WANTED: Final = "group_id = ANY(%(groups)s::uuid[])"
_READ: Final = f"""
WITH {arrivals(wanted=_WANTED)},
periods AS MATERIALIZED (
  SELECT a.first_day, a.last_day, EXISTS (SELECT FROM insights_period k
    WHERE k.first_day = a.first_day AND k.last_day = a.last_day AND k.group_id = {CHAIN_SQL}
    ) AS is_kept
  FROM unnest(%(firsts)s::date[], %(lasts)s::date[]) AS a(first_day, last_day)
), asked AS (SELECT first_day, last_day FROM periods),
counted AS (
  SELECT first_day, last_day, k.group_id, {", ".join(f"k.{each}" for each in COUNTS)}
  FROM periods JOIN insights_period k USING (first_day, last_day) WHERE is_kept AND k.{_WANTED}
  UNION ALL
  SELECT * FROM ({FROM_DAYS.replace("FROM asked a", "FROM periods a")}
    WHERE NOT a.is_kept AND d.{_WANTED} GROUP BY 1, 2, 3) AS found
  UNION ALL {FROM_CHANGES}
)
SELECT first_day, last_day, group_id, {", ".join(f"sum({each})::bigint" for each in COUNTS)}
FROM counted GROUP BY 1, 2, 3
UNION ALL
SELECT first_day, last_day, NULL, CASE WHEN is_kept THEN 1 ELSE 0 END,
  (SELECT count(*) FROM fresh), {", ".join("0" for _ in COUNTS[2:])}
FROM periods"""  # noqa: S608


def of_groups(*, group_ids: Collection[UUID], periods: Sequence[Days]) -> Answer:
    """Return the figures of groups in periods, in one statement."""
    rows = statements.every(
        _READ,
        {
            "groups": list(group_ids),
            "firsts": [each.first for each in periods],
            "lasts": [each.last for each in periods],
            "zone": context.current().time_zone,
        },
    )
    figures: dict[Days, dict[UUID, Figures]] = {each: {} for each in periods}
    not_kept = []
    fresh = 0
    for first, last, group_id, *counts in rows:
        days = Days(first, last)
        if group_id is not None:
            figures[days][group_id] = Figures(**dict(zip(COUNTS, counts, strict=True)))
        elif counts[0]:
            fresh = counts[1]
        else:
            fresh = counts[1]
            not_kept.append(days)
    return Answer(figures=figures, fresh=fresh, not_kept=tuple(not_kept))


_MOVED: Final = f"""
WITH {LIVE}, known AS (SELECT store_id, group_id FROM insights_member),
wrong AS (
  (TABLE known EXCEPT TABLE live)
  UNION ALL
  (SELECT store_id, group_id FROM live
    WHERE EXISTS (SELECT FROM known WHERE known.store_id = live.store_id)
   EXCEPT TABLE known)
)
SELECT DISTINCT group_id FROM wrong
WHERE EXISTS (SELECT FROM insights_day d WHERE d.group_id = wrong.store_id)"""  # noqa: S608


def regrouped() -> frozenset[UUID]:
    """Return the groups whose stores changed since the last fold; theirs must come from the rows."""
    return frozenset(row[0] for row in statements.every(_MOVED))
