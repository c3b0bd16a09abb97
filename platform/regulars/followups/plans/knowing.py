"""The facts that conditions speak of, of many customers and purchases at once."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from regulars.customers.models import Customer, LifeEvent
from regulars.kit import Basket
from regulars.kit import Line as KitLine
from regulars.kit.baskets import Extra
from regulars.kit.facts import BUILT_IN, major
from regulars.points import selectors as points
from regulars.points import tiers
from regulars.purchases.models import Line, Purchase, Standing
from regulars.tenancy import context, statements

type Facts = dict[UUID, dict[str, object]]

_STANDING: Final = frozenset({"customer.purchases", "customer.days-away"})
_BIRTHDAY: Final = frozenset({"customer.birthday", "customer.birthday-month"})
_SPENT: Final = """
SELECT customer_id, sum(paid_minor)::bigint FROM purchases_purchase
WHERE customer_id = ANY(%s) AND business_day > %s GROUP BY customer_id"""
_YEAR: Final = 12  # months that `customer.spent` looks at
_UP_TO: Final = """
SELECT w.id, (SELECT sum(p.counts) FROM purchases_purchase p
  WHERE p.customer_id = w.customer_id AND p.business_day <= w.business_day
    AND (p.occurred_at, p.id) <= (w.occurred_at, w.id))
FROM purchases_purchase w WHERE w.id = ANY(%s)"""


def of_customers(ids: Collection[UUID], *, names: Collection[str], now: datetime) -> Facts:
    """Return the `customer.…` facts that are asked for, by customer and full name.

    What is not known of somebody is left out. One statement for each sort of fact: the file, the
    standing, a year's spending, tiers, points, birthdays.
    """
    wanted = {name for name in names if name.startswith("customer.")}
    found: Facts = {pk: {} for pk in ids}
    sorts: list[tuple[Collection[str], Callable[[], Mapping[UUID, Mapping[str, object]]]]] = [
        ({name for name in wanted if name not in BUILT_IN}, lambda: _of_files(ids)),
        (wanted & _STANDING, lambda: _of_standings(ids, now=now)),
        (wanted & {"customer.spent"}, lambda: _of_spending(ids, now=now)),
        (wanted & {"customer.tier"}, lambda: _of_tiers(ids, now=now)),
        (wanted & {"customer.points"}, lambda: _of_points(ids, now=now)),
        (wanted & _BIRTHDAY, lambda: _of_birthdays(ids, now=now)),
    ]
    for asked, read in sorts:
        if asked:
            for pk, facts in read().items():
                found[pk].update({name: facts[name] for name in asked if name in facts})
    return found


def purchases_up_to(purchase_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the how-manieth purchase of its customer each was, the day it was made. One statement.

    However many came since: a first meal stays the first.
    """
    return {pk: int(count) for pk, count in statements.every(_UP_TO, (list(purchase_ids),))}


def baskets(purchase_ids: Collection[UUID]) -> dict[UUID, Basket]:
    """Return purchases and returns as conditions see them, without the buyer. Two statements.

    What a return gave back counts as it was bought: amounts are never negative.
    """
    lines: dict[UUID, list[Line]] = {}
    for line in Line.objects.filter(purchase__in=purchase_ids).order_by("purchase", "position"):
        lines.setdefault(line.purchase_id, []).append(line)
    exponent = tiers.currency_exponent(context.current().currency)
    rows = Purchase.objects.filter(pk__in=purchase_ids).select_related("store")
    return {
        row.pk: Basket(
            lines=tuple(_line(each) for each in lines.get(row.pk, ())),
            occurred_on=row.business_day,
            hour=row.occurred_at.astimezone(ZoneInfo(row.store.time_zone)).hour,
            channel=str(row.extra.get("channel") or ""),
            store=row.store.code,
            currency_exponent=exponent,
            extra=row.extra,
        )
        for row in rows
    }


def _line(row: Line) -> KitLine:
    return KitLine(
        net_minor=abs(row.paid_minor),
        quantity=abs(row.quantity),
        category=row.category,
        product=row.product_code,
        list_minor=abs(row.gross_minor),
        extra=row.extra,
    )


def _of_files(ids: Collection[UUID]) -> dict[UUID, dict[str, object]]:
    rows = Customer.objects.filter(pk__in=ids).values_list("pk", "extra")
    return {pk: {f"customer.{key}": value for key, value in Extra(own).items()} for pk, own in rows}


def _of_standings(ids: Collection[UUID], *, now: datetime) -> dict[UUID, dict[str, object]]:
    zone = context.current().zone
    today = now.astimezone(zone).date()
    found: dict[UUID, dict[str, object]] = {pk: {"customer.purchases": 0} for pk in ids}
    for row in Standing.objects.filter(pk__in=ids):
        found[row.pk]["customer.purchases"] = row.purchases
        if row.last_at is not None:
            last = row.last_at.astimezone(zone).date()
            found[row.pk]["customer.days-away"] = max(0, (today - last).days)
    return found


def _of_spending(ids: Collection[UUID], *, now: datetime) -> dict[UUID, dict[str, object]]:
    chain = context.current()
    exponent = tiers.currency_exponent(chain.currency)
    since = tiers.since(now.astimezone(chain.zone).date(), _YEAR)
    spent = dict(statements.every(_SPENT, (list(ids), since)))
    return {pk: {"customer.spent": major(spent.get(pk, 0), exponent)} for pk in ids}


def _of_tiers(ids: Collection[UUID], *, now: datetime) -> dict[UUID, dict[str, object]]:
    held = tiers.of_many(ids, now=now)
    return {pk: {"customer.tier": tier.key} for pk, tier in held.items()}


def _of_points(ids: Collection[UUID], *, now: datetime) -> dict[UUID, dict[str, object]]:
    held = points.balances_of_many(ids, now=now)
    return {pk: {"customer.points": held.get(pk, 0)} for pk in ids}


def _of_birthdays(ids: Collection[UUID], *, now: datetime) -> dict[UUID, dict[str, object]]:
    today = now.astimezone(context.current().zone).date()
    found: dict[UUID, dict[str, object]] = {}
    rows = LifeEvent.objects.filter(customer__in=ids, kind=LifeEvent.Kind.BIRTHDAY)
    for row in rows:
        facts = found.setdefault(
            row.customer_id, {"customer.birthday": False, "customer.birthday-month": False}
        )
        facts["customer.birthday"] = bool(facts["customer.birthday"]) or _is_on(row, today)
        facts["customer.birthday-month"] = bool(facts["customer.birthday-month"]) or (
            _month(row) == today.month
        )
    return found


def _is_on(row: Any, day: date) -> bool:
    if row.lunar:
        return bool(row.next_on == day)
    return (row.month, row.day) == (day.month, day.day)


def _month(row: Any) -> int | None:
    if row.lunar:
        return row.next_on.month if row.next_on else None
    return int(row.month)
