"""From a sale to the points it earns, by the chain's rules; a faulty rule never breaks a sale."""

import calendar
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import translation

from regulars import registry
from regulars.kit import Basket, Vertical, points
from regulars.kit import Buyer as KitBuyer
from regulars.kit import Line as KitLine
from regulars.kit.calling import Caller
from regulars.points import sentences, tiers
from regulars.purchases.settling import Settled
from regulars.registry import running
from regulars.tenancy import context
from regulars.usecases.till import Scene

_LOG = logging.getLogger(__name__)
_COUNT: Final = "customer.purchases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one rule gave, and the sentence the customer reads."""

    rule: str
    points: int
    sentence: str
    by_line: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What a sale earns; `fault` says why it could not be computed now (then it earns nothing)."""

    points: int = 0
    by_line: tuple[int, ...] = ()
    reasons: tuple[Mapping[str, Any], ...] = ()
    fault: str = ""


def earn(settled: Settled, scene: Scene) -> Earned:
    """Evaluate the rules for a sale; an anonymous one earns nothing.

    Named functions of the vertical run in another process under limits. One that raises, takes
    too long or returns nonsense sets `fault`: the caller records the sale and posts points later.
    """
    if scene.buyer is None:
        return Earned(by_line=(0,) * len(settled.lines))
    basket = basket_of(settled, scene)
    try:
        results = running.pool().run(points.calls(registry.vertical().rules, basket))
    except points.FunctionError as fault:
        return _waiting(basket, fault)
    return _earned(basket, results)


def earn_many(sales: Sequence[tuple[Settled, Scene]]) -> list[Earned]:
    """Evaluate the rules for sales of known buyers, as `earn` does for each, in their order.

    What all of them ask of named functions is asked in few round trips, under each one's limit.
    """
    rules = registry.vertical().rules
    baskets = [basket_of(settled, scene) for settled, scene in sales]
    answers = running.pool().run_many([points.calls(rules, basket) for basket in baskets])
    return [
        _waiting(basket, answer)
        if isinstance(answer, points.FunctionError)
        else _earned(basket, answer)
        for basket, answer in zip(baskets, answers, strict=True)
    ]


def _earned(basket: Basket, results: running.Results) -> Earned:
    try:
        return evaluated(basket, call=partial(running.lookup, results))
    except points.FunctionError as fault:
        return _waiting(basket, fault)


def _waiting(basket: Basket, fault: points.FunctionError) -> Earned:
    vertical = registry.vertical()
    _LOG.warning("Points of %s %s wait: %s", vertical.key, vertical.version, fault)
    return Earned(by_line=(0,) * len(basket.lines), fault=str(fault))


def evaluated(basket: Basket, *, call: Caller | None = None) -> Earned:
    """Evaluate the rules for a basket; `call` runs named functions, in this process by default.

    Raises FunctionError. At a till `earn` is used, which limits what a function may do.
    """
    vertical = registry.vertical()
    rounding = registry.policy("points.rounding")
    earned = points.evaluate(vertical.rules, basket, rounding=rounding, call=call)
    return Earned(
        points=earned.points,
        by_line=earned.by_line,
        reasons=tuple(_reason(award, vertical) for award in earned.awards),
    )


def basket_of(settled: Settled, scene: Scene) -> Basket:
    """Return the sale as the rules see it."""
    buyer, tier = scene.buyer, scene.tier()
    known = None
    if buyer is not None:
        known = KitBuyer(
            tier=tier.key if tier else "",
            birthday=buyer.has_birthday(scene.business_day),
            birthday_month=buyer.has_birthday_month(scene.business_day),
            purchases=buyer.purchases,
            extra=buyer.extra,
        )
    return Basket(
        lines=tuple(
            KitLine(
                net_minor=line.paid_minor,
                quantity=line.quantity,
                category=line.category,
                product=line.product_code,
                list_minor=line.gross_minor,
                extra=line.extra,
            )
            for line in settled.lines
        ),
        occurred_on=scene.business_day,
        hour=scene.hour,
        buyer=known,
        channel=str(settled.extra.get("channel") or ""),
        store=scene.store_code,
        currency_exponent=tiers.currency_exponent(context.current().currency),
        extra=settled.extra,
    )


def purchases_that_matter(vertical: Vertical) -> int:
    """Return up to how many earlier purchases some rule still tells apart; −1 for none.

    Beyond that number another sale at the same moment cannot change what this one earns.
    """
    rules: Sequence[Any] = (*vertical.rates, *vertical.bonuses)
    return max(
        (int(where.value) for rule in rules for where in rule.where if where.fact == _COUNT),
        default=-1,
    )


def expires_at(day: date) -> datetime | None:
    """Return when points of a business day run out: after so many months, at the day's end."""
    months = registry.policy("points.expiry-months")
    return None if months is None else _end_of(day, months, context.current().zone)


@lru_cache(maxsize=1_000)
def _end_of(day: date, months: int, zone: ZoneInfo) -> datetime:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    until = date(year, month + 1, min(day.day, last)) + timedelta(days=1)
    return datetime.combine(until, time(), tzinfo=zone)


def told(reasons: Sequence[Mapping[str, Any]], *, language: str) -> tuple[Told, ...]:
    """Say what each rule gave, in the reader's language."""
    vertical = registry.vertical()
    return tuple(
        Told(
            rule=reason.get("rule", ""),
            points=reason.get("points", 0),
            sentence=sentences.one(reason, vertical=vertical, language=language),
            by_line=tuple(reason.get("by_line", ())),
        )
        for reason in reasons
    )


def _reason(award: points.Award, vertical: Vertical) -> Mapping[str, Any]:
    return {
        "vertical": vertical.key,
        "version": vertical.version,
        "rule": award.rule,
        "points": award.points,
        "params": dict(award.facts),
        "by_line": list(award.by_line),
    }


def language(asked: str | None) -> str:
    """Return the language sentences are written in: as asked, the page's, or the chain's."""
    return asked or translation.get_language() or context.current().language
