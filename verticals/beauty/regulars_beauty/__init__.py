"""Beauty and spa (美容美体) for Regulars. The content lies in the data files beside this module."""

from regulars.kit import Basket, Function, content

__all__ = ["vertical"]

TREATMENTS = frozenset({"facial", "eye", "device", "body", "massage", "hair"})
PRODUCTS = frozenset({"skincare", "makeup"})


def has_treatment_and_product(basket: Basket) -> bool:
    """Tell whether a treatment and something to go on with at home were bought together."""
    bought = {line.category for line in basket.lines if line.net_minor > 0}
    return bool(bought & TREATMENTS) and bool(bought & PRODUCTS)


vertical = content.load(
    __name__,
    functions=(
        Function(
            key="treatment-and-product",
            on="purchase",
            gives="boolean",
            call=has_treatment_and_product,
        ),
    ),
)
