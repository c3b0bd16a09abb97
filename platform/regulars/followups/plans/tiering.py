"""Who rose to another level of membership, or fell, on a day (V2).

Levels are worked out from purchases, which are never changed, so yesterday's level need not be
remembered: it is what was recorded until yesterday, in the window that ended yesterday. Only those
are looked at who bought or returned something that day, or whose purchases left a window. History
brought by file counts as known all along, and rules as they are today, so neither lifts anybody.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from itertools import batched
from typing import Final
from uuid import UUID

from regulars import registry
from regulars.followups.plans.news import Start
from regulars.kit import Tier
from regulars.points import tiers
from regulars.tenancy import context, statements
from regulars.tenancy.identifiers import first_id

TRIGGERS: Final = frozenset({"tier.raised", "tier.lowered"})
_AT_ONCE: Final = 2_000
_SLACK: Final = timedelta(hours=1)  # a key is made within the transaction, not at its start
_MOVED: Final = """
SELECT customer_id FROM purchases_purchase
WHERE id >= %(first_id)s AND id < %(end_id)s AND import_id IS NULL AND customer_id IS NOT NULL
  AND recorded_at >= %(begin)s AND recorded_at < %(end)s
UNION
SELECT customer_id FROM purchases_purchase
WHERE business_day = ANY(%(left)s) AND customer_id IS NOT NULL
ORDER BY customer_id"""
_SPENT: Final = """
SELECT p.customer_id, w.months,
  coalesce(sum(p.paid_minor) FILTER (WHERE p.recorded_at < %(begin)s
    OR p.import_id IS NOT NULL OR p.kind = 'void'), 0)::bigint,
  coalesce(sum(p.paid_minor) FILTER (WHERE p.business_day > w.after), 0)::bigint
FROM unnest(%(months)s::int[], %(before)s::date[], %(after)s::date[]) AS w(months, before, after)
JOIN purchases_purchase p ON p.customer_id = ANY(%(ids)s) AND p.business_day > w.before
  AND (p.recorded_at < %(end)s OR p.import_id IS NOT NULL OR p.kind = 'void')
GROUP BY p.customer_id, w.months"""


def moved(triggers: Collection[str], *, day: date) -> Iterator[Start]:
    """Yield who rose or fell on a day of head office that is over; a statement for the
    candidates, and one for each two thousand of them.
    """
    vertical, chain = registry.vertical(), context.current()
    lengths = tiers.windows(vertical)
    if not TRIGGERS & set(triggers) or not lengths:
        return
    begin = datetime.combine(day, time(), tzinfo=chain.zone)
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=chain.zone)
    before = [tiers.since(day - timedelta(days=1), months) for months in lengths]
    after = [tiers.since(day, months) for months in lengths]
    left = sorted(
        {
            first + timedelta(days=number)
            for first, last in zip(before, after, strict=True)
            for number in range(1, (last - first).days + 1)
        }
    )
    values = {
        "begin": begin,
        "end": end,
        "first_id": first_id(begin),
        "end_id": first_id(end + _SLACK),
        "left": left,
        "months": list(lengths),
        "before": before,
        "after": after,
    }
    candidates = [row[0] for row in statements.every(_MOVED, values)]
    rank = {tier.key: place for place, tier in enumerate(vertical.tiers)}
    for ids in batched(candidates, _AT_ONCE, strict=False):
        for customer_id, (was, now) in _levels({**values, "ids": list(ids)}).items():
            was_at, now_at = (rank[each.key] if each else -1 for each in (was, now))
            trigger = "tier.raised" if now_at > was_at else "tier.lowered"
            if now_at != was_at and trigger in triggers:
                yield _start(trigger, customer_id, was, now, day=day, since=end)


def _levels(values: dict[str, object]) -> dict[UUID, tuple[Tier | None, Tier | None]]:
    """Return the level before and after of each of some customers. One statement."""
    exponent = tiers.currency_exponent(context.current().currency)
    levels = registry.vertical().tiers
    spent: dict[UUID, tuple[dict[int, int], dict[int, int]]] = {}
    for customer_id, months, before, after in statements.every(_SPENT, values):
        was, now = spent.setdefault(customer_id, ({}, {}))
        was[months], now[months] = before, after
    return {
        customer_id: (
            tiers.reached(levels, was, currency_exponent=exponent),
            tiers.reached(levels, now, currency_exponent=exponent),
        )
        for customer_id, (was, now) in spent.items()
    }


def _start(
    trigger: str,
    customer_id: UUID,
    was: Tier | None,
    now: Tier | None,
    *,
    day: date,
    since: datetime,
) -> Start:
    level = now.key if now else ""
    return Start(
        trigger=trigger,
        customer_id=customer_id,
        key=f"{trigger}:{level}:{day}",
        on=day,
        since=since,
        recorded_at=since,
        facts={"tier": level, "before": was.key if was else ""},
    )
