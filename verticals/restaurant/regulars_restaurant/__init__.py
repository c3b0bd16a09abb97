"""Restaurants (餐饮) for Regulars. The content lies in the data files beside this module."""

from decimal import Decimal

from regulars.kit import Basket, Function, content

__all__ = ["vertical"]


def spend_per_head(basket: Basket) -> Decimal | None:
    """Return what each guest at the table spent, in major units; None without their number."""
    guests = basket.extra.get("party-size")
    if not isinstance(guests, int) or guests < 1:
        return None
    return Decimal(basket.net_minor).scaleb(-basket.currency_exponent) / guests


vertical = content.load(
    __name__,
    functions=(Function(key="spend-per-head", on="purchase", gives="number", call=spend_per_head),),
)
