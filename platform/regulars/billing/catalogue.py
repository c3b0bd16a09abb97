"""Bringing Stripe's products and prices up to `plans`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.billing import calls, gateway, meters, plans


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do at Stripe; `says` names it for an operator."""

    says: str
    verb: str
    subject: str
    parameters: dict[str, Any]


_LANGUAGES: Final = ("en", "zh-hans")
_BEYOND: Final = _("Messages beyond the allowance")
"""As it stands on invoices."""
_MESSAGES: Final = "messages"
_METER: Final = Step(
    says=f"make meter {meters.EVENT}",
    verb="meter",
    subject=meters.EVENT,
    parameters={
        "display_name": "Messages beyond the allowance",
        "event_name": meters.EVENT,
        "default_aggregation": {"formula": "sum"},
    },
)


def missing() -> list[Step]:
    """Return what Stripe lacks or has otherwise than `plans`, in the order to do it."""
    products, prices = _there()
    names = {plan.key: f"Regulars {_named(plan.name)}" for plan in plans.PLANS.values()}
    steps = [] if meters.find() else [_METER]
    for key, name in {**names, _MESSAGES: _named(_BEYOND)}.items():
        steps += _product(key, name, products)
    steps += _prices(prices)
    known = {price.key for price in _priced()}
    steps += [_archived(key, found) for key, (found, _amount) in prices.items() if key not in known]
    return steps


def _named(name: str | Promise) -> str:
    """Write a name in each language side by side: a product at Stripe has one name for all.

    Checkout, the portal and invoices show it as it is, whatever language the rest is in.
    """
    found = []
    for language in _LANGUAGES:
        with translation.override(language):
            found.append(str(name))
    return " · ".join(dict.fromkeys(found))


def sync(*, now: datetime) -> list[Step]:
    """Do what `missing` says, and return it; nothing when it is done again."""
    steps = missing()
    meter = lru_cache(meters.find)  # asked once, and after it was made
    for step in steps:
        parameters = step.parameters
        if _is_metered(parameters):
            recurring = {**parameters["recurring"], "meter": meter()}
            parameters = {**parameters, "recurring": recurring}
        calls.make(
            chain_id=None, verb=step.verb, subject=step.subject, parameters=parameters, now=now
        )
    return steps


def _is_metered(parameters: dict[str, Any]) -> bool:
    return bool(parameters.get("recurring", {}).get("usage_type") == "metered")


def _there() -> tuple[dict[str, str], dict[str, tuple[str, int]]]:
    """Return our active products (id → name) and prices (lookup key → id and minor units)."""
    with gateway.mapped():
        client, asked = gateway.client(), {"active": True, "limit": 100}
        products = list(client.products.list(asked).auto_paging_iter())
        prices = list(client.prices.list(asked).auto_paging_iter())
    return (
        {each.id: each.name for each in products if _is_ours(each)},
        {each.lookup_key or each.id: (each.id, each.unit_amount)
         for each in prices if _is_ours(each)},
    )  # fmt: skip


def _is_ours(thing: Any) -> bool:
    return thing.metadata is not None and "plan" in thing.metadata.to_dict()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Priced:
    """A price as it should be: of a store, or of a message beyond the allowance."""

    plan: plans.Plan
    key: str
    interval: str
    currency: str
    amount: int
    is_metered: bool = False


def _priced() -> Iterator[_Priced]:
    for plan in plans.PLANS.values():
        for interval, table in (("month", plan.monthly), ("year", plan.yearly)):
            for currency, amount in table.items():
                key = plans.lookup_key(plan.key, interval, currency)
                yield _Priced(
                    plan=plan, key=key, interval=interval, currency=currency, amount=amount
                )
            for currency, amount in plan.message.items():
                key = plans.messages_key(plan.key, interval, currency)
                yield _Priced(
                    plan=plan, key=key, interval=interval, currency=currency, amount=amount,
                    is_metered=True,
                )  # fmt: skip


def _product(key: str, name: str, products: dict[str, str]) -> list[Step]:
    product = f"regulars-{key}"
    if product not in products:
        given = {"id": product, "name": name, "metadata": {"plan": key}}
        return [Step(says=f"make product {product}", verb="product", subject=product,
                     parameters=given)]  # fmt: skip
    if products[product] != name:
        return [Step(says=f"rename product {product}", verb="product-update", subject=product,
                     parameters={"product": product, "update": {"name": name}})]  # fmt: skip
    return []


def _prices(prices: dict[str, tuple[str, int]]) -> Iterator[Step]:
    """Make what is missing; another amount is another price, which takes the name of the old."""
    for price in _priced():
        before = prices.get(price.key)
        if before is not None and before[1] == price.amount:
            continue
        metered = {"usage_type": "metered"} if price.is_metered else {}
        parameters = {
            "product": f"regulars-{_MESSAGES if price.is_metered else price.plan.key}",
            "currency": price.currency.lower(),
            "unit_amount": price.amount,
            "recurring": {"interval": price.interval, **metered},
            "lookup_key": price.key,
            "transfer_lookup_key": True,
            "metadata": {"plan": price.plan.key},
        }
        yield Step(
            says=f"price {price.key} at {price.amount}",
            verb="price",
            subject=price.key,
            parameters=parameters,
        )
        if before is not None:
            yield _archived(price.key, before[0])


def _archived(key: str, price: str) -> Step:
    """Offer a price no more; who pays it goes on paying it."""
    return Step(says=f"archive price {key} ({price})", verb="archive", subject=price,
                parameters={"price": price})  # fmt: skip
