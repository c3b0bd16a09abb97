"""What there was between us and a customer, and what uses their allowance."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from regulars.messages.models import Contact
from regulars.messages.windows import Counted
from regulars.tenancy import statements

# What was given up or never left is no contact.
_LATEST: Final = """
SELECT m.id FROM unnest(%s::uuid[]) AS c(id), LATERAL (
  SELECT x.id FROM messaging_contact x WHERE x.customer_id = c.id AND x.at <= %s
    AND x.state NOT IN ('reserved', 'cancelled', 'refused')
  ORDER BY x.at DESC, x.id DESC LIMIT %s) AS m"""


def counted(customer_ids: Collection[UUID], *, since: datetime) -> dict[UUID, list[Counted]]:
    """Return the contacts that count since a moment, those planned included, in one statement."""
    found: dict[UUID, list[Counted]] = defaultdict(list)
    rows = Contact.objects.filter(customer__in=customer_ids, uses_allowance=True, at__gt=since)
    for customer_id, at, purpose in rows.values_list("customer_id", "at", "purpose"):
        if customer_id is not None:
            found[customer_id].append(Counted(at, purpose))
    return found


def latest(
    customer_ids: Collection[UUID], *, now: datetime, limit: int = 3
) -> dict[UUID, list[Contact]]:
    """Return the last contacts of each customer, newest first, with who made them.

    Messages of theirs included. Two statements, and no more rows read than are returned.
    """
    ids = [row[0] for row in statements.every(_LATEST, (list(customer_ids), now, limit))]
    found: dict[UUID, list[Contact]] = {customer_id: [] for customer_id in customer_ids}
    rows = Contact.objects.filter(pk__in=ids).select_related("staff", "store")
    for row in rows.order_by("-at", "-pk"):
        if row.customer_id is not None:
            found[row.customer_id].append(row)
    return found
