"""Meaning of rates, bonuses, spends, tiers and functions."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from inspect import iscoroutinefunction
from itertools import pairwise
from typing import TYPE_CHECKING

from regulars.kit.checks.conditions import TILL, condition_faults, known_facts
from regulars.kit.facts import BUILT_IN, Fact
from regulars.kit.faults import Fault
from regulars.kit.labels import Label, placeholders
from regulars.kit.rules import Bonus, Function, Rate, Spend, Tier

if TYPE_CHECKING:
    from regulars.kit.vertical import Vertical

FORMS = ("per", "flat", "each", "times")
# What a sentence may say, by the form of its rule.
SAYS: Mapping[str, frozenset[str]] = {
    "per": frozenset({"points", "amount", "per", "rate"}),
    "flat": frozenset({"points"}),
    "each": frozenset({"points", "each", "quantity"}),
    "times": frozenset({"points", "times"}),
    "full": frozenset({"points", "price", "quantity"}),
    "share": frozenset({"points", "amount", "value", "share", "block"}),
}
_MOST = 10**6
_MOST_MONTHS = 1200


def faults(vertical: "Vertical") -> Iterator[Fault]:
    """Yield the faults of everything about points."""
    facts = known_facts(vertical)
    for function in vertical.functions:
        yield from _function_faults(function, vertical)
    yield from _order_of_rates(vertical.rates)
    for rate in vertical.rates:
        yield from _rate_faults(rate, f"rates.{rate.key}", facts)
    for bonus in vertical.bonuses:
        yield from _bonus_faults(bonus, f"bonuses.{bonus.key}", facts)
    for spend in vertical.spends:
        yield from _spend_faults(spend, f"spends.{spend.key}", facts)
    yield from _shared_keys(vertical)
    yield from _tier_faults(tuple(tier for tier in vertical.tiers if not tier.retired))


def form_of(bonus: Bonus) -> str:
    """Return which of the four forms a bonus has."""
    return next((form for form in FORMS if getattr(bonus, form)), "")


def _function_faults(function: Function, vertical: "Vertical") -> Iterator[Fault]:
    path = f"functions.{function.key}"
    name = f"{function.on}.{function.key}"
    if name in BUILT_IN or name in {f"{field.on}.{field.key}" for field in vertical.fields}:
        yield Fault(path, f"{name} exists already")
    qualified = getattr(function.call, "__qualname__", "")
    if "<" in qualified or not qualified:
        yield Fault(
            path, "must be a function at the top of a module, so that another process can run it"
        )
    if iscoroutinefunction(function.call):
        yield Fault(path, "must be a plain function, not a coroutine")


def _order_of_rates(rates: tuple[Rate, ...]) -> Iterator[Fault]:
    live = [rate for rate in rates if not rate.retired]
    if not live or live[-1].where:
        yield Fault("rates", "the last must have no conditions: whatever is spent earns (L1)")
    for rate in live[:-1]:
        if not rate.where:
            yield Fault(f"rates.{rate.key}", "has no conditions, so no rate after it ever applies")


def _shared_keys(vertical: "Vertical") -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name in ("rates", "bonuses", "spends"):
        for rule in getattr(vertical, name):
            other = seen.setdefault(rule.key, name)
            if other != name:
                yield Fault(
                    f"{name}.{rule.key}", f"{other} has this key already; the ledger needs one"
                )


def _rate_faults(rate: Rate, path: str, facts: Mapping[str, Fact]) -> Iterator[Fault]:
    if not 0 <= rate.points <= _MOST:
        yield Fault(path, "points must be from 0")
    if rate.per <= 0:
        yield Fault(path, "per must be above 0")
    yield from _amount_faults(rate.of, path, facts)
    yield from _says_faults(rate.says, "per", path)
    yield from condition_faults(rate.where, f"{path}.where", TILL, facts)


def _amount_faults(of: str, path: str, facts: Mapping[str, Fact]) -> Iterator[Fault]:
    fact = facts.get(of)
    if fact is None or fact.kind != "number" or not of.startswith("line."):
        numbers = sorted(
            name for name, each in facts.items() if each.kind == "number" and name[:5] == "line."
        )
        yield Fault(path, f"of {of!r} is no number of a line; there are {', '.join(numbers)}")


def _bonus_faults(bonus: Bonus, path: str, facts: Mapping[str, Fact]) -> Iterator[Fault]:
    forms = [form for form in FORMS if getattr(bonus, form)]
    if len(forms) != 1:
        yield Fault(path, "needs exactly one of points with per, flat, each, times")
    elif (bonus.points > 0) != (forms == ["per"]):
        yield Fault(path, "points and per go together")
    if bonus.per is not None and bonus.per <= 0:
        yield Fault(path, "per must be above 0")
    if bonus.times is not None and not Decimal(1) < bonus.times <= 100:
        yield Fault(path, "times must be above 1 and at most 100")
    if not all(0 <= number <= _MOST for number in (bonus.points, bonus.flat, bonus.each)):
        yield Fault(path, "points must be from 0")
    if bonus.of != "line.net" and forms != ["per"]:
        yield Fault(path, "of goes with points and per")
    yield from _amount_faults(bonus.of, path, facts)
    if forms:
        yield from _says_faults(bonus.says, forms[0], path)
    yield from condition_faults(bonus.where, f"{path}.where", TILL, facts)


def _spend_faults(spend: Spend, path: str, facts: Mapping[str, Fact]) -> Iterator[Fault]:
    if spend.mode == "full":
        if not 0 < spend.price <= _MOST:
            yield Fault(path, "full needs a price in points")
        if spend.point_value or spend.fixed or spend.share != 1 or spend.block != 1:
            yield Fault(path, "point_value, share, fixed and block are for mode share")
    else:
        if spend.point_value <= 0:
            yield Fault(path, "share needs a point_value above 0")
        if not 0 < spend.share <= 1:
            yield Fault(path, "share must be above 0 and at most 1")
        if spend.price:
            yield Fault(path, "price is for mode full")
    if spend.block < 1 or spend.minimum < 0:
        yield Fault(path, "block must be from 1 and minimum from 0")
    yield from _says_faults(spend.says, spend.mode, path)
    yield from condition_faults(spend.where, f"{path}.where", TILL, facts)


def _says_faults(says: Label, form: str, path: str) -> Iterator[Fault]:
    for language, text in says.texts().items():
        names, _ = placeholders(text)
        if strange := sorted(names - SAYS[form]):
            allowed = ", ".join("{" + name + "}" for name in sorted(SAYS[form]))
            yield Fault(f"{path}.says.{language}", f"no {{{strange[0]}}} here; there are {allowed}")


def _tier_faults(tiers: tuple[Tier, ...]) -> Iterator[Fault]:
    if tiers and tiers[0].threshold != 0:
        yield Fault(f"tiers.{tiers[0].key}", "the first tier begins at 0")
    for lower, upper in pairwise(tiers):
        if upper.threshold <= lower.threshold:
            yield Fault(f"tiers.{upper.key}", f"must be above {lower.key} ({lower.threshold})")
    for tier in tiers:
        if not (0 < tier.months <= _MOST_MONTHS and 0 < tier.keeps <= _MOST_MONTHS):
            yield Fault(f"tiers.{tier.key}", f"months and keeps must be from 1 to {_MOST_MONTHS}")
