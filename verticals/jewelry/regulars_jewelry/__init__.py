"""Jewelry (珠宝首饰) for Regulars. The content lies in the data files beside this module."""

from collections import Counter

from regulars.kit import Basket, Function, content

__all__ = ["vertical"]


def has_matching_set(basket: Basket) -> bool:
    """Tell whether two or more pieces of one series were bought together."""
    series = Counter(line.extra.get("series") for line in basket.lines if line.net_minor > 0)
    return any(count > 1 for name, count in series.items() if name)


vertical = content.load(
    __name__,
    functions=(
        Function(key="matching-set", on="purchase", gives="boolean", call=has_matching_set),
    ),
)
