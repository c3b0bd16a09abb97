"""Accounts of many customers at once, held in the one order that every writer keeps."""

from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from regulars.points.models import Unit
from regulars.tenancy import statements

_LOCK_CUSTOMERS: Final = """
SELECT id FROM customers_customer WHERE id = ANY(%s) AND state = 'active'
ORDER BY id FOR NO KEY UPDATE"""
_OPEN: Final = """
INSERT INTO points_account (customer_id, unit, available, debt)
SELECT id, %s::text, 0, 0 FROM unnest(%s::uuid[]) AS id
ON CONFLICT (customer_id, unit) DO NOTHING"""
_LOCK: Final = """
SELECT customer_id, id, available, debt FROM points_account
WHERE customer_id = ANY(%s) AND unit = %s ORDER BY customer_id FOR NO KEY UPDATE"""


class Held(NamedTuple):
    """A locked account and what is on it."""

    id: UUID
    available: int
    debt: int


def hold(*, customer_ids: Iterable[UUID], unit: Unit) -> dict[UUID, Held]:
    """Lock the active ones of these customers and their accounts, opening those that lack.

    Three statements in the caller's transaction, which keeps the locks: customers by id, then
    accounts by customer. Customers who are merged or erased are left out.
    """
    wanted = sorted(set(customer_ids))
    active = [row[0] for row in statements.every(_LOCK_CUSTOMERS, (wanted,))]
    statements.run(_OPEN, (unit.value, active))
    return {row[0]: Held(*row[1:]) for row in statements.every(_LOCK, (active, unit.value))}
