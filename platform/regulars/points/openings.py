"""Taking back balances that were brought along, as far as they are still there, set by set."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from regulars.audit import Actor
from regulars.points.models import Unit
from regulars.tenancy import statements

_LOCK_CUSTOMERS: Final = """
SELECT id FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"""
_LOCK_ACCOUNTS: Final = """
SELECT id FROM points_account WHERE customer_id = ANY(%s) AND unit = %s
ORDER BY customer_id FOR NO KEY UPDATE"""
_TAKE_BACK: Final = """
WITH opening AS MATERIALIZED (
  SELECT p.id, p.account_id, p.key, a.customer_id FROM points_posting p
  JOIN points_account a ON a.id = p.account_id
  WHERE p.key = ANY(%s::text[]) AND p.verb = 'opening'
), gone AS (
  UPDATE points_lot l SET remaining = 0 FROM opening o
   WHERE l.account_id = o.account_id AND l.posting_id = o.id AND l.remaining > 0
  RETURNING l.id, l.account_id, o.key, o.customer_id, old.remaining AS lost
), account AS (
  UPDATE points_account a SET available = a.available - g.lost FROM gone g
   WHERE a.id = g.account_id
  RETURNING a.id, a.unit, g.id AS lot, g.key, g.customer_id, g.lost, a.available - a.debt AS balance
), posting AS (
  INSERT INTO points_posting (
    verb, account_id, unit, key, amount, balance, reasons, actor_id, occurred_at)
  SELECT 'adjust', id, unit, 'undo:' || key, -lost, balance, %s::jsonb, %s::uuid, %s::timestamptz
  FROM account
  RETURNING id, account_id
), legs AS (
  INSERT INTO points_leg (posting_id, unit, side, lot_id, amount)
  SELECT p.id, a.unit, 'lot', a.lot, -a.lost
  FROM posting p JOIN account a ON a.id = p.account_id
  UNION ALL
  SELECT p.id, a.unit, 'store', NULL, a.lost FROM posting p JOIN account a ON a.id = p.account_id
)
SELECT customer_id, lost FROM account"""


def key_of(customer_id: UUID, unit: Unit) -> str:
    """Return the key under which a customer's balance is brought along, once."""
    return f"opening:{customer_id}:{unit.value}"


@transaction.atomic
def take_back(
    *, customer_ids: Iterable[UUID], unit: Unit, actor: Actor, now: datetime
) -> dict[UUID, int]:
    """Take back what is left of the balances brought along; return how much, by customer.

    What was spent of them stays spent. Repeating finds nothing left to take.
    """
    customers = sorted(set(customer_ids))
    statements.every(_LOCK_CUSTOMERS, (customers,))
    statements.every(_LOCK_ACCOUNTS, (customers, unit.value))
    reasons = json.dumps([{"why": "opening-undone", "params": {}}])
    openings = [key_of(customer_id, unit) for customer_id in customers]
    return dict(statements.every(_TAKE_BACK, (openings, reasons, actor.id, now)))
