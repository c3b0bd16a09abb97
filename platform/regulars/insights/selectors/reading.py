"""The statements that read figures: what is kept, what has to be added up, what came since."""

from typing import Final

from regulars.insights.counting import (
    CHAIN_SQL,
    COUNTS,
    FROM_DAYS,
    LIVE,
    SEEN,
    arrivals,
    fresh,
    from_changes,
)

_NAMES: Final = ", ".join(COUNTS)
_AS_NUMBERS: Final = ", ".join(f"{each}::bigint" for each in COUNTS)
_PERIODS: Final = "unnest(%(firsts)s::date[], %(lasts)s::date[]) AS a(first_day, last_day)"
_STEPS: Final = "unnest(%(step_firsts)s::date[], %(step_lasts)s::date[]) AS a(first_day, last_day)"

# Rows: first_day, last_day, group (NULL: a step of the series), counts, asked_on. The row without
# days holds the version of the rollups that the statement saw, and whether facts came since.
_STATE: Final = f"""
  SELECT NULL::date, NULL::date, NULL::uuid, coalesce((SELECT version FROM insights_state), 0),
    (EXISTS (SELECT FROM purchases_purchase f WHERE {fresh("f")})
      OR EXISTS (SELECT FROM points_posting f WHERE {fresh("f")}))::int,
    {", ".join("0" for _ in COUNTS[2:])}, NULL::date"""  # noqa: S608

BASE: Final = f"""
WITH {SEEN}, asked AS (SELECT * FROM {_STEPS})
SELECT k.first_day, k.last_day, k.group_id, {", ".join(f"k.{each}" for each in COUNTS)}, k.asked_on
FROM {_PERIODS} JOIN insights_period k USING (first_day, last_day)
WHERE k.group_id = ANY(%(groups)s::uuid[]) OR k.group_id = {CHAIN_SQL}
UNION ALL
SELECT first_day, last_day, NULL, {_AS_NUMBERS}, NULL FROM (
  {FROM_DAYS} WHERE d.group_id = %(group)s::uuid GROUP BY 1, 2, 3) AS series
UNION ALL {_STATE}"""  # noqa: S608

ADDED_UP: Final = f"""
WITH {SEEN}, asked AS (SELECT * FROM {_PERIODS})
SELECT first_day, last_day, group_id, {_AS_NUMBERS}, NULL::date FROM (
  {FROM_DAYS} WHERE d.group_id = ANY(%(groups)s::uuid[]) GROUP BY 1, 2, 3) AS found
UNION ALL {_STATE}"""  # noqa: S608


def since(*, few: bool) -> str:
    """Return the statement of what facts after the last fold add to periods and steps.

    In the row without days stand the version, and the numbers of fresh purchases and postings.
    """
    wanted = "(group_id = ANY(%(groups)s::uuid[]) OR group_id = %(group)s::uuid)"
    return f"""
WITH {arrivals(wanted=wanted, few=few)},
asked AS MATERIALIZED (
  SELECT first_day, last_day, NULL::uuid AS only FROM {_PERIODS}
  UNION ALL
  SELECT first_day, last_day, %(group)s::uuid FROM {_STEPS}
)
SELECT first_day, last_day, CASE WHEN only IS NULL THEN group_id END,
  {", ".join(f"sum({each})::bigint" for each in COUNTS)}, NULL::date
FROM ({from_changes(only=True)}) AS parts (first_day, last_day, only, group_id, {_NAMES})
GROUP BY first_day, last_day, group_id, only
UNION ALL
SELECT NULL, NULL, NULL, coalesce((SELECT version FROM insights_state), 0),
  (SELECT count(*) FROM fresh), (SELECT count(*) FROM posted),
  {", ".join("0" for _ in COUNTS[3:])}, NULL"""  # noqa: S608


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
FROM other GROUP BY group_id"""  # noqa: S608
