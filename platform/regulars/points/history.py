"""Awards of many purchases at once, each as of its own moment: for history that comes in bulk.

Set by set what `ledger.award` does one by one: the same rows, the same keys, the same locks.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from regulars.audit import Actor
from regulars.points import accounts, ledger
from regulars.points.ledger import Event
from regulars.points.models import Posting, Unit
from regulars.tenancy import statements
from regulars.tenancy.identifiers import new_id

_AT_ONCE: Final = 2_000
_WRITE: Final = """
WITH given AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%s::json) AS g(
    posting uuid, lot uuid, account uuid, key text, amount bigint, balance bigint, store uuid,
    purchase uuid, actor uuid, reasons jsonb, at timestamptz, expires timestamptz)
), posting AS (
  INSERT INTO points_posting (
    id, verb, account_id, unit, key, store_id, purchase_id, amount, balance, reasons, actor_id,
    occurred_at)
  SELECT posting, 'award', account, 'points', key, store, purchase, amount, balance, reasons,
    actor, at
  FROM given
), lot AS (
  INSERT INTO points_lot (id, account_id, posting_id, amount, remaining, earned_at, expires_at)
  SELECT lot, account, posting, amount, amount, at, expires FROM given
), legs AS (
  INSERT INTO points_leg (posting_id, unit, side, lot_id, store_id, amount)
  SELECT posting, 'points', 'lot', lot, NULL::uuid, amount FROM given
  UNION ALL SELECT posting, 'points', 'store', NULL, store, -amount FROM given
)
UPDATE points_account a SET available = a.available + t.amount
FROM (SELECT account, sum(amount)::bigint AS amount FROM given GROUP BY account) AS t
WHERE a.id = t.account"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What one event earned; the same key is the same posting."""

    customer_id: UUID
    amount: int
    key: str
    reasons: Sequence[Mapping[str, Any]]
    occurred_at: datetime
    expires_at: datetime | None
    store_id: UUID | None = None
    purchase_id: UUID | None = None


def award_many(*, rows: Iterable[Award], actor: Actor) -> int:
    """Post awards in the order given, which should be that of time; return how many were new.

    A posting, a lot and two legs each, and six statements for 2,000. Customers must be active;
    those who owe something are posted one by one, so that the debt is paid first. Raises
    NotAnAmount.
    """
    return sum(_award(some, actor) for some in batched(rows, _AT_ONCE, strict=False))


@transaction.atomic
def _award(rows: Sequence[Award], actor: Actor) -> int:
    wanted = {row.key: row for row in rows}
    if any(row.amount <= 0 for row in rows):
        raise ledger.NotAnAmount
    held = accounts.hold(customer_ids=(row.customer_id for row in rows), unit=Unit.POINTS)
    for key in Posting.objects.filter(key__in=list(wanted)).values_list("key", flat=True):
        del wanted[key]
    owing = {customer_id for customer_id, account in held.items() if account.debt}
    documents, posted = [], 0
    for row in wanted.values():
        if row.customer_id in owing:
            ledger.award(_event(row, actor), amount=row.amount, expires_at=row.expires_at)
            posted += 1
        elif row.customer_id in held:
            account = held[row.customer_id]
            balance = account.available + row.amount
            held[row.customer_id] = account._replace(available=balance)
            documents.append(_document(row, account.id, balance, actor))
    if documents:
        statements.run(_WRITE, (json.dumps(documents, default=str, ensure_ascii=False),))
    return posted + len(documents)


def _event(row: Award, actor: Actor) -> Event:
    return Event(
        customer_id=row.customer_id,
        key=row.key,
        reasons=row.reasons,
        actor=actor,
        now=row.occurred_at,
        store_id=row.store_id,
        purchase_id=row.purchase_id,
    )


def _document(row: Award, account_id: UUID, balance: int, actor: Actor) -> dict[str, Any]:
    return {
        "posting": new_id(),
        "lot": new_id(),
        "account": account_id,
        "key": row.key,
        "amount": row.amount,
        "balance": balance,
        "store": row.store_id,
        "purchase": row.purchase_id,
        "actor": actor.id,
        "reasons": list(row.reasons),
        "at": row.occurred_at.isoformat(),
        "expires": row.expires_at and row.expires_at.isoformat(),
    }
