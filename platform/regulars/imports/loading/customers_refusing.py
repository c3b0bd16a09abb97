"""Staged rows that cannot come in: marked in the staging table, kept with their reason.

A refused row stays staged, with `is_new` NULL, so that matching again sees the same file.
"""

from typing import Any, Final
from uuid import UUID

from regulars.tenancy import statements

# %(bad)s yields line, heading, code, excerpt, params; a row is refused once, for the first reason.
_REFUSE: Final = """
WITH bad AS MATERIALIZED (SELECT DISTINCT ON (line) * FROM ({bad}) AS found ORDER BY line),
marked AS (
  UPDATE imports_stagedcustomer s SET is_new = NULL, customer_id = NULL FROM bad
  WHERE s.import_id = %(import)s::uuid AND s.line = bad.line AND s.is_new IS NOT NULL
  RETURNING s.line
)
INSERT INTO imports_rejection AS r (import_id, line, problems)
SELECT %(import)s::uuid, line, jsonb_build_array(jsonb_build_object(
  'column', heading, 'code', code, 'excerpt', coalesce(excerpt, ''), 'params', params))
FROM bad JOIN marked USING (line)
ON CONFLICT (import_id, line) DO UPDATE SET problems = r.problems || excluded.problems"""
_FORGET: Final = """
DELETE FROM imports_rejection r USING imports_stagedcustomer s
WHERE r.import_id = %(import)s::uuid AND s.import_id = r.import_id AND s.line = r.line"""
_RESET: Final = """
UPDATE imports_stagedcustomer SET is_new = true, customer_id = NULL
WHERE import_id = %(import)s::uuid AND is_new IS NOT TRUE"""


def refuse(*, import_id: UUID, bad: str, parameters: dict[str, Any]) -> int:
    """Refuse the rows a query finds as (line, heading, code, excerpt, params jsonb)."""
    return statements.run(_REFUSE.format(bad=bad), {"import": import_id, **parameters})


def forget(*, import_id: UUID) -> None:
    """Take every staged row back into consideration, as it was when it had just been staged."""
    statements.run(_FORGET, {"import": import_id})
    statements.run(_RESET, {"import": import_id})
