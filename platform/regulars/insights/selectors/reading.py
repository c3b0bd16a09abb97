"""The statements that read figures: what is kept, what has to be added up, what came since."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from typing import Final

from regulars.insights.counting import (
    CHAIN_SQL,
    COUNTS,
    FROM_DAYS,
    LIVE,
    SEEN,
    SIZES,
    arrivals,
    each_of,
    fresh,
    from_changes,
)

_NAMES: Final = each_of("{0}")
_AS_NUMBERS: Final = each_of("{0}::bigint")
_PERIODS: Final = "unnest(%(firsts)s::date[], %(lasts)s::date[]) AS a(first_day, last_day)"
_STEPS: Final = "unnest(%(step_firsts)s::date[], %(step_lasts)s::date[]) AS a(first_day, last_day)"

# Rows: first_day, last_day, group (NULL: a step of the series), counts, asked_on. The row without
# days holds the version of the rollups that the statement saw, and about how many facts came since.
_ENOUGH: Final = SIZES[0]
_STATE: Final = f"""
  SELECT NULL::date, NULL::date, NULL::uuid, coalesce((SELECT version FROM insights_state), 0),
    (SELECT count(*) FROM (
      (SELECT FROM purchases_purchase f WHERE {fresh("f")} ORDER BY f.tx LIMIT {_ENOUGH}) UNION ALL
      (SELECT FROM points_posting f WHERE {fresh("f")} ORDER BY f.tx LIMIT {_ENOUGH})) AS since),
    {each_of("0", COUNTS[2:])}, NULL::date"""

BASE: Final = f"""
WITH {SEEN}, asked AS (SELECT * FROM {_STEPS})
SELECT k.first_day, k.last_day, k.group_id, {each_of("k.{0}")}, k.asked_on
FROM {_PERIODS} JOIN insights_period k USING (first_day, last_day)
WHERE k.group_id = ANY(%(groups)s::uuid[]) OR k.group_id = {CHAIN_SQL}
UNION ALL
SELECT first_day, last_day, NULL, {_AS_NUMBERS}, NULL FROM (
  {FROM_DAYS} WHERE d.group_id = %(group)s::uuid GROUP BY 1, 2, 3) AS series
UNION ALL {_STATE}"""

# A period from the beginning of time is asked for because of the points held at its end: of all
# the days there ever were, nothing else is read.
_SINCE_EVER: Final = "a.first_day = DATE '0001-01-01'"
_ONLY_POINTS: Final = ", ".join(f"sum(d.{each})" if each == "points" else "0" for each in COUNTS)
ADDED_UP: Final = f"""
WITH {SEEN}, asked AS (SELECT * FROM {_PERIODS})
SELECT first_day, last_day, group_id, {_AS_NUMBERS}, NULL::date FROM (
  {FROM_DAYS} WHERE d.group_id = ANY(%(groups)s::uuid[]) AND NOT {_SINCE_EVER}
  GROUP BY 1, 2, 3) AS found
UNION ALL
SELECT a.first_day, a.last_day, d.group_id, {_ONLY_POINTS}, NULL
FROM {_PERIODS} JOIN insights_day d ON d.day <= a.last_day
WHERE {_SINCE_EVER} AND d.group_id = ANY(%(groups)s::uuid[]) GROUP BY 1, 2, 3
UNION ALL {_STATE}"""


def since(*, size: int | None) -> str:
    """Return the statement of what facts after the last fold add to periods and steps.

    In the row without days stand the version, and the numbers of fresh purchases and postings; if
    either is `size` there may have been more.
    """
    wanted = "(group_id = ANY(%(groups)s::uuid[]) OR group_id = %(group)s::uuid)"
    return f"""
WITH {arrivals(wanted=wanted, size=size)},
asked AS MATERIALIZED (
  SELECT first_day, last_day, NULL::uuid AS single FROM {_PERIODS}
  UNION ALL
  SELECT first_day, last_day, %(group)s::uuid FROM {_STEPS}
)
SELECT first_day, last_day, CASE WHEN single IS NULL THEN group_id END,
  {each_of("sum({0})::bigint")}, NULL::date
FROM ({from_changes(single=True)}) AS parts (first_day, last_day, single, group_id, {_NAMES})
GROUP BY first_day, last_day, group_id, single
UNION ALL
SELECT NULL, NULL, NULL, coalesce((SELECT version FROM insights_state), 0),
  (SELECT count(*) FROM fresh), (SELECT count(*) FROM posted),
  {each_of("0", COUNTS[3:])}, NULL"""


# Groups of which a store that counts has come or gone since the last fold.
REGROUPED: Final = f"""
WITH {LIVE}, known AS (SELECT store_id, group_id FROM insights_member),
other AS (
  (TABLE known EXCEPT TABLE live)
  UNION ALL
  (SELECT store_id, group_id FROM live
    WHERE EXISTS (SELECT FROM known WHERE known.store_id = live.store_id)
   EXCEPT TABLE known)
)
SELECT group_id,
  bool_or(EXISTS (SELECT FROM insights_day d WHERE d.group_id = other.store_id)) AS counts
FROM other GROUP BY group_id"""
