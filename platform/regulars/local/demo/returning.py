"""Goods that come back, are exchanged, and points that are used: through the product's stories."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final
from uuid import UUID

from regulars import registry
from regulars.audit import SYSTEM
from regulars.kit import Spend
from regulars.local.demo import content, drawing
from regulars.local.demo.content import Company
from regulars.local.demo.customers_past import Past
from regulars.local.demo.receipts import Buying, Tills
from regulars.local.demo.shopkeeping import Shop
from regulars.local.demo.shopping import Visit
from regulars.points import ledger, selectors
from regulars.purchases.drafts import (
    ExchangeDraft,
    PurchaseDraft,
    ReturnDraft,
    ReturnLine,
)
from regulars.purchases.settling import Settled
from regulars.tenancy import context
from regulars.usecases import exchange, take_return

_LANGUAGE: Final = "zh-Hans"
_MOST_DAYS: Final = 20


@dataclass(frozen=True, slots=True)
class _Wish:
    """Something that will happen after a sale."""

    kind: str
    visit: Visit
    purchase_id: UUID
    settled: Settled
    past: Past | None


class Returning:
    """Remembers what is to come back and lets it happen when the story has come there."""

    def __init__(
        self,
        company: Company,
        shops: Sequence[Shop],
        tills: Tills,
        *,
        now: datetime,
    ) -> None:
        """Begin with nothing to come."""
        self._company = company
        self._shops = shops
        self._tills = tills
        self._now = now
        self._rng = drawing.dice(context.current().vertical, "returning")
        self._waiting: list[tuple[datetime, int, _Wish]] = []
        self._order = count()
        self._redeems = company.habits.redemptions / 50  # half of them hold too little
        self._rewards = [
            each
            for each in registry.vertical().spends
            if each.mode == "full" and not each.retired and each.price
        ]

    def may_come_back(
        self, visit: Visit, purchase_id: UUID, settled: Settled, past: Past | None
    ) -> None:
        """Decide now whether a sale comes back later, or points are used with it."""
        habits = self._company.habits
        if drawing.happens(self._rng, habits.returns):
            self._later("return", visit, purchase_id, settled, past)
        elif past is not None and drawing.happens(self._rng, habits.exchanges):
            self._later("exchange", visit, purchase_id, settled, past)
        elif past is not None and drawing.happens(self._rng, self._redeems):
            self._wait(
                visit.at + timedelta(minutes=2), _Wish("redeem", visit, purchase_id, settled, past)
            )

    def until(self, moment: datetime) -> None:
        """Let happen what is due by a moment."""
        while self._waiting and self._waiting[0][0] <= moment:
            at, _order, wish = heapq.heappop(self._waiting)
            if wish.kind == "redeem":
                self._redeem(wish, at)
            elif wish.kind == "exchange":
                self._exchange(wish, at)
            else:
                self._return(wish, at)

    def _later(self, kind: str, *wish: Any) -> None:
        visit: Visit = wish[0]
        at = visit.at + timedelta(days=self._rng.randint(1, _MOST_DAYS))
        shop = self._company.stores[visit.store]
        closes = shop.closed_days_ago
        is_there = closes is None or at.date() < self._now.date() - timedelta(days=closes)
        if at <= self._now and is_there:
            self._wait(at, _Wish(kind, *wish))

    def _wait(self, at: datetime, wish: _Wish) -> None:
        if at <= self._now:
            heapq.heappush(self._waiting, (at, next(self._order), wish))

    def _return(self, wish: _Wish, at: datetime) -> None:
        lines: tuple[ReturnLine, ...] = ()
        if len(wish.settled.lines) > 1 and drawing.happens(self._rng, 60):
            lines = (self._one(wish.settled),)
        draft = self._back(wish, at, lines, content.people().reasons.returns)
        done = take_return.take_return(draft=draft, actor=SYSTEM, now=at, language=_LANGUAGE)
        if wish.past:
            wish.past.gave_back(at.date(), done.paid_minor)

    def _exchange(self, wish: _Wish, at: datetime) -> None:
        back = self._one(wish.settled)
        reasons = content.people().reasons.exchanges
        code = next(
            line.product_code for line in wish.settled.lines if line.position == back.position
        )
        shop = self._shops[wish.visit.store]
        past = wish.past
        assert past is not None  # noqa: S101
        buying = Buying(
            store_id=shop.id,
            guide_id=past.owner_id,
            guide_name="",
            customer_id=past.id,
            wealth=past.wealth,
        )
        source, number = self._tills.number(wish.visit.store, at.date())
        line = self._tills.line_of(
            self._tills.another(code, self._rng), at.date(), buying, self._rng
        )
        sale = PurchaseDraft(
            store_id=shop.id,
            source=source,
            number=number,
            occurred_at=at,
            lines=(line,),
            customer_id=past.id,
            guide_id=past.owner_id,
        )
        draft = ExchangeDraft(returned=self._back(wish, at, (back,), reasons), sale=sale)
        done = exchange.exchange(
            draft=draft, actor=SYSTEM, now=at, language=_LANGUAGE, means="wechat"
        )
        past.gave_back(at.date(), done.returned.paid_minor)
        past.bought(at.date(), done.sale.paid_minor)

    def _back(
        self, wish: _Wish, at: datetime, lines: tuple[ReturnLine, ...], reasons: Sequence[str]
    ) -> ReturnDraft:
        source, number = self._tills.number(wish.visit.store, at.date())
        return ReturnDraft(
            store_id=self._shops[wish.visit.store].id,
            source=source,
            number=number,
            occurred_at=at,
            original_id=wish.purchase_id,
            lines=lines,
            reason=self._rng.choice(reasons),
        )

    def _one(self, settled: Settled) -> ReturnLine:
        line = self._rng.choice(settled.lines)
        quantity = max(line.quantity // 2, Decimal(1))
        return ReturnLine(position=line.position, quantity=quantity)

    def _redeem(self, wish: _Wish, at: datetime) -> None:
        """Use points for a service in full (L2), when there are enough."""
        past = wish.past
        assert past is not None  # noqa: S101
        held = selectors.balance(customer_id=past.id, now=at).balance
        within = [each for each in self._rewards if each.price <= held]
        if not within:
            return
        reward = self._rng.choice(within)
        event = ledger.Event(
            customer_id=past.id,
            key=f"redeem:{wish.purchase_id}",
            reasons=[_reason(reward)],
            actor=SYSTEM,
            now=at,
            store_id=self._shops[wish.visit.store].id,
        )
        ledger.spend(event, amount=reward.price)


def _reason(reward: Spend) -> dict[str, Any]:
    vertical = registry.vertical()
    return {
        "vertical": vertical.key,
        "version": vertical.version,
        "rule": reward.key,
        "points": reward.price,
        "params": {"points": str(reward.price)},
    }
