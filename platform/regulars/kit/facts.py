"""The closed list of facts that conditions and rules may speak of besides declared fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from regulars.kit.baskets import Basket, Buyer, Line

FactKind = Literal["text", "number", "boolean", "date", "choice", "choices"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact's kind and, for choices, its values (empty: any)."""

    kind: FactKind
    values: frozenset[str] = frozenset()


BUILT_IN: dict[str, Fact] = {
    "line.category": Fact("choice"),
    "line.product": Fact("text"),
    "line.quantity": Fact("number"),
    "line.net": Fact("number"),
    "line.discount": Fact("number"),
    "purchase.net": Fact("number"),
    "purchase.lines": Fact("number"),
    "purchase.channel": Fact("text"),
    "purchase.store": Fact("text"),
    "purchase.day": Fact("date"),
    "purchase.weekday": Fact("choice", frozenset(WEEKDAYS)),
    "purchase.hour": Fact("number"),
    "customer.tier": Fact("choice"),
    "customer.purchases": Fact("number"),
    "customer.birthday": Fact("boolean"),
    "customer.birthday-month": Fact("boolean"),
    # Known to segments and follow-ups only: they would need history on the till's hot path.
    "customer.spent": Fact("number"),
    "customer.days-away": Fact("number"),
    "customer.points": Fact("number"),
}
NOT_AT_THE_TILL = frozenset({"customer.spent", "customer.days-away", "customer.points"})


def major(minor: int, exponent: int) -> Decimal:
    """Return minor units as an exact Decimal of major units."""
    return Decimal(minor).scaleb(-exponent)


def discount_percent(line: Line) -> Decimal | None:
    """Return how far below its list price a line was sold, 0–100, or None when not known."""
    if not line.list_minor:
        return None
    off = max(0, line.list_minor - line.net_minor)
    return Decimal(100 * off) / Decimal(line.list_minor)


LINE_FACTS: Mapping[str, Callable[[Line, Basket], object]] = {
    "category": lambda line, _: line.category,
    "product": lambda line, _: line.product,
    "quantity": lambda line, _: line.quantity,
    "net": lambda line, basket: major(line.net_minor, basket.currency_exponent),
    "discount": lambda line, _: discount_percent(line),
}
PURCHASE_FACTS: Mapping[str, Callable[[Basket], object]] = {
    "net": lambda basket: major(basket.net_minor, basket.currency_exponent),
    "lines": lambda basket: len(basket.lines),
    "channel": lambda basket: basket.channel,
    "store": lambda basket: basket.store,
    "day": lambda basket: basket.occurred_on.isoformat(),
    "weekday": lambda basket: WEEKDAYS[basket.occurred_on.weekday()],
    "hour": lambda basket: basket.hour,
}
BUYER_FACTS: Mapping[str, Callable[[Buyer], object]] = {
    "tier": lambda buyer: buyer.tier,
    "purchases": lambda buyer: buyer.purchases,
    "birthday": lambda buyer: buyer.birthday,
    "birthday-month": lambda buyer: buyer.birthday_month,
}
