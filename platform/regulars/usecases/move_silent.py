"""Ownership by silence: who has heard nothing from their guide for months gets another one (C7).

Off until head office says after how many months. A customer stays with the guide who, within that
time, sold them something, reached them, or was given them. Otherwise they go to the guide who
served them last within it, and without one to nobody: their store's pool. What an import brought
counts as given on the day it was brought, so that history moves nobody.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from regulars import registry
from regulars.audit import SYSTEM
from regulars.billing import resting
from regulars.customers import services as customers
from regulars.customers.services import Move
from regulars.outbox import handler, schedule
from regulars.outbox import services as outbox
from regulars.points import tiers
from regulars.points.ledger import read_json
from regulars.tenancy import context, statements
from regulars.usecases.follow_owner import MOVED, SILENCE

POLICY: Final = "ownership.silence-months"
_PORTION: Final = 5_000  # a second of work under lock
_NOBODY: Final = UUID(int=0)
# A contact is one that was made: reserved, refused or given up is none.
_SILENT: Final = f"""
SELECT a.id, a.home_store_id, a.owner_id, (
  SELECT p.guide_id FROM purchases_purchase p
   JOIN staff_staff s ON s.id = p.guide_id AND s.state = 'active'
   WHERE p.customer_id = a.id AND p.kind = 'sale' AND p.business_day > %(day)s
     AND p.guide_id <> a.owner_id
   ORDER BY p.business_day DESC, p.id DESC LIMIT 1) AS successor
FROM asked a
WHERE NOT EXISTS (SELECT FROM purchases_purchase p WHERE p.customer_id = a.id
    AND p.guide_id = a.owner_id AND p.kind = 'sale' AND p.business_day > %(day)s)
  AND NOT EXISTS (SELECT FROM messaging_contact m WHERE m.customer_id = a.id
    AND m.staff_id = a.owner_id AND m.at > %(since)s
    AND m.state NOT IN ('reserved', 'sending', 'failed', 'refused', 'cancelled'))
  AND NOT EXISTS (SELECT FROM followups_task t WHERE t.customer_id = a.id
    AND t.done_by_id = a.owner_id AND t.state = 'done' AND t.done_at > %(since)s)
  AND NOT EXISTS (SELECT FROM audit_entry e WHERE e.object_id = a.id
    AND e.action = '{MOVED}' AND e.at > %(since)s)"""
_ASKED: Final = """
SELECT id, home_store_id, owner_id FROM customers_customer
WHERE state = 'active' AND owner_id IS NOT NULL AND created_at <= %(since)s"""
_PART: Final = f"""
WITH asked AS MATERIALIZED ({_ASKED} AND id > %(after)s ORDER BY id LIMIT %(limit)s),
silent AS ({_SILENT})
SELECT (SELECT count(*) FROM asked), (SELECT max(id::text) FROM asked),
  (SELECT coalesce(json_agg(json_build_array(id, home_store_id, owner_id, successor)), '[]')
   FROM silent)"""
_COUNT: Final = f"""
WITH asked AS ({_ASKED}), silent AS ({_SILENT})
SELECT s.name, count(*), count(successor) FROM silent
LEFT JOIN stores_store s ON s.id = silent.home_store_id
GROUP BY s.id, s.name ORDER BY count(*) DESC, s.name"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How many customers of a store would move; `served` of them to who served them last."""

    store: str  # empty: of no store
    customers: int
    served: int

    @property
    def freed(self) -> int:
        """How many would have no guide until somebody is found."""
        return self.customers - self.served


def preview(*, months: int, now: datetime) -> list[Preview]:
    """Return what the next night would move, by store, the most first.

    One statement that goes through every customer who has a guide; nothing is written.
    """
    rows = statements.every(_COUNT, _bounds(months, now))
    return [
        Preview(store=name or "", customers=count, served=served) for name, count, served in rows
    ]


@schedule.nightly("ownership.move-silent")
@resting.unless_paused
def begin(*, now: datetime) -> None:
    """Go through the chain in portions, where head office has switched the rule on."""
    if registry.policy(POLICY) is not None:
        _go_on(after=_NOBODY, now=now)


@handler("ownership.move-portion")
def move_portion(*, after: str, now: datetime) -> None:
    """Move the silent ones of a portion, and ask for the next; one transaction each."""
    months = registry.policy(POLICY)
    if months is None:  # switched off meanwhile
        return
    last = move(months=months, after=UUID(after), now=now)
    if last is not None:
        _go_on(after=last, now=now)


@transaction.atomic
def move(*, months: int, now: datetime, after: UUID = _NOBODY) -> UUID | None:
    """Move the silent customers of a portion; returns where the next begins, None at the end.

    Two statements and those that write. Whoever was moved by hand meanwhile stays where they are.
    """
    row = statements.one(_PART, {**_bounds(months, now), "after": after, "limit": _PORTION})
    count, last, found = row or (0, None, [])
    moves = [
        Move(UUID(pk), UUID(home) if home else None, UUID(owner), UUID(to) if to else None)
        for pk, home, owner, to in read_json(found)
    ]
    customers.move(actor=SYSTEM, moves=moves, told={"rule": SILENCE, "months": months}, now=now)
    return UUID(last) if count == _PORTION else None


def _go_on(*, after: UUID, now: datetime) -> None:
    day = now.astimezone(context.current().zone).date()
    outbox.enqueue(
        handler="ownership.move-portion",
        payload={"after": str(after)},
        key=f"ownership.move-portion:{day}:{after}",
    )


def _bounds(months: int, now: datetime) -> dict[str, Any]:
    """Return the day and the moment so many months ago."""
    zone = context.current().zone
    day = tiers.since(now.astimezone(zone).date(), months)
    since = now.astimezone(zone).replace(year=day.year, month=day.month, day=day.day)
    return {"day": day, "since": since}
