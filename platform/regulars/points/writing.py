"""The ledger's statements. Only `points.ledger` runs them; the till's story joins AWARD to its own.

Lock order: the customer's row, then the account. Every writer that gives or takes points holds
the account's row until it commits, so a balance is never computed from what is about to change.
"""

from typing import Final

# Continues purchases.writing: `given` and `number` are there, the customer's row is locked. The
# upsert takes the account's lock and pays a debt with what comes in, whatever it is by then.
AWARD: Final = """
account AS (
  INSERT INTO points_account AS a (customer_id, unit, available, debt)
  SELECT customer, 'points', points, 0 FROM given
   WHERE points > 0 AND customer IS NOT NULL AND EXISTS (SELECT FROM number)
  ON CONFLICT (customer_id, unit) DO UPDATE SET
    available = a.available + greatest(excluded.available - a.debt, 0),
    debt = greatest(a.debt - excluded.available, 0)
  RETURNING id, available, debt, coalesce(old.debt, 0) AS owed
), posting AS (
  INSERT INTO points_posting (
    verb, account_id, unit, key, store_id, purchase_id, amount, balance, reasons, actor_id,
    occurred_at)
  SELECT 'award', a.id, 'points', 'purchase:' || g.id, g.store, g.id, g.points,
    a.available - a.debt, g.reasons, g.actor, g.at
  FROM given g, account a
  RETURNING id
), lot AS (
  INSERT INTO points_lot (account_id, posting_id, amount, remaining, earned_at, expires_at)
  SELECT a.id, p.id, g.points, greatest(g.points - a.owed, 0), g.at, g.expires
  FROM given g, account a, posting p
  RETURNING id, remaining
), legs AS (
  INSERT INTO points_leg (posting_id, unit, side, lot_id, store_id, amount)
  SELECT p.id, 'points', leg.side, leg.lot, leg.store, leg.amount
  FROM given g, posting p, lot l, LATERAL (VALUES
    ('lot', l.id, NULL::uuid, l.remaining),
    ('debt', NULL, NULL, g.points - l.remaining),
    ('store', NULL, g.store, -g.points)) AS leg(side, lot, store, amount)
  WHERE leg.amount <> 0
)"""

# Locks the customer, then makes or locks the account. A merged customer's is the survivor's.
OPEN: Final = """
WITH locked AS MATERIALIZED (
  SELECT id, state FROM customers_customer
   WHERE id = (SELECT coalesce(merged_into_id, id) FROM customers_customer WHERE id = %s)
   FOR NO KEY UPDATE
), account AS (
  INSERT INTO points_account (customer_id, unit, available, debt)
  SELECT id, %s::text, 0, 0 FROM locked WHERE state <> 'merged'
  ON CONFLICT (customer_id, unit) DO UPDATE SET unit = excluded.unit
  RETURNING id, available, debt
)
SELECT locked.state, account.id, account.available, account.debt
FROM locked LEFT JOIN account ON true"""

# Read after the lock, in a statement of its own: a snapshot taken before it may be stale.
STATE: Final = """
SELECT
  (SELECT row_to_json(p) FROM (
     SELECT id, verb, account_id, amount, balance FROM points_posting WHERE key = %s) AS p),
  (SELECT coalesce(json_agg(l), '[]') FROM (
     SELECT id, amount, remaining, expired, expires_at FROM points_lot
      WHERE account_id = %s AND remaining > 0) AS l)"""

WRITE: Final = """
WITH given AS MATERIALIZED (
  SELECT * FROM json_to_record(%s::json) AS g(
    posting uuid, account uuid, unit text, verb text, key text, store uuid, purchase uuid,
    actor uuid, at timestamptz, reasons jsonb, available bigint, debt bigint, amount bigint,
    used json, made json, legs json)
), account AS (
  UPDATE points_account a SET available = a.available + g.available, debt = a.debt + g.debt
  FROM given g WHERE a.id = g.account
  RETURNING a.available - a.debt AS balance
), posting AS (
  INSERT INTO points_posting (
    id, verb, account_id, unit, key, store_id, purchase_id, amount, balance, reasons, actor_id,
    occurred_at)
  SELECT posting, verb, g.account, unit, key, store, purchase, amount, balance, reasons, actor, at
  FROM given g, account
), used AS (
  UPDATE points_lot l SET remaining = l.remaining + u.amount
  FROM given g, json_to_recordset(g.used) AS u(lot uuid, amount bigint)
  WHERE l.id = u.lot AND l.account_id = g.account
  RETURNING l.id
), made AS (
  INSERT INTO points_lot (
    id, account_id, posting_id, amount, remaining, earned_at, expires_at)
  SELECT m.id, g.account, g.posting, m.amount, m.remaining, g.at, m.expires
  FROM given g, json_to_recordset(g.made) AS m(
    id uuid, amount bigint, remaining bigint, expires timestamptz)
), legs AS (
  INSERT INTO points_leg (posting_id, unit, side, lot_id, store_id, amount)
  SELECT g.posting, g.unit, l.side, l.lot, l.store, l.amount
  FROM given g, json_to_recordset(g.legs) AS l(side text, lot uuid, store uuid, amount bigint)
)
SELECT account.balance, (SELECT count(*) FROM used) FROM account"""

# Two statements: the locks, in key order, and then what they protect.
LOCK_DUE: Final = """
SELECT id FROM points_account WHERE id IN (
  SELECT account_id FROM points_lot
   WHERE remaining > 0 AND expires_at <= %s ORDER BY expires_at LIMIT %s)
ORDER BY customer_id, unit FOR NO KEY UPDATE"""

EXPIRE: Final = """
WITH gone AS (
  UPDATE points_lot SET expired = expired + remaining, remaining = 0
   WHERE account_id = ANY(%s) AND remaining > 0 AND expires_at <= %s
  RETURNING id, account_id, old.remaining AS lost
), account AS (
  UPDATE points_account a SET available = a.available - t.lost
  FROM (SELECT account_id, sum(lost)::bigint AS lost FROM gone GROUP BY account_id) AS t
  WHERE a.id = t.account_id
  RETURNING a.id, a.unit, t.lost, a.available - a.debt AS balance
), posting AS (
  INSERT INTO points_posting (
    verb, account_id, unit, key, amount, balance, reasons, occurred_at)
  SELECT 'expire', id, unit, 'expire:' || id || ':' || (%s::text), -lost, balance,
    '[{"why": "expired", "params": {}}]', %s
  FROM account
  RETURNING id, account_id
), legs AS (
  INSERT INTO points_leg (posting_id, unit, side, lot_id, amount)
  SELECT p.id, a.unit, 'lot', g.id, -g.lost
  FROM posting p JOIN account a ON a.id = p.account_id JOIN gone g ON g.account_id = a.id
  UNION ALL
  SELECT p.id, a.unit, 'store', NULL, a.lost FROM posting p JOIN account a ON a.id = p.account_id
)
SELECT count(*) FROM posting"""
