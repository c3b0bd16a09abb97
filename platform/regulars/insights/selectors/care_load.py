"""How many tasks a week a follow-up plan would make, judged by what happened lately."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from regulars.kit import FollowUp, Where
from regulars.kit.care import DAYS_AHEAD
from regulars.tenancy import context, statements

DAYS: Final = 90
_WEEK: Final = 7
_REAL: Final = """p.customer_id IS NOT NULL AND p.business_day > %(since)s::date
  AND p.business_day <= %(today)s::date AND NOT EXISTS (
    SELECT FROM purchases_purchase v WHERE v.original_id = p.id AND v.kind = 'void')"""
_HAPPENED: Final = {
    "customer.joined": """SELECT count(*) FROM customers_customer
      WHERE state = 'active' AND joined_at >= %(from)s AND joined_at < %(now)s""",
    "customer.silent": """SELECT count(*) FROM insights_silence
      WHERE noticed_on > %(since)s::date AND noticed_on <= %(today)s::date""",
    "followup.done": """SELECT count(*) FROM followups_task
      WHERE state = 'done' AND done_at >= %(from)s AND done_at < %(now)s""",
    "possession.added": """SELECT count(*) FROM customers_possession
      WHERE ended_on IS NULL AND created_at >= %(from)s AND created_at < %(now)s""",
}
_LIFE: Final = """SELECT count(*) FROM customers_lifeevent e
  JOIN customers_customer c ON c.id = e.customer_id AND c.state = 'active'
  WHERE e.kind = %(kind)s AND e.next_on >= %(today)s::date AND e.next_on < %(ahead)s::date"""
_DATES: Final = """SELECT count(*) FROM followups_occasion
  WHERE kind = %(trigger)s AND next_on >= %(today)s::date AND next_on < %(ahead)s::date"""
_STARTED: Final = """SELECT nullif(count(DISTINCT (customer_id, key)), 0) FROM followups_task
  WHERE source_kind = %(trigger)s AND created_at >= %(from)s AND created_at < %(now)s"""
_CATEGORY: Final = {
    "is": "= ANY",
    "any-of": "= ANY",
    "is-not": "<> ALL",
    "none-of": "<> ALL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a plan would make: `starts` in 90 days, and the tasks of a week that come of them.

    `starts` is None where nothing tells. `is_at_most`: conditions that were not looked at, or
    events that stop the plan, leave fewer.
    """

    starts: int | None
    steps: int
    stores: int
    is_at_most: bool

    @property
    def a_week(self) -> float | None:
        """Tasks a week in the whole chain."""
        return None if self.starts is None else self.starts * self.steps * _WEEK / DAYS

    @property
    def a_week_and_store(self) -> float | None:
        """Tasks a week in a store, if all had the same."""
        return None if self.a_week is None else self.a_week / max(1, self.stores)


def of(*, plan: FollowUp, now: datetime) -> Load:
    """Return what a plan would make. One statement.

    Events are those of the last 90 days, imported ones too; of days known ahead, those of the
    next 90.
    """
    today = now.astimezone(context.current().zone).date()
    goods, rest = _of_goods(plan.where)
    rows = statements.one(
        f"SELECT ({_events(plan.starts, goods)}), "
        "(SELECT count(*) FROM stores_store WHERE closed_on IS NULL OR closed_on > %(today)s)",
        {
            "trigger": plan.starts,
            "kind": plan.starts.removeprefix("customer."),
            "field": plan.starts.partition(".")[2],
            "today": today,
            "since": today - timedelta(days=DAYS),
            "ahead": today + timedelta(days=DAYS),
            "from": now - timedelta(days=DAYS),
            "now": now,
            **{f"goods_{n}": list(_several(each)) for n, each in enumerate(goods)},
        },
    )
    assert rows is not None  # noqa: S101  (a SELECT of two counts has a row)
    starts, stores = rows
    return Load(
        starts=starts,
        steps=sum(not step.retired for step in plan.steps),
        stores=stores,
        is_at_most=bool(rest or plan.stops),
    )


def _events(trigger: str, goods: Sequence[Where]) -> str:
    if trigger in _HAPPENED:
        return _HAPPENED[trigger]
    if trigger in DAYS_AHEAD:
        return _LIFE
    subject, _dot, name = trigger.partition(".")
    if subject == "purchase":
        kind = "return" if name == "returned" else "sale"
        sql = f"SELECT count(*) FROM purchases_purchase p WHERE p.kind = '{kind}' AND {_REAL}"
        if name not in ("recorded", "returned", "delivered"):
            sql += " AND p.extra ? %(field)s::text"
        for number, each in enumerate(goods):
            compare = _CATEGORY[each.op]
            sql += (
                " AND EXISTS (SELECT FROM purchases_line l WHERE l.purchase_id = p.id"
                f" AND l.category {compare} (%(goods_{number})s::text[]))"
            )
        return sql
    if subject in ("customer", "possession"):
        return _DATES
    return _STARTED  # levels and complaints: what such plans made so far


def _of_goods(conditions: Sequence[Where]) -> tuple[list[Where], list[Where]]:
    """Divide conditions into those on the category of goods, and others."""
    known = [each for each in conditions if each.fact == "line.category" and each.op in _CATEGORY]
    return known, [each for each in conditions if each not in known]


def _several(where: Where) -> tuple[str, ...]:
    return where.value if isinstance(where.value, tuple) else (str(where.value),)
