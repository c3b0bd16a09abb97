"""Keeping purchases with the person they belong to: standings, merges, erasure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from regulars.purchases.models import Line, Purchase
from regulars.tenancy import statements

_AT_ONCE: Final = 5_000
# A voided sale counts for nothing, and says nothing of when the customer came.
_RECOUNT: Final = """
INSERT INTO purchases_standing AS s (
  customer_id, purchases, returns, paid_minor, discount_minor, first_at, last_at, last_store_id)
SELECT c.id, coalesce(sum(p.counts), 0),
  count(*) FILTER (WHERE p.kind = 'return')
    - count(*) FILTER (WHERE p.kind = 'void' AND p.counts = 0),
  coalesce(sum(p.paid_minor), 0), coalesce(sum(p.discount_minor), 0),
  min(p.occurred_at) FILTER (WHERE p.stands), max(p.occurred_at) FILTER (WHERE p.stands),
  (array_agg(p.store_id ORDER BY p.occurred_at DESC) FILTER (WHERE p.stands))[1]
FROM unnest(%s::uuid[]) AS c(id)
LEFT JOIN LATERAL (
  SELECT p.*, p.kind = 'sale' AND NOT EXISTS (
    SELECT FROM purchases_purchase v WHERE v.original_id = p.id AND v.kind = 'void') AS stands
  FROM purchases_purchase p WHERE p.customer_id = c.id) AS p ON true
GROUP BY c.id
ON CONFLICT (customer_id) DO UPDATE SET
  purchases = excluded.purchases, returns = excluded.returns, paid_minor = excluded.paid_minor,
  discount_minor = excluded.discount_minor, first_at = excluded.first_at,
  last_at = excluded.last_at, last_store_id = excluded.last_store_id"""
_LOCK_CUSTOMERS: Final = """
SELECT id FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"""


def recount(*, customer_ids: Iterable[UUID]) -> None:
    """Work the standings of customers out anew from their purchases (P4).

    For bulk writers: after an import, an undo, a merge. Locks the customers in key order, so
    that tills wait for the count instead of being missed by it; two statements for 5,000.
    """
    ids = sorted(set(customer_ids))
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        with transaction.atomic():
            statements.run(_LOCK_CUSTOMERS, (some,))
            statements.run(_RECOUNT, (some,))


@transaction.atomic
def reassign(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
    """Give the absorbed customer's purchases to the kept one; return which moved.

    The caller holds both customers' rows.
    """
    rows = statements.every(
        "UPDATE purchases_purchase SET customer_id = %s WHERE customer_id = %s RETURNING id",
        (kept_id, absorbed_id),
    )
    recount(customer_ids=[kept_id, absorbed_id])
    return {"purchases": [str(row[0]) for row in rows]}


@transaction.atomic
def give_back(*, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime) -> None:
    """Undo a merge: what moved goes back, and so do its returns since."""
    ids = [UUID(each) for each in moved.get("purchases", ())]
    statements.run(
        "UPDATE purchases_purchase SET customer_id = %s"
        " WHERE customer_id = %s AND (id = ANY(%s) OR original_id = ANY(%s))",
        (absorbed_id, kept_id, ids, ids),
    )
    recount(customer_ids=[kept_id, absorbed_id])


def erase(*, customer_id: UUID, now: datetime) -> None:
    """Empty what is personal in a customer's purchases; amounts and goods stay as figures."""
    mine = Purchase.objects.filter(customer_id=customer_id)
    Line.objects.filter(purchase__in=mine.values("pk")).exclude(extra={}).update(extra={})
    mine.exclude(extra={}).update(extra={})


def disclose(*, customer_id: UUID) -> list[dict[str, Any]]:
    """Return everything held about a customer's purchases, for the export they may ask for."""
    rows = Purchase.objects.filter(customer_id=customer_id).order_by("occurred_at", "id")
    rows = rows.select_related("store").prefetch_related("lines")
    return [
        {
            "kind": row.kind,
            "number": row.number,
            "at": row.occurred_at.isoformat(),
            "store": row.store.name,
            "gross_minor": row.gross_minor,
            "discount_minor": row.discount_minor,
            "rounding_minor": row.rounding_minor,
            "paid_minor": row.paid_minor,
            "payments": row.payments,
            "details": row.extra,
            "lines": [
                {
                    "product": line.product_name or line.product_code,
                    "category": line.category,
                    "quantity": str(line.quantity),
                    "paid_minor": line.paid_minor,
                    "details": line.extra,
                }
                for line in sorted(row.lines.all(), key=lambda line: line.position)
            ],
        }
        for row in rows
    ]
