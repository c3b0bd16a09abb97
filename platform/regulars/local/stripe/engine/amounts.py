"""What a quantity of a price costs, and what part of it a stretch of time costs."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from regulars.local.stripe.store import Thing


def rounded(exact: Decimal) -> int:
    """Round to the minor unit: a half goes away from zero.

    So Stripe writes of taxes (billing/taxes/tax-rates, "Rounding"); of prorations it says nothing.
    """
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def of(price: Thing, quantity: Decimal | int) -> Decimal:
    """Give the exact price of a quantity, in minor units."""
    wanted = Decimal(quantity)
    packs = price.get("transform_quantity")
    if packs:
        rounding = ROUND_CEILING if packs["round"] == "up" else ROUND_FLOOR
        wanted = (wanted / packs["divide_by"]).to_integral_value(rounding=rounding)
    if price["billing_scheme"] == "tiered":
        return _tiered(price, wanted)
    return Decimal(price["unit_amount_decimal"]) * wanted


def _tiered(price: Thing, quantity: Decimal) -> Decimal:
    total, below = Decimal(0), Decimal(0)
    for tier in price["tiers"]:
        top = tier["up_to"]
        unit = Decimal(tier["unit_amount_decimal"] or 0)
        flat = Decimal(tier["flat_amount"] or 0)
        is_last = top is None or quantity <= top
        if price["tiers_mode"] == "volume":
            if is_last:
                return unit * quantity + flat
            continue
        if quantity > below or (below == 0 and is_last):
            total += unit * ((quantity if is_last else Decimal(top)) - below) + flat
        if is_last:
            return total
        below = Decimal(top)
    return total


def share(amount: Decimal | int, *, start: int, end: int, since: int) -> Decimal:
    """Give the exact part of an amount for a period that is left at ``since``, by the second."""
    if end <= start:
        return Decimal(0)
    left = max(0, end - max(since, start))
    return Decimal(amount) * left / (end - start)


def percent(amount: int, rate: float) -> Decimal:
    """Give the exact part of an amount that a percentage is."""
    return Decimal(amount) * Decimal(str(rate)) / 100
