"""When the dates of a customer's file and of their things come next.

Rules come from the chain's vertical: each date field of a customer, each date field of a kind of
possession, and each reminder that counts from one. Life events (P8) have their own calendar.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from regulars import registry
from regulars.customers import questions
from regulars.customers.calendar import LeapDay
from regulars.kit.baskets import Extra
from regulars.kit.conditions import Where, holds
from regulars.kit.schema import Field, Possession

ACQUIRED: Final = "acquired-on"
KEPT_DAYS: Final = 31
"""How long a date that comes only once is still found after it went by: care may begin later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of occasion and how its day follows from a date.

    `kind` is the trigger of the kit, such as ``possession.ring.cleaning``; `owner` the kind of
    possession, or "" for the customer's own; `since` the date it counts from. The n-th occasion is
    n times `months` after it and then `days` off; without months, n times `days`. Of what is
    `yearly` the date itself is the first.
    """

    kind: str
    owner: str
    since: str
    months: int = 0
    days: int = 0
    repeats: bool = False
    yearly: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRule:
    """A kind of occasion that is due as soon as something holds of a possession."""

    kind: str
    owner: str
    where: tuple[Where, ...]

    def holds(self, extra: dict[str, object]) -> bool:
        """Say whether it is due, by the possession's values."""
        values = Extra(extra)
        return all(holds(each, values.get(each.name)) for each in self.where)


def next_on(rule: Rule, base: date, *, today: date, leap_day: LeapDay = "02-28") -> date | None:
    """Return the rule's next occasion; of a date that comes once, None when it is long past."""
    if not rule.repeats:
        on = _months_on(base, rule.months) + timedelta(days=rule.days)
        return on if on >= today - timedelta(days=KEPT_DAYS) else None
    days = rule.days
    if not rule.months:
        times = max(1, (today - base).days // days + bool((today - base).days % days))
        return base + timedelta(days=times * days)
    if rule.yearly and (base.month, base.day) == (2, 29) and leap_day == "03-01":
        base, days = base - timedelta(days=1), 1  # the day after 28 February, in every year
    target = today - timedelta(days=days)
    apart = (target.year - base.year) * 12 + target.month - base.month
    times = max(0 if rule.yearly else 1, -(-apart // rule.months))
    found = _months_on(base, times * rule.months)
    if found < target:
        found = _months_on(base, (times + 1) * rule.months)
    return found + timedelta(days=days)


def _months_on(day: date, months: int) -> date:
    """Return the day so many months later; on the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def rules() -> tuple[Rule, ...]:
    """Return the current chain's rules by date."""
    vertical = registry.vertical()
    own = (_dated(each, f"customer.{each.key}", "") for each in questions.extra_fields())
    things = [each for each in vertical.possessions if not each.retired]
    return (
        *(each for each in own if each is not None),
        *(rule for thing in things for rule in _of_thing(thing)),
    )


def state_rules() -> tuple[StateRule, ...]:
    """Return the current chain's rules by state."""
    return tuple(
        StateRule(kind=_kind(thing, each.key), owner=thing.key, where=each.where)
        for thing in registry.vertical().possessions
        if not thing.retired
        for each in thing.reminders
        if each.where and not each.retired
    )


def _of_thing(thing: Possession) -> Iterator[Rule]:
    for field in questions.usable(thing.fields):
        rule = _dated(field, _kind(thing, field.key), thing.key)
        if rule is not None:
            yield rule
    for each in thing.reminders:
        if each.since and not each.retired:
            yield Rule(
                kind=_kind(thing, each.key),
                owner=thing.key,
                since=each.since,
                months=each.months,
                days=each.days,
                repeats=each.repeats,
            )


def _dated(field: Field, kind: str, owner: str) -> Rule | None:
    if field.kind != "date":
        return None
    if not field.yearly:
        return Rule(kind=kind, owner=owner, since=field.key)
    return Rule(kind=kind, owner=owner, since=field.key, months=12, repeats=True, yearly=True)


def _kind(thing: Possession, key: str) -> str:
    return f"possession.{thing.key}.{key}"
