"""The same figures straight from the rows: for stores that are no kept group, and to check with.

One pass over the stores' facts, so what it costs grows with them: 250,000 purchases take half a
second on a laptop.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from regulars.insights.counting import (
    CHAIN_SQL,
    NEVER,
    SUMS,
    beginning,
    each_of,
    histories,
    sums,
)
from regulars.insights.periods import Days
from regulars.insights.selectors.figures import Figures
from regulars.tenancy import context, statements

_STORES: Final = "f.store_id = ANY(%(stores)s::uuid[])"
_FROM_ROWS: Final = f"""
WITH groups AS MATERIALIZED (
  SELECT store_id, {CHAIN_SQL} AS group_id FROM unnest(%(stores)s::uuid[]) AS s(store_id)
  UNION ALL
  SELECT {CHAIN_SQL}, {CHAIN_SQL} WHERE %(with_rest)s::boolean
), {histories(facts=_STORES, members="groups")},
{sums(f"(SELECT * FROM purchases_purchase f WHERE {_STORES})", "points_posting")},
asked AS (
  SELECT first_day, last_day, day.day::date
  FROM unnest(%(firsts)s::date[], %(lasts)s::date[]) AS a(first_day, last_day),
    LATERAL (SELECT min(day) AS first, max(day) AS last FROM sums) AS known,
    LATERAL generate_series(greatest(first_day, known.first), least(last_day, known.last),
      interval '1 day') AS day(day)
)
SELECT first_day, last_day, {each_of("sum({0})::bigint")} FROM (
  SELECT a.first_day, a.last_day, {each_of("c.{0}", SUMS)},
    0 AS buyers, 0 AS repeat_buyers, 0 AS new_buyers
  FROM asked a JOIN sums c USING (day)
  UNION ALL
  SELECT a.first_day, a.last_day, {each_of("0", SUMS)},
    CASE WHEN s.p < {beginning("a")} THEN s.b ELSE 0 END,
    CASE WHEN s.p < {beginning("a")} THEN s.w ELSE 0 END,
    CASE WHEN s.p = {NEVER} THEN s.b ELSE 0 END
  FROM asked a JOIN steps s USING (day)) AS parts
GROUP BY 1, 2"""


def of_stores(
    *, store_ids: Collection[UUID], periods: Sequence[Days], with_rest: bool = False
) -> dict[Days, Figures]:
    """Return the figures of some stores taken together.

    `with_rest` adds the points that no store has given, which are the whole chain's.
    """
    rows = statements.every(
        _FROM_ROWS,
        {
            "stores": list(store_ids),
            "firsts": [each.first for each in periods],
            "lasts": [each.last for each in periods],
            "zone": context.current().time_zone,
            "with_rest": with_rest,
        },
    )
    found = {Days(first, last): Figures._make(counts) for first, last, *counts in rows}
    return {each: found.get(each, Figures()) for each in periods}
