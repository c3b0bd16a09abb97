"""The one linear operator behind every rollup, as parts of SQL statements.

Distinct buyers do not add up over days, but this does: a customer is a buyer of the period
[a, b] exactly once on the days of the period on which they had bought last before a. So each
group, day and customer gives *steps* (p, b, w): `p` the day the customer had bought last before
(NEVER if never), and

    buyers of [a, b]        = sum of b over steps with day in [a, b] and p < a
    repeat buyers of [a, b] = sum of w over the same steps
    new buyers of [a, b]    = sum of b over steps with day in [a, b] and p = NEVER

With q the last and r the second to last purchase before the day, a customer with one purchase on
it gives (q, +1, −1) and (r, 0, +1): the second purchase within a period is the one whose last lies
in it and whose second to last does not. With more on the same day it gives (q, +1, 0), (r, 0, +1).

Everything is a sum of steps and of plain sums, so a rollup changes by the difference between the
steps after and before; facts that arrive late, are voided or move between customers are nothing
special. `NEW` and `OLD` facts are told apart by the snapshot of the last fold.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Iterable
from typing import Final

from regulars.insights.models import CHAIN

EPOCH: Final = "DATE '2000-01-01'"
NEVER: Final = -32768
CHAIN_SQL: Final = f"'{CHAIN}'::uuid"

SEEN: Final = """
seen AS MATERIALIZED (
  SELECT snapshot, folder FROM insights_state
  UNION ALL
  SELECT '3:3:'::pg_snapshot, '0'::xid8 WHERE NOT EXISTS (SELECT FROM insights_state)
)"""

# What no store has given (an opening balance) is the chain's, by way of a store that is none.
LIVE: Final = f"""
live AS (
  SELECT s.id AS store_id, g.id AS group_id
  FROM stores_store s, LATERAL (VALUES
    (s.id),
    (CASE WHEN s.ownership <> 'franchise' OR s.shares_figures THEN s.region_id END),
    (CASE WHEN s.ownership <> 'franchise' OR s.shares_figures THEN {CHAIN_SQL} END)) AS g(id)
  WHERE g.id IS NOT NULL
  UNION ALL
  SELECT {CHAIN_SQL}, {CHAIN_SQL}
)"""


def groups(wanted: str = "true") -> str:
    """Return CTEs that give `groups`: the members of the groups wanted, as the rollups see them.

    A store of which nothing is folded yet counts where it belongs now.
    """
    return f"""{LIVE},
groups AS MATERIALIZED (
  SELECT store_id, group_id FROM insights_member WHERE {wanted}
  UNION ALL
  SELECT store_id, group_id FROM live
  WHERE {wanted} AND NOT EXISTS (SELECT FROM insights_member m WHERE m.store_id = live.store_id)
)"""


def fresh(table: str) -> str:
    """Return the condition that a fact came after the last fold; an index on tx serves it."""
    return f"{table}.tx >= (SELECT pg_snapshot_xmin(snapshot) FROM seen) AND NOT {_visible(table)}"


def folded(table: str) -> str:
    """Return the condition that a fact is in the rollups."""
    return f"({table}.tx < (SELECT pg_snapshot_xmin(snapshot) FROM seen) OR {_visible(table)})"


def _visible(table: str) -> str:
    # A transaction is not in its own snapshot's list, though it may write after having folded.
    return (
        f"(pg_visible_in_snapshot({table}.tx, (SELECT snapshot FROM seen)) "
        f"AND {table}.tx <> (SELECT folder FROM seen))"
    )


SUMS: Final = (
    "sales_minor", "purchases", "known_purchases", "returns", "refunded_minor", "points",
)  # fmt: skip
COUNTS: Final = (*SUMS, "buyers", "repeat_buyers", "new_buyers")


def each_of(pattern: str, names: Iterable[str] = COUNTS) -> str:
    """Return a list of columns, each written by a pattern with its name for ``{0}``."""
    return ", ".join(pattern.format(name) for name in names)


_OF_A_FACT: Final = """
  sum(f.paid_minor) AS sales_minor, sum(f.counts) AS purchases,
  coalesce(sum(f.counts) FILTER (WHERE f.customer_id IS NOT NULL), 0) AS known_purchases,
  coalesce(sum(CASE f.kind WHEN 'return' THEN 1 WHEN 'void' THEN -1 END)
    FILTER (WHERE f.counts = 0), 0) AS returns,
  coalesce(sum(-f.paid_minor) FILTER (WHERE f.counts = 0), 0) AS refunded_minor"""


def sums(facts: str, postings: str) -> str:
    """Return CTEs that give `sums`: the plain sums of facts and postings by group and day.

    `facts` and `postings` are tables of purchases and of points_posting. Points belong to the
    store that gave them, on the store's day; given by no store, they are the chain's.
    """
    return f"""
moves AS (
  SELECT coalesce(given.store_id, p.store_id) AS store_id, p.occurred_at, l.amount
  FROM {postings} p
  JOIN points_leg l ON l.posting_id = p.id AND l.side <> 'store'
  LEFT JOIN points_lot lot ON lot.id = l.lot_id
  LEFT JOIN points_posting given ON given.id = lot.posting_id
  WHERE p.unit = 'points'
), held AS (
  SELECT coalesce(m.store_id, {CHAIN_SQL}) AS store_id,
    (m.occurred_at AT TIME ZONE coalesce(s.time_zone, %(zone)s::text))::date AS day,
    sum(m.amount) AS points
  FROM moves m LEFT JOIN stores_store s ON s.id = m.store_id
  GROUP BY 1, 2
), sums AS (
  SELECT group_id, day, {each_of("sum({0}) AS {0}", SUMS)}
  FROM (
    SELECT g.group_id, f.business_day AS day, {_OF_A_FACT}, 0 AS points
    FROM {facts} f JOIN groups g USING (store_id) GROUP BY 1, 2
    UNION ALL
    SELECT g.group_id, held.day, 0, 0, 0, 0, 0, held.points
    FROM held JOIN groups g USING (store_id)
  ) AS both_kinds
  GROUP BY 1, 2
)"""


_STEPS: Final = f"""
steps AS MATERIALIZED (
  SELECT group_id, day, p, sum(b)::int AS b, sum(w)::int AS w FROM (
    SELECT group_id, day,
      CASE WHEN each.p IS NULL THEN {NEVER}
        ELSE greatest(least(each.p - {EPOCH}, 32767), -32767) END AS p,
      sign * each.b AS b, sign * each.w AS w
    FROM buying, LATERAL (VALUES
      (q, 1, CASE WHEN n > 1 THEN 0 ELSE -1 END), (r, 0, 1)) AS each(p, b, w)) AS each
  GROUP BY 1, 2, 3 HAVING sum(b) <> 0 OR sum(w) <> 0
)"""


_RECENT: Final = 8


def _latest_before() -> str:
    """Return CTEs that find, for each changed customer, the latest purchases before `since`."""
    return f"""
heads AS MATERIALIZED (
  SELECT DISTINCT group_id, customer_id, since FROM visits
), places AS MATERIALIZED (
  SELECT store_id, bool_or(group_id = {CHAIN_SQL}) AS in_chain,
    (array_agg(group_id) FILTER (WHERE group_id NOT IN (store_id, {CHAIN_SQL})))[1] AS region_id
  FROM insights_member GROUP BY 1
), recent AS (
  SELECT customer_id, count(*) = {_RECENT} AS is_more, bool_and(counts > 0) AS is_plain,
    array_agg(day ORDER BY day DESC) AS days, array_agg(store_id ORDER BY day DESC) AS stores,
    array_agg(region_id ORDER BY day DESC) AS regions,
    array_agg(in_chain ORDER BY day DESC) AS in_chain
  FROM touched t CROSS JOIN LATERAL (
    SELECT f.store_id, f.business_day AS day, f.counts FROM purchases_purchase f
    WHERE f.customer_id = t.customer_id AND f.business_day < t.since AND f.counts <> 0
    ORDER BY f.business_day DESC LIMIT {_RECENT}) AS f
  JOIN places USING (store_id)
  GROUP BY 1
), looked AS (
  SELECT h.*, two.*, NOT r.is_plain
    OR r.is_more AND (two.r IS NULL OR two.r = r.days[{_RECENT}]) AS is_further
  FROM heads h JOIN recent r USING (customer_id) CROSS JOIN LATERAL (
    SELECT CASE WHEN h.group_id = {CHAIN_SQL} THEN array_positions(r.in_chain, true)
      ELSE array_positions(r.stores, h.group_id) || array_positions(r.regions, h.group_id)
      END AS at) AS found
  CROSS JOIN LATERAL (SELECT r.days[found.at[1]] AS q, r.days[found.at[2]] AS r) AS two
"""


def _changed_steps() -> str:
    """Return CTEs that turn `visits` with purchases before (`was`) and after (`now`) into steps.

    Visits begin at a customer's first changed day (`since`). What lies before it is the same
    before and after, and only the last two purchases of it matter. Nearly always they are among
    the customer's latest facts, which one look into an index finds. `prior` looks further where
    they are not, where something was voided, and where the oldest of these facts decides: of its
    day there may be more.
    """
    return f"""{_latest_before()}), prior AS MATERIALIZED (
  SELECT group_id, customer_id, CASE WHEN is_further THEN found.q ELSE h.q END AS q,
    CASE WHEN is_further THEN found.r ELSE h.r END AS r
  FROM looked h CROSS JOIN LATERAL (
    SELECT max(day) AS q, CASE WHEN (array_agg(n ORDER BY day DESC))[1] > 1 THEN max(day)
      ELSE (array_agg(day ORDER BY day DESC))[2] END AS r
    FROM (
      SELECT f.business_day AS day, sum(f.counts) AS n
      FROM purchases_purchase f
      WHERE h.is_further AND f.customer_id = h.customer_id AND f.business_day < h.since
        AND EXISTS (SELECT FROM insights_member m
          WHERE m.store_id = f.store_id AND m.group_id = h.group_id)
      GROUP BY f.business_day HAVING sum(f.counts) > 0
      ORDER BY f.business_day DESC LIMIT 2) AS latest) AS found
), sequence AS (
  SELECT 1 AS sign, group_id, customer_id, day, now AS n, row_number() OVER w AS place,
    lag(day) OVER w AS q, lag(now) OVER w AS m, lag(day, 2) OVER w AS r
  FROM visits WHERE now > 0 WINDOW w AS (PARTITION BY group_id, customer_id ORDER BY day)
  UNION ALL
  SELECT -1, group_id, customer_id, day, was, row_number() OVER w,
    lag(day) OVER w, lag(was) OVER w, lag(day, 2) OVER w
  FROM visits WHERE was > 0 WINDOW w AS (PARTITION BY group_id, customer_id ORDER BY day)
), buying AS (
  SELECT s.sign, s.group_id, s.day, s.n,
    CASE WHEN s.place = 1 THEN prior.q ELSE s.q END AS q,
    CASE WHEN s.place = 1 THEN prior.r WHEN s.m > 1 THEN s.q
      WHEN s.place = 2 THEN prior.q ELSE s.r END AS r
  FROM sequence s LEFT JOIN prior USING (group_id, customer_id)
), {_STEPS}"""


# How many facts a statement about fresh ones is planned for, at most; beyond the last: any number.
SIZES: Final = (2_000, 50_000, 1_000_000)


def size_for(count: int) -> int | None:
    """Return the size to plan for when so many facts were fresh a moment ago."""
    return next((size for size in SIZES if count * 2 <= size), None)


def arrivals(*, size: int | None, wanted: str = "true") -> str:
    """Return CTEs that give `sums` and `steps`: what facts after the last fold change.

    `wanted` is a condition on ``group_id``. The planner cannot know how many facts are fresh and
    would expect a third of all. So at most `size` are taken, and the caller has to see whether
    there were fewer: only then it is the whole answer.
    """
    limit = f"ORDER BY f.tx LIMIT {size}" if size else ""  # in order: it has to use the index
    return f"""{SEEN}, {groups(wanted)},
fresh AS MATERIALIZED (
  SELECT f.customer_id, f.store_id, f.business_day, f.kind, f.counts, f.paid_minor
  FROM purchases_purchase f WHERE {fresh("f")} {limit}
), posted AS MATERIALIZED (
  SELECT f.id, f.unit, f.store_id, f.occurred_at
  FROM points_posting f WHERE {fresh("f")} {limit}
), {sums("fresh", "posted")},
touched AS MATERIALIZED (
  SELECT customer_id, min(business_day) AS since FROM fresh
  WHERE customer_id IS NOT NULL AND counts <> 0 GROUP BY 1
), tail AS MATERIALIZED (
  SELECT t.customer_id, t.since, f.*
  FROM touched t CROSS JOIN LATERAL (
    SELECT f.store_id, f.business_day AS day, f.counts, {folded("f")} AS is_folded
    FROM purchases_purchase f
    WHERE f.customer_id = t.customer_id AND f.business_day >= t.since) AS f
), visits AS MATERIALIZED (
  SELECT g.group_id, t.customer_id, t.since, t.day,
    sum(t.counts)::int AS now, coalesce(sum(t.counts) FILTER (WHERE t.is_folded), 0)::int AS was
  FROM tail t JOIN groups g USING (store_id)
  GROUP BY 1, 2, 3, 4
), {_changed_steps()}"""


def histories(*, facts: str, members: str, sign: int = 1) -> str:
    """Return CTEs that give the `steps` of whole histories, times `sign`.

    `facts` is a condition on facts ``f``, `members` a table of stores in groups.
    """
    return f"""
visits AS (
  SELECT g.group_id, f.customer_id, f.business_day AS day, sum(f.counts)::int AS n
  FROM purchases_purchase f JOIN {members} g USING (store_id)
  WHERE {facts} AND f.customer_id IS NOT NULL AND f.counts <> 0
  GROUP BY 1, 2, 3 HAVING sum(f.counts) > 0
), buying AS (
  SELECT {sign} AS sign, group_id, day, n, lag(day) OVER w AS q,
    CASE WHEN lag(n) OVER w > 1 THEN lag(day) OVER w ELSE lag(day, 2) OVER w END AS r
  FROM visits WINDOW w AS (PARTITION BY group_id, customer_id ORDER BY day)
), {_STEPS}"""


def beginning(period: str) -> str:
    """Return the first day of a table of periods on the scale of `p`: only NEVER lies before."""
    return f"greatest(least({period}.first_day - {EPOCH}, 32767), -32767)"


# Figures of `asked` periods from the days of each group; `wanted` is a condition on days ``d``.
FROM_DAYS: Final = f"""
  SELECT a.first_day, a.last_day, d.group_id, {each_of("sum(d.{0}) AS {0}", SUMS)},
    sum(CASE WHEN k.i IS NULL THEN d.buyers ELSE coalesce(d.buyers_by[k.i], 0) END) AS buyers,
    sum(CASE WHEN k.i IS NULL THEN d.repeat_buyers ELSE coalesce(d.repeats_by[k.i], 0) END)
      AS repeat_buyers,
    sum(d.new_buyers) AS new_buyers
  FROM asked a JOIN insights_day d ON d.day BETWEEN a.first_day AND a.last_day
  CROSS JOIN LATERAL (SELECT CASE WHEN a.first_day < d.day
    THEN width_bucket(({beginning("a")} - 1)::smallint, d.last_days) END AS i OFFSET 0) AS k"""


def from_changes(*, single: bool = False) -> str:
    """Return a query of parts of the figures of `asked` periods from `sums` and `steps`.

    With `single`, asked periods have a column of that name: the one group they are asked for, or
    NULL; it is answered after the days.
    """
    column = "a.single, " if single else ""
    keys = "1, 2, 3, 4" if single else "1, 2, 3"

    def days(table: str) -> str:
        within = f"{table}.day BETWEEN a.first_day AND a.last_day"
        return (
            f"{within} AND (a.single IS NULL OR a.single = {table}.group_id)" if single else within
        )

    return f"""
  SELECT a.first_day, a.last_day, {column}c.group_id, {each_of("sum(c.{0})", SUMS)},
    0, 0, 0
  FROM asked a JOIN sums c ON {days("c")} GROUP BY {keys}
  UNION ALL
  SELECT a.first_day, a.last_day, {column}s.group_id, {each_of("0", SUMS)},
    coalesce(sum(s.b) FILTER (WHERE s.p < {beginning("a")}), 0),
    coalesce(sum(s.w) FILTER (WHERE s.p < {beginning("a")}), 0),
    coalesce(sum(s.b) FILTER (WHERE s.p = {NEVER}), 0)
  FROM asked a JOIN steps s ON {days("s")} GROUP BY {keys}"""
