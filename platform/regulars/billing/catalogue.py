"""Bringing Stripe's products and prices up to `plans`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation

from regulars.billing import calls, gateway, plans


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do at Stripe; `says` names it for an operator."""

    says: str
    verb: str
    subject: str
    parameters: dict[str, Any]


def missing() -> list[Step]:
    """Return what Stripe lacks or has otherwise than `plans`, in the order to do it."""
    products, prices = gateway.catalogue()
    with translation.override("en"):
        wanted = {f"regulars-{plan.key}": plan for plan in plans.PLANS.values()}
        steps = [
            step
            for product, plan in wanted.items()
            for step in [*_product(product, plan, products), *_prices(product, plan, prices)]
        ]
    known = {_key(plan, interval, currency) for plan, interval, currency, _ in _priced()}
    steps += [_archived(key, found) for key, (found, _) in prices.items() if key not in known]
    return steps


def sync(*, now: datetime) -> list[Step]:
    """Do what `missing` says, and return it; nothing when it is done again."""
    steps = missing()
    for step in steps:
        calls.make(
            chain_id=None, verb=step.verb, subject=step.subject, parameters=step.parameters, now=now
        )
    return steps


def _key(plan: plans.Plan, interval: str, currency: str) -> str:
    return plans.lookup_key(plan.key, interval, currency)


def _priced() -> Iterator[tuple[plans.Plan, str, str, int]]:
    for plan in plans.PLANS.values():
        for interval, table in (("month", plan.monthly), ("year", plan.yearly)):
            for currency, amount in table.items():
                yield plan, interval, currency, amount


def _product(product: str, plan: plans.Plan, products: dict[str, str]) -> list[Step]:
    name = f"Regulars {plan.name}"
    if product not in products:
        given = {"id": product, "name": name, "metadata": {"plan": plan.key}}
        return [Step(says=f"make product {product}", verb="product", subject=product,
                     parameters=given)]  # fmt: skip
    if products[product] != name:
        return [Step(says=f"rename product {product}", verb="product-update", subject=product,
                     parameters={"product": product, "update": {"name": name}})]  # fmt: skip
    return []


def _prices(product: str, plan: plans.Plan, prices: dict[str, tuple[str, int]]) -> Iterator[Step]:
    """Make what is missing; another amount is another price, which takes the name of the old."""
    for of, interval, currency, amount in _priced():
        key = _key(of, interval, currency)
        before = prices.get(key)
        if of is not plan or (before is not None and before[1] == amount):
            continue
        parameters = {
            "product": product,
            "currency": currency.lower(),
            "unit_amount": amount,
            "recurring": {"interval": interval},
            "lookup_key": key,
            "transfer_lookup_key": True,
            "metadata": {"plan": plan.key},
        }
        yield Step(
            says=f"price {key} at {amount}", verb="price", subject=key, parameters=parameters
        )
        if before is not None:
            yield _archived(key, before[0])


def _archived(key: str, price: str) -> Step:
    """Offer a price no more; who pays it goes on paying it."""
    return Step(says=f"archive price {key} ({price})", verb="archive", subject=price,
                parameters={"price": price})  # fmt: skip
