"""Days that matter to a customer (P8), and keeping their next occasion known."""

from datetime import date, datetime
from typing import Final, cast
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from regulars import registry
from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.customers import calendar, consents, today
from regulars.customers.models import Customer, LifeEvent
from regulars.customers.selectors.profile import consents_of
from regulars.customers.services.writing import ValuesRefused, locked, touch
from regulars.errors import NotFound

OF_CHILDREN: Final = frozenset({LifeEvent.Kind.CHILD_BIRTHDAY})
_LONGEST_LABEL: Final = 60
# Only where it is another day in some store than at head office.
_HOMES: Final = """CROSS JOIN customers_customer c LEFT JOIN
  unnest(%(stores)s::uuid[], %(days)s::date[]) AS h(store, today) ON h.store = c.home_store_id"""
_HERE: Final = "AND c.id = e.customer_id AND d.today = COALESCE(h.today, %(chain)s)"


@transaction.atomic
def set_life_event(
    *,
    actor: Actor,
    customer_id: UUID,
    kind: str,
    month: int,
    day: int,
    now: datetime,
    year: int | None = None,
    lunar: bool = False,
    leap_month: bool = False,
    label: str = "",
    event_id: UUID | None = None,
) -> LifeEvent:
    """Note a day, or change the one of `event_id`; a second birthday replaces the first.

    With `lunar` the month and day are the moon's, `leap_month` its leap month, `year` the moon's
    year. A child's day needs consent for it (consents.for_event). Raises ValuesRefused, NotFound.
    """
    customer = locked(actor=actor, customer_id=customer_id)
    _check(kind=kind, year=year, month=month, day=day, lunar=lunar, now=now)
    if kind in OF_CHILDREN and not consents_of(customer.pk).given(consents.for_event(kind)):
        sentence = _("A child's day may be kept only with the parent's consent. Note that first.")
        raise ValuesRefused(fields={"kind": [sentence]})
    event = _existing(customer, kind, event_id) or LifeEvent(customer=customer)
    event.kind = kind
    event.year, event.month, event.day = year, month, day
    event.lunar, event.leap_month = lunar, lunar and leap_month
    event.label = " ".join(label.split())[:_LONGEST_LABEL]
    event.next_on = _next(event, day=today.of_store(customer.home_store_id, now=now))
    if event._state.adding:
        LifeEvent.objects.bulk_create([event])
    else:
        event.save()
    _finish(customer, actor=actor, action="life-event.set", kind=kind, now=now)
    return event


@transaction.atomic
def remove_life_event(*, actor: Actor, customer_id: UUID, event_id: UUID, now: datetime) -> None:
    """Forget a day. Raises NotFound."""
    customer = locked(actor=actor, customer_id=customer_id)
    event = LifeEvent.objects.filter(pk=event_id, customer=customer).first()
    if event is None:
        raise NotFound
    event.delete()
    _finish(customer, actor=actor, action="life-event.removed", kind=event.kind, now=now)


def advance_occasions(*, now: datetime, everything: bool = False) -> int:
    """Move the next occasion of days that went by; returns how many. Idempotent.

    A day has gone by when it is over at the customer's home store. Two statements however many
    there are, and one for the stores: few different days exist, so the calendar is asked for each
    of those once. `everything` starts anew, after the policy for 29 February changed.
    """
    days = today.by_store(now=now)
    stale = "TRUE" if everything else "(e.next_on < %(latest)s OR e.next_on IS NULL)"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT lunar, leap_month, month, day FROM customers_lifeevent e "  # noqa: S608
            f"WHERE {stale}",
            {"latest": days.every[-1]},
        )
        found = cursor.fetchall()
        moved = [(*row, each, occasion(*row, today=each)) for row in found for each in days.every]
        known = [row for row in moved if row[-1] is not None]
        if not known:
            return 0
        columns = [list(column) for column in zip(*known, strict=True)]
        names = ("lunar", "leap", "month", "day", "today", "next")
        here, source = ("", "") if not days.others else (_HERE, _HOMES)
        if not everything:  # the index finds by the latest day; each row is held to its own
            stale += " AND (e.next_on < d.today OR e.next_on IS NULL)"
        cursor.execute(
            # A day of a year still to come, such as next spring's wedding, waits for that year.
            "UPDATE customers_lifeevent e SET next_on = d.next FROM unnest(%(lunar)s::bool[], "  # noqa: S608
            "%(leap)s::bool[], %(month)s::smallint[], %(day)s::smallint[], %(today)s::date[], "
            f"%(next)s::date[]) AS d(lunar, leap, month, day, today, next) {source} "
            "WHERE (e.lunar, e.leap_month, e.month, e.day) "
            "= (d.lunar, d.leap, d.month, d.day) AND e.next_on IS DISTINCT FROM d.next "
            "AND COALESCE(e.year, 0) <= EXTRACT(year FROM d.next) "
            f"AND {stale} {here}",
            {
                **dict(zip(names, columns, strict=True)),
                "latest": days.every[-1],
                "chain": days.chain,
                "stores": list(days.others),
                "days": list(days.others.values()),
            },
        )
        return int(cursor.rowcount)


def _next(event: LifeEvent, *, day: date) -> date | None:
    start = max(day, date(event.year, 1, 1)) if event.year else day
    return occasion(event.lunar, event.leap_month, event.month, event.day, today=start)


def occasion(lunar: bool, leap_month: bool, month: int, day: int, *, today: date) -> date | None:
    policy = cast(calendar.LeapDay, registry.policy("customers.leap-day-birthday"))
    return calendar.next_on(
        month=month,
        day=day,
        lunar=lunar,
        leap_month=leap_month,
        on_or_after=today,
        leap_day=policy,
    )


def _existing(customer: Customer, kind: str, event_id: UUID | None) -> LifeEvent | None:
    rows = LifeEvent.objects.filter(customer=customer)
    if event_id is not None:
        found = rows.filter(pk=event_id).first()
        if found is None:
            raise NotFound
        return found
    return rows.filter(kind=kind).first() if kind == LifeEvent.Kind.BIRTHDAY else None


def _check(
    *, kind: str, year: int | None, month: int, day: int, lunar: bool, now: datetime
) -> None:
    if kind not in LifeEvent.Kind.values:
        raise ValuesRefused(fields={"kind": [_("Choose what kind of day it is.")]})
    if not calendar.is_day(month=month, day=day, year=None if lunar else year, lunar=lunar):
        raise ValuesRefused(fields={"day": [_("There is no such day.")]})
    latest = now.year if "birthday" in kind else now.year + 5
    if year is not None and not calendar.FIRST_YEAR <= year <= latest:
        raise ValuesRefused(fields={"year": [_("This year cannot be right.")]})


def _finish(customer: Customer, *, actor: Actor, action: str, kind: str, now: datetime) -> None:
    touch(customer, now=now)
    audit.record(
        actor=actor,
        action=action,
        object_kind="customer",
        object_id=customer.pk,
        store_id=customer.home_store_id,
        data={"kind": kind},
    )
