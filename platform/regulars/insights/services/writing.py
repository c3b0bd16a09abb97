"""The statements that write the rollups. Each is run under the lock of `State`."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from typing import Final

from regulars.insights.counting import (
    CHAIN_SQL,
    FROM_DAYS,
    NEVER,
    SEEN,
    SUMS,
    arrivals,
    each_of,
    folded,
    fresh,
    from_changes,
    histories,
    sums,
)

_NAMES: Final = each_of("{0}", SUMS)
_ALL: Final = each_of("{0}")
_ADDED_TO_DAY: Final = each_of("{0} = d.{0} + excluded.{0}")
_ADDED_TO_PERIOD: Final = each_of("{0} = k.{0} + excluded.{0}")


def _encoded(parts: str) -> str:
    """Return the CTE that writes steps, a table of ``group_id, day, p, b, w``, as arrays."""
    return f"""
merged AS (
  SELECT group_id, day, array_agg(p ORDER BY p)::smallint[] AS last_days,
    array_agg(b ORDER BY p)::int[] AS buyers_by, array_agg(w ORDER BY p)::int[] AS repeats_by
  FROM (
    SELECT group_id, day, p, sum(b) OVER up AS b, sum(w) OVER up AS w FROM (
      SELECT group_id, day, p, sum(b) AS b, sum(w) AS w FROM ({parts}) AS parts
      GROUP BY 1, 2, 3 HAVING sum(b) <> 0 OR sum(w) <> 0) AS each
    WINDOW up AS (PARTITION BY group_id, day ORDER BY p)) AS rising
  GROUP BY 1, 2
)"""


_STEPS: Final = "SELECT group_id, day, p, b, w FROM steps"
# The arrays of days that get steps are decoded, to be written again with what is new.
_STEPS_AND_KEPT: Final = f"""
{_STEPS}
UNION ALL
SELECT d.group_id, d.day, u.p, u.b - u.b_before, u.w - u.w_before
FROM (SELECT DISTINCT group_id, day FROM steps) AS s
JOIN insights_day d USING (group_id, day)
CROSS JOIN LATERAL unnest(d.last_days, d.buyers_by, 0 || d.buyers_by,
  d.repeats_by, 0 || d.repeats_by) AS u(p, b, b_before, w, w_before)
WHERE u.p IS NOT NULL"""

_CHANGED: Final = f"""
changed AS (
  SELECT group_id, day, bool_or(stepped) AS stepped, {each_of("sum({0}) AS {0}")}
  FROM (
    SELECT group_id, day, false AS stepped, {_NAMES},
      0 AS buyers, 0 AS repeat_buyers, 0 AS new_buyers
    FROM sums
    UNION ALL
    SELECT group_id, day, true, {each_of("0", SUMS)},
      b, w, CASE p WHEN {NEVER} THEN b ELSE 0 END
    FROM steps) AS parts
  GROUP BY 1, 2
)"""

_APPLIED: Final = f"""{_encoded(_STEPS_AND_KEPT)}, {_CHANGED},
days AS (
  INSERT INTO insights_day AS d (group_id, day, {_ALL}, last_days, buyers_by, repeats_by)
  SELECT c.group_id, c.day, {each_of("c.{0}")},
    coalesce(m.last_days, CASE WHEN NOT c.stepped THEN e.last_days END, '{{}}'),
    coalesce(m.buyers_by, CASE WHEN NOT c.stepped THEN e.buyers_by END, '{{}}'),
    coalesce(m.repeats_by, CASE WHEN NOT c.stepped THEN e.repeats_by END, '{{}}')
  FROM changed c LEFT JOIN merged m USING (group_id, day)
  LEFT JOIN insights_day e USING (group_id, day)
  ON CONFLICT (day, group_id) DO UPDATE SET {_ADDED_TO_DAY},
    last_days = excluded.last_days, buyers_by = excluded.buyers_by,
    repeats_by = excluded.repeats_by
), asked AS (
  SELECT first_day, last_day FROM insights_period WHERE group_id = {CHAIN_SQL}
), periods AS (
  INSERT INTO insights_period AS k (first_day, last_day, group_id, {_ALL})
  SELECT first_day, last_day, group_id, {each_of("sum({0})")}
  FROM ({from_changes()}) AS parts (first_day, last_day, group_id, {_ALL})
  GROUP BY 1, 2, 3
  ON CONFLICT (first_day, last_day, group_id) DO UPDATE SET {_ADDED_TO_PERIOD}
)"""


FRESH: Final = f"""
WITH {SEEN}
SELECT (SELECT count(*) FROM purchases_purchase f WHERE {fresh("f")}),
  (SELECT count(*) FROM points_posting f WHERE {fresh("f")})"""


def fold(*, size: int | None) -> str:
    """Return the statement that folds all it sees; its own transaction has written no facts.

    It answers with the numbers of purchases and postings. If either is `size` there may have been
    more: then it must be undone.
    """
    return f"""
WITH {arrivals(size=size)}, {_APPLIED},
members AS (
  INSERT INTO insights_member (store_id, group_id) SELECT store_id, group_id FROM groups
  ON CONFLICT DO NOTHING
), state AS (
  UPDATE insights_state SET version = version + 1, snapshot = pg_current_snapshot(),
    folder = pg_current_xact_id(), folded_at = %(now)s
)
SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM posted)"""


def recount(*, sign: int) -> str:
    """Return the statement that adds (1) or takes off (−1) all that customers are in the rollups.

    Its parameter is `customers`.
    """
    facts = f"f.customer_id = ANY(%(customers)s::uuid[]) AND {folded('f')}"
    return f"""
WITH {SEEN}, {histories(facts=facts, members="insights_member", sign=sign)},
sums AS (
  SELECT group_id, day, 0 AS sales_minor, 0 AS purchases, {sign} * sum(n) AS known_purchases,
    0 AS returns, 0 AS refunded_minor, 0 AS points
  FROM visits GROUP BY 1, 2
), {_APPLIED}, state AS (UPDATE insights_state SET version = version + 1)
SELECT count(*) FROM changed"""


def _folded(table: str) -> str:
    return f"(SELECT f.* FROM {table} f WHERE {folded('f')})"


# What folded facts add up to for some groups: parameters `groups` and `zone`.
_EXPECTED: Final = f"""
WITH {SEEN},
groups AS MATERIALIZED (
  SELECT store_id, group_id FROM insights_member WHERE group_id = ANY(%(groups)s::uuid[])
), {histories(facts=folded("f"), members="groups")},
{sums(_folded("purchases_purchase"), _folded("points_posting"))},
{_encoded(_STEPS)}, {_CHANGED},
expected AS (
  SELECT c.group_id, c.day, {each_of("c.{0}")}, coalesce(m.last_days, '{{}}') AS last_days,
    coalesce(m.buyers_by, '{{}}') AS buyers_by, coalesce(m.repeats_by, '{{}}') AS repeats_by
  FROM changed c LEFT JOIN merged m USING (group_id, day)
)"""
_BOTH: Final = f"{each_of('coalesce(e.{0}, 0)')}, {each_of('coalesce(k.{0}, 0)')}"
_DIFFER: Final = (
    f"({each_of('coalesce(e.{0}, 0)')}) IS DISTINCT FROM ({each_of('coalesce(k.{0}, 0)')})"
)
_COLUMNS: Final = f"{_ALL}, last_days, buyers_by, repeats_by"

# Into tables that hold nothing of these groups.
MADE: Final = f"""{_EXPECTED}
INSERT INTO insights_day (group_id, day, {_COLUMNS})
SELECT group_id, day, {_COLUMNS} FROM expected"""

# Days that are not what the rows say; a day on which everything was voided may be missing.
WRONG_DAYS: Final = f"""{_EXPECTED}
SELECT group_id, day, {_BOTH} FROM expected e
FULL JOIN (SELECT * FROM insights_day WHERE group_id = ANY(%(groups)s::uuid[])) AS k
  USING (group_id, day)
WHERE {_DIFFER}
  OR coalesce(e.last_days, '{{}}') <> coalesce(k.last_days, '{{}}')
  OR coalesce(e.buyers_by, '{{}}') <> coalesce(k.buyers_by, '{{}}')
  OR coalesce(e.repeats_by, '{{}}') <> coalesce(k.repeats_by, '{{}}')
ORDER BY day, group_id LIMIT %(most)s"""

# Kept periods that are not what their days say.
WRONG_PERIODS: Final = f"""
WITH asked AS (SELECT first_day, last_day FROM insights_period WHERE group_id = {CHAIN_SQL}),
found AS ({FROM_DAYS} GROUP BY 1, 2, 3)
SELECT group_id, first_day, last_day, {_BOTH}
FROM found e FULL JOIN insights_period k USING (first_day, last_day, group_id)
WHERE {_DIFFER}
ORDER BY first_day, last_day, group_id LIMIT %(most)s"""

# Keeps the periods `firsts` to `lasts` for `groups` (NULL: for all), as of the last fold.
KEPT: Final = f"""
WITH asked AS (
  SELECT a.first_day, a.last_day
  FROM unnest(%(firsts)s::date[], %(lasts)s::date[]) AS a(first_day, last_day)
)
INSERT INTO insights_period (first_day, last_day, group_id, {_ALL})
SELECT * FROM (
  {FROM_DAYS}
  WHERE %(groups)s::uuid[] IS NULL OR d.group_id = ANY(%(groups)s::uuid[]) GROUP BY 1, 2, 3
) AS found
UNION ALL
SELECT first_day, last_day, {CHAIN_SQL}, {each_of("0")} FROM asked
WHERE (%(groups)s::uuid[] IS NULL OR {CHAIN_SQL} = ANY(%(groups)s::uuid[])) AND NOT EXISTS (
  SELECT FROM insights_day d WHERE d.group_id = {CHAIN_SQL}
    AND d.day BETWEEN asked.first_day AND asked.last_day)"""
