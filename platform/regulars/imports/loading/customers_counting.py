"""How many rows of a staged file are what: for the preview, and for the counts of a load."""

from typing import Any, Final

from django.db import connection, transaction

from regulars.imports.contract import Job
from regulars.imports.loading.customers_opening import UNITS
from regulars.tenancy import statements

_EVER: Final = 2**62
_LINES: Final = """FROM imports_stagedcustomer s
WHERE s.import_id = %(import)s::uuid AND s.line > %(after)s AND s.line <= %(to)s"""
_OPENINGS: Final = f"""
SELECT coalesce(sum(s.opening_points), 0)::bigint,
  coalesce(sum(s.opening_principal_minor), 0)::bigint,
  coalesce(sum(s.opening_bonus_minor), 0)::bigint {_LINES} AND s.is_new"""
# New rows with a phone that somebody has, here or further up in the file: perhaps the same person.
_DOUBTFUL: Final = """
WITH shared AS (
  SELECT line FROM (
    SELECT line, phone, is_new, row_number() OVER (PARTITION BY phone ORDER BY line) AS n
    FROM imports_stagedcustomer
    WHERE import_id = %(import)s AND is_new IS NOT NULL AND phone IS NOT NULL) AS s
  WHERE is_new AND (n > 1
    OR EXISTS (SELECT FROM customers_customer c
      WHERE reverse(c.phone) = reverse(s.phone) AND c.state <> 'erased')
    OR EXISTS (SELECT FROM customers_identity i WHERE i.source = 'phone' AND i.number = s.phone))
)
SELECT (SELECT count(*) FROM shared),
  (SELECT coalesce(array_agg(line), '{}') FROM (
    SELECT line FROM shared ORDER BY line LIMIT 50) AS first)"""


def staged(job: Job, *, to: int = _EVER) -> int:
    """Count the rows that were staged, refused ones included."""
    return _count(job, "", after=-1, to=to)


def new(job: Job, *, after: int = -1, to: int = _EVER) -> int:
    """Count the rows of new customers."""
    return _count(job, " AND s.is_new", after=after, to=to)


def known(job: Job, *, after: int = -1, to: int = _EVER) -> int:
    """Count the rows of customers who are known already."""
    return _count(job, " AND s.is_new = false", after=after, to=to)


def doubtful(job: Job) -> tuple[int, list[int]]:
    """Return how many new customers share a phone with somebody, and the first of their lines."""
    if not job.mapping.has("phone"):
        return 0, []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(_DOUBTFUL, {"import": job.import_id})
        count, lines = cursor.fetchone() or (0, [])
    return count, lines


def openings(job: Job) -> dict[str, Any]:
    """Return the balances of new customers together, by unit: ``points_opening`` and so on."""
    if not any(job.mapping.has(attribute) for attribute in UNITS):
        return {}
    found = statements.one(_OPENINGS, {"import": job.import_id, "after": -1, "to": _EVER})
    units = [unit.value for unit, _column in UNITS.values()]
    return {f"{unit}_opening": amount for unit, amount in zip(units, found or (), strict=False)}


def _count(job: Job, which: str, *, after: int, to: int) -> int:
    parameters = {"import": job.import_id, "after": after, "to": to}
    row = statements.one(f"SELECT count(*) {_LINES}{which}", parameters)
    return int(row[0]) if row else 0
