"""The statement that writes one fact: number, purchase, lines and standing, or nothing at all.

Locks, in the order of the whole product: the customer's row (so that a merge waits or is seen),
the number, and the standing; a story may add the ledger's part after them. Stores are never
locked, so tills of one store do not queue behind each other. The number decides: when it is
there already nothing is written and `number` is empty, so a repeat is harmless.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from regulars.purchases.settling import Settled
from regulars.tenancy import statements

# One JSON document comes in: the types of parameters never change, so the plan is kept.
GIVEN: Final = """
given AS MATERIALIZED (
  SELECT * FROM json_to_record(%s::json) AS g(
    id uuid, kind text, original uuid, pair uuid, customer uuid, store uuid, guide uuid,
    actor uuid, source text, number text, digest text, at timestamptz, day date,
    gross bigint, discount bigint, rounding bigint, paid bigint, units numeric,
    payments jsonb, extra jsonb, reason text, lines json,
    points bigint, reasons jsonb, expires timestamptz)
)"""

FACT: Final = """
locked AS MATERIALIZED (
  SELECT id FROM customers_customer
   WHERE id = (SELECT customer FROM given) AND (state = 'active'
     OR state = 'erased' AND (SELECT kind FROM given) <> 'sale')
   FOR NO KEY UPDATE
), number AS (
  INSERT INTO purchases_number (source, number, purchase_id, digest)
  SELECT source, number, id, decode(digest, 'hex') FROM given
   WHERE customer IS NULL OR EXISTS (SELECT FROM locked)
  ON CONFLICT (source, number) DO NOTHING
  RETURNING purchase_id
), fact AS (
  INSERT INTO purchases_purchase (
    id, kind, counts, original_id, pair_id, store_id, customer_id, guide_id, source, number,
    occurred_at, business_day, gross_minor, discount_minor, rounding_minor, paid_minor, units,
    payments, extra, reason, actor_id)
  SELECT id, kind, (kind = 'sale')::int, original, pair, store, customer, guide, source, number, at,
    day, gross, discount, rounding, paid, units, payments, extra,
    reason, actor
  FROM given WHERE EXISTS (SELECT FROM number)
), lines AS (
  INSERT INTO purchases_line (
    purchase_id, position, original_line_id, product_code, product_name, category, quantity,
    gross_minor, discount_minor, paid_minor, extra)
  SELECT number.purchase_id, l.* FROM number, given, json_to_recordset(given.lines) AS l(
    position smallint, original uuid, code text, name text, category text, quantity numeric,
    gross bigint, discount bigint, paid bigint, extra jsonb)
), standing AS (
  INSERT INTO purchases_standing AS s (
    customer_id, purchases, returns, paid_minor, discount_minor, first_at, last_at, last_store_id)
  SELECT customer, (kind = 'sale')::int, (kind = 'return')::int, paid, discount,
    CASE kind WHEN 'sale' THEN at END, CASE kind WHEN 'sale' THEN at END,
    CASE kind WHEN 'sale' THEN store END
  FROM given WHERE customer IS NOT NULL AND EXISTS (SELECT FROM number)
  ON CONFLICT (customer_id) DO UPDATE SET
    purchases = s.purchases + excluded.purchases,
    returns = s.returns + excluded.returns,
    paid_minor = s.paid_minor + excluded.paid_minor,
    discount_minor = s.discount_minor + excluded.discount_minor,
    first_at = least(s.first_at, excluded.first_at),
    last_store_id = CASE WHEN excluded.last_at >= s.last_at OR s.last_at IS NULL
      THEN coalesce(excluded.last_store_id, s.last_store_id) ELSE s.last_store_id END,
    last_at = greatest(s.last_at, excluded.last_at)
)"""

# Only constants of ours are joined.
_ALONE: Final = f"WITH {GIVEN}, {FACT} SELECT (SELECT purchase_id FROM number)"  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Everything the statement writes, the ledger's part included."""

    id: UUID
    kind: str
    settled: Settled
    store_id: UUID
    source: str
    number: str
    digest: bytes
    occurred_at: datetime
    business_day: date
    customer_id: UUID | None = None
    guide_id: UUID | None = None
    actor_id: UUID | None = None
    original_id: UUID | None = None
    original_lines: Mapping[int, UUID] | None = None  # by position
    pair_id: UUID | None = None
    reason: str = ""
    points: int = 0
    reasons: tuple[Mapping[str, Any], ...] = ()
    expires_at: datetime | None = None


def write(fact: Fact) -> bool:
    """Write a fact without points; say whether it was new. One statement."""
    row = statements.one(_ALONE, (document(fact),))
    return row is not None and row[0] is not None


def document(fact: Fact) -> str:
    """Return the fact as the statement's one parameter."""
    settled = fact.settled
    return _ENCODER.encode(
        {
            "id": fact.id,
            "kind": fact.kind,
            "original": fact.original_id,
            "pair": fact.pair_id,
            "customer": fact.customer_id,
            "store": fact.store_id,
            "guide": fact.guide_id,
            "actor": fact.actor_id,
            "source": fact.source,
            "number": fact.number,
            "digest": fact.digest.hex(),
            "at": fact.occurred_at,
            "day": fact.business_day,
            "gross": settled.gross_minor,
            "discount": settled.discount_minor,
            "rounding": settled.rounding_minor,
            "paid": settled.paid_minor,
            "units": settled.units,
            "payments": [
                {"means": each.means, "amount_minor": each.amount_minor}
                for each in settled.payments
            ],
            "extra": settled.extra,
            "reason": fact.reason,
            "lines": list(_lines(fact)),
            "points": fact.points,
            "reasons": list(fact.reasons),
            "expires": fact.expires_at,
        }
    ).decode()


def _lines(fact: Fact) -> Iterable[dict[str, Any]]:
    originals = fact.original_lines or {}
    for line in fact.settled.lines:
        yield {
            "position": line.position,
            "original": originals.get(line.position),
            "code": line.product_code,
            "name": line.product_name,
            "category": line.category,
            "quantity": line.quantity,
            "gross": line.gross_minor,
            "discount": line.discount_minor,
            "paid": line.paid_minor,
            "extra": line.extra,
        }


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} cannot be written as JSON")


# Keys, times and decimals are written as text, which the statement reads again.
_ENCODER: Final = msgspec.json.Encoder(enc_hook=_plain, decimal_format="string")
