"""Facts of a whole import at once: written set by set, and voided by reversal.

The same rows a till writes (see `writing`), under the same locks: the customers' rows are taken
first, by key, then the numbers, in order. Tills of these customers do not wait: only a merge
does. Standings are counted anew afterwards (`services.recount`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from regulars.tenancy import statements

# One key of the database's for each statement, counted on in its last digits: a call of uuidv7
# for every row would cost as much as writing the row.
KEY: Final = """
((SELECT left(uuidv7()::text, 28)) || to_hex(x'10000000'::int + {}::int))::uuid"""

# Continues a CTE of the caller's:
#   receipt(key, kind, original, store, buyer, guide, source, number, at, day, gross, discount,
#           rounding, paid, units, payments, extra)
# A number that stands for something already is left out, and so is a buyer who is no more:
# `number` has the keys of what came in.
PURCHASES: Final = """
locked AS MATERIALIZED (
  SELECT c.id FROM customers_customer c
   WHERE c.id IN (SELECT buyer FROM receipt) AND c.state <> 'merged'
   ORDER BY c.id FOR KEY SHARE
), number AS (
  INSERT INTO purchases_number (id, source, number, purchase_id)
  SELECT key, source, number, key FROM receipt
   WHERE buyer IS NULL OR buyer IN (SELECT id FROM locked)
   ORDER BY source, number
  ON CONFLICT (source, number) DO NOTHING
  RETURNING purchase_id
), fact AS (
  INSERT INTO purchases_purchase (
    id, kind, counts, original_id, store_id, customer_id, guide_id, source, number, occurred_at,
    business_day, gross_minor, discount_minor, rounding_minor, paid_minor, units, payments, extra,
    import_id, actor_id, recorded_at)
  SELECT r.key, r.kind, (r.kind = 'sale')::int, r.original, r.store, r.buyer, r.guide, r.source,
    r.number, r.at, r.day, r.gross, r.discount, r.rounding, r.paid, r.units, r.payments,
    coalesce(r.extra, '{}'), %(import)s, %(actor)s, %(now)s
  FROM receipt r JOIN number n ON n.purchase_id = r.key
)"""
# Continues one more, of which only what came in is written; `nth` tells all lines apart:
#   goods(nth, receipt, position, original, code, name, category, quantity, gross, discount, paid,
#         extra)
_WRITTEN: Final = f"""
written AS (
  INSERT INTO purchases_line (
    id, purchase_id, position, original_line_id, product_code, product_name, category, quantity,
    gross_minor, discount_minor, paid_minor, extra)
  SELECT {KEY.format("g.nth")}, g.receipt, g.position, g.original,
    coalesce(g.code, ''), coalesce(g.name, ''), coalesce(g.category, ''), g.quantity,
    g.gross, g.discount, g.paid, coalesce(g.extra, '{{}}')
  FROM goods g"""  # noqa: S608  (only constants of ours are joined)
LINES: Final = f"{_WRITTEN})"
FACTS: Final = f"{PURCHASES}, {_WRITTEN} JOIN number n ON n.purchase_id = g.receipt)"

# Keys are handed out in the order of time, so whatever the import wrote lies behind its start.
_KEPT: Final = """EXISTS (
  SELECT FROM purchases_purchase r WHERE r.original_id IN (p.id, p.original_id)
   AND r.kind = 'return' AND r.import_id IS DISTINCT FROM p.import_id)"""
_TO_VOID: Final = """
SELECT p.id, p.customer_id, p.source, p.number FROM purchases_purchase p
 WHERE p.id > %s AND p.import_id = %s AND p.kind <> 'void'
   AND NOT EXISTS (
     SELECT FROM purchases_purchase v WHERE v.original_id = p.id AND v.kind = 'void')
 ORDER BY p.id LIMIT %s"""
_LOCK_CUSTOMERS: Final = """
SELECT id FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"""
_LOCK_NUMBERS: Final = """
SELECT purchase_id FROM purchases_number WHERE (source, number) IN (
  SELECT * FROM unnest(%s::text[], %s::text[])) ORDER BY source, number FOR UPDATE"""
_KEPT_OF: Final = f"""
SELECT p.id FROM purchases_purchase p WHERE p.id = ANY(%s) AND {_KEPT}"""  # noqa: S608
_VOID: Final = f"""
WITH void AS MATERIALIZED (
  SELECT {KEY.format("(row_number() OVER (ORDER BY p.id))")} AS key, p.*
  FROM purchases_purchase p WHERE p.id = ANY(%(ids)s)
), freed AS (
  DELETE FROM purchases_number n USING void v
   WHERE n.source = v.source AND n.number = v.number AND n.purchase_id = v.id
), fact AS (
  INSERT INTO purchases_purchase (
    id, kind, counts, original_id, store_id, customer_id, guide_id, source, number, occurred_at,
    business_day, gross_minor, discount_minor, rounding_minor, paid_minor, units, payments, extra,
    reason, import_id, actor_id, recorded_at)
  SELECT key, 'void', -counts, id, store_id, customer_id, guide_id, source, number, occurred_at,
    business_day, -gross_minor, -discount_minor, -rounding_minor, -paid_minor, -units,
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
       'means', e ->> 'means', 'amount_minor', -(e ->> 'amount_minor')::bigint)), '[]')
     FROM jsonb_array_elements(payments) AS e),
    '{{}}', '', import_id, %(actor)s, %(now)s
  FROM void
)
INSERT INTO purchases_line (
  id, purchase_id, position, original_line_id, product_code, product_name, category, quantity,
  gross_minor, discount_minor, paid_minor, extra)
SELECT {KEY.format("(row_number() OVER ())")}, v.key, l.position, l.id,
  l.product_code, l.product_name, l.category, -l.quantity,
  -l.gross_minor, -l.discount_minor, -l.paid_minor, '{{}}'
FROM void v JOIN purchases_line l ON l.purchase_id = v.id"""  # noqa: S608

_STANDING_RETURNS: Final = """
  purchases_purchase r WHERE r.original_id = p.id AND r.kind = 'return' AND NOT EXISTS (
    SELECT FROM purchases_purchase v WHERE v.original_id = r.id AND v.kind = 'void')"""
_ORIGINALS: Final = f"""
SELECT n.source, n.number, p.id, p.customer_id,
  p.paid_minor + (SELECT coalesce(sum(r.paid_minor), 0)::bigint FROM {_STANDING_RETURNS}),
  (SELECT json_agg(json_build_object('id', l.id, 'position', l.position, 'code', l.product_code,
     'name', l.product_name, 'quantity', l.quantity + coalesce((
       SELECT sum(b.quantity) FROM purchases_line b WHERE b.original_line_id = l.id
        AND b.purchase_id IN (SELECT r.id FROM {_STANDING_RETURNS})), 0)) ORDER BY l.position)
   FROM purchases_line l WHERE l.purchase_id = p.id)::text
FROM purchases_number n JOIN purchases_purchase p ON p.id = n.purchase_id AND p.kind = 'sale'
WHERE (n.source, n.number) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"""  # noqa: S608
_FIRSTS: Final = """
SELECT c.id, s.store_id, g.guide_id FROM unnest(%s::uuid[]) AS c(id)
CROSS JOIN LATERAL (
  SELECT p.store_id FROM purchases_purchase p WHERE p.customer_id = c.id AND p.kind = 'sale'
   ORDER BY p.occurred_at, p.id LIMIT 1) AS s
LEFT JOIN LATERAL (
  SELECT p.guide_id FROM purchases_purchase p WHERE p.customer_id = c.id AND p.kind = 'sale'
   AND p.guide_id IS NOT NULL ORDER BY p.occurred_at, p.id LIMIT 1) AS g ON true"""


@dataclass(slots=True, kw_only=True)
class Sold:
    """A line of a sale, and how much of it has not come back; `id` is None before it is written."""

    id: UUID | None
    position: int
    code: str
    name: str
    left: Decimal


@dataclass(slots=True, kw_only=True)
class Original:
    """A sale of which goods come back, and how much of what was paid has not been given back."""

    id: UUID | None
    customer_id: UUID | None
    kept_minor: int
    lines: list[Sold]


@dataclass(frozen=True, slots=True)
class Due:
    """Facts of an import that are to be voided: locked, and sorted out."""

    last: UUID | None
    void: tuple[UUID, ...]
    kept: tuple[UUID, ...]
    customers: tuple[UUID, ...]


def originals(*, numbers: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Original]:
    """Return the sales that stand under these (source, number), with what is left of them."""
    sources, texts = _columns(numbers)
    return {
        (source, number): Original(
            id=key,
            customer_id=customer,
            kept_minor=kept,
            lines=[
                Sold(
                    id=UUID(line["id"]),
                    position=line["position"],
                    code=line["code"],
                    name=line["name"],
                    left=Decimal(str(line["quantity"])),
                )
                for line in json.loads(lines, parse_float=Decimal)
            ],
        )
        for source, number, key, customer, kept, lines in statements.every(
            _ORIGINALS, (sources, texts)
        )
    }


def lock(*, customer_ids: Iterable[UUID], numbers: Iterable[tuple[str, str]]) -> None:
    """Let one return of these sales at a time look at what is left, as tills do.

    Customers first, by key, then the numbers of the sales, in order.
    """
    statements.run(_LOCK_CUSTOMERS, (sorted(set(customer_ids)),))
    statements.run(_LOCK_NUMBERS, _columns(numbers))


def firsts(*, customer_ids: Iterable[UUID]) -> list[tuple[UUID, UUID, UUID | None]]:
    """Return where customers bought first, and who first served them (C7)."""
    rows = statements.every(_FIRSTS, (list(customer_ids),))
    return [(row[0], row[1], row[2]) for row in rows]


def _columns(numbers: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    pairs = list(numbers)
    return [source for source, _number in pairs], [number for _source, number in pairs]


def due(*, import_id: UUID, after: UUID, limit: int) -> Due:
    """Lock and return the next facts of an import that stand still, in the order of their keys.

    Those of which goods came back since at a till are `kept`, with their own returns: the return
    would hang in the air. `last` is None when there are no more. The caller's transaction holds
    customers and numbers until the voids are written.
    """
    rows = statements.every(_TO_VOID, (after, import_id, limit))
    if not rows:
        return Due(None, (), (), ())
    ids = [row[0] for row in rows]
    customers = sorted({row[1] for row in rows if row[1] is not None})
    statements.run(_LOCK_CUSTOMERS, (customers,))
    statements.run(_LOCK_NUMBERS, ([row[2] for row in rows], [row[3] for row in rows]))
    kept = {row[0] for row in statements.every(_KEPT_OF, (ids,))}
    void = tuple(each for each in ids if each not in kept)
    return Due(ids[-1], void, tuple(kept), tuple(customers))


def void(*, purchase_ids: tuple[UUID, ...], actor_id: UUID | None, now: datetime) -> None:
    """Take facts back by their reversal, and free their numbers; `due` has locked them.

    One statement. A void carries the store, day and present customer of what it voids.
    """
    statements.run(_VOID, {"ids": list(purchase_ids), "actor": actor_id, "now": now})
