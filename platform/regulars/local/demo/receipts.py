"""What somebody takes home on a visit: a receipt as the till of that store would send it."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from regulars.local.demo import drawing, seasons
from regulars.local.demo.content import Company, Product, Store
from regulars.local.demo.drawing import Dice, Urn
from regulars.local.demo.shopping import Shops, Visit
from regulars.purchases.drafts import LineDraft, PaymentDraft, PurchaseDraft

WEB: Final = "web-shop"
_CENTS: Final = 100
_SALE: Final = "双十一"
_DISCOUNTED_THEN: Final = 75  # per cent of the receipts of a sale
_ROUNDED_ANYWAY: Final = 10  # per cent of those that are not paid in cash
_SPLIT_FROM: Final = 2_000_000  # minor units: two means of payment become usual
_VARIANTS: Final = 4  # prices of one product, between its lowest and its highest
_GOLD_SINCE: Final = date(2024, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Buying:
    """Who serves whom where, as the product knows them; `wealth` is from 0 to 1."""

    store_id: UUID
    guide_id: UUID | None
    guide_name: str
    customer_id: UUID | None
    wealth: float


class Tills:
    """The tills of a chain, each numbering its own receipts."""

    def __init__(self, company: Company, shops: Shops, *, first: date, last: date) -> None:
        """Know what is sold where, and when there is a sale."""
        self.company = company
        self._shops = shops
        self._numbers: Counter[tuple[int, date]] = Counter()
        self._sale = seasons.days_of(company.habits, _SALE, first=first, last=last)
        self._shelves = [_shelf(company, store) for store in company.stores]

    def number(self, store: int, day: date) -> tuple[str, str]:
        """Return source and number of the next receipt."""
        self._numbers[store, day] += 1
        code = self.company.stores[store].code
        source = WEB if self.company.stores[store].web else f"till-{code}"
        return source, f"{code}{day:%y%m%d}{self._numbers[store, day]:04}"

    def receipt(self, visit: Visit, buying: Buying, rng: Dice) -> PurchaseDraft:
        """Draw a receipt: goods, discounts, rounding, payments and what the vertical notes."""
        day = visit.at.date()
        goods = self._goods(visit, buying.wealth, rng)
        percent = self._discount(day, rng)
        lines = tuple(self._line(each, day, percent, buying, rng) for each in goods)
        paid = sum(line.gross_minor - line.discount_minor for line in lines)
        means = drawing.one_of(rng, self.company.habits.payments)
        rounding = self._rounding(paid, means, rng)
        source, number = self.number(visit.store, day)
        return PurchaseDraft(
            store_id=buying.store_id,
            source=source,
            number=number,
            occurred_at=visit.at,
            lines=lines,
            customer_id=buying.customer_id,
            guide_id=buying.guide_id,
            rounding_minor=rounding,
            payments=_payments(paid - rounding, means, rng),
            extra=self._noted(visit, rng),
        )

    def another(self, product_code: str, rng: Dice) -> Product:
        """Return something else of the same kind, for an exchange."""
        product = next(each for each in self.company.products if each.code == product_code)
        alike = [each for each in self.company.products if each.category == product.category]
        return rng.choice(alike)

    def line_of(self, product: Product, day: date, buying: Buying, rng: Dice) -> LineDraft:
        """Draw a line of one product without a discount."""
        return self._line(product, day, 0, buying, rng)

    def _goods(self, visit: Visit, wealth: float, rng: Dice) -> list[Product]:
        kinds = rng.choices(
            range(1, len(self.company.habits.basket) + 1), self.company.habits.basket
        )
        shelf = self._shelves[visit.store]
        goods: dict[str, Product] = {}
        for _kind in range(kinds[0]):
            looked_at = 1 + (rng.random() < wealth) + (rng.random() < wealth / 2)
            found = max((shelf.draw(rng) for _look in range(looked_at)), key=_dearness)
            goods[found.code] = found
        return list(goods.values())

    def _discount(self, day: date, rng: Dice) -> int:
        usual = self.company.habits.discounted
        share = _DISCOUNTED_THEN if day in self._sale else usual
        low, high = self.company.habits.discount
        return rng.randint(low, high) if drawing.happens(rng, share) else 0

    def _line(
        self, product: Product, day: date, percent: int, buying: Buying, rng: Dice
    ) -> LineDraft:
        quantity = rng.randint(*product.quantity)
        extra: dict[str, Any] = dict(product.line)
        for field, choices in product.pick.items():
            if rng.random() < 0.7:
                extra[field] = rng.choice(drawing.words(choices))
        for field, days in product.after.items():
            extra[field] = (day + timedelta(days=days)).isoformat()
        if product.counts:
            extra[product.counts] = quantity
        if product.room:
            extra["for-room"] = product.room
        if product.certificate:
            extra["certificate"] = f"{product.certificate}{rng.randrange(10**9):09}"
        if "duration" in product.line and buying.guide_name:
            extra["therapist"] = buying.guide_name
        if product.grams:
            gross = _by_weight(product, day, extra, rng)
            percent = 0  # the price of gold is the same for everybody
        else:
            gross = _price(product, buying.wealth, rng) * _CENTS * quantity
        return LineDraft(
            gross_minor=gross,
            quantity=Decimal(quantity),
            discount_minor=gross * percent // 100,
            category=product.category,
            product_code=product.code,
            product_name=product.name,
            extra=extra,
        )

    def _rounding(self, paid: int, means: str, rng: Dice) -> int:
        if means != "cash" and not drawing.happens(rng, _ROUNDED_ANYWAY):
            return 0
        rest = paid % self.company.habits.rounds_to
        return rest if rest < paid else 0

    def _noted(self, visit: Visit, rng: Dice) -> Mapping[str, object]:
        """Draw what is noted of a purchase; online nobody notes anything."""
        given = self._shops.circumstances(visit.store, visit.at)
        if self.company.stores[visit.store].web:
            return given
        day = visit.at.date()
        drawn = {
            key: drawing.value(draw, rng, day=day) for key, draw in self.company.purchase.items()
        }
        return {**{key: value for key, value in drawn.items() if value is not None}, **given}


def gold_price(day: date) -> Decimal:
    """Return what a gram of gold costs in yuan: an invented curve, rising as the real one."""
    passed = (day - _GOLD_SINCE).days
    wave = 14 * math.sin(passed / 37) + 6 * math.sin(passed / 9)
    return Decimal(round(480 + 0.43 * passed + wave))


def _shelf(company: Company, store: Store) -> Urn[Product]:
    goods = [each for each in company.products if not store.only or each.category in store.only]
    return Urn(goods, [each.weight for each in goods])


def _dearness(product: Product) -> float:
    if product.grams:
        return 700 * sum(product.grams) / 2
    return sum(product.price or (0, 0)) / 2 * sum(product.quantity) / 2


def _by_weight(product: Product, day: date, extra: dict[str, Any], rng: Dice) -> int:
    """Weigh a piece; return its price and note how it is made up."""
    low, high = product.grams or (0, 0)
    grams = Decimal(str(round(rng.uniform(low, high), 2)))
    price = gold_price(day)
    fee = grams * product.labour
    extra |= {"gold-weight": str(grams), "gold-price": str(price), "labour-fee": f"{fee:.2f}"}
    return round((grams * price + fee) * _CENTS)


def _price(product: Product, wealth: float, rng: Dice) -> int:
    """Return a price in yuan; the wealthy take the better make of the same thing."""
    low, high = product.price or (0, 0)
    better = max(rng.random(), rng.random()) if rng.random() < wealth else rng.random()
    price = low + (high - low) * round(better * (_VARIANTS - 1)) // (_VARIANTS - 1)
    return price // 10 * 10 - 2 if low < price < high and price > 100 else price


def _payments(paid: int, means: str, rng: Dice) -> tuple[PaymentDraft, ...]:
    if not paid:
        return ()
    if paid < _SPLIT_FROM or drawing.happens(rng, 60):
        return (PaymentDraft(means=means, amount_minor=paid),)
    part = paid // 200_000 * 100_000  # about half, in thousands of yuan
    other = "wechat" if means == "card" else "card"
    return (
        PaymentDraft(means=means, amount_minor=part),
        PaymentDraft(means=other, amount_minor=paid - part),
    )
