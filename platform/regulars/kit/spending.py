"""What points buy: a service in full, or a share of an amount."""

from dataclasses import dataclass
from fractions import Fraction

from regulars.kit.labels import Label, fill
from regulars.kit.rules import Spend

_REFUSALS: dict[str, Label] = {
    "not-enough": Label(
        zh_hans="需要 {needed} 积分，现有 {held} 积分。",
        zh_hant="需要 {needed} 積分，現有 {held} 積分。",
        en="This takes {needed} points; there are {held}.",
    ),
    "below-minimum": Label(
        zh_hans="至少要用 {needed} 积分，这里只能用 {points} 积分。",
        zh_hant="至少要用 {needed} 積分，這裡只能用 {points} 積分。",
        en="At least {needed} points must be used; here it would be {points}.",
    ),
    "price-differs": Label(
        zh_hans="应为 {needed} 积分，收银端报的是 {claimed} 积分。请刷新后再试。",
        zh_hant="應為 {needed} 積分，收銀端報的是 {claimed} 積分。請重新整理後再試。",
        en="The price is {needed} points, but the till sent {claimed}. Refresh it and try again.",
    ),
    "fixed-share": Label(
        zh_hans="此商品固定用 {needed} 积分，不能多用或少用。",
        zh_hant="此商品固定用 {needed} 積分，不能多用或少用。",
        en="This always takes exactly {needed} points.",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """`points` are spent and pay `pays_minor`; `rest_minor` is left to pay in money."""

    points: int
    pays_minor: int
    rest_minor: int


class SpendError(Exception):
    """Points cannot be spent so. `code`: not-enough, below-minimum, price-differs, fixed-share."""

    def __init__(self, code: str, **facts: int) -> None:
        self.code = code
        self.facts = {name: str(value) for name, value in facts.items()}
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """Return what to tell the person at the till."""
        return fill(_REFUSALS[self.code].text(language), self.facts)


def quote(
    spend: Spend,
    *,
    amount_minor: int,
    held: int,
    quantity: int = 1,
    asked_minor: int | None = None,
    asked_points: int | None = None,
    claimed: int | None = None,
    partial: bool = False,
    currency_exponent: int = 2,
) -> Quote:
    """Compute how many points a purchase takes and what they pay; writes nothing.

    `amount_minor` is the price of what the rule applies to, `held` the customer's balance. Asked
    for nothing, a share takes as much as it may. `asked_minor` or `asked_points` is cut to what
    the rule allows, and refused when the balance is short, unless `partial`. `claimed` is the
    price the till believes in: another one is refused. Raises `SpendError`.
    """
    if amount_minor < 0 or held < 0 or quantity < 1:
        raise ValueError("amount_minor and held must be from 0, quantity from 1")
    if asked_minor is not None and asked_points is not None:
        raise ValueError("ask for money or for points, not for both")
    if spend.mode == "full":
        found = Quote(points=spend.price * quantity, pays_minor=amount_minor, rest_minor=0)
        short = found.points > held
    else:
        found, short = _share(
            spend, amount_minor, held, asked_minor, asked_points, partial, currency_exponent
        )
    if claimed is not None and claimed != found.points:
        raise SpendError("price-differs", needed=found.points, claimed=claimed)
    if short:
        raise SpendError("not-enough", needed=found.points, held=held)
    if found.points < spend.minimum:
        raise SpendError("below-minimum", needed=spend.minimum, points=found.points)
    return found


def _share(
    spend: Spend,
    amount: int,
    held: int,
    asked_minor: int | None,
    asked_points: int | None,
    partial: bool,
    exponent: int,
) -> tuple[Quote, bool]:
    """Return the quote, and whether the balance is too short for it."""
    value = Fraction(spend.point_value) * 10**exponent
    most = int(Fraction(spend.share) * amount // value)
    most -= most % spend.block
    asked = asked_points
    if asked_minor is not None:
        asked = int(asked_minor // value)
    wanted = most if asked is None else min(most, asked - asked % spend.block)
    if spend.fixed and wanted != most:
        raise SpendError("fixed-share", needed=most)
    affordable = held - held % spend.block
    may_shrink = not spend.fixed and (partial or asked is None)
    points = min(wanted, affordable) if may_shrink else wanted
    return _paid(points, value, amount, spend.block), points > held


def _paid(points: int, value: Fraction, amount: int, block: int) -> Quote:
    pays = int(points * value)
    # Not a hair more than pays it: points worth less than one minor unit stay with the customer.
    needed = -int(-pays // value)
    needed += -needed % block
    return Quote(points=min(points, needed), pays_minor=pays, rest_minor=amount - pays)
