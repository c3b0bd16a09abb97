"""The stores that matter to what somebody reaches, read in one go beside or without the person."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from regulars.staff import roles
from regulars.staff.models import Staff
from regulars.tenancy import statements

_CHAIN_WIDE: Final = ", ".join(sorted(f"'{role.value}'" for role in roles.CHAIN_WIDE))
# Of a person `p` (id, role, home_store_id): for who sees the whole chain the stores that keep
# something back, for others the stores they reach.
AS_JSON: Final = f"""
(SELECT json_agg(json_build_array(s.id, s.ownership = 'franchise', s.shares_customers,
    s.shares_figures, own.is_theirs))
 FROM stores_store s, LATERAL (SELECT s.id = p.home_store_id IS TRUE OR EXISTS (
   SELECT FROM staff_assignment a WHERE a.staff_id = p.id AND a.store_id = s.id
 ) AS is_theirs) AS own
 WHERE CASE WHEN p.role IN ({_CHAIN_WIDE})
   THEN s.ownership = 'franchise' AND NOT (s.shares_customers AND s.shares_figures)
   ELSE own.is_theirs OR EXISTS (
     SELECT FROM staff_assignment a WHERE a.staff_id = p.id AND a.region_id = s.region_id)
   END)"""  # noqa: S608  (names of ours)
_OF_ONE: Final = statements.squeezed(
    f"SELECT {AS_JSON} FROM (VALUES (%s::uuid, %s::text, %s::uuid)) AS p(id, role, home_store_id)"  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Reached:
    """A store, what its owners keep back, and whether the person works in that very one."""

    store_id: UUID
    is_franchise: bool
    shares_customers: bool
    shares_figures: bool
    is_theirs: bool


def of(staff: Staff) -> tuple[Reached, ...]:
    """Return the stores that matter to what somebody reaches; no statement where they are known."""
    if staff.places is not None:
        return staff.places
    row = statements.one(_OF_ONE, (staff.id, str(staff.role), staff.home_store_id))
    return of_json(row[0] if row else None)


def of_json(rows: Iterable[Iterable[Any]] | None) -> tuple[Reached, ...]:
    """Return what `AS_JSON` read."""
    return tuple(Reached(UUID(key), *facts) for key, *facts in rows or ())
