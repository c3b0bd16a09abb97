"""Balances brought along: points, principal and bonus, posted once per customer and unit."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from regulars.imports.contract import Job
from regulars.imports.loading import customers_keys as keys
from regulars.points import openings
from regulars.points import services as points
from regulars.points.models import Unit
from regulars.tenancy import context, statements
from regulars.usecases import earning

UNITS: Final = {
    "opening_points": (Unit.POINTS, "opening_points"),
    "opening_principal": (Unit.PRINCIPAL, "opening_principal_minor"),
    "opening_bonus": (Unit.BONUS, "opening_bonus_minor"),
}
"""By attribute: the unit, and the column it is staged in."""

_OF_NEW: Final = f"""
SELECT {keys.OF_LINE}, s.{{column}} FROM imports_stagedcustomer s
WHERE s.import_id = %(import)s::uuid AND s.line > %(after)s AND s.line <= %(to)s
  AND s.is_new AND s.{{column}} > 0 ORDER BY s.line"""


def of_new(*, job: Job, lines: Mapping[str, Any], now: datetime) -> None:
    """Post the balances of the new customers of some lines."""
    for attribute, (unit, column) in UNITS.items():
        if job.mapping.has(attribute):
            rows = statements.every(_OF_NEW.format(column=column), lines)
            post(rows, unit=unit, job=job, now=now)


def post(rows: Iterable[tuple[UUID, int]], *, unit: Unit, job: Job, now: datetime) -> None:
    """Post balances of customers; points run out as if they had been earned today."""
    today = now.astimezone(context.current().zone).date()
    expires_at = earning.expires_at(today) if unit == Unit.POINTS else None
    points.post_openings(
        rows=[
            points.Opening(
                customer_id=customer_id,
                amount=amount,
                key=openings.key_of(customer_id, unit),
                expires_at=expires_at,
            )
            for customer_id, amount in rows
        ],
        actor=job.actor,
        now=now,
        unit=unit,
    )
