"""Keeping the computed occasions what files and vertical say, of some customers or of all at once.

Everything that comes by date is one statement however many rows there are: what should be there is
worked out by the database, compared with what is there, and only the difference written. So a
night that was missed is made up for by the next.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from regulars import registry
from regulars.customers import today
from regulars.customers.models import Possession
from regulars.customers.today import Days
from regulars.followups.models import Occasion
from regulars.followups.occasions import recurring
from regulars.followups.occasions.recurring import StateRule
from regulars.outbox import services as outbox
from regulars.tenancy import statements

_AT_ONCE: Final = 5_000
_RULES: Final = """
SELECT * FROM unnest(%(kinds)s::text[], %(owners)s::text[], %(since)s::text[], %(months)s::int[],
  %(after)s::int[], %(repeats)s::bool[], %(yearly)s::bool[])
  AS r(kind, owner, since, months, days, repeats, yearly)"""
_DAY: Final = """CASE WHEN v.text ~ '^\\d{4}-\\d\\d-\\d\\d$' AND pg_input_is_valid(v.text, 'date')
  THEN v.text::date END"""
_OF_THINGS: Final = f"""
SELECT p.customer_id, p.id AS source, c.home_store_id, r.*,
  CASE WHEN r.since = '{recurring.ACQUIRED}' THEN p.acquired_on ELSE {_DAY} END AS base
FROM rules r JOIN customers_possession p ON p.kind = r.owner AND p.ended_on IS NULL
JOIN customers_customer c ON c.id = p.customer_id AND c.state = 'active'
CROSS JOIN LATERAL (SELECT p.extra ->> r.since AS text) v"""
_OF_FILES: Final = f"""
SELECT c.id AS customer_id, c.id AS source, c.home_store_id, r.*, {_DAY} AS base
FROM rules r JOIN customers_customer c ON r.owner = '' AND c.state = 'active'
CROSS JOIN LATERAL (SELECT c.extra ->> r.since AS text) v WHERE v.text IS NOT NULL"""
# `recurring.next_on` in SQL, which a test holds it to: `t` is today at the customer's home store,
# `b` the date counted from, `k` how many periods have gone by, or nearly. OFFSET 0 has each of them
# worked out once a row, not wherever it is named: nearly four times as fast.
_NEXT: Final = """
SELECT CASE
  WHEN NOT repeats THEN
    (SELECT g.once FROM (SELECT (b + make_interval(months => months))::date + days AS once) g
     WHERE g.once >= t - %(kept)s::int)
  WHEN months = 0 THEN b + days * greatest(1, ceil((t - b)::numeric / days)::int)
  WHEN (b + make_interval(months => k * months))::date + d >= t
    THEN (b + make_interval(months => k * months))::date + d
  ELSE (b + make_interval(months => (k + 1) * months))::date + d END AS next_on
FROM (SELECT coalesce(h.today, %(today)s::date) AS t,
  yearly AND %(first_of_march)s::bool AND to_char(base, 'MMDD') = '0229' AS moves) m
CROSS JOIN LATERAL (SELECT base - moves::int AS b, days + moves::int AS d OFFSET 0) s
CROSS JOIN LATERAL (SELECT greatest((NOT yearly)::int, ceil(
  (12 * (extract(year FROM t - d) - extract(year FROM b))
    + extract(month FROM t - d) - extract(month FROM b)) / nullif(months, 0))::int) AS k
  OFFSET 0) n"""
_KEEP: Final = """
WITH rules AS MATERIALIZED ({rules}),
expected AS MATERIALIZED (
  SELECT a.customer_id, a.kind, a.source, f.next_on
  FROM ({bases}) a
  LEFT JOIN unnest(%(stores)s::uuid[], %(todays)s::date[]) AS h(store, today)
    ON h.store = a.home_store_id
  CROSS JOIN LATERAL ({next}) f
  WHERE a.base IS NOT NULL AND f.next_on IS NOT NULL),
gone AS (
  DELETE FROM followups_occasion o WHERE o.kind <> ALL(%(states)s::text[]) {of_o}
    AND NOT EXISTS (SELECT FROM expected e
      WHERE (e.customer_id, e.kind, e.source) = (o.customer_id, o.kind, o.source))
  RETURNING 1),
put AS (
  INSERT INTO followups_occasion (customer_id, kind, source, next_on)
  SELECT e.customer_id, e.kind, e.source, e.next_on
  FROM expected e LEFT JOIN followups_occasion o
    ON (o.customer_id, o.kind, o.source) = (e.customer_id, e.kind, e.source)
  WHERE o.id IS NULL OR o.next_on <> e.next_on
  ON CONFLICT (customer_id, kind, source) DO UPDATE SET next_on = excluded.next_on
  RETURNING 1)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM put)"""


def refresh(*, customer_ids: Sequence[UUID], now: datetime) -> int:
    """Work out the occasions of some customers anew; return how many rows changed. Idempotent.

    The same few statements for one customer or thousands.
    """
    ids = sorted(set(customer_ids))
    with transaction.atomic(), outbox.in_order("followups.occasions"):
        days = today.by_store(now=now)
        changed = _by_date(days, ids)
        changed += _by_state(_things_of(ids), Q(customer__in=ids), due_on=days.chain)
    return changed


def advance(*, now: datetime) -> int:
    """Move on what went by in some customer's store; return how many rows changed. Idempotent.

    Reads those customers alone. Three statements.
    """
    days = today.by_store(now=now)
    with transaction.atomic(), outbox.in_order("followups.occasions"):
        by = Occasion.objects.filter(next_on__lt=days.every[-1])
        ids = sorted(set(by.values_list("customer", flat=True)))
        return _by_date(days, ids) if ids else 0


def refresh_all(*, now: datetime, states: bool = False) -> int:
    """Do the same as `refresh` for every customer; returns how many rows changed.

    What is due by the state of a thing changes with the thing, so it is looked at again only when
    asked for: after the chain's declarations changed.
    """
    with transaction.atomic(), outbox.in_order("followups.occasions"):
        days = today.by_store(now=now)
        changed = _by_date(days, None)
        if states:
            for batch in _every_thing():
                these = Q(
                    customer__in={each.customer_id for each in batch},
                    source__in=[each.pk for each in batch],
                )
                changed += _by_state(batch, these, due_on=days.chain)
    return changed


def _by_date(days: Days, ids: list[UUID] | None) -> int:
    """Bring what comes by date in line, in one statement."""
    rules = recurring.rules()
    parts = []
    if any(rule.owner for rule in rules) or not rules:
        parts.append(_OF_THINGS + ("" if ids is None else " WHERE p.customer_id = ANY(%(ids)s)"))
    if any(not rule.owner for rule in rules):
        parts.append(_OF_FILES + ("" if ids is None else " AND c.id = ANY(%(ids)s)"))
    sql = _KEEP.format(
        rules=_RULES,
        bases=" UNION ALL ".join(parts),
        next=_NEXT,
        of_o="" if ids is None else "AND o.customer_id = ANY(%(ids)s)",
    )
    values: dict[str, Any] = {
        "kinds": [rule.kind for rule in rules],
        "owners": [rule.owner for rule in rules],
        "since": [rule.since for rule in rules],
        "months": [rule.months for rule in rules],
        "after": [rule.days for rule in rules],
        "repeats": [rule.repeats for rule in rules],
        "yearly": [rule.yearly for rule in rules],
        "first_of_march": registry.policy("customers.leap-day-birthday") == "03-01",
        "kept": recurring.KEPT_DAYS,
        "states": [rule.kind for rule in recurring.state_rules()],
        "today": days.chain,
        "stores": list(days.others),
        "todays": list(days.others.values()),
    }
    if ids is not None:
        values["ids"] = ids
    row = statements.one(sql, values)
    return int(row[0]) if row else 0


def _things_of(ids: Sequence[UUID]) -> list[Possession]:
    """Return the possessions of active customers that a rule by state speaks of."""
    owners = {rule.owner for rule in recurring.state_rules()}
    return list(
        Possession.objects.filter(customer__in=ids, customer__state="active", kind__in=owners)
    )


def _every_thing() -> Iterator[list[Possession]]:
    """Yield those of every customer, some thousand at a time."""
    owners = {rule.owner for rule in recurring.state_rules()}
    rows = Possession.objects.filter(kind__in=owners, customer__state="active").order_by("pk")
    last: UUID | None = None
    while owners:
        batch = list((rows.filter(pk__gt=last) if last else rows)[:_AT_ONCE])
        if not batch:
            return
        yield batch
        last = batch[-1].pk


def _by_state(possessions: Sequence[Possession], these: Q, *, due_on: date) -> int:
    """Note what came to hold of these possessions as due today, and take off what holds no more.

    `these` finds all occasions that such possessions may have.
    """
    rules = recurring.state_rules()
    due = {
        (possession.customer_id, rule.kind, possession.pk)
        for possession in possessions
        for rule in rules
        if _is_due(possession, rule)
    }
    there = Occasion.objects.filter(these, kind__in=[rule.kind for rule in rules])
    known = {(row.customer_id, row.kind, row.source): row.pk for row in there}
    over = [pk for key, pk in known.items() if key not in due]
    if over:
        Occasion.objects.filter(pk__in=over).delete()
    new = [
        Occasion(customer_id=customer_id, kind=kind, source=source, next_on=due_on)
        for customer_id, kind, source in sorted(due - known.keys())
    ]
    Occasion.objects.bulk_create(new, ignore_conflicts=True)
    return len(over) + len(new)


def _is_due(possession: Possession, rule: StateRule) -> bool:
    return (
        possession.kind == rule.owner
        and possession.ended_on is None
        and rule.holds(possession.extra)
    )
