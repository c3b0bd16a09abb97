"""Furniture and home textiles (家居家纺) for Regulars. The content lies in the files beside it."""

from regulars.kit import Basket, Function, content

__all__ = ["vertical"]


def rooms_furnished(basket: Basket) -> int:
    """Count the rooms that one order furnishes."""
    paid = [line for line in basket.lines if line.net_minor > 0]
    return len({room for line in paid if (room := line.extra.get("for-room"))})


def has_mattress(basket: Basket) -> bool:
    """Tell whether a mattress is among what was bought."""
    return any(line.category == "mattress" and line.net_minor > 0 for line in basket.lines)


vertical = content.load(
    __name__,
    functions=(
        Function(key="rooms", on="purchase", gives="number", call=rooms_furnished),
        Function(key="has-mattress", on="purchase", gives="boolean", call=has_mattress),
    ),
)
