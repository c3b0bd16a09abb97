"""Points, computed: what a purchase earns, what a return takes back, what points buy.

Pure and exact: no clock, no database, no binary fractions. Each rule's points are rounded once
per purchase (`floor` unless the chain chose otherwise); multipliers work on the rounded points
of the rates and are rounded again; lines nothing was paid for in money earn nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from regulars.kit.baskets import Basket, Buyer, Extra, Line
from regulars.kit.calling import Call, Caller, FunctionError, call_here
from regulars.kit.facts import major
from regulars.kit.labels import Label, fill
from regulars.kit.plans import Plan, Reading, functions_used, plan_of
from regulars.kit.portions import allocate, given_back, rounded, taken_back
from regulars.kit.rules import Bonus, Function, Rate, Rounding, Tier
from regulars.kit.spending import Quote, SpendError, quote

__all__ = [
    "Award",
    "Basket",
    "Buyer",
    "Call",
    "Earned",
    "Extra",
    "FunctionError",
    "Line",
    "Quote",
    "Rounding",
    "Rules",
    "SpendError",
    "allocate",
    "calls",
    "evaluate",
    "given_back",
    "quote",
    "taken_back",
    "tier_for",
]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What earns points: a vertical's, or with head office's changes. Keep it: it compiles once."""

    rates: tuple[Rate, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    functions: tuple[Function, ...] = ()

    def __getstate__(self) -> dict[str, object]:
        # The plans are closures, and are made again.
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @cached_property
    def named(self) -> Mapping[str, Function]:
        """The functions by the fact they derive."""
        return {f"{function.on}.{function.key}": function for function in self.functions}

    @cached_property
    def live(self) -> tuple[Rate | Bonus, ...]:
        """The rules that are not retired."""
        rules: tuple[Rate | Bonus, ...] = (*self.rates, *self.bonuses)
        return tuple(rule for rule in rules if not rule.retired)

    @cached_property
    def used(self) -> tuple[Function, ...]:
        """The functions that rules speak of."""
        return functions_used(self.live, self.named)

    @cached_property
    def rate_plans(self) -> tuple[Plan[Rate], ...]:
        """The rates, ready to run."""
        return tuple(plan_of(rule, self.named) for rule in self.live if isinstance(rule, Rate))

    @cached_property
    def bonus_plans(self) -> tuple[Plan[Bonus], ...]:
        """The bonuses, ready to run."""
        return tuple(plan_of(rule, self.named) for rule in self.live if isinstance(rule, Bonus))


@dataclass(frozen=True, kw_only=True, slots=True)
class Award:
    """The points of one rule, and which line earned how many of them."""

    rule: str
    points: int
    says: Label
    facts: tuple[tuple[str, str], ...]
    by_line: tuple[int, ...]

    def sentence(self, language: str) -> str:
        """Return the sentence the customer reads."""
        return fill(self.says.text(language), dict(self.facts))


@dataclass(frozen=True, kw_only=True, slots=True)
class Earned:
    """What a purchase earns in all, by rule and by line."""

    points: int
    awards: tuple[Award, ...]
    by_line: tuple[int, ...]


def evaluate(
    rules: Rules, basket: Basket, *, rounding: Rounding = "floor", call: Caller | None = None
) -> Earned:
    """Compute what a purchase earns.

    Each line follows the first rate that matches it; every bonus that matches adds. `call` runs
    named functions (in this process by default). Raises `FunctionError`.
    """
    reading = Reading(basket, call or call_here)
    paid = [index for index, line in enumerate(basket.lines) if line.net_minor > 0]
    awards: list[Award] = []
    base = [0] * len(basket.lines)
    for rate, lines in _chosen(rules.rate_plans, reading, paid):
        award = _by_amount(rate, rate.rule.points, rate.rule.per, reading, lines, rounding)
        if award:
            awards.append(award)
            base = [sum(pair) for pair in zip(base, award.by_line, strict=True)]
    for bonus in rules.bonus_plans:
        if bonus.applies(reading):
            lines = bonus.matching(reading, paid)
            if lines and (award := _bonus(bonus, reading, lines, base, rounding)):
                awards.append(award)
    by_line = tuple(map(sum, zip(*(award.by_line for award in awards), strict=True)))
    return Earned(
        points=sum(award.points for award in awards),
        awards=tuple(awards),
        by_line=by_line or (0,) * len(basket.lines),
    )


def calls(rules: Rules, basket: Basket) -> tuple[Call, ...]:
    """Return every function call that `evaluate` may make, each once.

    Lets the core run them in one round trip to another process and then evaluate with
    `call=lambda function, subject: results[function.key, subject]`.
    """
    needed: list[Call] = []
    for function in rules.used:
        if function.on == "purchase":
            needed.append(Call(function, basket))
        else:
            paid = dict.fromkeys(line for line in basket.lines if line.net_minor > 0)
            needed += [Call(function, line) for line in paid]
    return tuple(needed)


def tier_for(tiers: Sequence[Tier], *, spent_minor: int, currency_exponent: int = 2) -> Tier | None:
    """Return the highest tier whose threshold was reached; equality reaches it."""
    spent = major(spent_minor, currency_exponent)
    reached = [tier for tier in tiers if not tier.retired and tier.threshold <= spent]
    return max(reached, key=lambda tier: tier.threshold, default=None)


def _chosen(
    plans: Sequence[Plan[Rate]], reading: Reading, lines: list[int]
) -> list[tuple[Plan[Rate], list[int]]]:
    """Give each line to the first rate that matches it."""
    left = lines
    chosen = []
    for plan in plans:
        if not left:
            break
        if not plan.applies(reading):
            continue
        if taken := plan.matching(reading, left):
            chosen.append((plan, taken))
            left = [line for line in left if line not in taken]
    return chosen


def _bonus(
    plan: Plan[Bonus],
    reading: Reading,
    lines: Sequence[int],
    base: Sequence[int],
    rounding: Rounding,
) -> Award | None:
    rule = plan.rule
    if rule.per:
        return _by_amount(plan, rule.points, rule.per, reading, lines, rounding)
    every = reading.basket.lines
    weights: list[int | Fraction] = [0] * len(every)
    if rule.times:
        for line in lines:
            weights[line] = base[line]
        whole = sum(weights)
        grown, divisor = rule.times.as_integer_ratio()
        points = rounded(whole * grown, divisor, rounding) - int(whole)
        return _award(rule, points, weights, times=_spoken(rule.times))
    if rule.each:
        for line in lines:
            weights[line] = Fraction(every[line].quantity)
        points = rounded(sum(weights) * rule.each, 1, rounding)
        quantity = sum((Decimal(every[line].quantity) for line in lines), Decimal(0))
        return _award(rule, points, weights, each=str(rule.each), quantity=_spoken(quantity))
    for line in lines:
        weights[line] = every[line].net_minor
    return _award(rule, rule.flat, weights)


def _by_amount(
    plan: Plan[Rate] | Plan[Bonus],
    points_per: int,
    per: Decimal,
    reading: Reading,
    lines: Sequence[int],
    rounding: Rounding,
) -> Award | None:
    exponent = reading.basket.currency_exponent if plan.amount is None else 0
    weights = plan.amounts(reading, lines)
    total = sum(weights)
    size, parts = per.as_integer_ratio()
    points = rounded(total * points_per * parts, size * 10**exponent, rounding)
    amount = (
        f"{major(int(total), exponent):f}"
        if plan.amount is None
        else _spoken(Decimal(total.numerator) / Decimal(total.denominator))
    )
    return _award(plan.rule, points, weights, amount=amount, per=_spoken(per), rate=str(points_per))


def _award(
    rule: Rate | Bonus, points: int, weights: Sequence[int | Fraction], **facts: str
) -> Award | None:
    if points <= 0:
        return None
    return Award(
        rule=rule.key,
        points=points,
        says=rule.says,
        facts=(("points", str(points)), *facts.items()),
        by_line=allocate(points, weights),
    )


def _spoken(number: Decimal) -> str:
    """Write a number as people do: no exponent, no idle zeros."""
    return f"{number.normalize():f}"
