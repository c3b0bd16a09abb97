"""Where the news comes from that may start plans: what was recorded, and the days that come.

What was recorded is found by its key, which rises with time, so what a till sends late is found
too. Files are history: what they brought starts nothing, nor does what happened long ago.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

import json
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from regulars.audit.actors import ALL
from regulars.followups.occasions import selectors as occasions
from regulars.followups.plans import declared
from regulars.followups.plans.news import Start
from regulars.followups.plans.open_days import OpenDays
from regulars.tenancy import context, statements
from regulars.tenancy.identifiers import first_id

RECENT: Final = timedelta(days=7)
"""How long ago something may have happened that starts a plan: a till was offline for days."""
_AHEAD: Final = timedelta(days=10)  # how early the tasks of a known day are written
_BEHIND: Final = timedelta(days=3)  # how late, after nights that were missed
_AT_ONCE: Final = 2_000
_PRODUCT: Final = """(
  SELECT l.product_name FROM purchases_line l WHERE l.purchase_id = p.id AND l.product_name <> ''
  ORDER BY abs(l.paid_minor) DESC, l.position LIMIT 1)"""
_BOUGHT: Final = f"""
SELECT p.id, p.kind, p.customer_id, p.store_id, p.business_day, p.occurred_at, p.recorded_at,
  p.extra::text, {_PRODUCT}
FROM purchases_purchase p WHERE p.id > %s AND p.import_id IS NULL AND p.customer_id IS NOT NULL
  AND p.kind IN ('sale', 'return') AND p.business_day >= %s
ORDER BY p.id LIMIT %s"""
_JOINED: Final = """
SELECT id, joined_at, created_at, home_store_id FROM customers_customer
WHERE id > %s AND import_id IS NULL AND state = 'active' AND joined_at >= %s ORDER BY id LIMIT %s"""
_ADDED: Final = """
SELECT p.id, p.customer_id, p.created_at, p.acquired_on, c.home_store_id
FROM customers_possession p JOIN customers_customer c ON c.id = p.customer_id
WHERE p.id > %s AND p.ended_on IS NULL AND p.created_at >= %s ORDER BY p.id LIMIT %s"""

type Read = Callable[[tuple[Any, ...]], Iterator[Start]]


def recorded(
    triggers: Collection[str], *, since: datetime, now: datetime, days: OpenDays
) -> Iterator[Start]:
    """Yield what was recorded since a moment and may start plans of these triggers.

    A statement for each two thousand purchases, new customers and new possessions.
    """
    oldest = now - RECENT
    if any(each.startswith("purchase.") for each in triggers):
        first = oldest.astimezone(context.current().zone).date()
        yield from _read(_BOUGHT, since, first, lambda row: _bought(row, triggers, days))
    if "customer.joined" in triggers:
        yield from _read(_JOINED, since, oldest, lambda row: _joined(row, days))
    if "possession.added" in triggers:
        yield from _read(_ADDED, since, oldest, lambda row: _added(row, days))


def coming(triggers: Collection[str], *, now: datetime, days: OpenDays) -> Iterator[Start]:
    """Yield the days of customers' lives, files and things that plans of these triggers are for.

    A day is told of once it or the first step before it is ten days away, again every night: who
    tells us of their birthday the day before is not too late.
    """
    plans = declared.running()
    leads = {
        trigger: timedelta(days=max(each.lead for each in plans[trigger]))
        for trigger in triggers
        if declared.is_known_day(trigger) and trigger in plans
    }
    if not leads:
        return
    today = now.astimezone(context.current().zone).date()
    wanted = occasions.Wanted(
        first=today - _BEHIND, last=today + max(leads.values()) + _AHEAD, kinds=tuple(leads)
    )
    after: occasions.Mark | None = None
    while True:
        found = occasions.due(ALL, wanted, after=after, limit=_AT_ONCE)
        for each in found:
            lead = leads[each.kind]
            if each.on - lead <= today + _AHEAD:
                yield _day(each, lead, days)
        if len(found) < _AT_ONCE:
            return
        after = occasions.Mark(found[-1].on, found[-1].id)


def _read(sql: str, since: datetime, oldest: date, starts: Read) -> Iterator[Start]:
    after: UUID = first_id(since)
    while True:
        rows = statements.every(sql, (after, oldest, _AT_ONCE))
        for row in rows:
            yield from starts(row)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][0]


def _bought(row: tuple[Any, ...], triggers: Collection[str], days: OpenDays) -> Iterator[Start]:
    pk, kind, customer_id, store_id, day, occurred_at, recorded_at, extra, product = row
    values = json.loads(extra)
    of_kind = {"purchase.returned"} if kind == "return" else set(triggers) - {"purchase.returned"}
    for trigger in sorted(of_kind & set(triggers)):
        on = _day_of(trigger, day, values)
        if on is not None:
            yield Start(
                trigger=trigger,
                customer_id=customer_id,
                key=f"{trigger}:{pk}",
                on=on,
                since=occurred_at,
                source=pk,
                store_id=store_id,
                recorded_at=recorded_at,
                purchase_id=pk,
                facts={"product": product} if product else {},
            )


def _day_of(trigger: str, day: date, extra: dict[str, Any]) -> date | None:
    """Return the day a plan of a purchase counts from; None where it does not begin."""
    if trigger in ("purchase.recorded", "purchase.returned"):
        return day
    subject, _dot, name = trigger.partition(".")
    if subject != "purchase":
        return None
    if trigger == "purchase.delivered":
        return _date(extra.get(declared.DELIVERY)) or day
    return _date(extra.get(name))


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _joined(row: tuple[Any, ...], days: OpenDays) -> Iterator[Start]:
    pk, joined_at, created_at, home_store_id = row
    yield Start(
        trigger="customer.joined",
        customer_id=pk,
        key=f"customer.joined:{pk}",
        on=days.today(home_store_id, now=joined_at),
        since=joined_at,
        source=pk,
        recorded_at=created_at,
    )


def _added(row: tuple[Any, ...], days: OpenDays) -> Iterator[Start]:
    pk, customer_id, created_at, acquired_on, home_store_id = row
    noted_on = days.today(home_store_id, now=created_at)
    if acquired_on is not None and acquired_on < noted_on - RECENT:
        return  # something they have had for long
    yield Start(
        trigger="possession.added",
        customer_id=customer_id,
        key=f"possession.added:{pk}",
        on=acquired_on or noted_on,
        since=created_at,
        source=pk,
        recorded_at=created_at,
    )


def _day(each: occasions.Due, lead: timedelta, days: OpenDays) -> Start:
    first = datetime.combine(each.on - lead, time(), tzinfo=days.zone(each.home_store_id))
    return Start(
        trigger=each.kind,
        customer_id=each.customer_id,
        key=each.key,
        on=each.on,
        since=first,
        source=each.source,
    )
